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
    """Report unknown and missing arguments as mistakes, with all others, where Python stops at the first."""
    options = Arguments.model_fields
    required = {name for name, field in options.items() if field.is_required()}

    @wraps(init)
    def checked(*args: P.args, **kwargs: P.kwargs) -> None:
        given = {name: value for name, value in kwargs.items() if name not in ("scope", "id")}
        if given.keys() - options or required - given.keys():
            # The second argument is the construct around it, whose stack resolves tokens.
            scope: Any = args[1] if len(args) > 1 else kwargs["scope"]
            check_arguments(_given(given, partial(bindings_of(scope).resolve, scope=scope)))
        init(*args, **kwargs)

    return checked


class CommunicationManager(PlannedManager):
    """Notifies people of AKS maintenance before it happens: one alert rule for each scope and notice, and all it needs.

    The caller's stack has the provider and the backend. Created resources are reachable for overrides.
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
        """Make all resources.

        Args:
            scope: The stack, or a construct in one.
            id: Unique among its siblings. Changing it replaces all resources.
            scopes: ARM ids of clusters, resource groups and subscriptions whose clusters are watched; or tokens, each
                taken for the id of a cluster. A `WatchedScope` has notices of its own.
            resource_group_name: Where alert rules, action group and identity are made. It exists, or is a token.
            location: Azure region of the alert rules and the identity, such as ``westeurope``.
            action_group: Who is notified.
            notices: Of what: ``cluster-auto-upgrade``, ``node-os-auto-upgrade``, ``end-of-support``,
                ``missed-maintenance``. Default: the first two.
            query: ``hardened`` (default), or ``documented``: what Microsoft's how-to shows, with its faults.
            queries: The team's own: path of a .kql file by notice. Default: ours.
            evaluation_frequency: ISO 8601, from ``PT5M`` to ``P1D``. Default: ``PT30M``, the documented figure. ``PT15M``
                costs the same.
            grouping: Subject of one notification: ``event``, or ``digest``, all events of one status in one hour
                (docs/evidence/delivery.md). Default: ``event`` for a rule over clusters whose alerts surely fit Azure's limit of 300,
                ``digest`` for a rule over a resource group, a subscription or more clusters.
            look_back: How late an event may show up and still be reported, ISO 8601. Default: ``PT6H`` or twice the
                frequency, whichever is longer. At most ``PT47H``, for digests ``PT28H``.
            resolved_messages: Whether people also get the message with which Azure resolves an alert. Default: no, an
                alert processing rule suppresses it.
            health_alert: Whether an activity log alert tells the action group that one of the rules stopped working.
                Default: yes where `evaluation_frequency` is at most ``PT15M``, as Azure reports health only there.
            severity: 0 (critical) to 4 (verbose). Default: 3, informational.
            rules: ``per-scope`` (default), or ``shared``: one rule for each notice over all scopes.
            identity: Default: system-assigned, one for each rule.
            reader_scopes: Where the identity becomes Reader: ``scope``, ``resource-group``, ``subscription``, or ids.
                Default: resource group and subscription for a cluster, as documented; the scope itself for a wide one.
                An empty list says that an existing identity may read already.
            routes: Another severity, action group or grouping for some of what happens; first match wins. Default: none.
            name_prefix: In front of every rule's name. Default: empty.
            custom_properties: Sent with every notification, beside cluster, scope and notice. Default: none more.
            tags: On every resource that takes tags. Default: none.
            allow_overlap: Whether a cluster may be watched by two scopes, which sends every notification twice. Default: no.
            adopt: What was made by hand and is taken over with import blocks. Default: nothing.

        Raises:
            InvalidArgument: With every mistake in the arguments. Nothing is made then.
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
    """The arguments without None, which means the default, and with tokens of `scopes` as scopes."""
    given = {name: value for name, value in arguments.items() if value is not None}
    if "scopes" in given:
        given["scopes"] = _with_scopes(given["scopes"], resolve)
    return given


def _with_scopes(values: Any, resolve: Callable[[str], str]) -> Any:
    """The argument `scopes` with a `Scope` for each token of a cluster's id; anything else as it is."""
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
        return values

    def known(value: Any) -> Any:
        return Scope.unknown(value, resolve(value)) if isinstance(value, str) and is_token(value) else value

    return [
        {"id": known(value.id), "notices": value.notices} if isinstance(value, WatchedScope) else known(value)
        for value in values
    ]


def _subscription_of(stack: TerraformStack, bindings: Bindings) -> str | None:
    """The subscription of the stack's provider, where that exists already and names one."""
    children = stack.node.children
    require_one_framework([stack, *children])
    # Nearly always it is a child; the whole tree costs a reference for each of its resources.
    provider = bindings.default_provider(children) or bindings.default_provider(stack.node.find_all())
    return provider.subscription_id_input if provider else None
