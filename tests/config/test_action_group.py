"""Action groups: made or referred to, and what is said of what Azure would refuse."""

import pytest

from aks_communication_manager import ActionGroup, EmailReceiver, InvalidArgument, SmsReceiver
from aks_communication_manager.config.receivers import KINDS

ID = (
    "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers/Microsoft.Insights/actionGroups/ag"
)
TOKEN = "${TfToken[TOKEN.0]}"
NOT_A_LIST = "is not a list [ACM022]\n    Write a list, also for a single one: [ … ]"


def mail(name="platform", address="platform@example.com"):
    return EmailReceiver(name=name, email_address=address)


def sms(name):
    return SmsReceiver(name=name, country_code="31", phone_number="0612345678")


def create(**arguments):
    return ActionGroup.create(**({"name": "ag-aks", "short_name": "aks", "receivers": [mail()]} | arguments))


def mistakes(make=create, **arguments):
    with pytest.raises(InvalidArgument) as error:
        make(**arguments)
    return str(error.value)


def test_groups_are_frozen_comparable_and_hashable():
    assert create() == create() != create(short_name="other")
    assert ActionGroup.existing(ID) == ActionGroup.existing(ID) != create()
    assert len({create(), create(), ActionGroup.existing(ID), ActionGroup.existing(ID)}) == 2
    with pytest.raises(ValueError, match="frozen"):
        create().name = "other"


def test_receivers_may_come_as_a_list_a_tuple_or_a_generator():
    assert create() == create(receivers=(mail(),)) == create(receivers=(each for each in [mail()]))


def test_an_existing_group_is_a_whole_id_or_a_token():
    assert ActionGroup.existing(TOKEN).id == TOKEN
    assert mistakes(ActionGroup.existing, id="ag") == (
        'id: "ag" is not the id of a Microsoft.Insights/actionGroups [ACM031]\n'
        "    Write it in full: /subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.Insights/actionGroups/<name>"
    )
    assert mistakes(ActionGroup.existing, id=None) == "id: None is not text [ACM024]\n    Write it in quotes."


def test_tokens_pass_every_check():
    assert create(name=TOKEN, short_name=TOKEN).name == TOKEN


@pytest.mark.parametrize("name", ["a", "Größe 1 (x)", "a" * 260])
def test_a_name_that_azure_takes_is_taken(name):
    assert create(name=name).name == name


@pytest.mark.parametrize("char", [*":<>+/&%\\?", "\n", "\x7f"])
def test_a_character_that_azure_does_not_take_is_shown(char):
    shown = repr(char)[1:-1] if not char.isprintable() else char
    bad = repr(char)[1:-1]
    assert mistakes(name=f"a{char}b") == (
        f'name: "a{shown}b" contains {bad}, which Azure rejects in the name of an action group [ACM038]\n'
        "    Remove : < > + / & % \\ ? and control characters."
    )


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", "is empty [ACM027]\n    Write a text."),
        ("  ", "is empty [ACM027]\n    Write a text."),
        (
            "ag.",
            '"ag." ends with a space or a period, which Azure rejects in the name of an action group [ACM038]\n    Remove it.',
        ),
        (
            "ag ",
            '"ag " ends with a space or a period, which Azure rejects in the name of an action group [ACM038]\n    Remove it.',
        ),
        (
            "a" * 261,
            f'"{"a" * 261}" has 261 characters; Azure takes at most 260 in the name of an action group [ACM038]\n    Shorten it.',
        ),
    ],
)
def test_other_names_that_azure_would_refuse_are_refused(name, problem):
    assert mistakes(name=name) == f"name: {problem}"


@pytest.mark.parametrize(
    ("short_name", "problem"),
    [
        ("", "is empty [ACM041]\n    1 to 12 characters: it is the sender's name in mails and text messages."),
        (" ", "is empty [ACM041]\n    1 to 12 characters: it is the sender's name in mails and text messages."),
        (
            "aks-notices-prod",
            '"aks-notices-prod" has 16 characters; Azure takes at most 12 [ACM041]\n    Shorten it, for example "aks-notices-".',
        ),
        # azurerm counts bytes.
        (
            "überwachung1",
            '"überwachung1" has 13 bytes in UTF-8; Azure takes at most 12 [ACM041]\n    Shorten it, for example "überwachung".',
        ),
    ],
)
def test_a_short_name_has_one_to_twelve_characters(short_name, problem):
    assert mistakes(short_name=short_name) == f"short_name: {problem}"


def test_twelve_are_taken():
    assert create(short_name="a" * 12).short_name == "a" * 12


def test_group_without_receivers_is_refused():
    assert mistakes(receivers=[]) == (
        "receivers: is empty: nobody would be notified [ACM060]\n"
        "    Add one, for example {type: email, name: platform-team, email_address: platform@example.com}."
    )


@pytest.mark.parametrize(
    ("receivers", "shown"),
    [(mail(), "EmailReceiver(…)"), ("a@b.example", '"a@b.example"'), (None, "None"), ({}, "a mapping")],
)
def test_receivers_are_a_list_also_a_single_one(receivers, shown):
    assert mistakes(receivers=receivers) == f"receivers: {shown} {NOT_A_LIST}"


@pytest.mark.parametrize(
    ("receiver", "shown"),
    [
        ("platform@example.com", '"platform@example.com"'),
        (None, "None"),
        ([], "a list"),
        (ActionGroup.existing(ID), "ExistingActionGroup(…)"),
    ],
)
def test_invalid_receiver_is_reported_with_its_index(receiver, shown):
    assert mistakes(receivers=[mail(), receiver]) == (
        f"receivers[1]: {shown} is not a receiver [ACM023]\n"
        "    Write {type: email, name: …, email_address: …}, or another type."
    )


@pytest.mark.parametrize(
    ("receiver", "path", "problem"),
    [
        ({"name": "a"}, "receivers[0].type", f"missing [ACM020]\n    One of {', '.join(KINDS)}."),
        ({"type": "e-mail"}, "receivers[0].type", '"e-mail" is not a type of receiver [ACM025]\n    Did you mean email?'),
        ({"type": "Email"}, "receivers[0].type", '"Email" is not a type of receiver [ACM025]\n    Did you mean email?'),
        ({"type": ["email"]}, "receivers[0].type", "a list is not a type of receiver [ACM025]\n    Did you mean email?"),
        ({"type": "email", "name": "a", "email_adress": "a@b.example"}, "receivers[0].email_adress",
         "unknown key [ACM021]\n    Did you mean email_address?"),
    ],
)  # fmt: skip
def test_a_receiver_from_a_config_says_its_type(receiver, path, problem):
    assert mistakes(receivers=[receiver]) == f"{path}: {problem}"


def test_receiver_names_are_unique_in_any_letter_case():
    assert mistakes(receivers=[mail("on-call"), mail("platform"), sms("On-Call")]) == (
        'receivers[2].name: "On-Call" is already the name of receivers[0] [ACM061]\n'
        "    Give each receiver its own name; Azure ignores letter case there."
    )


def test_names_that_only_terraform_knows_are_not_compared():
    create(receivers=[mail(TOKEN), sms(TOKEN)])


@pytest.mark.parametrize(
    ("make", "kind", "limit", "fix"),
    [
        (mail, "email", 1000, "Use a distribution list, or a second action group."),
        (sms, "sms", 10, "Use a second action group."),
    ],
)
def test_there_are_at_most_so_many_of_a_kind(make, kind, limit, fix):
    names = [f"on-call-{number}" for number in range(limit + 1)]
    create(receivers=[make(name) for name in names[:-1]])
    assert mistakes(receivers=[make(name) for name in names]) == (
        f"receivers: there are {limit + 1} of type {kind}; Azure takes at most {limit} in one action group [ACM062]\n"
        f"    {fix}"
    )


def test_all_mistakes_are_reported_together():
    assert mistakes(name="a/b", short_name="", receivers=[{"type": "sms", "name": "", "country_code": "+31"}]) == (
        'name: "a/b" contains /, which Azure rejects in the name of an action group [ACM038]\n'
        "    Remove : < > + / & % \\ ? and control characters.\n"
        "short_name: is empty [ACM041]\n"
        "    1 to 12 characters: it is the sender's name in mails and text messages.\n"
        "receivers[0].name: is empty [ACM027]\n"
        "    Write a text.\n"
        'receivers[0].country_code: "+31" is not a country code [ACM040]\n'
        '    Digits only, without + or zeros in front: "31".\n'
        "receivers[0].phone_number: missing [ACM020]\n"
        "    Write it, for example phone_number: 0612345678"
    )
