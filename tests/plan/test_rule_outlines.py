"""Routes split a notice into shares that miss nothing and overlap nowhere."""

from hypothesis import given, settings
from hypothesis import strategies as st

from aks_communication_manager import InvalidArgument, Route
from aks_communication_manager.notices.catalog import NOTICES
from aks_communication_manager.plan.rule_outlines import split_by_routes

CLUSTER, NODE, END, MISSED = NOTICES.values()


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


def takes(share, value):
    """Whether in~ and !in~ of the query let the value through: letter case makes no difference."""
    only, excluding = (
        {value.lower() for value in values} for values in (share.selection.only, share.selection.excluding)
    )
    return (not only or value.lower() in only) and value.lower() not in excluding


@settings(deadline=None)
@given(ROUTES, st.sampled_from(list(NOTICES.values())), st.text(max_size=5), st.data())
def test_each_value_goes_to_the_first_route_that_names_it(entries, notice, unknown, data):
    routes = routes_of(entries)
    found = split_by_routes(notice, routes)
    for value in (*notice.values, unknown, f"Failed{unknown}"):
        swaps = data.draw(st.integers(0, 2 ** len(value) - 1))
        spelled = "".join(
            char.swapcase() if char.isascii() and swaps >> place & 1 else char for place, char in enumerate(value)
        )
        [share] = [share for share in found if takes(share, spelled)]
        named = [
            index
            for index, route in enumerate(routes)
            if (values := route.values(notice)) is not None
            and (not values or spelled.lower() in [each.lower() for each in values])
        ]
        assert share.route == (named[0] if named else None)


@settings(deadline=None)
@given(ROUTES, st.sampled_from(list(NOTICES.values())))
def test_no_two_shares_give_their_rules_the_same_name(entries, notice):
    suffixes = [share.suffix for share in split_by_routes(notice, routes_of(entries))]
    assert len(suffixes) == len(set(suffixes))


def test_without_routes_a_notice_is_one_share():
    [share] = split_by_routes(CLUSTER, [])
    assert (share.selection.only, share.selection.excluding, share.suffix, share.route) == ((), (), "", None)


def test_the_first_route_wins_and_the_rest_is_what_nobody_named():
    failed, all_of_nodes = Route(statuses=["Failed"], severity=1), Route(notices=["node-os-auto-upgrade"], severity=4)
    both = Route(statuses=["Canceled", "Failed"], severity=2)
    taken, second, rest = split_by_routes(CLUSTER, [failed, both, all_of_nodes])
    assert (taken.selection.only, taken.suffix) == (("Failed",), "@Failed")
    assert (second.selection.only, second.suffix) == (("Canceled",), "@Canceled+Failed")
    assert (rest.selection.excluding, rest.route) == (("Failed", "Canceled"), None)
    assert [share.route for share in split_by_routes(NODE, [failed, all_of_nodes, both])] == [0, 1]


def test_a_notice_without_statuses_goes_to_a_route_that_names_it_alone():
    failed, missed = Route(statuses=["Failed"], severity=1), Route(notices=["missed-maintenance"], severity=0)
    assert [share.route for share in split_by_routes(MISSED, [failed])] == [None]
    assert [share.route for share in split_by_routes(MISSED, [failed, missed])] == [1]
