"""What several managers of one program make together: each thing once, and no more than Azure takes."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from cdktf import TerraformStack, Testing
from cdktf_cdktf_provider_azurerm.data_azurerm_kubernetes_cluster import DataAzurermKubernetesCluster
from cdktf_cdktf_provider_azurerm.provider import AzurermProvider

from aks_communication_manager import ActionGroup, CommunicationManagerStack, EmailReceiver, Identity, InvalidArgument
from aks_communication_manager.arm import limits
from aks_communication_manager.compiler import compile_config
from aks_communication_manager.terraform.bindings import load
from aks_communication_manager.terraform.runtime.framework import chosen
from tests.config.configs import config
from tests.synthesis import (
    SUBSCRIPTION,
    action_group,
    cluster,
    manager,
    resource_group,
    stack,
)

READS_ALREADY = Identity.existing(
    id=f"{resource_group('rg-ids')}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/reader"
)
DEV = cluster("dev")


@pytest.fixture
def warned(monkeypatch):
    """The warnings with which managers are annotated."""
    found: list[str] = []
    annotations = SimpleNamespace(add_warning=found.append)
    monkeypatch.setattr(load(chosen()), "Annotations", SimpleNamespace(of=lambda _: annotations))
    return found


def stacks(*names: str, subscription: str | None = SUBSCRIPTION) -> list[TerraformStack]:
    """Stacks of one program, each with a provider."""
    app = Testing.app()
    made = [TerraformStack(app, name) for name in names]
    for each in made:
        AzurermProvider(each, "azurerm", features=[{}], subscription_id=subscription)
    return made


def refused(scope, id_, **arguments) -> str:
    """Why a manager is refused."""
    with pytest.raises(InvalidArgument) as error:
        manager(scope, id_, action_group=action_group("ag-other"), resolved_messages=True, **arguments)
    return str(error.value)


def clusters(name: str, count: int) -> list[str]:
    return [cluster(f"{name}-{number}") for number in range(count)]


# Each once


def test_an_identity_of_two_managers_becomes_reader_of_a_scope_once():
    made = stack()
    a = manager(made, "a", identity=Identity.user_assigned())
    given = Identity.existing(id=a.identity.id, principal_id=a.identity.principal_id)
    principal = "${azurerm_user_assigned_identity.@.principal_id}".replace("@", a.identity.friendly_unique_id)
    assert refused(made, "b", scopes=[DEV], identity=given) == (
        f'the Reader assignment on "{resource_group()}" for principal {principal} is already created by production/a [ACM137]\n'
        "    Set `reader_scopes: []` in one of them: the identity has access already.\n"
        f'the Reader assignment on "/subscriptions/{SUBSCRIPTION}" for principal {principal} is already created by production/a [ACM137]\n'
        "    Set `reader_scopes: []` in one of them: the identity has access already."
    )
    manager(
        made,
        "c",
        scopes=[DEV],
        identity=given,
        reader_scopes=[],
        action_group=action_group("c"),
        resolved_messages=True,
    )


def test_that_also_holds_of_a_cluster_that_only_terraform_knows():
    made = stack()
    prod = DataAzurermKubernetesCluster(made, "prod", name="prod", resource_group_name="rg-aks")
    a = manager(made, "a", scopes=[prod.id], identity=Identity.user_assigned())
    given = Identity.existing(id=a.identity.id, principal_id=a.identity.principal_id)
    said = refused(made, "b", scopes=[prod.id], notices=["end-of-support"], identity=given)
    assert said.count("is already created by production/a [ACM137]") == 2


def test_the_same_address_in_two_stacks_is_not_the_same_cluster(warned):
    for each, group in zip(stacks("a", "b"), ("ag-a", "ag-b"), strict=True):
        prod = DataAzurermKubernetesCluster(each, "prod", name="prod", resource_group_name="rg-aks")
        manager(each, scopes=[prod.id], action_group=action_group(group), resolved_messages=True)
    assert warned == []


def test_a_config_and_a_manager_of_one_program_create_no_resource_twice(tmp_path):
    (tmp_path / "my.yaml").write_text(config())
    [compiled] = compile_config(tmp_path / "my.yaml").checked()
    [made] = stacks("other")
    CommunicationManagerStack(made.node.root, compiled)
    taken = 'the alert rule "cluster-auto-upgrade-prod@rg-aks" is already created by '
    assert refused(made, "b").startswith(taken + "production/notices [ACM137]")
    [made] = stacks("other")
    manager(made, "b", action_group=action_group("ag-other"))
    with pytest.raises(InvalidArgument) as error:
        CommunicationManagerStack(made.node.root, compiled)
    assert str(error.value).startswith(taken + "other/b [ACM137]")


# No more than Azure takes


def test_rules_of_all_managers_count_for_an_identity_that_they_share():
    made = stack()
    manager(made, "a", scopes=clusters("a", 20), identity=READS_ALREADY, reader_scopes=[])
    assert refused(made, "b", scopes=clusters("b", 20), identity=READS_ALREADY, reader_scopes=[]) == (
        "identity: 80 alert rules would share one identity, including those of earlier stacks or managers; "
        "Azure takes at most 50 [ACM134]\n"
        "    Watch resource groups or a subscription instead of clusters, set `rules: shared`, "
        "or use several stacks or managers, each with its own identity."
    )


def test_they_count_for_an_identity_that_one_of_them_makes_too():
    for later in ("an id", "a token"):
        made = stack()
        a = manager(made, "a", scopes=clusters("a", 20), identity=Identity.user_assigned())
        literal = f"{resource_group('rg-aks-notices')}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-aks-notices"
        given = Identity.existing(id=literal if later == "an id" else a.identity.id)
        said = refused(made, "b", scopes=clusters("b", 20), identity=given, reader_scopes=[])
        assert said.startswith("identity: 80 alert rules would share one identity")


def test_each_manager_near_the_limit_of_an_identity_gets_a_warning(warned):
    made = stack()
    manager(made, "a", scopes=clusters("a", 20), identity=READS_ALREADY, reader_scopes=[])
    assert warned == []
    others = {"action_group": action_group("ag-b"), "resolved_messages": True}
    manager(made, "b", scopes=clusters("b", 4), identity=READS_ALREADY, reader_scopes=[], **others)
    assert [text.partition("\n")[0] for text in warned] == [
        "identity: 48 alert rules share one identity, and Azure takes at most 50, including all others. [ACM155]"
    ]
    manager(made, "c", scopes=[DEV], action_group=action_group("ag-c"), resolved_messages=True)
    assert len(warned) == 1


def test_role_assignments_of_all_managers_count(warned, monkeypatch):
    monkeypatch.setattr(limits, "ROLE_ASSIGNMENTS", 10)
    made = stack()
    manager(made, "a")
    manager(made, "b", scopes=[DEV], notices=["end-of-support"], reader_scopes=["scope"],
            action_group=action_group("ag-b"), resolved_messages=False, name_prefix="b-")  # fmt: skip
    assert warned == []
    said = refused(made, "c", scopes=clusters("c", 2))
    assert said.startswith(
        f"reader_scopes: 13 role assignments would be created in subscription {SUBSCRIPTION}, "
        "including those of earlier stacks or managers; Azure takes at most 10 there [ACM135]"
    )


# Every notification once


@pytest.mark.parametrize("group", ["id", "token"])
def test_two_managers_with_one_cluster_and_one_group_bring_a_warning(group, warned):
    made = stack()
    a = manager(made, "a")
    literal = f"{resource_group('rg-aks-notices')}/providers/Microsoft.Insights/actionGroups/AG-AKS-notices"
    given = ActionGroup.existing(literal if group == "id" else a.action_group_id)
    manager(made, "b", action_group=given, name_prefix="b-")
    assert warned == [
        f'scopes: "{cluster()}" is also watched by production/a for cluster-auto-upgrade, with the same receivers: '
        "every notification would be sent twice [ACM153]\n    Remove it from one of them, or set `allow_overlap: true`."
    ]
    manager(made, "c", action_group=given, name_prefix="c-", scopes=[DEV])
    manager(made, "d", action_group=given, name_prefix="d-", allow_overlap=True)
    assert len(warned) == 1


def test_one_token_for_the_group_of_two_managers_is_one_group(warned):
    made = stack()
    a = manager(made, "a", scopes=[DEV])
    for name in ("b", "c"):
        manager(made, name, action_group=ActionGroup.existing(a.action_group_id), name_prefix=name)
    assert ["watched by production/b" in text for text in warned] == [True]


def test_groups_of_one_name_in_subscriptions_that_are_not_known_are_two(warned):
    for each, mail in zip(stacks("a", "b", subscription=None), ("a@example.com", "b@example.com"), strict=True):
        receivers = [EmailReceiver(name="team", email_address=mail)]
        manager(each, action_group=ActionGroup.create(name="ag", short_name="ag", receivers=receivers))
    assert warned == []
