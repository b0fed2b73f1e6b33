"""ARM ids: what is one, how it is written, and what is said where it is none."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aks_communication_manager.arm.ids import CLUSTER, RESOURCE_GROUP, ArmId, ResourceId, RoleAssignmentId
from aks_communication_manager.errors import InvalidArgument

SUB = "11111111-1111-1111-1111-111111111111"
GROUP = f"/subscriptions/{SUB}/resourceGroups/rg-aks"
CLUSTERS = f"{GROUP}/providers/Microsoft.ContainerService/managedClusters"
WHAT = "is not the id of a cluster, a resource group or a subscription"
UUID_FIX = "A subscription id is a UUID: az account show --query id"
GROUP_FIX = "1 to 90 letters, digits, - _ . ( ), no period at the end."
CLUSTER_FIX = "1 to 63 letters, digits, - and _, beginning and ending with a letter or digit."
URL = "Start at /subscriptions/, and leave out what follows the name: "
FORMS = """One of
  /subscriptions/<id>
  /subscriptions/<id>/resourceGroups/<name>
  /subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.ContainerService/managedClusters/<name>"""


@pytest.mark.parametrize(
    ("text", "kind"),
    [(f"/subscriptions/{SUB}", "subscription"), (GROUP, "resource-group"), (f"{CLUSTERS}/prod", "cluster")],
)
def test_each_of_the_three_kinds_is_read_and_written_again(text, kind):
    arm = ArmId.parse(text)
    assert (arm.kind, str(arm)) == (kind, text)


def test_keywords_are_written_in_one_spelling_and_names_as_given():
    arm = ArmId.parse(
        f"/SUBSCRIPTIONS/{SUB}/resourcegroups/RG-Aks/PROVIDERS/microsoft.containerservice/MANAGEDCLUSTERS/Prod"
    )
    assert (arm.resource_group, arm.cluster) == ("RG-Aks", "Prod")
    assert str(arm) == (
        f"/subscriptions/{SUB}/resourceGroups/RG-Aks/providers/Microsoft.ContainerService/managedClusters/Prod"
    )


_NAMES = st.tuples(st.from_regex(RESOURCE_GROUP, fullmatch=True), st.from_regex(CLUSTER, fullmatch=True))


@settings(deadline=None)
@given(st.uuids(), _NAMES, st.data())
def test_letter_case_makes_no_other_id(uuid, names, data):
    text = f"/subscriptions/{uuid}/resourceGroups/{names[0]}/providers/Microsoft.ContainerService/managedClusters/{names[1]}"
    swaps = data.draw(st.integers(0, 2 ** len(text) - 1))
    swapped = "".join(
        char.swapcase() if char.isascii() and swaps >> place & 1 else char for place, char in enumerate(text)
    )
    assert ArmId.parse(text).key == ArmId.parse(swapped).key


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("prod-2", f"Write it in full: {CLUSTERS.replace(SUB, '<id>').replace('rg-aks', '<name>')}/prod-2"),
        (SUB, f"Write it in full: /subscriptions/{SUB}"),
        (f"{CLUSTERS}/prod/", f"Remove the slash at the end: {CLUSTERS}/prod"),
        (f"{GROUP}/", f"Remove the slash at the end: {GROUP}"),
        (f" {GROUP} ", f"Remove the spaces around it: {GROUP}"),
        (f"{GROUP}\n", f"Remove the spaces around it: {GROUP}"),
        ("", FORMS),
        ("/", FORMS),
        ("//", FORMS),
        (f"subscriptions/{SUB}", FORMS),
        (f"/subscriptions/{SUB}/groups/rg-aks", FORMS),
        (f"{CLUSTERS}/prod/agentPools/blue", f"Leave out what follows the name: {CLUSTERS}/prod"),
        (f"{CLUSTERS}/prod/overview", f"Leave out what follows the name: {CLUSTERS}/prod"),
        (f"{CLUSTERS}/-prod/overview", FORMS),
        (f"{GROUP}/providers/Microsoft.Compute/virtualMachineScaleSets/vmss/virtualMachines/0", FORMS),
        (f"{GROUP}/providers/Microsoft.ContainerService/managedCluster/prod", f"Did you mean {CLUSTERS}/prod?"),
        (f"{GROUP}/providers/Microsoft.ContainerServices/ManagedClusters/prod", f"Did you mean {CLUSTERS}/prod?"),
        (
            f"{GROUP}/providers/Microsoft.ContainerService/fleets/f1",
            "It is the id of another type, Microsoft.ContainerService/fleets. Use the ids of clusters, or of their resource group or subscription.",
        ),
        (
            f"{GROUP}/providers/Microsoft.Compute/virtualMachines/vm",
            "It is the id of another type, Microsoft.Compute/virtualMachines. Use the ids of clusters, or of their resource group or subscription.",
        ),
        ("/providers/Microsoft.Management/managementGroups/mg", FORMS),
        (
            "${azurerm_kubernetes_cluster.prod.id}",
            "In a config write {variable: NAME}. In Python pass the attribute itself (cluster.id, variable.string_value) or Token.as_string(…).",
        ),
    ],
)
def test_what_is_not_a_scope_is_shown_with_what_to_write_instead(text, fix):
    with pytest.raises(InvalidArgument) as error:
        ArmId.parse(text)
    [mistake] = error.value.mistakes
    assert mistake.problem == f'"{text}" {WHAT}'.replace("\n", r"\n")
    assert mistake.fix == fix


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        (
            f"https://portal.azure.com/#@contoso/resource{CLUSTERS}/prod/overview",
            f"{URL}{CLUSTERS}/prod",
        ),
        (f"/subscriptions/{SUB[:9]}ttps://example.com/aks", "Use the ARM id, which starts at /subscriptions/."),
        (f"https://example.com/subscriptions/{SUB}/x://y", f"{URL}/subscriptions/{SUB}"),
        (f"https://example.com{GROUP}/providers/://", f"{URL}{GROUP}"),
    ],
)
def test_the_id_in_a_url_is_suggested(text, fix):
    with pytest.raises(InvalidArgument) as error:
        ArmId.parse(text)
    assert [mistake.fix for mistake in error.value.mistakes] == [fix]


@pytest.mark.parametrize(
    ("text", "name", "says", "fix"),
    [
        ("/subscriptions/prod", "prod", "is not a subscription id", UUID_FIX),
        (f"/subscriptions/{SUB}x", f"{SUB}x", "is not a subscription id", UUID_FIX),
        (f"{GROUP}.", "rg-aks.", "is not the name of a resource group", GROUP_FIX),
        (f"/subscriptions/{SUB}/resourceGroups/{'g' * 91}", "g" * 91, "is not the name of a resource group", GROUP_FIX),
        (f'{GROUP}"', 'rg-aks"', "is not the name of a resource group", GROUP_FIX),
        (f"{CLUSTERS}/-prod", "-prod", "is not the name of a cluster", CLUSTER_FIX),
        (f"{CLUSTERS}/{'c' * 64}", "c" * 64, "is not the name of a cluster", CLUSTER_FIX),
        (f"{CLUSTERS}/prod id", "prod id", "is not the name of a cluster", CLUSTER_FIX),
    ],
)  # fmt: skip
def test_a_name_that_azure_would_refuse_is_named(text, name, says, fix):
    with pytest.raises(InvalidArgument) as error:
        ArmId.parse(text)
    assert str(error.value) == f'"{text}" {WHAT}: "{name}" {says} [ACM030]\n    {fix}'


def test_a_resource_group_may_have_letters_of_any_script():
    assert ArmId.parse(f"/subscriptions/{SUB}/resourceGroups/größe-(1)_a.b").resource_group == "größe-(1)_a.b"


def test_what_contains_what():
    subscription, group, prod, prod_2 = map(
        ArmId.parse,
        (f"/subscriptions/{SUB}", GROUP.upper().replace("/SUB", "/sub"), f"{CLUSTERS}/prod", f"{CLUSTERS}/prod-2"),
    )
    assert subscription.contains(group)
    assert group.contains(prod)
    assert prod.contains(prod)
    assert not prod.contains(prod_2)
    assert not prod.contains(group)


def test_up_to_gives_the_wider_scope_it_lies_in():
    prod = ArmId.parse(f"{CLUSTERS}/prod")
    assert str(prod.up_to("resource-group")) == GROUP
    assert str(prod.up_to("subscription")) == f"/subscriptions/{SUB}"
    assert prod.up_to("cluster") == prod
    assert str(ArmId.parse(f"/subscriptions/{SUB}").up_to("resource-group")) == f"/subscriptions/{SUB}"


AG = "Microsoft.Insights/actionGroups"


def test_resource_id_gets_azurerms_spelling_and_keeps_its_names():
    given = f"/Subscriptions/{SUB}/resourcegroups/RG/providers/microsoft.insights/ACTIONGROUPS/On Call"
    assert str(ResourceId.parse(given, AG)) == f"/subscriptions/{SUB}/resourceGroups/RG/providers/{AG}/On Call"


@pytest.mark.parametrize(
    "text",
    [
        "ag",
        "",
        f"{GROUP}/providers/{AG}",
        f"{GROUP}/providers/{AG}/ ",
        f"{GROUP}/providers/{AG}/ag ",
        f"{GROUP}/providers/{AG}/ag?x",
        f"{GROUP}/providers/{AG}/ag#x",
        f"{GROUP}/providers/{AG}/ag/x",
        f"{GROUP}/providers/Microsoft.Insights/components/ag",
        f"/subscriptions/prod/resourceGroups/rg/providers/{AG}/ag",
        f"/subscriptions/{SUB}/resourceGroups/rg./providers/{AG}/ag",
        f"https://management.azure.com{GROUP}/providers/{AG}/ag",
    ],
)
def test_what_is_not_an_id_of_the_type_is_reported_with_its_form(text):
    with pytest.raises(InvalidArgument) as error:
        ResourceId.parse(text, AG)
    [mistake] = error.value.mistakes
    assert mistake.problem.endswith(f"is not the id of a {AG}")
    assert mistake.fix == f"Write it in full: /subscriptions/<id>/resourceGroups/<name>/providers/{AG}/<name>"


def test_a_slash_at_the_end_of_a_resources_id_is_what_the_message_is_about():
    with pytest.raises(InvalidArgument) as error:
        ResourceId.parse(f"{GROUP}/providers/{AG}/ag/", AG)
    assert error.value.mistakes[0].fix == f"Remove the slash at the end: {GROUP}/providers/{AG}/ag"


@pytest.mark.parametrize("scope", [f"/subscriptions/{SUB}", GROUP, f"{CLUSTERS}/prod"])
def test_the_scope_of_a_role_assignment_is_what_its_id_begins_with(scope):
    whole = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{SUB}"
    for text in (whole, f"{scope}/providers/microsoft.authorization/ROLEASSIGNMENTS/{SUB}"):
        found = RoleAssignmentId.parse(text)
        assert (str(found.scope), found.name, str(found)) == (scope, SUB, whole)
    assert RoleAssignmentId.parse(whole.upper().replace("/SUBSCRIPTIONS", "/subscriptions")).key == whole.lower()


@pytest.mark.parametrize(
    "text",
    [
        SUB,
        f"/providers/Microsoft.Authorization/roleAssignments/{SUB}",
        f"{GROUP}/providers/Microsoft.Authorization/roleAssignments/mine",
        f"{GROUP}/providers/Microsoft.Storage/storageAccounts/s/providers/Microsoft.Authorization/roleAssignments/{SUB}",
    ],
)
def test_other_ids_than_role_assignments_are_reported_with_a_command(text):
    with pytest.raises(InvalidArgument) as error:
        RoleAssignmentId.parse(text)
    assert str(error.value) == (
        f'"{text}" is not the id of a role assignment on a cluster, a resource group or a subscription [ACM032]\n'
        "    Write it in full, as `az role assignment list --scope <scope> --query [].id` shows it."
    )
