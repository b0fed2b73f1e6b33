"""What Azure Monitor evaluates and whom it notifies: alert rules, action groups and alert processing rules as plain values.

Fields have azurerm's names, so its documentation serves for ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who is notified. Addresses, numbers and URLs are never read: some of them are secrets."""

    type: str
    """azurerm's block without ``_receiver``: email, sms, webhook, logic_app, …"""

    name: str


@dataclass(frozen=True, slots=True)
class ActionGroup:
    """An action group that a rule refers to."""

    name: str

    receivers: tuple[Receiver, ...] | None
    """None where the group is known by its id alone; empty for one that is disabled."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """A column by whose values a rule splits its rows."""

    name: str
    operator: str
    values: tuple[str, ...]

    def admits(self, value: str) -> bool:
        listed = "*" in self.values or value in self.values
        return listed if self.operator == "Include" else not listed


@dataclass(frozen=True, slots=True)
class AlertRule:
    """A scheduled query rule."""

    name: str
    stack: str
    address: str
    """Where Terraform has it: ``azurerm_monitor_scheduled_query_rules_alert_v2.<name>``."""

    id: str
    scopes: tuple[str, ...]
    query: str
    evaluation_frequency: timedelta
    severity: int
    operator: str
    threshold: float
    time_aggregation_method: str = "Count"
    metric_measure_column: str = ""
    resource_id_column: str = ""
    dimensions: tuple[Dimension, ...] = ()
    minimum_failing_periods: int = 1
    evaluation_periods: int = 1
    auto_mitigation_enabled: bool = False
    mute_actions_after_alert_duration: timedelta | None = None
    description: str = ""
    action_groups: tuple[ActionGroup, ...] = ()

    silent: str = ""
    """Why it notifies nobody, whatever happens; empty where it may."""

    @property
    def most_alerts(self) -> int:
        """Above this number the evaluation fails (Azure Monitor service limits, "Log search alerts")."""
        return 300 if self.auto_mitigation_enabled else 6000

    @property
    def quiet_evaluations(self) -> int:
        """After how many evaluations without a match Azure resolves a stateful alert (Azure Monitor, "Types of alerts")."""
        if self.evaluation_frequency <= HOUR / 4:
            return 3
        return 2 if self.evaluation_frequency <= 12 * HOUR else 1


@dataclass(frozen=True, slots=True)
class Condition:
    """One filter of a processing rule."""

    field: str
    operator: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProcessingRule:
    """An alert processing rule that suppresses notifications."""

    name: str
    stack: str
    scopes: tuple[str, ...]
    """Ids of affected resources, or of the groups and subscriptions they lie in."""

    conditions: tuple[Condition, ...] = ()
    """All of them have to hold."""


@dataclass(frozen=True, slots=True)
class NotEvaluated:
    """A rule, or a part of one, that was left out of the rehearsal."""

    rule: str
    stack: str
    reason: str


@dataclass(frozen=True, slots=True)
class Deployment:
    """The rules that one Terraform document holds."""

    stack: str
    alert_rules: tuple[AlertRule, ...] = ()
    processing_rules: tuple[ProcessingRule, ...] = ()
    not_evaluated: tuple[NotEvaluated, ...] = ()
