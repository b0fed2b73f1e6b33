"""Alerts that an address can get in Azure's worst case, and the rate limits of action groups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from aks_communication_manager.arm.limits import RATES
from aks_communication_manager.checks.estate import WARNINGS, Plans
from aks_communication_manager.config.checking import Finding
from aks_communication_manager.errors import Path
from aks_communication_manager.plan.resources import Plan, PlannedGroup, PlannedRule, Receiver, Reference
from aks_communication_manager.text import quoted

_DIGESTS = "Set `rules: shared` and `grouping: digest`"
_DROPPED = "The first arrives, the others within those 5 minutes are dropped"
_FAILURES = frozenset({"Canceled", "Failed"})


@dataclass(slots=True)
class _Alerts:
    """Alerts of the rules of one notice that one receiver can get at about the same time."""

    clusters: set[str] = field(default_factory=set)
    """Listed clusters of rules that report each event. The clusters of a wide scope are unknown."""
    digests: int = 0

    def __int__(self) -> int:
        return len(self.clusters) + self.digests

    def __str__(self) -> str:
        parts = [f"{len(self.clusters):,} clusters with an event each"] if self.clusters else []
        return " and ".join([*parts, *([f"{self.digests:,} digests"] if self.digests else [])])


@WARNINGS.add("ACM159")
def receivers_get_what_azure_sends(plans: Plans) -> Iterator[Finding]:
    """Azure drops what an address gets above 100 mails an hour, and a number above one text message or call in 5 minutes
    ("Service limits for Azure Monitor", action groups).
    """
    alerts: dict[tuple[str, str], dict[str, _Alerts]] = defaultdict(lambda: defaultdict(_Alerts))
    last: dict[tuple[str, str], tuple[Path, Receiver]] = {}
    sent: dict[tuple[str, str], list[tuple[Path, PlannedRule]]] = defaultdict(list)
    for path, plan in plans.items():
        for rule, receiver in _notified(plan):
            rate = RATES[receiver.kind]
            counted = receiver.kind, (plan.subscription_id or "") if rate.of_subscription else receiver.address_key
            last[counted] = (*path, *_place(rule)), receiver
            sent[counted].append((path, rule))
            _add(alerts[counted][rule.notice.name], rule, rate.span)
    for counted, (place, receiver) in last.items():
        rate, most = RATES[receiver.kind], max(alerts[counted].values(), key=int)
        if int(most) > rate.most:
            yield (
                place,
                f"{quoted(receiver.name)} ({receiver.kind}) can get {int(most):,} notifications within {rate.words} ({most}); "
                f"Azure sends at most {rate.most:,} and drops the rest",
                _advice(receiver, sent[counted]),
            )


def _advice(receiver: Receiver, sent: list[tuple[Path, PlannedRule]]) -> str:
    """How to lose no notification. `sent`: the rules that notify the address, each with the path of its plan."""
    rules = [rule for _, rule in sent]
    if receiver.kind == "webhook":
        return f"{_DIGESTS}, or use a Logic App or an event hub."
    if receiver.kind == "email":
        shared = len(sent) == len({(path, rule.notice.name, rule.route) for path, rule in sent})
        if shared and all(rule.is_digest for rule in rules):
            return "Split the statuses over several addresses with `routes`, or use a webhook."
        return f"{_DIGESTS}, or use a webhook."
    if all(len(rule.action_groups) > 1 for rule in rules):
        return f"{_DROPPED}. The stack's own action group gets each."
    if all(rule.selection.only and _FAILURES.issuperset(rule.selection.only) for rule in rules):
        return (
            f"{_DROPPED}. With `keep_default: true` on the route the stack's own action group gets each, "
            "or use another kind of receiver."
        )
    return (
        f"{_DROPPED}. Move it to a route for failures only, where `keep_default: true` lets the stack's own action group get each, "
        "or use another kind of receiver."
    )


def _add(alerts: _Alerts, rule: PlannedRule, span: timedelta) -> None:
    if not rule.is_digest:
        alerts.clusters |= {scope.key for scope in rule.watched if scope.kind == "cluster"}
        return
    evaluations = max(1, -(-span // rule.evaluation_frequency))
    alerts.digests += evaluations * len(rule.values)


def _notified(plan: Plan) -> Iterator[tuple[PlannedRule, Receiver]]:
    groups: Mapping[object, PlannedGroup] = {Reference(each.construct_id, "id"): each for each in plan.of(PlannedGroup)}
    for rule in plan.alert_rules:
        for group in rule.action_groups:
            if group in groups:
                yield from ((rule, each) for each in groups[group].receivers if each.kind in RATES)


def _place(rule: PlannedRule) -> Path:
    return ("action_group",) if rule.route is None else ("routes", rule.route, "action_group")
