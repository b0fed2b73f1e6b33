"""From options to rules: names, limits, readers, dimensions and texts, before there is any Terraform."""

import re
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aks_communication_manager import ActionGroup, Identity, Route
from aks_communication_manager.arm.limits import DESCRIPTION
from aks_communication_manager.arm.scope import Scope
from aks_communication_manager.kql import templates
from aks_communication_manager.kql.templates import Selection
from aks_communication_manager.notices.catalog import NOTICES
from aks_communication_manager.plan import resources
from aks_communication_manager.plan.descriptions import description
from aks_communication_manager.plan.resources import Dimension, Reference, RoleAssignment
from tests import compiling
from tests.compiling import OTHER, PLACE, SUB, TELL

GROUP = f"/subscriptions/{SUB}/resourceGroups/RG-Aks"
ON_CALL = ActionGroup.existing(f"{GROUP}/providers/Microsoft.Insights/actionGroups/on-call")
ONE = {"notices": ["cluster-auto-upgrade"]}


def cluster(name="Prod", group=GROUP):
    return f"{group}/providers/Microsoft.ContainerService/managedClusters/{name}"


def planned(*scopes, subscription=SUB, **arguments):
    return compiling.planned(subscription, **({"scopes": scopes or [cluster()]} | arguments))


def said(*scopes, subscription=SUB, **arguments):
    return compiling.said(subscription, **({"scopes": scopes or [cluster()]} | arguments))


def names(*scopes, **arguments):
    return [rule.name for rule in planned(*scopes, **(ONE | arguments)).alert_rules]


def read_by(plan, rule):
    """The scopes on which a rule's identity becomes Reader."""
    whose = Reference(rule.construct_id, "identity[0].principal_id")
    return [each.scope for each in plan.of(RoleAssignment) if each.principal == whose]


@pytest.mark.parametrize(
    ("scope", "name"),
    [
        (cluster(), "cluster-auto-upgrade-Prod@RG-Aks"),
        (GROUP, "cluster-auto-upgrade@RG-Aks"),
        (f"/subscriptions/{SUB}", f"cluster-auto-upgrade@{SUB}"),
        (cluster().replace(SUB, OTHER), f"cluster-auto-upgrade-Prod@RG-Aks@{OTHER}"),
        (GROUP.replace(SUB, OTHER), f"cluster-auto-upgrade@RG-Aks@{OTHER}"),
        (f"/subscriptions/{OTHER}", f"cluster-auto-upgrade@{OTHER}"),
    ],
)
def test_a_rule_is_named_after_its_notice_and_its_scope(scope, name):
    assert names(scope) == [name]
    assert [rule.construct_id for rule in planned(scope, **ONE).alert_rules] == [name.lower().replace("@", "-@")]


def test_words_of_a_reader_assignment_are_set_apart_once():
    ids = [each.construct_id for each in planned(**ONE).of(RoleAssignment)]
    assert ids == [
        "cluster-auto-upgrade-prod-@rg-aks-reader-rg-aks-@11111111-1111-1111-1111-111111111111",
        "cluster-auto-upgrade-prod-@rg-aks-reader-11111111-1111-1111-1111-111111111111",
    ]


def test_a_prefix_is_in_front_of_the_name_and_leaves_the_construct_id():
    [rule] = planned(name_prefix="contoso-", **ONE).alert_rules
    assert (rule.name, rule.construct_id) == (
        "contoso-cluster-auto-upgrade-Prod@RG-Aks",
        "cluster-auto-upgrade-prod-@rg-aks",
    )


def test_a_shared_rule_is_named_after_its_notice_alone():
    assert names(cluster("a"), cluster("b"), rules="shared") == ["cluster-auto-upgrade-shared"]


def test_rule_name_ends_with_the_route_and_the_default_comes_last():
    routes = [Route(statuses=["Failed", "Cancelled"], severity=1), Route(statuses=["Started"], action_group=ON_CALL)]
    rules = planned(routes=routes, **ONE).alert_rules
    own = Reference("action-group", "id")
    assert [rule.name.partition("@RG-Aks")[2] for rule in rules] == ["@Failed+Canceled", "@Started", ""]
    assert [(rule.severity, rule.action_groups) for rule in rules] == [(1, (own,)), (3, (ON_CALL.id,)), (3, (own,))]


def test_where_the_subscription_is_not_known_names_say_nothing_of_it():
    assert names(cluster().replace(SUB, OTHER), subscription=None) == ["cluster-auto-upgrade-Prod@RG-Aks"]
    assert names(cluster().replace(SUB, OTHER), subscription="${TfToken[TOKEN.0]}") == [
        "cluster-auto-upgrade-Prod@RG-Aks"
    ]


def test_equal_rule_names_for_two_subscriptions_are_reported():
    assert said(cluster(), cluster().replace(SUB, OTHER), subscription=None, **ONE) == (
        f'scopes: "{cluster()}" and "{cluster().replace(SUB, OTHER)}" would both get the alert rule '
        '"cluster-auto-upgrade-Prod@RG-Aks" [ACM131]\n'
        "    Set subscription_id on the stack's provider: the names of rules for other subscriptions then end with theirs."
    )
    planned(cluster(), cluster().replace(SUB, OTHER))


def test_resource_group_named_like_a_watched_subscription_is_reported():
    subscription, group = f"/subscriptions/{OTHER}", f"/subscriptions/{SUB}/resourceGroups/{OTHER}"
    assert said(subscription, group, **ONE) == (
        f'scopes: "{subscription}" and "{group}" would both get the alert rule "cluster-auto-upgrade@{OTHER}" [ACM131]\n'
        "    Watch one of them with another stack or manager, with another `name_prefix`."
    )


NAME = st.sampled_from(["a", "b", "a-b", "a-b-a", "b-a", "upgrade", "shared"])
SCOPES = st.lists(
    st.one_of(
        st.just(f"/subscriptions/{SUB}"),
        st.just(f"/subscriptions/{OTHER}"),
        st.builds("/subscriptions/{}/resourceGroups/{}".format, st.sampled_from([SUB, OTHER]), NAME),
        st.builds(
            "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.ContainerService/managedClusters/{}".format,
            st.sampled_from([SUB, OTHER]),
            NAME,
            NAME,
        ),
    ),
    min_size=1,
    max_size=8,
    unique=True,
)


@settings(deadline=None, max_examples=50)
@given(SCOPES, st.randoms(use_true_random=False))
def test_rule_names_are_unique_and_independent_of_other_scopes(scopes, random):
    arguments = {"allow_overlap": True, "notices": list(NOTICES)}
    rules = planned(*scopes, **arguments).alert_rules
    assert (
        len({rule.name.lower() for rule in rules})
        == len({rule.construct_id for rule in rules})
        == len(NOTICES) * len(scopes)
    )
    named = {(rule.scopes, rule.notice.name): (rule.name, rule.construct_id) for rule in rules}
    fewer = random.sample(scopes, random.randint(1, len(scopes)))
    for rule in planned(*fewer, **arguments).alert_rules:
        assert named[rule.scopes, rule.notice.name] == (rule.name, rule.construct_id)


def test_too_long_rule_name_is_reported_with_its_length():
    name = f"{'p' * 229}cluster-auto-upgrade-Prod@RG-Aks"
    assert said(name_prefix="p" * 229, **ONE) == (
        f'name_prefix: the alert rule "{name}" would have 261 characters in its name; Azure takes at most 260 [ACM133]\n'
        "    Shorten name_prefix."
    )
    planned(name_prefix="p" * 228, **ONE)


def test_of_many_names_that_are_too_long_the_longest_is_reported():
    name = f"{'p' * 245}cluster-auto-upgrade-c10@RG-Aks"
    assert said(*(cluster(f"c{number}") for number in range(1, 21)), name_prefix="p" * 245) == (
        f'name_prefix: the alert rule "{name[:297]}" would have {len(name)} characters in its name; '
        "Azure takes at most 260 [ACM133]\n    Shorten name_prefix."
    )


def test_too_long_shared_query_suggests_wide_scopes():
    scopes = [cluster(f"cluster-with-a-long-name-{number:03}") for number in range(400)]
    text = said(*scopes, rules="shared", **ONE)
    assert re.sub("7[0-9],[0-9]{3}", "…", text) == (
        "scopes: the query for cluster-auto-upgrade over 400 scopes has … bytes; Azure takes at most 65,536 [ACM132]\n"
        "    Watch their resource groups or the subscription instead."
    )


def test_too_long_shared_queries_are_reported_once():
    scopes = [cluster(f"cluster-with-a-long-name-{number}") for number in range(400)]
    text = said(*scopes, rules="shared", routes=[Route(statuses=["Failed"], severity=1)])
    assert re.sub("[0-9]{2},[0-9]{3}", "…", text) == (
        "scopes: the query for cluster-auto-upgrade over 400 scopes has … bytes; Azure takes at most … [ACM132]\n"
        "    Watch their resource groups or the subscription instead."
    )


def test_scope_of_a_shared_rule_is_the_subscription():
    scopes = [rule.scopes for rule in planned(cluster(), f"{GROUP}-2", **ONE).alert_rules]
    assert scopes == [(cluster(),), (f"{GROUP}-2",)]
    [shared] = planned(cluster("a"), cluster("b"), rules="shared", **ONE).alert_rules
    assert shared.scopes == (f"/subscriptions/{SUB}",)


OF_MANY = ("status", "clusterId", "clusterName", "eventName", "plannedTime", "reason")
DIGEST = ("status", "hour", "plannedTime", "events", "clusters")


@pytest.mark.parametrize(
    ("scopes", "arguments", "dimensions"),
    [
        ([cluster()], {}, ("status", "eventName", "plannedTime", "reason")),
        ([cluster()], {"grouping": "digest"}, DIGEST),
        ([cluster()], {"query": "documented"}, ("status",)),
        ([cluster()], {"notices": ["end-of-support"]}, ("description", "eventName")),
        ([cluster()], {"notices": ["missed-maintenance"]}, ("family", "eventName", "plannedTime")),
        ([GROUP], {}, DIGEST),
        ([GROUP], {"grouping": "event"}, OF_MANY),
        ([GROUP], {"notices": ["end-of-support"]}, ("description", "clusterId", "clusterName", "eventName")),
        ([GROUP], {"notices": ["missed-maintenance"]}, ("family", "plannedTime", "events", "clusters")),
        ([cluster("a"), cluster("b")], {"rules": "shared"}, OF_MANY),
        ([cluster()], {"rules": "shared"}, OF_MANY),
        ([cluster(f"c{number}") for number in range(101)], {"rules": "shared"}, DIGEST),
    ],
)
def test_dimensions_distinguish_notifications(scopes, arguments, dimensions):
    [rule] = planned(*scopes, **(ONE | arguments)).alert_rules
    assert rule.dimensions == tuple(map(Dimension, dimensions))


@pytest.mark.parametrize(
    ("scope", "reader_scopes", "expected"),
    [
        (cluster(), None, [GROUP, f"/subscriptions/{SUB}"]),
        (GROUP, None, [GROUP]),
        (f"/subscriptions/{SUB}", None, [f"/subscriptions/{SUB}"]),
        (cluster(), ["scope"], [cluster()]),
        (cluster(), ["resource-group", GROUP.upper().replace("/SUBSCRIPTIONS", "/subscriptions")], [GROUP]),
        (GROUP, ["scope", "resource-group", "subscription"], [GROUP, f"/subscriptions/{SUB}"]),
        (f"/subscriptions/{SUB}", ["resource-group"], [f"/subscriptions/{SUB}"]),
    ],
)
def test_reader_scopes_are_the_documented_pair_the_scope_or_given_ones(scope, reader_scopes, expected):
    found = planned(scope, reader_scopes=reader_scopes, **ONE)
    assert read_by(found, *found.alert_rules) == expected


def test_a_shared_rule_reads_for_all_its_scopes_each_once():
    found = planned(cluster("a"), cluster("b"), cluster("c", f"{GROUP}-2"), rules="shared", **ONE)
    assert read_by(found, *found.alert_rules) == [GROUP, f"/subscriptions/{SUB}", f"{GROUP}-2"]


@pytest.mark.parametrize(
    ("arguments", "grouping", "look_back"),
    [
        ({"look_back": "PT3H"}, "event", timedelta(hours=3)),
        ({}, "event", timedelta(hours=6)),
        ({"evaluation_frequency": "PT6H"}, "event", timedelta(hours=12)),
        ({"grouping": "digest", "look_back": "PT8H"}, "digest", timedelta(hours=8)),
    ],
)
def test_look_back_and_selection_reach_the_query(arguments, grouping, look_back):
    routes = [Route(statuses=["Failed"], severity=1)]
    rules = planned(**({"evaluation_frequency": "PT1H", "routes": routes} | arguments), **ONE).alert_rules
    for rule, selection in zip(rules, (Selection(only=("Failed",)), Selection(excluding=("Failed",))), strict=True):
        assert rule.query == templates.render(
            templates.load("cluster-auto-upgrade", grouping=grouping),
            scopes=[Scope.parse(cluster())],
            look_back=look_back,
            selection=selection,
        )


# Adoption

RULE = f"{GROUP}-hand/providers/Microsoft.Insights/scheduledQueryRules/By Hand"
ADOPT = {"scope": cluster("PROD"), "notice": "cluster-auto-upgrade", "rule": RULE}
ASSIGNMENT = f"{GROUP}/providers/Microsoft.Authorization/roleAssignments/{SUB}"


def test_adopted_rule_keeps_its_name_and_resource_group():
    by_hand, other = planned(adopt=[ADOPT]).alert_rules
    assert (by_hand.name, by_hand.resource_group, str(by_hand.import_id)) == ("By Hand", "RG-Aks-hand", RULE)
    own = PLACE["resource_group_name"]
    assert (other.name, other.resource_group, other.import_id) == ("node-os-auto-upgrade-Prod@RG-Aks", own, None)
    assert by_hand.construct_id == "cluster-auto-upgrade-prod-@rg-aks"


def test_two_rules_made_by_hand_may_have_one_name_in_two_resource_groups():
    second = {"scope": cluster("dev"), "notice": "cluster-auto-upgrade", "rule": RULE.replace("-hand/", "-other/")}
    assert names(cluster(), cluster("dev"), adopt=[ADOPT, second]) == ["By Hand", "By Hand"]


def test_an_assignment_made_by_hand_goes_to_the_rule_it_was_made_for():
    entry = {"scope": cluster(), "notice": "node-os-auto-upgrade", "role_assignment": ASSIGNMENT}
    imported = {each.construct_id: str(each.import_id) for each in planned(adopt=[entry]).resources if each.import_id}
    assert imported == {f"node-os-auto-upgrade-prod-@rg-aks-reader-rg-aks-@{SUB}": ASSIGNMENT}


@pytest.mark.parametrize(
    "arguments",
    [
        {"adopt": [{"scope": cluster(), "notice": "cluster-auto-upgrade", "role_assignment": ASSIGNMENT}], "reader_scopes": ["scope"]},
        {"adopt": [{"role_assignment": ASSIGNMENT}], "reader_scopes": ["scope"], "identity": Identity.user_assigned()},
    ],
)  # fmt: skip
def test_an_assignment_where_none_would_be_made_is_reported(arguments):
    assert said(**arguments) == (
        f'adopt[0].role_assignment: no Reader assignment is created on "{GROUP}", so nothing can adopt the existing one [ACM136]\n'
        "    Remove it, or add that scope to `reader_scopes`."
    )
    planned(**(arguments | {"reader_scopes": None}))


# Action groups


def test_an_action_group_that_two_routes_name_is_made_once():
    on_call = ActionGroup.create(name="AG-on-call", short_name="oncall", receivers=TELL.receivers)
    routes = [Route(statuses=["Failed"], action_group=on_call), Route(statuses=["Canceled"], action_group=on_call)]
    assert [group.name for group in planned(routes=routes).of(resources.ActionGroup)] == ["ag-aks", "AG-on-call"]


def test_a_route_that_keeps_the_default_notifies_both_action_groups():
    routes = [Route(statuses=["Failed"], action_group=ON_CALL, keep_default=True)]
    failed, rest = planned(routes=routes, **ONE).alert_rules
    assert failed.action_groups == (ON_CALL.id, Reference("action-group", "id"))
    assert rest.action_groups == (Reference("action-group", "id"),)


# Grouping, and notices of single scopes


def test_a_route_can_report_failures_one_by_one_beside_digests():
    failed, rest = planned(GROUP, routes=[Route(statuses=["Failed"], grouping="event")], **ONE).alert_rules
    assert [dimension.name for dimension in failed.dimensions] == list(OF_MANY)
    assert [dimension.name for dimension in rest.dimensions] == list(DIGEST)


def test_a_scope_has_its_own_notices_in_place_of_those_of_the_manager():
    own = {"id": GROUP, "notices": ["end-of-support", "cluster-auto-upgrade"]}
    rules = planned(cluster(group=f"{GROUP}-2"), own).alert_rules
    assert [(rule.notice.name, rule.scopes) for rule in rules] == [
        ("cluster-auto-upgrade", (cluster(group=f"{GROUP}-2"),)),
        ("cluster-auto-upgrade", (GROUP,)),
        ("node-os-auto-upgrade", (cluster(group=f"{GROUP}-2"),)),
        ("end-of-support", (GROUP,)),
    ]


def test_a_shared_rule_is_over_the_scopes_that_have_its_notice():
    own = {"id": cluster("b"), "notices": ["end-of-support"]}
    plan = planned(cluster("a"), own, rules="shared", identity=Identity.user_assigned(), reader_scopes=["scope"])
    assert [(rule.notice.name, [str(scope) for scope in rule.watched]) for rule in plan.alert_rules] == [
        ("cluster-auto-upgrade", [cluster("a")]),
        ("node-os-auto-upgrade", [cluster("a")]),
        ("end-of-support", [cluster("b")]),
    ]


def test_two_scopes_may_overlap_where_their_notices_do_not():
    parts = [{"id": GROUP, "notices": ["end-of-support"]}, {"id": cluster(), "notices": ["cluster-auto-upgrade"]}]
    planned(*parts)
    planned({"id": GROUP, "notices": ["end-of-support"]}, {"id": GROUP, "notices": ["missed-maintenance"]})
    assert said(GROUP, {"id": cluster(), "notices": ["node-os-auto-upgrade"]}) == (
        f'scopes[1]: "{cluster()}" lies in scopes[0], "{GROUP}": every notification would be sent twice [ACM101]\n'
        "    Remove one of them, or set `allow_overlap: true`."
    )
    assert said(GROUP, {"id": GROUP, "notices": ["node-os-auto-upgrade"]}).startswith(
        f'scopes[1]: "{GROUP}" is listed twice, first as scopes[0] [ACM100]'
    )


# Texts


def described(*scopes, **arguments):
    [rule] = planned(*scopes, **(ONE | arguments)).alert_rules
    return rule.description


LOOK = "All details: Azure Resource Graph, table containerserviceeventresources, or the link to the search results."
STATUSES = (
    "After Failed or Canceled, read the cluster's Activity log, and look for pods that cannot be evicted "
    "(kubectl get poddisruptionbudgets -A). The dimension status says what happened: Scheduled comes a week and a day "
    "before, then Started, and at the end Completed, Failed or Canceled."
)


def test_a_description_says_what_happened_what_to_do_and_where_to_look():
    assert described() == (
        "AKS announces or reports a Kubernetes version auto-upgrade of cluster Prod in resource group RG-Aks. "
        f"{STATUSES} plannedTime is the planned start (UTC). reason is what Azure says of a failed or canceled upgrade. "
        f"{LOOK} Managed as [aks-notices@rg-aks-notices@{SUB}]."
    )


@pytest.mark.parametrize(
    ("scope", "covered"), [(GROUP, "resource group RG-Aks"), (f"/subscriptions/{SUB}", f"subscription {SUB}")]
)
def test_the_description_of_a_digest_explains_its_columns(scope, covered):
    assert described(scope, notices=["node-os-auto-upgrade"]) == (
        f"AKS announces or reports a node OS image auto-upgrade of a cluster in {covered}. {STATUSES} "
        "One message lists all events of one status in one hour that are planned for the same hour: "
        "hour is that hour (UTC), events their number, clusters the names. plannedTime is the planned start (UTC). "
        f"{LOOK} Managed as [aks-notices@rg-aks-notices@{SUB}]."
    )


def test_description_for_many_clusters_names_their_columns():
    assert " clusterName and clusterId say which cluster. plannedTime" in described(GROUP, grouping="event")


def test_the_description_for_missed_maintenance_says_what_to_check():
    assert described(GROUP, notices=["missed-maintenance"]).startswith(
        "AKS announced an auto-upgrade of a cluster in resource group RG-Aks, and a day after its planned start no record "
        "says that it began, ended or was canceled. Check the auto-upgrade channel, the maintenance window, whether the "
        "cluster runs, and PodDisruptionBudgets. The dimension family says which upgrade. "
        "One message lists all of them that were to start in the same hour: events is their number, clusters the names."
    )


def test_the_description_for_the_end_of_support_says_what_to_do():
    text = described(notices=["end-of-support"])
    assert text.startswith(
        "The Kubernetes version of cluster Prod in resource group RG-Aks nears or has reached its end of support by AKS."
    )
    assert "Upgrade the cluster to a supported version." in text
    for stage in NOTICES["end-of-support"].values:
        assert stage in text


def test_description_of_a_route_names_its_and_other_statuses():
    failed, rest = planned(routes=[Route(statuses=["Failed", "Canceled"], severity=1)], **ONE).alert_rules
    assert "This rule is for Failed, Canceled alone." in failed.description
    assert "Other rules are for Failed, Canceled." in rest.description


def test_description_names_twenty_scopes_and_fits_azures_limit():
    scopes = [
        cluster("c" * 60 + str(number), f"/subscriptions/{SUB}/resourceGroups/{'g' * 90}") for number in range(100, 400)
    ]
    groups = [f"/subscriptions/{SUB}/resourceGroups/{'g' * 85}{number}" for number in range(100, 400)]
    statuses = ("Failed", "Canceled")
    for watched in (scopes, groups):
        for selection in (Selection(only=statuses), Selection(excluding=statuses)):
            text = description(
                NOTICES["cluster-auto-upgrade"], [Scope.parse(scope) for scope in watched], selection, DIGEST
            )
            assert "a cluster in one of 300 scopes (" in text
            assert " and 280 more)" in text
            assert len(text) <= DESCRIPTION


@pytest.mark.parametrize(
    ("scopes", "arguments", "expected"),
    [
        ([cluster()], {}, {"cluster": "Prod", "scope": cluster(), "notice": "cluster-auto-upgrade"}),
        ([GROUP], {}, {"scope": GROUP, "notice": "cluster-auto-upgrade"}),
        ([cluster("a"), cluster("b")], {"rules": "shared"}, {"scope": "2 scopes", "notice": "cluster-auto-upgrade"}),
        (
            [GROUP],
            {"custom_properties": {"runbook": "https://example.com"}},
            {"scope": GROUP, "notice": "cluster-auto-upgrade", "runbook": "https://example.com"},
        ),
    ],
)
def test_custom_properties_have_cluster_scope_notice_and_the_teams_own(scopes, arguments, expected):
    [rule] = planned(*scopes, **(ONE | arguments)).alert_rules
    assert rule.custom_properties == expected


@pytest.mark.parametrize(
    ("prefix", "name"),
    [
        ("", "aks-notices-resolved"),
        ("contoso-", "contoso-aks-notices-resolved"),
        ("AKS: é $", "AKS-aks-notices-resolved"),
        ("(team) ", "team-aks-notices-resolved"),
        ("_x ", "x-aks-notices-resolved"),
    ],
)
def test_processing_rule_gets_the_prefix_without_rejected_characters(prefix, name):
    # An alert rule takes nearly every character in its name, an alert processing rule letters, digits, - and _.
    plan = planned(name_prefix=prefix.replace(":", ""))
    assert [rule.name for rule in plan.of(resources.ProcessingRule)] == [name]
    assert all(rule.name.startswith(prefix.replace(":", "")) for rule in plan.alert_rules)


def test_prefix_too_long_for_the_processing_rule_is_refused():
    small = {"notices": ["end-of-support"]}
    group = f"/subscriptions/{SUB}/resourceGroups/a"
    assert len(planned(group, name_prefix="x" * 240, **small).alert_rules[0].name) == 256
    assert said(group, name_prefix="x" * 241, **small).startswith(
        f'name_prefix: the alert processing rule "{"x" * 241}aks-notices-resolved" would have 261 characters in its name; '
        "Azure takes at most 260 [ACM133]"
    )


def test_a_principal_is_written_in_lower_case_as_azure_has_it():
    principal = "ABCDEF00-2222-3333-4444-555555555555"
    identity = Identity.existing(
        id=f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id", principal_id=principal
    )
    readers = planned(identity=identity).of(resources.RoleAssignment)
    assert {reader.principal for reader in readers} == {principal.lower()}
