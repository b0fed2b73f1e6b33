"""What people read. A notification carries no rows: only the rule's name, description, dimensions and custom properties."""

from __future__ import annotations

from collections.abc import Sequence

from aks_communication_manager.arm.scope import Scope
from aks_communication_manager.config.frozen import FrozenMap
from aks_communication_manager.kql.templates import Selection
from aks_communication_manager.notices.notice import Notice

_NAMED = 20
"""How many scopes a description names; the dimensions say which cluster it was."""

_LOOK = (
    "What happened in full: Azure Resource Graph, table containerserviceeventresources; "
    "or the link to the search results in this message."
)


HEALTH_ALERT = (
    "Notifies when an alert rule of this resource group is degraded or unavailable: until it is repaired, "
    "its AKS notices can be missing."
)
PROCESSING_RULE = (
    "Suppresses the notifications with which Azure resolves the alerts of AKS maintenance: an event is not a state that ends. "
    "It matches the description of the alert rules, and only the monitor condition Resolved."
)


def description(notice: Notice, scopes: Sequence[Scope], selection: Selection, *, planned: bool) -> str:
    """In plain words: what happened, to what, what it means, and where to look."""
    many = len(scopes) > 1 or scopes[0].kind != "cluster"
    which = " The dimension clusterName says which cluster, clusterId where it is." if many else ""
    head = notice.announcement.format(scopes=_covered(scopes))
    when = " plannedTime is the planned start in UTC." if planned and notice.has_planned_time else ""
    only = f" This rule is for {', '.join(selection.only)} alone." if selection.only else ""
    others = f" Other rules are for {', '.join(selection.excluding)}." if selection.excluding else ""
    return f"{head}{which} {notice.explanation}{when}{only}{others} {_LOOK}"


def _covered(scopes: Sequence[Scope]) -> str:
    if len(scopes) == 1:
        return _one(scopes[0])
    named = ", ".join(_short(scope) for scope in scopes[:_NAMED])
    rest = f" and {len(scopes) - _NAMED} more" if len(scopes) > _NAMED else ""
    return f"a cluster in one of {len(scopes)} scopes ({named}{rest})"


def _one(scope: Scope) -> str:
    if scope.kind == "cluster":
        return f"cluster {scope.cluster} in resource group {scope.resource_group}"
    return f"a cluster in {_short(scope)}"


def _short(scope: Scope) -> str:
    match scope.kind:
        case "cluster":
            return str(scope.cluster)
        case "resource-group":
            return f"resource group {scope.resource_group}"
        case "subscription":
            return f"subscription {scope.subscription_id}"


def custom_properties(notice: Notice, scopes: Sequence[Scope], own: FrozenMap[str]) -> FrozenMap[str]:
    """What mail, webhook and ticket show beside the description: cluster (where the rule knows it), scope, notice, and the team's own."""
    if len(scopes) > 1:
        return FrozenMap({"scope": f"{len(scopes)} scopes", "notice": notice.name, **own})
    [scope] = scopes
    cluster = {"cluster": str(scope.cluster)} if scope.kind == "cluster" else {}
    return FrozenMap({**cluster, "scope": scope.text, "notice": notice.name, **own})
