"""Routes: what one may say, and that together they cut a notice into parts that miss nothing and share nothing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aks_communication_manager import ActionGroup, InvalidArgument, Route
from aks_communication_manager.config.routes import parts, unreachable
from aks_communication_manager.domain.notices import NOTICES

ON_CALL = ActionGroup.existing(
    "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers/Microsoft.Insights/actionGroups/on-call"
)
CLUSTER, NODE, END = NOTICES.values()
TOKEN_NUMBER = -1.8881545897087968e289
SEVERITIES = "Write 0 (critical), 1 (error), 2 (warning), 3 (informational) or 4 (verbose)."
NOT_A_LIST = "is not a list\n    Write a list, also for a single one: [ … ]"


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
def test_both_spellings_of_canceled_are_one_status_in_any_letter_case(word):
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
        ("notices", "", "notice", "One of cluster-auto-upgrade, node-os-auto-upgrade, end-of-support."),
    ],
)  # fmt: skip
def test_a_word_that_is_not_known_is_told_with_the_nearest(key, word, what, fix):
    known = {"statuses": "Started", "stages": "KubernetesVersionOutOfSupport", "notices": "end-of-support"}[key]
    assert mistakes(**{key: [known, word]}) == f'{key}[1]: "{word}" is not a {what}\n    {fix}'


@pytest.mark.parametrize(
    ("statuses", "word"), [(["Failed", "failed"], "failed"), (["Canceled", "Cancelled"], "Cancelled")]
)
def test_a_word_is_there_once(statuses, word):
    assert mistakes(statuses=statuses) == f'statuses[1]: "{word}" is there already, as [0]\n    Leave it out here.'


@pytest.mark.parametrize("key", ["statuses", "stages", "notices"])
@pytest.mark.parametrize(("value", "shown"), [("Failed", '"Failed"'), (3, '"3"'), (None, "nothing"), ({}, "a mapping")])
def test_a_list_is_a_list_also_of_one(key, value, shown):
    assert mistakes(**{key: value}) == f"{key}: {shown} {NOT_A_LIST}"


@pytest.mark.parametrize("value", [0, 1, 2, 3, 4, "0", "4", TOKEN_NUMBER])
def test_severities_are_zero_to_four_or_a_token(value):
    assert Route(statuses=["Failed"], severity=value).severity == (value if value == TOKEN_NUMBER else int(value))


@pytest.mark.parametrize("value", [-1, 5, "5", "", "high", "1.0", 1.0, True, False, "٣", "03", 1e300])
def test_other_severities_are_refused(value):
    assert mistakes(statuses=["Failed"], severity=value) == f'severity: "{value}" is not a severity\n    {SEVERITIES}'


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({}, "names nothing that it is about\n    Give it statuses, stages or notices."),
        (
            {"statuses": ["Failed"], "severity": None},
            "changes nothing\n    Give it a severity, an action_group, or both.",
        ),
        (
            {"notices": ["cluster-auto-upgrade"], "stages": ["KubernetesVersionOutOfSupport"]},
            "stages: end-of-support, which has stages, is not among notices cluster-auto-upgrade\n    Add it there.",
        ),
        (
            {"notices": ["end-of-support"], "statuses": ["Failed"]},
            "statuses: end-of-support has stages, not statuses\n    Write stages instead.",
        ),
        ({"status": ["Failed"], "notices": ["end-of-support"]}, "status: unknown key\n    Did you mean statuses?"),
    ],
)
def test_a_route_that_could_never_matter_is_a_slip(arguments, text):
    assert mistakes(**arguments) == text


def test_all_mistakes_of_a_route_are_told_together_with_those_of_its_action_group():
    assert mistakes(
        statuses=["Fail"], severity=9, action_group={"name": "a/b", "short_name": "a", "receivers": []}
    ) == (
        'statuses[0]: "Fail" is not a status of an upgrade\n'
        "    Did you mean Failed?\n"
        f'severity: "9" is not a severity\n    {SEVERITIES}\n'
        'action_group.name: "a/b" holds /, which Azure does not take in the name of an action group\n'
        "    Leave out : < > + / & % \\ ? and control characters.\n"
        "action_group.receivers: there is none: alerts would tell nobody\n"
        "    Add one, for example {type: email, name: platform-team, email_address: platform@example.com}."
    )


def some(values):
    return st.lists(st.sampled_from(values), unique=True, max_size=len(values))


ROUTES = st.lists(
    st.fixed_dictionaries(
        {"statuses": some(CLUSTER.values), "stages": some(END.values), "notices": some(list(NOTICES))}
    ),
    max_size=6,
)


def routes_of(entries):
    found = []
    for entry in entries:
        try:
            found.append(Route(severity=1, **entry))
        except InvalidArgument:
            continue  # one that could never matter
    return found


def takes(part, value):
    """What in~ and !in~ of the query do: letter case makes no difference."""
    only = {each.lower() for each in part.selection.only}
    return (not only or value.lower() in only) and value.lower() not in {
        each.lower() for each in part.selection.excluding
    }


@settings(deadline=None)
@given(ROUTES, st.sampled_from(list(NOTICES.values())), st.text(max_size=5), st.data())
def test_every_value_falls_into_exactly_one_part_and_it_is_that_of_the_first_route_that_names_it(
    entries, notice, unknown, data
):
    routes = routes_of(entries)
    found = parts(notice, routes)
    for value in (*notice.values, unknown, f"Failed{unknown}"):
        spelled = "".join(char.swapcase() if char.isascii() and data.draw(st.booleans()) else char for char in value)
        [part] = [part for part in found if takes(part, spelled)]
        named = [
            index
            for index, route in enumerate(routes)
            if (values := route.values(notice)) is not None
            and (not values or spelled.lower() in [each.lower() for each in values])
        ]
        assert part.route == (named[0] if named else None)


@settings(deadline=None)
@given(ROUTES, st.sampled_from(list(NOTICES.values())))
def test_no_two_parts_give_their_rules_the_same_name(entries, notice):
    suffixes = [part.suffix for part in parts(notice, routes_of(entries))]
    assert len(suffixes) == len(set(suffixes))


@settings(deadline=None)
@given(ROUTES)
def test_a_route_is_told_as_unreachable_exactly_where_no_part_comes_from_it(entries):
    routes = routes_of(entries)
    reached = {part.route for notice in NOTICES.values() for part in parts(notice, routes)}
    told = {mistake.path for mistake in unreachable(list(NOTICES.values()), routes)}
    assert told == {f"routes[{index}]" for index in range(len(routes)) if index not in reached}


def test_without_routes_a_notice_is_one_part_with_everything():
    [part] = parts(CLUSTER, [])
    assert (part.selection.only, part.selection.excluding, part.suffix, part.route) == ((), (), "", None)


def test_the_first_route_wins_and_the_rest_is_what_nobody_named():
    failed, all_of_nodes = Route(statuses=["Failed"], severity=1), Route(notices=["node-os-auto-upgrade"], severity=4)
    both = Route(statuses=["Canceled", "Failed"], severity=2)
    taken, second, rest = parts(CLUSTER, [failed, both, all_of_nodes])
    assert (taken.selection.only, taken.suffix) == (("Failed",), "@Failed")
    assert (second.selection.only, second.suffix) == (("Canceled",), "@Canceled+Failed")
    assert (rest.selection.excluding, rest.route) == (("Failed", "Canceled"), None)
    assert [part.route for part in parts(NODE, [failed, all_of_nodes, both])] == [0, 1]


def test_a_route_concerns_the_notices_its_words_belong_to_or_those_it_names():
    statuses, stages = (
        Route(statuses=["Failed"], severity=1),
        Route(stages=["KubernetesVersionOutOfSupport"], severity=1),
    )
    assert [statuses.values(notice) for notice in NOTICES.values()] == [("Failed",), ("Failed",), None]
    assert [stages.values(notice) for notice in NOTICES.values()] == [None, None, ("KubernetesVersionOutOfSupport",)]
    named = Route(notices=["end-of-support", "node-os-auto-upgrade"], statuses=["Failed"], severity=1)
    assert [named.values(notice) for notice in NOTICES.values()] == [None, ("Failed",), ()]


def test_a_route_that_earlier_ones_leave_nothing_is_told():
    routes = [Route(statuses=["Failed", "Canceled"], severity=1), Route(statuses=["Failed"], severity=2)]
    [mistake] = unreachable([CLUSTER, NODE], routes)
    assert str(mistake) == "routes[1]: earlier routes take all that it names\n    Move it in front, or leave it out."


def test_a_route_about_a_notice_that_is_not_watched_is_told():
    [mistake] = unreachable([CLUSTER, NODE], [Route(notices=["end-of-support"], severity=1)])
    assert str(mistake) == (
        "routes[0]: concerns none of the notices that are watched, cluster-auto-upgrade and node-os-auto-upgrade\n"
        "    Add its notice to notices."
    )


@pytest.mark.parametrize(
    ("route", "watched", "told"),
    [
        (
            {"stages": ["KubernetesVersionOutOfSupport"], "statuses": ["Failed"]},
            ["cluster-auto-upgrade"],
            ("routes[0].stages", "end-of-support is not among the notices that are watched"),
        ),
        (
            {"notices": ["cluster-auto-upgrade", "node-os-auto-upgrade"]},
            ["cluster-auto-upgrade"],
            ("routes[0].notices", "node-os-auto-upgrade is not among the notices that are watched"),
        ),
        (
            {"stages": ["KubernetesVersionOutOfSupport"], "statuses": ["Failed"]},
            ["end-of-support"],
            ("routes[0].statuses", "no notice that is watched has statuses"),
        ),
    ],
)
def test_what_a_route_names_in_vain_beside_what_it_reaches_is_told(route, watched, told):
    [mistake] = unreachable([NOTICES[name] for name in watched], [Route(severity=1, **route)])
    assert (mistake.path, mistake.problem) == told
