"""Resources of a Terraform document that affect notifications."""

from __future__ import annotations

from dataclasses import dataclass

from aks_communication_manager.plan.resources import ActionGroup, AlertRule, ProcessingRule


@dataclass(frozen=True, slots=True)
class NotEvaluated:
    """Rule, or part of one, left out of the rehearsal."""

    rule: str
    stack: str
    reason: str


@dataclass(frozen=True, slots=True)
class Deployment:
    """Alert rules, action groups and processing rules of one Terraform document."""

    stack: str
    alert_rules: tuple[AlertRule, ...] = ()
    action_groups: tuple[ActionGroup, ...] = ()
    processing_rules: tuple[ProcessingRule, ...] = ()
    not_evaluated: tuple[NotEvaluated, ...] = ()
