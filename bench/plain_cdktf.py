"""What `python main.py` writes, as a plain CDKTF program: the resources of the documented set-up, with ordinary imports.

    python bench/plain_cdktf.py [number of clusters]

It is what bench.py measures ours against. The resources, their arguments and the outputs are the same.
"""

import os
import re
import sys
from functools import cache
from pathlib import Path

from cdktf import App, LocalBackend, TerraformOutput, TerraformStack
from cdktf_cdktf_provider_azurerm.monitor_action_group import MonitorActionGroup, MonitorActionGroupEmailReceiver
from cdktf_cdktf_provider_azurerm.monitor_alert_processing_rule_suppression import (
    MonitorAlertProcessingRuleSuppression,
    MonitorAlertProcessingRuleSuppressionCondition,
    MonitorAlertProcessingRuleSuppressionConditionDescription,
    MonitorAlertProcessingRuleSuppressionConditionMonitorCondition,
)
from cdktf_cdktf_provider_azurerm.monitor_scheduled_query_rules_alert_v2 import (
    MonitorScheduledQueryRulesAlertV2,
    MonitorScheduledQueryRulesAlertV2Action,
    MonitorScheduledQueryRulesAlertV2Criteria,
    MonitorScheduledQueryRulesAlertV2CriteriaDimension,
    MonitorScheduledQueryRulesAlertV2CriteriaFailingPeriods,
    MonitorScheduledQueryRulesAlertV2Identity,
)
from cdktf_cdktf_provider_azurerm.provider import AzurermProvider
from cdktf_cdktf_provider_azurerm.role_assignment import RoleAssignment
from estate import SUBSCRIPTION, cluster, cluster_id

QUERIES = Path(__file__).resolve().parents[1] / "queries"
NOTICES = {
    "cluster-auto-upgrade": "Kubernetes version auto-upgrade",
    "node-os-auto-upgrade": "node OS image auto-upgrade",
}


@cache
def composed(name: str) -> str:
    """A query of events with its includes in their places."""
    text = (QUERIES / name).read_text(encoding="utf-8")
    return re.sub(
        r"^// include: (\S+)\n",
        lambda match: composed(match[1].replace("<grouping>", "event")),
        text,
        flags=re.MULTILINE,
    )


def rendered(notice: str, scope: str) -> str:
    """The query with its placeholders filled in; of its comments only the one below the first line stays."""
    lines = composed(f"{notice}.kql").splitlines(keepends=True)
    text = "".join(lines[:2] + [line for line in lines[2:] if line.strip() and not line.startswith("//")])
    text = text.replace("<scopes>", f'id startswith "{scope}/"').replace("<selection>", "isnotempty(status)")
    return text.replace("<window>", "eventTime >= ago(6h)")


MANAGED = f"[aks-notices@rg-aks-notices@{SUBSCRIPTION}]"


class Notices(TerraformStack):
    """Two alert rules for each cluster, and for each rule's identity Reader on the cluster's group and subscription."""

    def __init__(self, scope: App, id: str, clusters: int) -> None:
        super().__init__(scope, id)
        AzurermProvider(self, "azurerm", features=[{}], subscription_id=SUBSCRIPTION)
        LocalBackend(self, path="../../../terraform.production.tfstate")
        action_group = MonitorActionGroup(
            self,
            "action-group",
            name="ag-aks-notices",
            short_name="aksnotices",
            resource_group_name="rg-aks-notices",
            email_receiver=[
                MonitorActionGroupEmailReceiver(
                    name="platform-team", email_address="platform@example.com", use_common_alert_schema=True
                )
            ],
        )
        rules = {}
        for notice, title in NOTICES.items():
            for number in range(clusters):
                group, name = cluster(number)
                rule = MonitorScheduledQueryRulesAlertV2(
                    self,
                    f"{notice}-{name}@{group}",
                    name=f"{notice}-{name}@{group}",
                    resource_group_name="rg-aks-notices",
                    location="westeurope",
                    scopes=[cluster_id(number)],
                    description=(
                        f"AKS announces or reports a {title} of cluster {name} in resource group {group}. "
                        "After Failed or Canceled, read the cluster's Activity log, and look for pods that cannot be evicted "
                        "(kubectl get poddisruptionbudgets -A). The dimension status says what happened: Scheduled comes a "
                        "week and a day before, then Started, and at the end Completed, Failed or Canceled. plannedTime is "
                        "the planned start (UTC). reason is what Azure says of a failed or canceled upgrade. All details: "
                        "Azure Resource Graph, table containerserviceeventresources, or the link to the search results. "
                        f"Managed as {MANAGED}."
                    ),
                    severity=3,
                    evaluation_frequency="PT30M",
                    window_duration="PT30M",
                    auto_mitigation_enabled=True,
                    criteria=[
                        MonitorScheduledQueryRulesAlertV2Criteria(
                            query=rendered(notice, cluster_id(number)),
                            time_aggregation_method="Count",
                            operator="GreaterThan",
                            threshold=0,
                            dimension=[
                                MonitorScheduledQueryRulesAlertV2CriteriaDimension(
                                    name=column, operator="Include", values=["*"]
                                )
                                for column in ("status", "eventName", "plannedTime", "reason")
                            ],
                            failing_periods=MonitorScheduledQueryRulesAlertV2CriteriaFailingPeriods(
                                minimum_failing_periods_to_trigger_alert=1, number_of_evaluation_periods=1
                            ),
                        )
                    ],
                    action=MonitorScheduledQueryRulesAlertV2Action(
                        action_groups=[action_group.id],
                        custom_properties={"cluster": name, "scope": cluster_id(number), "notice": notice},
                    ),
                    identity=MonitorScheduledQueryRulesAlertV2Identity(type="SystemAssigned"),
                )
                rules[f"{notice}-{name}@{group}"] = rule
                for label, reader_scope in {
                    f"{group}@{SUBSCRIPTION}": f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}",
                    SUBSCRIPTION: f"/subscriptions/{SUBSCRIPTION}",
                }.items():
                    RoleAssignment(
                        self,
                        f"{notice}-{name}@{group}-reader-{label}",
                        scope=reader_scope,
                        role_definition_name="Reader",
                        principal_id=rule.identity.principal_id,
                        principal_type="ServicePrincipal",
                        description=f"Lets alert rule {notice}-{name}@{group} read AKS events.",
                    )
        MonitorAlertProcessingRuleSuppression(
            self,
            "resolved",
            name="aks-notices-resolved",
            resource_group_name="rg-aks-notices",
            scopes=list(
                dict.fromkeys(
                    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{cluster(number)[0]}" for number in range(clusters)
                )
            ),
            condition=MonitorAlertProcessingRuleSuppressionCondition(
                description=MonitorAlertProcessingRuleSuppressionConditionDescription(
                    operator="Contains", values=[MANAGED]
                ),
                monitor_condition=MonitorAlertProcessingRuleSuppressionConditionMonitorCondition(
                    operator="Equals", values=["Resolved"]
                ),
            ),
            description=(
                "Suppresses the notifications with which Azure resolves the alerts of AKS maintenance: an event is not a "
                "state that ends. It matches the description of the alert rules, and only the monitor condition Resolved."
            ),
        )
        TerraformOutput(self, "notices_alert_rule_ids", value={name: rule.id for name, rule in rules.items()})
        TerraformOutput(self, "notices_action_group_id", value=action_group.id)
        TerraformOutput(
            self,
            "addresses_to_verify",
            value=["platform@example.com"],
            description="E-mail addresses that get a code if they are new in this tenant, to confirm within 30 minutes.",
        )
        TerraformOutput(
            self, "notices_principal_ids", value={name: rule.identity.principal_id for name, rule in rules.items()}
        )


if __name__ == "__main__":
    app = App(outdir=os.environ.get("CDKTF_OUTDIR") or "cdktf.out")
    Notices(app, "production", int(sys.argv[1]) if len(sys.argv) > 1 else 1)
    app.synth()
