"""From options to rules: names, limits, readers, dimensions and texts, before there is any Terraform."""

from datetime import timedelta

import pytest
from aks_communication_manager.kql.queries import Selection
from hypothesis import given, settings
from hypothesis import strategies as st

from aks_communication_manager import ActionGroup, EmailReceiver, Identity, Route
from aks_communication_manager.config.options import Options
from aks_communication_manager.domain.notices import NOTICES
from aks_communication_manager.kql import queries
from aks_communication_manager.plan import texts
from aks_communication_manager.plan.planner import Scope, plan

SUB = "11111111-1111-1111-1111-111111111111"
OTHER = "22222222-2222-2222-2222-222222222222"
GROUP = f"/subscriptions/{SUB}/resourceGroups/RG-Aks"
TELL = ActionGroup.create(
    name="ag-aks", short_name="aks", receivers=[EmailReceiver(name="a", email_address="a@example.com")]
)
ON_CALL = ActionGroup.existing(f"{GROUP}/providers/Microsoft.Insights/actionGroups/on-call")
ONE = {"notices": ["cluster-auto-upgrade"]}


def cluster(name="Prod", group=GROUP):
    return f"{group}/providers/Microsoft.ContainerService/managedClusters/{name}"


def planned(*scopes, subscription=SUB, **arguments):
    options = Options(**({"scopes": scopes or [cluster()], "action_group": TELL} | arguments))
    return plan(options, [Scope.literal(text) for text in options.scopes], subscription_id=subscription)


def names(*scopes, **arguments):
    return [rule.name for rule in planned(*scopes, **(ONE | arguments)).rules]


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
    assert [rule.construct_id for rule in planned(scope, **ONE).rules] == [name.lower()]


def test_a_prefix_stands_in_front_of_the_name_and_leaves_the_construct_id():
    [rule] = planned(name_prefix="contoso-", **ONE).rules
    assert (rule.name, rule.construct_id) == (
        "contoso-cluster-auto-upgrade-Prod@RG-Aks",
        "cluster-auto-upgrade-prod@rg-aks",
    )


def test_a_shared_rule_is_named_after_its_notice_alone():
    assert names(cluster("a"), cluster("b"), rules="shared") == ["cluster-auto-upgrade-shared"]


def test_a_route_stands_behind_the_name_and_the_default_comes_last():
    routes = [Route(statuses=["Failed", "Cancelled"], severity=1), Route(statuses=["Started"], action_group=ON_CALL)]
    rules = planned(routes=routes, **ONE).rules
    assert [rule.name.partition("@RG-Aks")[2] for rule in rules] == ["@Failed+Canceled", "@Started", ""]
    assert [(rule.severity, rule.action_group) for rule in rules] == [(1, TELL), (3, ON_CALL), (3, TELL)]


def test_where_the_subscription_is_not_known_names_say_nothing_of_it():
    assert names(cluster().replace(SUB, OTHER), subscription=None) == ["cluster-auto-upgrade-Prod@RG-Aks"]
    assert names(cluster().replace(SUB, OTHER), subscription="${TfToken[TOKEN.0]}") == [
        "cluster-auto-upgrade-Prod@RG-Aks"
    ]


def test_the_same_names_in_two_subscriptions_are_told_where_names_cannot_say_which():
    found = planned(cluster(), cluster().replace(SUB, OTHER), subscription=None, **ONE)
    assert [str(mistake) for mistake in found.mistakes] == [
        'scopes: two of them would have the alert rule "cluster-auto-upgrade-Prod@RG-Aks": they differ in the subscription only\n'
        "    Say subscription_id on the stack's provider: rules for other subscriptions then carry theirs in the name."
    ]
    assert not planned(cluster(), cluster().replace(SUB, OTHER)).mistakes


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
def test_no_two_rules_have_one_name_and_none_depends_on_what_else_is_there(scopes, random):
    arguments = {"allow_overlap": True, "notices": list(NOTICES)}
    rules = planned(*scopes, **arguments).rules
    assert len({rule.name.lower() for rule in rules}) == len({rule.construct_id for rule in rules}) == 3 * len(scopes)
    named = {(rule.scope, rule.notice.name): (rule.name, rule.construct_id) for rule in rules}
    fewer = random.sample(scopes, random.randint(1, len(scopes)))
    for rule in planned(*fewer, **arguments).rules:
        assert named[rule.scope, rule.notice.name] == (rule.name, rule.construct_id)


def test_a_name_that_is_too_long_for_azure_is_told_with_its_length():
    [mistake] = planned(name_prefix="p" * 229, **ONE).mistakes
    name = f"{'p' * 229}cluster-auto-upgrade-Prod@RG-Aks"
    assert str(mistake) == (
        f'name_prefix: the alert rule "{name}" would have 261 characters in its name; Azure takes at most 260\n'
        "    Shorten name_prefix."
    )
    assert not planned(name_prefix="p" * 228, **ONE).mistakes


def test_a_shared_query_that_is_too_long_points_to_wide_scopes():
    scopes = [cluster(f"cluster-with-a-long-name-{number}") for number in range(400)]
    [mistake] = planned(*scopes, rules="shared", **ONE).mistakes
    assert mistake.path == "scopes"
    assert mistake.problem.startswith("the query for cluster-auto-upgrade over 400 scopes has ")
    assert mistake.problem.endswith(" bytes; Azure takes at most 65,536")
    assert mistake.fix == "Watch their resource groups or the subscription instead."
    assert not planned(*scopes[:200], rules="shared", **ONE).mistakes


def test_a_rule_watches_its_scope_and_a_shared_one_the_subscription():
    assert [rule.scope for rule in planned(cluster(), f"{GROUP}-2", **ONE).rules] == [cluster(), f"{GROUP}-2"]
    [shared] = planned(cluster("a"), cluster("b"), rules="shared", **ONE).rules
    assert shared.scope == f"/subscriptions/{SUB}"


@pytest.mark.parametrize(
    ("scopes", "arguments", "dimensions"),
    [
        ([cluster()], {}, ("status",)),
        ([cluster()], {"notices": ["end-of-support"]}, ("description",)),
        ([GROUP], {}, ("status", "clusterId", "clusterName")),
        ([cluster("a"), cluster("b")], {"rules": "shared"}, ("status", "clusterId", "clusterName")),
        ([cluster()], {"rules": "shared"}, ("status", "clusterId", "clusterName")),
    ],
)
def test_a_rule_over_more_than_one_cluster_splits_by_cluster_too(scopes, arguments, dimensions):
    [rule] = planned(*scopes, **(ONE | arguments)).rules
    assert rule.dimensions == dimensions


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
def test_readers_are_the_documented_pair_the_wide_scope_or_what_was_asked_for_each_once(scope, reader_scopes, expected):
    [rule] = planned(scope, reader_scopes=reader_scopes, **ONE).rules
    assert [reader.text for reader in rule.readers] == expected


def test_a_shared_rule_reads_for_all_its_scopes_each_once():
    [rule] = planned(cluster("a"), cluster("b"), cluster("c", f"{GROUP}-2"), rules="shared", **ONE).rules
    assert [reader.text for reader in rule.readers] == [GROUP, f"/subscriptions/{SUB}", f"{GROUP}-2"]


def test_frequency_delay_and_selection_reach_the_query():
    rules = planned(
        evaluation_frequency="PT1H", ingestion_delay="PT10M", routes=[Route(statuses=["Failed"], severity=1)], **ONE
    ).rules
    for rule, selection in zip(rules, (Selection(only=("Failed",)), Selection(excluding=("Failed",))), strict=True):
        assert rule.query == queries.render(
            queries.load("cluster-auto-upgrade"),
            scopes=[cluster()],
            evaluation_frequency=timedelta(hours=1),
            ingestion_delay=timedelta(minutes=10),
            selection=selection,
        )


# Adoption

RULE = f"{GROUP}-hand/providers/Microsoft.Insights/scheduledQueryRules/By Hand"
ADOPT = {"scope": cluster("PROD"), "notice": "cluster-auto-upgrade", "rule": RULE}
ASSIGNMENT = f"{GROUP}/providers/Microsoft.Authorization/roleAssignments/{SUB}"


def test_an_adopted_rule_keeps_its_name_and_resource_group_and_the_others_theirs():
    by_hand, other = planned(adopt=[ADOPT]).rules
    assert (by_hand.name, by_hand.resource_group, by_hand.import_id) == ("By Hand", "RG-Aks-hand", RULE)
    assert (other.name, other.resource_group, other.import_id) == ("node-os-auto-upgrade-Prod@RG-Aks", None, None)
    assert by_hand.construct_id == "cluster-auto-upgrade-prod@rg-aks"


def test_two_rules_made_by_hand_may_have_one_name_in_two_resource_groups():
    second = {"scope": cluster("dev"), "notice": "cluster-auto-upgrade", "rule": RULE.replace("-hand/", "-other/")}
    assert not planned(cluster(), cluster("dev"), adopt=[ADOPT, second], **ONE).mistakes


def test_an_assignment_made_by_hand_goes_to_the_rule_it_was_made_for():
    entry = {"scope": cluster(), "notice": "node-os-auto-upgrade", "role_assignment": ASSIGNMENT}
    cluster_rule, node_rule = planned(adopt=[entry]).rules
    assert (cluster_rule.reader_import_ids, node_rule.reader_import_ids) == ({}, {GROUP.lower(): ASSIGNMENT})


@pytest.mark.parametrize(
    "arguments",
    [
        {"adopt": [{"scope": cluster(), "notice": "cluster-auto-upgrade", "role_assignment": ASSIGNMENT}], "reader_scopes": ["scope"]},
        {"adopt": [{"role_assignment": ASSIGNMENT}], "reader_scopes": ["scope"], "identity": Identity.user_assigned()},
    ],
)  # fmt: skip
def test_an_assignment_where_none_would_be_made_is_told(arguments):
    assert [str(mistake) for mistake in planned(**arguments).mistakes] == [
        f'adopt[0].role_assignment: no Reader assignment is made on "{GROUP}", so there is none to adopt\n'
        "    Leave it out, or say in reader_scopes that one is made there."
    ]
    assert not planned(**(arguments | {"reader_scopes": None})).mistakes


def test_more_assignments_than_a_subscription_takes_are_told_but_not_of_one_identity_for_all():
    scopes = [cluster(f"c{number}", f"{GROUP}-{number}") for number in range(1001)]
    [mistake] = planned(*scopes).mistakes
    assert (mistake.path, mistake.problem) == (
        "reader_scopes",
        f"4,004 role assignments would be made in subscription {SUB}; Azure takes at most 4,000 there",
    )
    assert not planned(*scopes[:1000]).mistakes
    assert not planned(*scopes[:200], identity=Identity.user_assigned(), rules="shared").mistakes


# Texts


def described(*scopes, **arguments):
    [rule] = planned(*scopes, **(ONE | arguments)).rules
    return rule.description


LOOK = (
    "What happened in full: Azure Resource Graph, table containerserviceeventresources; "
    "or the link to the search results in this message."
)


def test_a_description_says_what_happened_to_what_and_where_to_look():
    assert described() == (
        "AKS announces or reports a Kubernetes version auto-upgrade of cluster Prod in resource group RG-Aks. "
        "The dimension status says which: Scheduled comes a week and a day before, then Started, "
        f"and at the end Completed, Failed or Canceled. {LOOK}"
    )


@pytest.mark.parametrize(
    ("scope", "covered"), [(GROUP, "resource group RG-Aks"), (f"/subscriptions/{SUB}", f"subscription {SUB}")]
)
def test_of_a_wide_scope_it_says_which_dimension_tells_the_cluster(scope, covered):
    text = described(scope, notices=["node-os-auto-upgrade"])
    assert f"AKS announces or reports a node OS image auto-upgrade of a cluster in {covered}. " in text
    assert "The dimension clusterName says which cluster, clusterId where it is." in text


def test_of_end_of_support_it_says_what_to_do():
    text = described(notices=["end-of-support"])
    assert text.startswith(
        "The Kubernetes version of cluster Prod in resource group RG-Aks nears or has reached its end of support by AKS."
    )
    assert "Upgrade the cluster to a supported version." in text
    for stage in NOTICES["end-of-support"].values:
        assert stage in text


def test_of_a_route_it_says_what_it_is_for_and_what_others_are_for():
    failed, rest = planned(routes=[Route(statuses=["Failed", "Canceled"], severity=1)], **ONE).rules
    assert "This rule is for Failed, Canceled alone." in failed.description
    assert "Other rules are for Failed, Canceled." in rest.description


def test_of_many_scopes_it_names_twenty_and_azure_takes_it_also_with_the_longest_names():
    scopes = [
        cluster("c" * 60 + str(number), f"/subscriptions/{SUB}/resourceGroups/{'g' * 90}") for number in range(100, 400)
    ]
    found = planned(*scopes, rules="shared", routes=[Route(statuses=["Failed", "Canceled"], severity=1)], **ONE).rules
    for rule in found:
        assert "a cluster in one of 300 scopes (" in rule.description
        assert " and 280 more)" in rule.description
        assert len(rule.description) <= texts.DESCRIPTION_MAX
    groups = [f"/subscriptions/{SUB}/resourceGroups/{'g' * 85}{number}" for number in range(100, 400)]
    assert len(described(*groups, rules="shared")) <= texts.DESCRIPTION_MAX


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
def test_custom_properties_say_cluster_scope_and_notice_and_what_the_team_adds(scopes, arguments, expected):
    [rule] = planned(*scopes, **(ONE | arguments)).rules
    assert rule.custom_properties == expected
