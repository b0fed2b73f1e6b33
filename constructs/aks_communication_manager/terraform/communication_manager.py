"""The construct: alert rules, action groups, identity and Reader assignments, as Terraform."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from aks_communication_manager.config.action_group import ActionGroup
from aks_communication_manager.config.adoption import Adoption
from aks_communication_manager.config.arguments import Arguments
from aks_communication_manager.config.identity import Identity
from aks_communication_manager.config.model import each_once
from aks_communication_manager.config.routes import Route
from aks_communication_manager.domain.tokens import is_token, literal, literals
from aks_communication_manager.errors import InvalidArgument
from aks_communication_manager.plan.planner import Scope, plan, shared_reader_imports
from aks_communication_manager.terraform import claims
from aks_communication_manager.terraform.action_group_resources import ActionGroupResources
from aks_communication_manager.terraform.bindings import (
    Annotations,
    AzurermProvider,
    Construct,
    MonitorActionGroup,
    MonitorScheduledQueryRulesAlertV2,
    RoleAssignment,
    TerraformStack,
    UserAssignedIdentity,
    checked_already,
)
from aks_communication_manager.terraform.expressions import address, quote, token_scope
from aks_communication_manager.terraform.reader_access import ReaderAccess
from aks_communication_manager.terraform.rules import AlertRules


class CommunicationManager(Construct):
    """Tells people of AKS maintenance before it happens: one alert rule for each scope and notice, and all it needs.

    The caller's stack has the provider and the backend. Created resources are reachable, so that what is not foreseen
    here can be overridden. Getters return copies: what is made is fixed when the construct is.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        scopes: Sequence[str],
        resource_group_name: str,
        location: str,
        action_group: ActionGroup,
        notices: Sequence[str] = ("cluster-auto-upgrade", "node-os-auto-upgrade"),
        query: Literal["hardened", "documented"] = "hardened",
        queries: Mapping[str, str] | None = None,
        evaluation_frequency: str = "PT30M",
        ingestion_delay: str | None = None,
        severity: int = 3,
        rules: Literal["per-scope", "shared"] = "per-scope",
        identity: Identity | None = None,
        reader_scopes: Sequence[str] | None = None,
        routes: Sequence[Route] = (),
        name_prefix: str = "",
        custom_properties: Mapping[str, str] | None = None,
        tags: Mapping[str, str] | None = None,
        allow_overlap: bool = False,
        adopt: Sequence[Adoption | Mapping[str, str]] = (),
    ) -> None:
        """Make all resources.

        Args:
            scope: The stack, or a construct in one.
            id: Unique among its siblings. Changing it replaces all resources.
            scopes: ARM ids of clusters, resource groups and subscriptions whose clusters are watched; or tokens, each
                of which is taken for the id of a cluster.
            resource_group_name: Where alert rules, action group and identity are made. It exists, or is a token.
            location: Azure region of the alert rules and the identity, such as ``westeurope``.
            action_group: Who is told.
            notices: Of what: ``cluster-auto-upgrade``, ``node-os-auto-upgrade``, ``end-of-support``. Default: the first two.
            query: ``hardened`` (default), or ``documented``: what Microsoft's how-to shows, with its faults.
            queries: The team's own: path of a .kql file by notice. Default: ours.
            evaluation_frequency: ISO 8601, from ``PT5M`` to ``P1D``; window and look-back follow it. Default: ``PT30M``,
                the documented figure. ``PT15M`` costs the same.
            ingestion_delay: ISO 8601: how late an event may show up in Azure Resource Graph and still be counted; each
                notice may come that much later. Default: ``PT5M``, and ``PT0S`` with the documented query.
            severity: 0 (critical) to 4 (verbose). Default: 3, informational.
            rules: ``per-scope`` (default), or ``shared``: one rule for each notice over all scopes.
            identity: Default: system-assigned, one for each rule.
            reader_scopes: Where the identity becomes Reader: ``scope``, ``resource-group``, ``subscription``, or ids.
                Default: resource group and subscription for a cluster, as documented; the scope itself for a wide one.
                An empty list says that an existing identity may read already.
            routes: Another severity or action group for some of what happens; first match wins. Default: none.
            name_prefix: In front of every rule's name. Default: empty.
            custom_properties: Sent with every notification, beside cluster, scope and notice. Default: none more.
            tags: On every resource that takes tags. Default: none.
            allow_overlap: Whether a cluster may be watched by two scopes, which tells everybody twice. Default: no.
            adopt: What was made by hand and is taken over with import blocks. Default: nothing.

        Raises:
            InvalidArgument: With every mistake in the arguments. Nothing is made then.
        """
        given: dict[str, Any] = {
            "scopes": scopes,
            "resource_group_name": resource_group_name,
            "location": location,
            "action_group": action_group,
            "notices": notices,
            "query": query,
            "queries": () if queries is None else queries,
            "evaluation_frequency": evaluation_frequency,
            "ingestion_delay": ingestion_delay,
            "severity": severity,
            "rules": rules,
            "identity": Identity.system_assigned() if identity is None else identity,
            "reader_scopes": reader_scopes,
            "routes": routes,
            "name_prefix": name_prefix,
            "custom_properties": {} if custom_properties is None else custom_properties,
            "tags": {} if tags is None else tags,
            "allow_overlap": allow_overlap,
            "adopt": adopt,
        }
        options = Arguments(**given)
        watched = [token_scope(text, scope) if is_token(text) else Scope.literal(text) for text in options.scopes]
        subscription_id = _subscription_of(scope)
        planned = plan(
            options,
            watched,
            subscription_id=subscription_id,
            quote=quote,
            address=lambda text: address(text, scope),
        )
        mistakes = [
            *planned.mistakes,
            *each_once(
                ((f"scopes[{index}]", item.key, item.key) for index, item in enumerate(watched) if item.arm is None),
                lambda key, first: f"{key} is listed twice, first as {first}",
                "Leave it out here: everybody would be told twice.",
            ),
        ]
        if mistakes:
            raise InvalidArgument(*mistakes)
        claims.claim(scope, f"{scope.node.path}/{id}", subscription_id, planned, options)

        super().__init__(scope, id)
        for warning in planned.warnings:
            Annotations.of(self).add_warning(warning)
        tags_ = literals(options.tags) or None
        groups = ActionGroupResources(
            self, options.action_group, resource_group_name=options.resource_group_name, tags=tags_, adopt=options.adopt
        )
        self._identity: UserAssignedIdentity | None = None
        if options.identity.kind == "user-assigned":
            self._identity = UserAssignedIdentity(
                self,
                "identity",
                name=options.identity.name or "",
                resource_group_name=options.resource_group_name,
                location=literal(options.location),
                tags=tags_,
            )
            given_identity = Identity.existing(id=self._identity.id, principal_id=self._identity.principal_id)
        else:
            given_identity = options.identity
        readers = ReaderAccess(self, given_identity, shared_reader_imports(options))
        alert_rules = AlertRules(self, options, groups, given_identity, readers, tags_)
        with checked_already():
            for rule in planned.rules:
                alert_rules.add(rule, resource_group_name=options.resource_group_name, location=options.location)

        self._alert_rules = alert_rules.made
        self._groups = groups
        self._readers = readers
        self._principal_ids = alert_rules.principal_ids

    @property
    def alert_rules(self) -> tuple[MonitorScheduledQueryRulesAlertV2, ...]:
        """Every alert rule: by notice, then by route (the default last), then by scope."""
        return tuple(self._alert_rules.values())

    @property
    def role_assignments(self) -> tuple[RoleAssignment, ...]:
        """Every Reader assignment."""
        return tuple(self._readers.made)

    @property
    def action_group_id(self) -> str:
        """The ARM id of the action group, also where it exists already. A token where it is made here."""
        return self._groups.default_id

    @property
    def action_group(self) -> MonitorActionGroup | None:
        """The action group that was made, or None."""
        return self._groups.default

    @property
    def action_groups(self) -> tuple[MonitorActionGroup, ...]:
        """Every action group that was made, for routes too."""
        return tuple(self._groups.made.values())

    @property
    def identity(self) -> UserAssignedIdentity | None:
        """The user-assigned identity that was made, or None."""
        return self._identity

    @property
    def alert_rule_ids(self) -> dict[str, str]:
        """The ARM id of every alert rule, by its construct id."""
        return {name: rule.id for name, rule in self._alert_rules.items()}

    @property
    def principal_ids(self) -> dict[str, str]:
        """The object id of every identity that reads: by the construct id of its rule, or under ``identity`` for one of all."""
        return dict(self._principal_ids)


def _subscription_of(scope: Construct) -> str | None:
    """The subscription of the stack's provider, where it is made already and says which."""
    node = TerraformStack.of(scope).node
    # Nearly always it is a child; the whole tree costs a reference for each of its resources.
    provider = _default_provider(node.children) or _default_provider(node.find_all())
    return provider.subscription_id_input if provider else None


def _default_provider(nodes: Iterable[object]) -> AzurermProvider | None:
    return next((node for node in nodes if isinstance(node, AzurermProvider) and node.alias is None), None)
