"""What a Terraform document deploys, as far as it decides about notifications."""

from __future__ import annotations

from dataclasses import dataclass

from aks_communication_manager.plan.resources import ActionGroup, AlertRule, ProcessingRule


@dataclass(frozen=True, slots=True)
class NotEvaluated:
    """A rule, or a part of one, that was left out of the rehearsal."""

    rule: str
    stack: str
    reason: str


@dataclass(frozen=True, slots=True)
class Deployment:
    """The resources of one Terraform document that decide about notifications."""

    stack: str
    alert_rules: tuple[AlertRule, ...] = ()
    action_groups: tuple[ActionGroup, ...] = ()
    processing_rules: tuple[ProcessingRule, ...] = ()
    not_evaluated: tuple[NotEvaluated, ...] = ()
