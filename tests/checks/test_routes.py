"""Routes that something reaches, and action groups that mean one thing."""

import pytest

from aks_communication_manager import ActionGroup, EmailReceiver, Route
from tests.compiling import TELL, planned, said


def test_unreachable_route_is_reported():
    routes = [Route(statuses=["Failed", "Canceled"], severity=1), Route(statuses=["Failed"], severity=2)]
    assert said(routes=routes) == (
        "routes[1]: earlier routes already match everything that it names [ACM112]\n    Move it before them, or remove it."
    )


@pytest.mark.parametrize("words", [{"notices": ["end-of-support"]}, {"stages": ["KubernetesVersionOutOfSupport"]}])
def test_route_for_an_unwatched_notice_is_reported(words):
    assert said(routes=[Route(statuses=["Failed"], severity=1), Route(severity=1, **words)]) == (
        "routes[1]: does not match any of the notices, cluster-auto-upgrade and node-os-auto-upgrade [ACM112]\n"
        "    Add its notice to `notices`."
    )


@pytest.mark.parametrize(
    ("route", "watched", "text"),
    [
        (
            {"stages": ["KubernetesVersionOutOfSupport"], "statuses": ["Failed"]},
            ["cluster-auto-upgrade"],
            "routes[0].stages: end-of-support is not listed in `notices` [ACM112]\n    Add it there, or remove them here.",
        ),
        (
            {"notices": ["cluster-auto-upgrade", "node-os-auto-upgrade"]},
            ["cluster-auto-upgrade"],
            "routes[0].notices: node-os-auto-upgrade is not listed in `notices` [ACM112]\n    Add it there, or remove it here.",
        ),
        (
            {"stages": ["KubernetesVersionOutOfSupport"], "statuses": ["Failed"]},
            ["end-of-support"],
            "routes[0].statuses: none of the notices has statuses [ACM112]\n    Remove them.",
        ),
    ],
)
def test_keys_of_a_route_without_effect_are_reported(route, watched, text):
    assert said(notices=watched, routes=[Route(severity=1, **route)]) == text


def test_an_action_group_is_described_only_once():
    route = {"statuses": ["Failed"], "action_group": TELL}
    planned(routes=[route, {"statuses": ["Canceled"], "action_group": TELL}])
    other = ActionGroup.create(
        name="AG-aks", short_name="aks", receivers=[EmailReceiver(name="b", email_address="b@example.com")]
    )
    assert said(routes=[{"statuses": ["Failed"], "action_group": other}]) == (
        'routes[0].action_group.name: "AG-aks" is already the name of action_group, '
        "with another short name or other receivers [ACM113]\n    Use the same short name and receivers, or another name."
    )
