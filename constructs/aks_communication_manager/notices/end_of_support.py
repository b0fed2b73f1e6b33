"""The end of AKS support for a cluster's Kubernetes version."""

from __future__ import annotations

from aks_communication_manager.notices.notice import Notice

NOTICE = Notice(
    name="end-of-support",
    family="EOLNotification",
    markers=("eolnotification", "kubernetesversioneol", "kubernetesversionoutofsupport"),
    title="Kubernetes version end of support",
    dimension="description",
    values=("KubernetesVersionEOLTwoWeeks", "KubernetesVersionEOLOneWeek", "KubernetesVersionOutOfSupport"),
    routed_by="stages",
    event_columns=("eventName",),
    monthly_events=(
        (("KubernetesVersionEOLTwoWeeks",), 1),
        (("KubernetesVersionEOLOneWeek",), 1),
        (("KubernetesVersionOutOfSupport",), 3),  # weekly once it is out of support
    ),
    announcement="The Kubernetes version of {scopes} nears or has reached its end of support by AKS.",
    explanation=(
        "The dimension description says how near: KubernetesVersionEOLTwoWeeks and KubernetesVersionEOLOneWeek come "
        "before the day, KubernetesVersionOutOfSupport every week after it. Upgrade the cluster to a supported version."
    ),
)
