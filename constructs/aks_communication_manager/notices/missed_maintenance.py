"""Maintenance that was announced and, a day after its planned start, has not begun."""

from __future__ import annotations

from aks_communication_manager.notices.notice import Notice

NOTICE = Notice(
    name="missed-maintenance",
    title="missed maintenance",
    dimension="family",
    event_columns=("eventName", "plannedTime"),
    digest_columns=("family", "plannedTime", "events", "clusters"),
    monthly_events=(((), 1),),
    announcement=(
        "AKS announced an auto-upgrade of {scopes}, and a day after its planned start no record says that it began, "
        "ended or was canceled."
    ),
    explanation=(
        "Check the auto-upgrade channel, the maintenance window, whether the cluster runs, and PodDisruptionBudgets. "
        "The dimension family says which upgrade."
    ),
)
