"""Every example, from init to destroy, with the real provider."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.azurerm.deployment import Deployment, config, read_only
from tests.azurerm.readback import assert_is_as_configured
from tests.synthesis import OTHER_SUBSCRIPTION, SUBSCRIPTION, cluster, resource_group

pytestmark = pytest.mark.azurerm

EXAMPLES = Path(__file__).parents[2] / "examples"

BOTH = ("cluster-auto-upgrade", "node-os-auto-upgrade")


def rules(*scopes: tuple[str, str], notices: tuple[str, ...] = BOTH, prefix: str = "") -> dict[str, str]:
    """Name and scope of each rule; `scopes` are what follows the notice in the name, and the id."""
    return {f"{prefix}{notice}{form}": scope for notice in notices for form, scope in scopes}


PROD = ("-prod@rg-aks", cluster())
SEVERAL = (PROD, ("-prod-2@rg-aks", cluster("prod-2")), ("-batch@rg-aks-batch", cluster("batch", "rg-aks-batch")))

WIDE = (
    (f"@{SUBSCRIPTION}", f"/subscriptions/{SUBSCRIPTION}"),
    (f"@rg-aks@{OTHER_SUBSCRIPTION}", resource_group("rg-aks", OTHER_SUBSCRIPTION)),
)

RULES = {
    ("created-resource-group", "created-resource-group"): rules(PROD),
    ("default", "default"): rules(PROD),
    ("documented-query", "documented-query"): rules(PROD),
    ("end-of-support", "end-of-support"): rules(
        PROD, notices=(*BOTH, "end-of-support", "missed-maintenance"), prefix="contoso-"
    )
    | {"contoso-end-of-support-prod@rg-aks@KubernetesVersionOutOfSupport": cluster()},
    ("every-receiver", "every-receiver"): rules(PROD),
    ("existing-action-group", "existing-action-group"): rules(PROD),
    ("existing-identity", "existing-identity"): rules(PROD),
    ("pipeline", "pipeline"): rules(PROD),
    ("routes", "routes"): rules(PROD, ("-prod@rg-aks@Failed+Canceled", cluster()))
    | {"node-os-auto-upgrade-prod@rg-aks@Scheduled": cluster()},
    ("several-clusters", "several-clusters"): rules(*SEVERAL),
    ("several-stacks", "web-test"): rules(("@rg-aks-test", resource_group("rg-aks-test"))),
    ("several-stacks", "web-production"): rules(("-prod@rg-aks", cluster(subscription=OTHER_SUBSCRIPTION))),
    ("shared", "shared"): rules(("-shared", f"/subscriptions/{SUBSCRIPTION}")),
    ("user-assigned", "user-assigned"): rules(*SEVERAL),
    ("wide-scopes", "wide-scopes"): rules(
        *((f"{form}{route}", scope) for form, scope in WIDE for route in ("", "@Failed+Canceled"))
    ),
}
"""All examples but adopt.yaml, which has a test of its own: name and scope of each rule."""


@pytest.mark.parametrize(("example", "stack"), RULES, ids=map("/".join, RULES))
def test_an_example_is_applied_stays_unchanged_is_as_it_says_and_can_be_destroyed(
    example: str, stack: str, deployment: Deployment
):
    terraform = deployment.load(EXAMPLES / f"{example}.yaml", stack)
    before = deployment.seed()
    assert terraform.validate() == []
    terraform.apply()
    assert terraform.plan() == []
    assert_is_as_configured(deployment.azure, deployment.settings, RULES[example, stack])
    terraform.destroy()
    assert terraform.state() == []
    assert list(deployment.azure.resources) == before


def test_no_example_is_left_out():
    assert {path.stem for path in EXAMPLES.glob("*.yaml")} == {"adopt", *(example for example, _ in RULES)}


def test_what_routes_change_is_in_azure(deployment: Deployment):
    """Severity and action group of each part, and the query that keeps the parts disjoint."""
    on_call = f"{resource_group('rg-on-call')}/providers/Microsoft.Insights/actionGroups/ag-on-call"
    routes = [
        {"statuses": ["Failed", "Canceled"], "severity": 1, "action_group": {"id": on_call}},
        {"stages": ["KubernetesVersionOutOfSupport"], "severity": 2},
    ]
    terraform = deployment.write(
        config(**read_only(), routes=routes, notices=["cluster-auto-upgrade", "end-of-support"], severity=4)
    )
    deployment.seed()
    terraform.apply()
    assert terraform.plan() == []
    with deployment.sdk() as sdk:
        found = {
            rule.name: (rule.severity, rule.actions.action_groups[0].rpartition("/")[2], rule) for rule in sdk.rules()
        }
    assert {name: values[:2] for name, values in found.items()} == {
        "cluster-auto-upgrade-prod@rg-aks": (4, "ag-aks-notices"),
        "cluster-auto-upgrade-prod@rg-aks@Failed+Canceled": (1, "ag-on-call"),
        "end-of-support-prod@rg-aks": (4, "ag-aks-notices"),
        "end-of-support-prod@rg-aks@KubernetesVersionOutOfSupport": (2, "ag-aks-notices"),
    }
    for name, (_, _, rule) in found.items():
        query = rule.criteria.all_of[0].query
        selected = ("in~" in query, "!in~" in query)
        assert selected == ((True, False) if name.count("@") == 2 else (True, True))
