"""Reader scopes: enough to see the events, and nothing twice."""

import pytest

from aks_communication_manager import Identity
from aks_communication_manager.arm.ids import ArmId
from tests.compiling import OTHER, SUB, cluster, known_later, planned, said

SUBSCRIPTION = f"/subscriptions/{SUB}"
GROUP = f"{SUBSCRIPTION}/resourceGroups/rg-aks"
TOKEN, OTHER_TOKEN = known_later("a.id"), known_later("b.id")
ID = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-aks"
SHARED = Identity.user_assigned()


def test_existing_identity_needs_its_principal_for_assignments():
    assert said(identity=Identity.existing(id=ID)) == (
        "identity.principal_id: missing: the Reader assignments need it [ACM108]\n"
        "    Add it (az identity show --query principalId), or set `reader_scopes: []` if the identity already has access."
    )
    planned(identity=Identity.existing(id=ID), reader_scopes=[])
    planned(identity=Identity.existing(id=ID, principal_id=OTHER))


@pytest.mark.parametrize("identity", [Identity.system_assigned(), SHARED])
def test_created_identity_needs_assignments(identity):
    assert said(identity=identity, reader_scopes=[]) == (
        "reader_scopes: is empty, but the identity is created here: it could not read anything, and the alerts would never fire [ACM109]\n"
        "    Remove it, or set `reader_scopes: [scope]`."
    )


def test_one_identity_for_a_token_and_other_scopes_needs_reader_scopes():
    text = (
        "reader_scopes: one identity is used for several scopes, at least one of them known only to Terraform: "
        "the same resource group could appear as two expressions, and Azure rejects the second assignment (409) [ACM110]\n"
        "    Set `reader_scopes: [scope]`, or list the ids."
    )
    assert said(scopes=[TOKEN, cluster()], identity=SHARED) == text
    assert said(scopes=[TOKEN, OTHER_TOKEN], identity=SHARED, reader_scopes=["scope", "subscription"]) == text
    planned(scopes=[TOKEN, cluster()], identity=SHARED, reader_scopes=["scope"])
    planned(scopes=[TOKEN, cluster()], identity=SHARED, reader_scopes=[SUBSCRIPTION])
    planned(scopes=[TOKEN], identity=SHARED)
    planned(scopes=[TOKEN, cluster()])


def test_readers_that_cover_a_scope_not_would_leave_its_alerts_silent():
    other = cluster(group="rg-aks-2")
    assert said(scopes=[cluster(), other], reader_scopes=[GROUP]) == (
        f'reader_scopes: none of them covers scopes[1], "{other}": its alerts would never fire [ACM111]\n'
        "    Add its resource group or its subscription."
    )
    planned(scopes=[cluster(), other], reader_scopes=[SUBSCRIPTION.upper().replace("/SUBSCRIPTIONS", "/subscriptions")])


def test_twice_as_many_reader_scopes_and_clusters_are_twice_the_work(monkeypatch):
    compared = []
    key = ArmId.key.fget
    monkeypatch.setattr(ArmId, "key", property(lambda arm: compared.append(arm) or key(arm)))

    def work(count: int) -> int:
        compared.clear()
        groups = [cluster("prod", f"rg-{number}").partition("/providers/")[0] for number in range(count)]
        planned(scopes=[cluster("prod", f"rg-{number}") for number in range(count)], reader_scopes=groups)
        return len(compared)

    once, twice = work(100), work(200)
    assert once > 100
    assert twice < 2.1 * once
