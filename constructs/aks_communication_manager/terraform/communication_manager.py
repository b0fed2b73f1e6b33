"""The construct: alert rules, action groups, identity and Reader assignments, as Terraform."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, Literal, ParamSpec

from aks_communication_manager.arm.scope import Scope
from aks_communication_manager.checks.estate import comparable
from aks_communication_manager.compiler import check_arguments, compile_arguments
from aks_communication_manager.config.action_group import ActionGroup
from aks_communication_manager.config.adoption import Adoption
from aks_communication_manager.config.identity import Identity
from aks_communication_manager.config.options import Arguments
from aks_communication_manager.config.route import Route
from aks_communication_manager.config.watched_scope import WatchedScope
from aks_communication_manager.terraform.bindings import Bindings, Construct, bindings_of, require_one_framework
from aks_communication_manager.terraform.planned_manager import PlannedManager, addresses, managers_of, plans_of
from aks_communication_manager.tokens import is_token

if TYPE_CHECKING:
    from aks_communication_manager.terraform.bindings import TerraformStack

P = ParamSpec("P")


def reports_wrong_names(init: Callable[P, None]) -> Callable[P, None]:
    """Report unknown and missing arguments together with all other mistakes; Python would stop at the first."""
    options = Arguments.model_fields
    required = {name for name, field in options.items() if field.is_required()}

    @wraps(init)
    def checked(*args: P.args, **kwargs: P.kwargs) -> None:
        given = {name: value for name, value in kwargs.items() if name not in ("scope", "id")}
        if given.keys() - options or required - given.keys():
            # The second argument is the scope, whose stack resolves tokens.
            scope: Any = args[1] if len(args) > 1 else kwargs["scope"]
            check_arguments(_given(given, partial(bindings_of(scope).resolve, scope=scope)))
        init(*args, **kwargs)

    return checked


class CommunicationManager(PlannedManager):
    """Notify people of AKS maintenance: one alert rule for each scope and notice, with its identity, access and action group.

    Provider and backend belong to the caller's stack. Created resources are accessible for overrides.
    """

    @reports_wrong_names
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        scopes: Sequence[str | WatchedScope],
        resource_group_name: str,
        location: str,
        action_group: ActionGroup,
        notices: Sequence[str] = ("cluster-auto-upgrade", "node-os-auto-upgrade"),
        query: Literal["hardened", "documented"] = "hardened",
        queries: Mapping[str, str] | None = None,
        evaluation_frequency: str = "PT30M",
        grouping: Literal["event", "digest"] | None = None,
        look_back: str | None = None,
        resolved_messages: bool = False,
        health_alert: bool | None = None,
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
        """Create all resources.

        Args:
            scope: The stack, or a construct in one.
            id: Unique among its siblings. Changing it replaces all resources.
            scopes: ARM ids of clusters, resource groups or subscriptions to watch; or tokens, each for the id of a cluster.
                A `WatchedScope` has its own notices.
            resource_group_name: Resource group of alert rules, action group and identity: an existing one, or a token.
            location: Azure region of the alert rules and the identity, such as ``westeurope``.
            action_group: The action group to notify.
            notices: Kinds of maintenance: ``cluster-auto-upgrade``, ``node-os-auto-upgrade``, ``end-of-support``,
                ``missed-maintenance``. Default: the first two.
            query: ``hardened`` (default), or ``documented``: the query of Microsoft's how-to, with its faults.
            queries: Path of a .kql file of your own, by notice. Default: the queries of this package.
            evaluation_frequency: ISO 8601, from ``PT5M`` to ``P1D``. Default: ``PT30M``, the documented figure. ``PT15M``
                costs the same.
            grouping: Subject of one notification: ``event``, or ``digest``, all events of one status in one hour
                (docs/evidence/delivery.md). Default: ``event`` for a rule over clusters whose alerts are sure to fit Azure's limit of 300,
                ``digest`` for a rule over a resource group, a subscription or more clusters.
            look_back: Longest delay with which an event is still reported, ISO 8601. Default: ``PT6H`` or twice the
                frequency, whichever is longer. At most ``PT47H``, for digests ``PT28H``.
            resolved_messages: Whether to send Azure's message when an alert is resolved. Default: no, an alert processing
                rule suppresses it.
            health_alert: Whether an activity log alert notifies the action group of rules that stop working. Default: yes if
                `evaluation_frequency` is at most ``PT15M``, as Azure reports health only for those.
            severity: 0 (critical) to 4 (verbose). Default: 3, informational.
            rules: ``per-scope`` (default), or ``shared``: one rule for each notice over all scopes.
            identity: Default: system-assigned, one for each rule.
            reader_scopes: Scopes on which the identity becomes Reader: ``scope``, ``resource-group``, ``subscription``, or
                ids. Default: resource group and subscription for a cluster, as documented; the scope itself for a wide one.
                Empty if an existing identity has access already.
            routes: Severity, action group or grouping for some events; the first match wins. Default: none.
            name_prefix: Prefix of every rule's name. Default: empty.
            custom_properties: Sent with every notification, in addition to cluster, scope and notice. Default: none.
            tags: Tags of every resource that supports them. Default: none.
            allow_overlap: Whether a cluster may be watched by two scopes, which sends every notification twice. Default: no.
            adopt: Existing resources to take over with import blocks. Default: none.

        Raises:
            InvalidArgument: With all mistakes in the arguments. Nothing is created then.
        """
        bindings = bindings_of(scope)
        resolve = partial(bindings.resolve, scope=scope)
        given = _given(
            {
                "scopes": scopes,
                "resource_group_name": resource_group_name,
                "location": location,
                "action_group": action_group,
                "notices": notices,
                "query": query,
                "queries": queries,
                "evaluation_frequency": evaluation_frequency,
                "grouping": grouping,
                "look_back": look_back,
                "resolved_messages": resolved_messages,
                "health_alert": health_alert,
                "severity": severity,
                "rules": rules,
                "identity": identity,
                "reader_scopes": reader_scopes,
                "routes": routes,
                "name_prefix": name_prefix,
                "custom_properties": custom_properties,
                "tags": tags,
                "allow_overlap": allow_overlap,
                "adopt": adopt,
            },
            resolve,
        )
        stack = bindings.stack_of(scope)
        subscription_id = _subscription_of(stack, bindings)
        path = stack.node.path
        tokens = addresses([*given.values(), subscription_id], resolve)
        managers = managers_of(scope)
        ids = {text: id_ for each in managers if each._stack == path for text, id_ in each._ids().items()}
        known = ids | {token: ids.get(text, text) for token, text in tokens.items()}
        plan, warnings = compile_arguments(
            given,
            subscription_id=subscription_id,
            addresses=tokens,
            others=plans_of(managers),
            comparable=partial(comparable, stack=path, known=known),
            label=f"{scope.node.path}/{id}",
        )
        super().__init__(scope, id, plan, warnings=warnings, known=known)


def _given(arguments: Mapping[str, Any], resolve: Callable[[str], str]) -> dict[str, Any]:
    """Drop arguments that are None, which means the default, and convert tokens in `scopes`."""
    given = {name: value for name, value in arguments.items() if value is not None}
    if "scopes" in given:
        given["scopes"] = _with_scopes(given["scopes"], resolve)
    return given


def _with_scopes(values: Any, resolve: Callable[[str], str]) -> Any:
    """Replace each token in the argument `scopes` with a `Scope`; anything else is unchanged."""
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
        return values

    def known(value: Any) -> Any:
        return Scope.unknown(value, resolve(value)) if isinstance(value, str) and is_token(value) else value

    return [
        {"id": known(value.id), "notices": value.notices} if isinstance(value, WatchedScope) else known(value)
        for value in values
    ]


def _subscription_of(stack: TerraformStack, bindings: Bindings) -> str | None:
    """Subscription of the stack's provider, if it exists already and has one."""
    children = stack.node.children
    require_one_framework([stack, *children])
    # Usually it is a child; walking the whole tree creates a jsii reference for each resource.
    provider = bindings.default_provider(children) or bindings.default_provider(stack.node.find_all())
    return provider.subscription_id_input if provider else None
