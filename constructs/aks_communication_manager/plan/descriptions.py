"""Descriptions and custom properties. A notification carries no rows, so these, name and dimensions are all that people read."""

from __future__ import annotations

from collections.abc import Sequence

from aks_communication_manager.arm.scope import Scope
from aks_communication_manager.config.frozen import FrozenMap
from aks_communication_manager.kql.templates import Selection
from aks_communication_manager.notices.notice import Notice

_NAMED = 20
"""Scopes that a description names; the dimensions name the cluster of an event."""

_LOOK = "All details: Azure Resource Graph, table containerserviceeventresources, or the link to the search results."

_DIGEST = (
    "One message lists all events of one status in one hour that are planned for the same hour: "
    "hour is that hour (UTC), events their number, clusters the names."
)
_MISSED_DIGEST = (
    "One message lists all of them that were to start in the same hour: events is their number, clusters the names."
)
_CLUSTER = "clusterName and clusterId say which cluster."
_COLUMNS = {
    "plannedTime": "plannedTime is the planned start (UTC).",
    "reason": "reason is what Azure says of a failed or canceled upgrade.",
}
"""Meaning of the columns that several notices have."""


HEALTH_ALERT = (
    "Notifies when an alert rule of this resource group is degraded or unavailable: until it is repaired, "
    "its AKS notices can be missing."
)
RESOLVED_RULE = (
    "Suppresses the notifications with which Azure resolves the alerts of AKS maintenance: an event is not a state that ends. "
    "It matches the description of the alert rules, and only the monitor condition Resolved."
)


def description(notice: Notice, scopes: Sequence[Scope], selection: Selection, dimensions: Sequence[str]) -> str:
    """Text of an alert rule for the person who is notified: what happened, to which clusters, what to do, where to look."""
    columns = [text for column, text in _COLUMNS.items() if column in dimensions]
    if "clusters" in dimensions:
        columns.insert(0, _DIGEST if "hour" in dimensions else _MISSED_DIGEST)
    elif "clusterName" in dimensions:
        columns.insert(0, _CLUSTER)
    only = [f"This rule is for {', '.join(selection.only)} alone."] if selection.only else []
    others = [f"Other rules are for {', '.join(selection.excluding)}."] if selection.excluding else []
    announcement = notice.announcement.format(scopes=_covered(scopes))
    return " ".join([announcement, notice.explanation, *columns, *only, *others, _LOOK])


def _covered(scopes: Sequence[Scope]) -> str:
    if len(scopes) > 1:
        named = ", ".join(_name(scope) for scope in scopes[:_NAMED])
        rest = f" and {len(scopes) - _NAMED} more" if len(scopes) > _NAMED else ""
        return f"a cluster in one of {len(scopes)} scopes ({named}{rest})"
    [scope] = scopes
    if scope.kind == "cluster":
        return f"cluster {scope.cluster} in resource group {scope.resource_group}"
    return f"a cluster in {_name(scope)}"


def _name(scope: Scope) -> str:
    match scope.kind:
        case "cluster":
            return str(scope.cluster)
        case "resource-group":
            return f"resource group {scope.resource_group}"
        case "subscription":
            return f"subscription {scope.subscription_id}"


def custom_properties(notice: Notice, scopes: Sequence[Scope], own: FrozenMap[str]) -> FrozenMap[str]:
    """Properties that mails, webhooks and tickets show: cluster (if the rule has only one), scope, notice, and the team's own."""
    if len(scopes) > 1:
        return FrozenMap({"scope": f"{len(scopes)} scopes", "notice": notice.name, **own})
    [scope] = scopes
    cluster = {"cluster": str(scope.cluster)} if scope.kind == "cluster" else {}
    return FrozenMap({**cluster, "scope": scope.text, "notice": notice.name, **own})
