"""Routes: what one may say, and which notices it concerns."""

import pytest

from aks_communication_manager import ActionGroup, InvalidArgument, Route
from aks_communication_manager.notices.catalog import NOTICES

ON_CALL = ActionGroup.existing(
    "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers/Microsoft.Insights/actionGroups/on-call"
)
TOKEN_NUMBER = -1.8881545897087968e289
SEVERITIES = "Write 0 (critical), 1 (error), 2 (warning), 3 (informational) or 4 (verbose)."
NOT_A_LIST = "is not a list [ACM022]\n    Write a list, also for a single one: [ … ]"


def mistakes(**arguments):
    with pytest.raises(InvalidArgument) as error:
        Route(**({"severity": 1} | arguments))
    return str(error.value)


def test_routes_are_frozen_comparable_and_hashable():
    one = Route(statuses=["Failed"], action_group=ON_CALL)
    assert one == Route(statuses=("failed",), action_group=ON_CALL)
    assert len({one, Route(statuses=["Failed"], action_group=ON_CALL), Route(statuses=["Failed"], severity=1)}) == 2
    with pytest.raises(ValueError, match="frozen"):
        one.severity = 1


@pytest.mark.parametrize("word", ["Canceled", "Cancelled", "CANCELLED", "canceled"])
def test_both_spellings_of_canceled_are_one_status(word):
    assert Route(statuses=[word], severity=1).statuses == ("Canceled",)


def test_notices_and_stages_are_known_in_any_letter_case():
    route = Route(notices=["END-of-support"], stages=["kubernetesversioneoltwoweeks"], severity=1)
    assert (route.notices, route.stages) == (("end-of-support",), ("KubernetesVersionEOLTwoWeeks",))


@pytest.mark.parametrize(
    ("key", "word", "what", "fix"),
    [
        ("statuses", "Failing", "status of an upgrade", "Did you mean Failed?"),
        ("statuses", "KubernetesVersionOutOfSupport", "status of an upgrade", "One of Scheduled, Started, Completed, Canceled, Failed."),
        ("stages", "KubernetesVersionEOL", "stage of the end of support", "Did you mean KubernetesVersionEOLOneWeek?"),
        ("notices", "node-os", "notice", "Did you mean node-os-auto-upgrade?"),
        ("notices", "", "notice", "One of cluster-auto-upgrade, node-os-auto-upgrade, end-of-support, missed-maintenance."),
    ],
)  # fmt: skip
def test_unknown_word_is_reported_with_the_nearest(key, word, what, fix):
    known = {"statuses": "Started", "stages": "KubernetesVersionOutOfSupport", "notices": "end-of-support"}[key]
    assert mistakes(**{key: [known, word]}) == f'{key}[1]: "{word}" is not a {what} [ACM025]\n    {fix}'


@pytest.mark.parametrize(
    ("statuses", "word"), [(["Failed", "failed"], "failed"), (["Canceled", "Cancelled"], "Cancelled")]
)
def test_a_word_is_there_once(statuses, word):
    assert (
        mistakes(statuses=statuses)
        == f'statuses[1]: "{word}" is listed twice, first as statuses[0] [ACM026]\n    Remove it here.'
    )


@pytest.mark.parametrize("key", ["statuses", "stages", "notices"])
@pytest.mark.parametrize(("value", "shown"), [("Failed", '"Failed"'), (3, '"3"'), (None, "None"), ({}, "a mapping")])
def test_a_list_is_a_list_also_of_one(key, value, shown):
    assert mistakes(**{key: value}) == f"{key}: {shown} {NOT_A_LIST}"


@pytest.mark.parametrize("value", [0, 1, 2, 3, 4, "0", "4", TOKEN_NUMBER])
def test_severities_are_zero_to_four_or_a_token(value):
    assert Route(statuses=["Failed"], severity=value).severity == (value if value == TOKEN_NUMBER else int(value))


@pytest.mark.parametrize("value", [-1, 5, "5", "", "high", "1.0", 1.0, True, False, "٣", "03", 1e300])
def test_other_severities_are_refused(value):
    assert (
        mistakes(statuses=["Failed"], severity=value)
        == f'severity: "{value}" is not a severity [ACM043]\n    {SEVERITIES}'
    )


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({}, "matches nothing [ACM064]\n    Add `statuses`, `stages` or `notices`."),
        (
            {"statuses": ["Failed"], "severity": None},
            "changes nothing [ACM066]\n    Add `severity`, `action_group` or `grouping`.",
        ),
        (
            {"notices": ["cluster-auto-upgrade"], "stages": ["KubernetesVersionOutOfSupport"]},
            "stages: end-of-support, which has stages, is not listed in `notices` cluster-auto-upgrade [ACM065]\n    Add it there.",
        ),
        (
            {"notices": ["end-of-support"], "statuses": ["Failed"]},
            "statuses: end-of-support has no statuses [ACM065]\n    Use `stages` instead.",
        ),
        (
            {"status": ["Failed"], "notices": ["end-of-support"]},
            "status: unknown key [ACM021]\n    Did you mean statuses?",
        ),
        ({"status": ["Failed"], "severity": 1}, "status: unknown key [ACM021]\n    Did you mean statuses?"),
        ({"statuses": ["Failed"], "severty": 1}, "severty: unknown key [ACM021]\n    Did you mean severity?"),
    ],
)
def test_a_route_that_could_never_matter_is_a_slip(arguments, text):
    assert mistakes(**arguments) == text


def test_mistakes_of_a_route_and_its_action_group_are_reported_together():
    assert mistakes(
        statuses=["Fail"], severity=9, action_group={"name": "a/b", "short_name": "a", "receivers": []}
    ) == (
        'statuses[0]: "Fail" is not a status of an upgrade [ACM025]\n'
        "    Did you mean Failed?\n"
        f'severity: "9" is not a severity [ACM043]\n    {SEVERITIES}\n'
        'action_group.name: "a/b" contains /, which Azure rejects in the name of an action group [ACM038]\n'
        "    Remove : < > + / & % \\ ? and control characters.\n"
        "action_group.receivers: is empty: nobody would be notified [ACM060]\n"
        "    Add one, for example {type: email, name: platform-team, email_address: platform@example.com}."
    )


def test_a_route_concerns_the_notices_its_words_belong_to_or_those_it_names():
    statuses, stages = (
        Route(statuses=["Failed"], severity=1),
        Route(stages=["KubernetesVersionOutOfSupport"], severity=1),
    )
    assert [statuses.values(notice) for notice in NOTICES.values()] == [("Failed",), ("Failed",), None, None]
    assert [stages.values(notice) for notice in NOTICES.values()] == [
        None,
        None,
        ("KubernetesVersionOutOfSupport",),
        None,
    ]
    named = Route(notices=["end-of-support", "node-os-auto-upgrade"], statuses=["Failed"], severity=1)
    assert [named.values(notice) for notice in NOTICES.values()] == [None, ("Failed",), (), None]


def test_a_route_that_keeps_the_default_needs_another_action_group():
    with pytest.raises(InvalidArgument) as error:
        Route(statuses=["Failed"], severity=1, keep_default=True)
    assert str(error.value) == (
        "keep_default: the route has no action group of its own [ACM124]\n    Add `action_group`, or remove it."
    )
