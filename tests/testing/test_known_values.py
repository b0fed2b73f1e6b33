"""Rules that depend on tokens: a test says that they were not evaluated, or gives the tokens values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from cdktf import TerraformStack, TerraformVariable
from cdktf_cdktf_provider_azurerm.data_azurerm_kubernetes_cluster import DataAzurermKubernetesCluster

from aks_communication_manager import InvalidArgument, Route
from aks_communication_manager.testing import SynthesizedStack, event, synthesize_config, synthesize_stack
from aks_communication_manager.testing.known_values import with_values
from tests.synthesis import RULE, SUBSCRIPTION, cluster, manager, resource_group, stack
from tests.testing.test_view import ON_CALL

PROD = cluster()
FAILED = event(PROD, "cluster-auto-upgrade", "Failed")
SENT_TO = "platform-team"
REASON = "its scopes is a Terraform expression, which only Terraform can compute"
RESOLVE = 'Give tokens and variables their values: synthesize_stack(stack, resolve={cluster.id: "/subscriptions/…"}).'


def with_token(**arguments: Any) -> tuple[TerraformStack, str]:
    made = stack()
    prod = DataAzurermKubernetesCluster(made, "prod", name="prod", resource_group_name="rg-aks")
    manager(made, **{"scopes": [prod.id], "notices": ["cluster-auto-upgrade"]} | arguments)
    return made, prod.id


def test_an_assertion_about_a_rule_that_was_not_evaluated_fails():
    made, _ = with_token()
    unknown = synthesize_stack(made)
    [address] = unknown.resources(RULE)
    for names in ((), (SENT_TO,)):
        with pytest.raises(AssertionError) as error:
            unknown.assert_notifies(FAILED, *names)
        lines = str(error.value).splitlines()
        assert lines[:3] == [
            f"Failed of prod: {', '.join(names) or 'nobody'} should be notified once",
            "  no alert rule that was evaluated notifies anybody",
            f"  {RULE}.{address} was not evaluated: {REASON}",
        ]
        assert lines[-1] == f"  {RESOLVE}"
    with pytest.raises(InvalidArgument) as mistake:
        unknown.notifications(FAILED)
    assert str(mistake.value) == (
        f"it is not known what is sent: {RULE}.{address} not evaluated [ACM165]\n"
        f"    {RULE}.{address} was not evaluated: {REASON}\n    {RESOLVE}"
    )


def test_a_token_that_has_a_value_is_a_scope_like_any_other():
    made, token = with_token(routes=[Route(statuses=["Failed"], severity=1, action_group=ON_CALL)])
    known = synthesize_stack(made, resolve={token: PROD})
    known.assert_notifies(FAILED, "ag-on-call")
    known.assert_notifies(event(cluster("dev"), "cluster-auto-upgrade", "Failed"))
    assert [one.receivers[0].name for one in known.notifications(event(PROD, "cluster-auto-upgrade", "Started"))] == [
        SENT_TO
    ]
    assert {rule.name for rule in known.alert_rules} == {
        "cluster-auto-upgrade-prod@rg-aks@Failed",
        "cluster-auto-upgrade-prod@rg-aks",
    }
    assert "data.azurerm_kubernetes_cluster" not in str({**known.document, "data": None, "//": None})
    assert token not in synthesize_stack(made).name


@pytest.mark.parametrize("rules", ["shared", "per-scope"])
def test_tokens_beside_literal_scopes(rules):
    made, token = with_token()
    variable = TerraformVariable(made, "second", type="string").string_value
    manager(
        made,
        "both",
        scopes=[variable, cluster("dev")],
        rules=rules,
        name_prefix="b-",
        reader_scopes=["scope"],
        action_group=ON_CALL,
    )
    with pytest.raises(AssertionError, match=r"was not evaluated: .*\n.*\n?.*resolve="):
        synthesize_stack(made, resolve={token: PROD}).assert_notifies(FAILED, SENT_TO)
    both = synthesize_stack(made, resolve={token: PROD, variable: cluster("test")})
    both.assert_notifies(FAILED, SENT_TO)
    for name in ("test", "dev"):
        both.assert_notifies(event(cluster(name), "node-os-auto-upgrade", "Failed"), "ag-on-call")


def test_a_variable_of_a_config_gets_its_value_by_its_address(tmp_path):
    config = {
        "subscription_id": SUBSCRIPTION,
        "location": "westeurope",
        "resource_group": "rg-aks-notices",
        "scopes": [{"variable": "cluster"}],
        "action_group": {
            "name": "ag-aks-notices",
            "short_name": "aksnotices",
            "receivers": [{"type": "email", "name": SENT_TO, "email_address": "platform@example.com"}],
        },
    }
    file = Path(tmp_path, "config.yaml")
    file.write_text(yaml.safe_dump({"stacks": {"production": config}}), encoding="utf-8")
    synthesize_config(file, resolve={"var.cluster": PROD})["production"].assert_notifies(FAILED, SENT_TO)
    with pytest.raises(AssertionError, match="was not evaluated"):
        synthesize_config(file)["production"].assert_notifies(FAILED)


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"var.x": "a"}, 'resolve: "var.x" is nowhere in the Terraform JSON'),
        ({"var.cluster": 7}, 'resolve: the value of "var.cluster" is not a text'),
    ],
)
def test_a_value_that_cannot_be_used_is_a_mistake(values, problem):
    with pytest.raises(InvalidArgument) as error:
        with_values([{"scopes": ["${var.cluster}"]}], values)
    assert error.value.mistakes[0].problem == problem


def test_an_address_is_replaced_whole_and_other_functions_stay():
    document = {"a": ["${var.cluster}", "${var.cluster_2}", "x ${upper(var.cluster)} ${var.cluster}"], "b": 1}
    assert with_values([document], {"${var.cluster}": PROD}) == [
        {"a": [PROD, "${var.cluster_2}", f"x ${{upper(var.cluster)}} {PROD}"], "b": 1}
    ]


def document(**resources: Any) -> SynthesizedStack:
    return SynthesizedStack("a", {"resource": resources})


@pytest.mark.parametrize(
    ("resources", "matters"),
    [
        ({RULE: {"a": {"criteria": {"query": "AzureActivity"}}}}, False),
        ({RULE: {"a": {"criteria": {"query": "${local.query}"}}}}, True),
        ({RULE: {"a": {"criteria": {"query": 'arg("").ContainerServiceEventResources | project z'}}}}, True),
        ({"azurerm_monitor_alert_processing_rule_action_group": {"a": {"name": "a"}}}, True),
        ({"azurerm_monitor_alert_processing_rule_suppression": {"a": {"name": "a", "schedule": {"x": 1}}}}, True),
    ],
)
def test_only_what_may_notify_of_events_of_aks_makes_an_assertion_fail(resources, matters):
    made = document(**resources)
    if matters:
        with pytest.raises(AssertionError, match="was not evaluated"):
            made.assert_notifies(FAILED)
    else:
        made.assert_notifies(FAILED)


def test_a_rule_that_is_known_to_notify_nobody_is_known():
    made = stack()
    manager(made, scopes=[resource_group()]).alert_rules[0].add_override("enabled", False)
    synthesize_stack(made).assert_notifies(FAILED)
