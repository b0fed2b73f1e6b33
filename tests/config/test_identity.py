"""With which identity rules read: made for each rule, made for all, or there already."""

import pytest

from aks_communication_manager import Identity, InvalidArgument
from aks_communication_manager.config.identity import AnyIdentity
from aks_communication_manager.config.model import Model

PRINCIPAL = "33333333-3333-3333-3333-333333333333"
TYPE = "Microsoft.ManagedIdentity/userAssignedIdentities"
ID = f"/subscriptions/{PRINCIPAL}/resourceGroups/rg/providers/{TYPE}/id-aks"
TOKEN = "${TfToken[TOKEN.0]}"
NAME_FIX = "3 to 128 letters, digits, - and _, beginning with a letter or a digit."
NEITHER = (
    "identity: is neither a new nor an existing identity [ACM048]\n    Write {name: …} or {id: …, principal_id: …}."
)


class Config(Model):
    identity: AnyIdentity


def from_config(value):
    return Config(identity=value).identity


def mistakes(make, *arguments, **keywords):
    with pytest.raises(InvalidArgument) as error:
        make(*arguments, **keywords)
    return str(error.value)


@pytest.mark.parametrize(
    ("value", "identity"),
    [
        ("system-assigned", Identity.system_assigned()),
        ("user-assigned", Identity.user_assigned()),
        ({"name": "id-mine"}, Identity.user_assigned("id-mine")),
        ({"id": ID}, Identity.existing(id=ID)),
        ({"id": ID, "principal_id": PRINCIPAL}, Identity.existing(id=ID, principal_id=PRINCIPAL)),
        (Identity.user_assigned(), Identity.user_assigned()),
    ],
)
def test_a_config_says_the_same_as_the_class_methods(value, identity):
    assert from_config(value) == identity


def test_identities_are_frozen_comparable_and_hashable():
    assert len({Identity.system_assigned(), Identity.system_assigned(), Identity.user_assigned()}) == 2
    with pytest.raises(ValueError, match="frozen"):
        Identity.system_assigned().kind = "existing"


def test_only_a_system_assigned_identity_is_not_shared():
    assert not Identity.system_assigned().is_shared
    assert Identity.user_assigned().is_shared
    assert Identity.existing(id=ID).is_shared


def test_created_identity_has_a_default_name():
    assert Identity.user_assigned().name == "id-aks-notices"


def test_tokens_pass_every_check():
    assert Identity.existing(id=TOKEN, principal_id=TOKEN).principal_id == TOKEN
    assert Identity.user_assigned(TOKEN).name == TOKEN


@pytest.mark.parametrize("name", ["id", "a" * 129, "_id", "-id", "id aks", "id.aks", "", "größe"])
def test_a_name_that_azure_would_refuse_is_refused(name):
    assert (
        mistakes(Identity.user_assigned, name)
        == f'name: "{name}" is not the name of an identity [ACM038]\n    {NAME_FIX}'
    )


@pytest.mark.parametrize("name", ["id1", "1_-", "a" * 128])
def test_a_name_that_azure_takes_is_taken(name):
    assert Identity.user_assigned(name).name == name


def test_existing_identity_needs_its_id():
    assert (
        mistakes(Identity.existing, id=None)
        == "id: missing [ACM063]\n    Write its ARM id: az identity show --query id"
    )
    assert (
        mistakes(Identity, kind="user-assigned")
        == "name: missing [ACM063]\n    Write a name, or use Identity.user_assigned()."
    )


def test_ids_are_whole_and_all_mistakes_are_reported_together():
    assert mistakes(from_config, {"id": "id-aks", "principal_id": "me", "name_": "x"}) == (
        "identity.name_: unknown key [ACM021]\n"
        "    Did you mean name?\n"
        f'identity.id: "id-aks" is not the id of a {TYPE} [ACM031]\n'
        f"    Write it in full: /subscriptions/<id>/resourceGroups/<name>/providers/{TYPE}/<name>\n"
        'identity.principal_id: "me" is not a UUID [ACM035]\n'
        "    It looks like 11111111-2222-3333-4444-555555555555."
    )


@pytest.mark.parametrize(
    "value", [{}, {"principal_id": PRINCIPAL}, {"name": "id-a", "id": ID}, {"name": "id-a", "principal_id": PRINCIPAL}]
)
def test_mapping_is_a_new_or_an_existing_identity(value):
    assert mistakes(from_config, value) == NEITHER


@pytest.mark.parametrize(
    ("value", "shown", "fix"),
    [
        ("user_assigned", '"user_assigned"', "Did you mean user-assigned?"),
        ("System-Assigned", '"System-Assigned"', "Did you mean system-assigned?"),
        ("none", '"none"', "One of system-assigned, user-assigned."),
        (None, "None", "One of system-assigned, user-assigned."),
        (True, '"True"', "One of system-assigned, user-assigned."),
        ([], "a list", "One of system-assigned, user-assigned."),
    ],
)
def test_invalid_identity_is_reported_with_the_choices(value, shown, fix):
    assert (
        mistakes(from_config, value)
        == f"identity: {shown} is not an identity [ACM048]\n    {fix} Or {{id: …, principal_id: …}}."
    )


def test_unknown_keys_alone_are_not_reported_twice():
    assert mistakes(from_config, {"nme": "id-a"}) == "identity.nme: unknown key [ACM021]\n    Did you mean name?"


def test_argument_of_another_kind_of_identity_is_refused():
    with pytest.raises(
        InvalidArgument, match=r"name: is not used with a system-assigned identity \[ACM063\]\n    Remove it\."
    ):
        Identity(kind="system-assigned", name="abc")
