"""All plans of one program together: each resource once, within Azure's limits."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from aks_communication_manager import ActionGroup, Identity, Route
from aks_communication_manager.checks import estate
from aks_communication_manager.compiler import compile_config
from aks_communication_manager.config.options import Arguments
from aks_communication_manager.plan import resources
from aks_communication_manager.plan.names import Place
from aks_communication_manager.plan.planner import plan
from aks_communication_manager.plan.resources import ProcessingRule
from tests.compiling import OTHER, SUB, TELL, cluster, compiled, marker, planned, said
from tests.config.configs import CLUSTER, GROUP, MAIL, config

SHARED = Identity.user_assigned()
WAYS_OUT = (
    "    Watch resource groups or a subscription instead of clusters, set `rules: shared`, "
    "or use several stacks or managers, each with its own identity."
)


def test_an_identity_has_at_most_fifty_rules():
    clusters = [cluster(f"c{number}") for number in range(26)]
    planned(scopes=clusters[:25], identity=SHARED)
    assert said(scopes=clusters, identity=SHARED) == (
        f"identity: 52 alert rules would share one identity; Azure takes at most 50 [ACM134]\n{WAYS_OUT}"
    )
    planned(scopes=clusters, identity=SHARED, rules="shared")
    planned(scopes=clusters)


def test_routes_count_as_the_rules_they_become():
    clusters = [cluster(f"c{number}") for number in range(13)]
    routes = [Route(statuses=["Failed"], severity=1)]
    assert said(scopes=clusters, identity=SHARED, routes=routes).startswith("identity: 52 alert rules")


# Azure takes 4,000 role assignments in a subscription: near it is a warning, over it a mistake.


def per_cluster(clusters: int) -> dict:
    """Options with four assignments for each cluster: two notices, each reading resource group and subscription."""
    scopes = [cluster("c", f"rg-{index}") for index in range(clusters)]
    group = f"/subscriptions/{SUB}/resourceGroups/rg/providers/Microsoft.Insights/actionGroups/ag"
    return {"scopes": scopes, "action_group": ActionGroup.existing(group)}


FEWER = (
    "Watch resource groups or the subscription instead of clusters, or set `rules: shared` or `reader_scopes: [scope]`."
)


def test_899_clusters_with_four_assignments_each_pass_without_a_word():
    _, warnings = compiled(**per_cluster(899))
    assert warnings == ()


def test_900_are_reported_with_the_count_and_the_limit():
    _, [warning] = compiled(**per_cluster(900))
    assert str(warning) == (
        f"reader_scopes: 3,600 role assignments are created in subscription {SUB}, and Azure takes at most 4,000 there, "
        f"including all others. [ACM150]\n    {FEWER}"
    )


def test_1000_are_the_most_and_1001_a_mistake():
    _, [warning] = compiled(**per_cluster(1000))
    assert warning.problem.startswith("4,000 role assignments are created")
    assert said(**per_cluster(1001)) == (
        f"reader_scopes: 4,004 role assignments would be created in subscription {SUB}; "
        f"Azure takes at most 4,000 there [ACM135]\n    {FEWER}"
    )


def test_one_identity_for_all_rules_needs_few():
    _, warnings = compiled(**per_cluster(300) | {"rules": "shared", "identity": SHARED})
    assert warnings == ()


# Two stacks of a config


@pytest.fixture
def reported(tmp_path):
    """The mistakes and warnings of a config of two stacks, each as it is printed; ``a`` is as every stack unless it says more."""

    def found(b: str, a: str = "") -> list[str]:
        (tmp_path / "my.yaml").write_text(config(a, name="a") + config(b, name="b").removeprefix("stacks:\n"))
        compilation = compile_config(tmp_path / "my.yaml")
        return [str(mistake) for mistake in (*compilation.mistakes, *compilation.warnings)]

    return found


def test_no_prefix_is_suggested_for_a_rule_that_two_stacks_adopt(reported):
    rule = f"{GROUP}/providers/Microsoft.Insights/scheduledQueryRules/aks-prod"
    adopt = f"adopt: [{{scope: {CLUSTER}, notice: cluster-auto-upgrade, rule: {rule}}}]\nnotices: [cluster-auto-upgrade]\nresolved_messages: true"
    assert reported(f"{adopt}\n{other_group()}", adopt) == [
        'stacks.b (line 11): the alert rule "aks-prod" is already created by stacks.a [ACM137]\n'
        "    Adopt it in one of them only."
    ]


@pytest.mark.parametrize("made_first", [True, False])
def test_created_group_and_its_id_in_another_stack_are_equal(reported, made_first):
    group = f"action_group: {{id: {GROUP}-notices/providers/microsoft.insights/actiongroups/AG-aks-notices}}"
    stacks = ["", f"{group}\nname_prefix: b-"]
    [warning] = reported(*(stacks[::-1] if made_first else stacks))
    assert warning.startswith("stacks.b.scopes (line ")
    assert warning.endswith(
        f'"{CLUSTER}" is also watched by stacks.a for cluster-auto-upgrade, with the same receivers: '
        "every notification would be sent twice [ACM153]\n    Remove it from one of them, or set `allow_overlap: true`."
    )


def test_a_created_identity_and_its_id_in_another_stack_are_one(reported):
    scopes = "scopes: [" + ", ".join(f"{CLUSTER}-@{number}" for number in range(20)) + "]"
    identity = (
        f"identity: {{id: {GROUP}-notices/providers/microsoft.managedidentity/userassignedidentities/ID-aks-notices}}"
    )
    b = f"{scopes.replace('@', 'b')}\n{identity}\nreader_scopes: []\nname_prefix: b-\n{other_group()}"
    [mistake] = reported(b, f"{scopes.replace('@', 'a')}\nidentity: user-assigned")
    assert mistake == (
        "stacks.b.identity (line 14): 80 alert rules would share one identity, including those of earlier stacks or managers; "
        f"Azure takes at most 50 [ACM134]\n{WAYS_OUT}"
    )


def other_group() -> str:
    """The key action_group, for a group that no stack makes."""
    return f"action_group: {{id: {GROUP}/providers/Microsoft.Insights/actionGroups/ag-other}}"


# Two managers in one resource group


def names_and_markers(*stacks: str) -> dict[str, tuple[str, set[str]]]:
    """By stack: the name of its processing rule, and what it matches in descriptions of its own and others' alert rules."""
    text = "stacks:\n" + "".join(stack.removeprefix("stacks:\n") for stack in stacks)
    with TemporaryDirectory() as folder:
        Path(folder, "my.yaml").write_text(text)
        plans = {stack.name: stack.plan for stack in compile_config(Path(folder, "my.yaml")).checked()}
    found = {}
    for name, ours in plans.items():
        [rule] = ours.of(ProcessingRule)
        matched = {
            other
            for other, theirs in plans.items()
            if any(marker(rule) in alert_rule.description for alert_rule in theirs.alert_rules)
        }
        found[name] = (rule.name, matched)
    return found


def stack_of(name: str, keys: str = "") -> str:
    group = f"action_group: {{name: ag-{name}, short_name: {name}, receivers: [{MAIL}]}}"
    return config(f"scopes: [{CLUSTER}-{name}]\n{group}\n{keys}".rstrip(), name=name)


def test_a_second_stack_of_a_resource_group_has_its_name_in_its_own():
    alone = names_and_markers(stack_of("a"))
    assert alone == {"a": ("aks-notices-resolved", {"a"})}
    three = names_and_markers(stack_of("a"), stack_of("b"), stack_of("c"))
    assert three == {
        **alone,  # whatever is added after it
        "b": ("aks-notices-resolved-b", {"b"}),
        "c": ("aks-notices-resolved-c", {"c"}),
    }


@pytest.mark.parametrize("apart", ["name_prefix: b-", "resource_group: rg-other"])
def test_stacks_that_differ_in_prefix_or_resource_group_need_no_label(apart):
    name, matched = names_and_markers(stack_of("a"), stack_of("b", apart))["b"]
    assert name.endswith("aks-notices-resolved")
    assert matched == {"b"}


def test_equal_names_of_processing_rules_get_a_label():
    found = names_and_markers(stack_of("a", "name_prefix: 'x y '"), stack_of("b", "name_prefix: x-y-"))
    assert found == {"a": ("x-y-aks-notices-resolved", {"a"}), "b": ("x-y-aks-notices-resolved-b", {"b"})}


def test_another_stack_that_sends_resolved_messages_keeps_them():
    """Its rules have another marker, also where it has no processing rule itself."""
    text = stack_of("a") + stack_of("b", "resolved_messages: true").removeprefix("stacks:\n")
    with TemporaryDirectory() as folder:
        Path(folder, "my.yaml").write_text(text)
        a, b = (stack.plan for stack in compile_config(Path(folder, "my.yaml")).checked())
    [rule] = a.of(ProcessingRule)
    assert not any(marker(rule) in alert_rule.description for alert_rule in b.alert_rules)


def test_resource_of_two_plans_is_found_for_every_type():
    place = Place(subscription_id=SUB, resource_group="rg", location="westeurope", create=True)
    existing = Identity.existing(
        id=f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id", principal_id=OTHER
    )
    found = set()
    for identity in (SHARED, existing):
        given = {"resource_group_name": "rg", "location": "westeurope", "action_group": TELL}
        options = Arguments(scopes=[CLUSTER], identity=identity, evaluation_frequency="PT15M", **given)
        a, b = (plan(options, place) for _ in range(2))
        said = [mistake.problem for mistake in estate.ESTATE.run({("a",): a, ("b",): b}) if mistake.code == "ACM137"]
        found |= {type(each) for each in b.all if f"{each.title} is already created by a" in said}
    assert found == set(estate._INSTEAD)
    assert {kind.resource_type for kind in found} == set(resources._ORDER)


def _backends(folder, *backends):
    text = "stacks:\n"
    for index, backend in enumerate(backends):
        keys = f"backend: {backend}\nresource_group: rg-{index}\nallow_overlap: true"
        text += config(keys, name=f"s{index}").removeprefix("stacks:\n")
    (folder / "communication-manager.yaml").write_text(text)
    return compile_config(folder / "communication-manager.yaml")


@pytest.mark.parametrize(
    ("backend", "shared"),
    [
        ("{azurerm: {storage_account_name: st, container_name: tf, key: notices.tfstate}}", True),
        ("{azurerm: {storage_account_name: st, container_name: tf, key: '{stack}.tfstate'}}", False),
        ("{azurerm: {storage_account_name: st, container_name: tf}}", False),
        ("{azurerm: {}}", False),
        ("{http: {address: 'https://example.com/state'}}", True),
        ("{http: {address: 'https://example.com/state/{stack}'}}", False),
        ("{s3: {bucket: b, key: k}}", True),
        ("{gcs: {bucket: b}}", False),
        ("{local: {path: ../../../notices.tfstate}}", True),
        ("{local: {path: notices.tfstate}}", False),
        ("{remote: {organization: o, workspaces: {name: notices}}}", True),
        ("{remote: {organization: o, workspaces: {name: 'notices-{stack}'}}}", False),
        ("{cloud: {organization: o, workspaces: {tags: [notices]}}}", False),
        ("none", False),
    ],
)
def test_two_stacks_share_no_state(backend, shared, tmp_path):
    compiled = _backends(tmp_path, backend, backend)
    found = [(mistake.code, mistake.where) for mistake in compiled.mistakes]
    assert found == ([("ACM138", "stacks.s1.backend")] if shared else [])


def test_the_name_of_a_stack_replaces_its_placeholder_in_the_backend_alone(tmp_path):
    compiled = _backends(tmp_path, "{azurerm: {key: 'aks/{stack}/{stack}.tfstate', container_name: '{other}'}}")
    [stack] = compiled.checked()
    assert dict(stack.settings.backend["azurerm"]) == {"key": "aks/s0/s0.tfstate", "container_name": "{other}"}
