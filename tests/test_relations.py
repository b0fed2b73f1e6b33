"""What is wrong between options that are right in themselves."""

import pytest

from aks_communication_manager import ActionGroup, EmailReceiver, Identity, InvalidArgument, Route
from aks_communication_manager.config.options import Options

SUB = "11111111-1111-1111-1111-111111111111"
OTHER = "22222222-2222-2222-2222-222222222222"
SUBSCRIPTION = f"/subscriptions/{SUB}"
GROUP = f"{SUBSCRIPTION}/resourceGroups/rg-aks"
TOKEN, OTHER_TOKEN = "${TfToken[TOKEN.0]}", "${TfToken[TOKEN.1]}"
ID = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-aks"
MAIL = EmailReceiver(name="a", email_address="a@example.com")
TELL = ActionGroup.create(name="ag-aks", short_name="aks", receivers=[MAIL])
SHARED = Identity.user_assigned()


def cluster(name="prod", group=GROUP):
    return f"{group}/providers/Microsoft.ContainerService/managedClusters/{name}"


def options(**arguments):
    return Options(**({"scopes": [cluster()], "action_group": TELL} | arguments))


def mistakes(**arguments):
    with pytest.raises(InvalidArgument) as error:
        options(**arguments)
    return str(error.value)


def test_a_scope_that_is_listed_twice_is_told_at_the_later_in_any_letter_case():
    capitals = cluster("PROD", GROUP.replace("rg-aks", "RG-AKS"))
    assert mistakes(scopes=[cluster(), cluster("dev"), capitals]) == (
        f'scopes[2]: "{capitals}" is listed twice, first as scopes[0]\n'
        "    Leave it out here: everybody would be told twice. Azure ignores letter case in ids."
    )


@pytest.mark.parametrize("outer", [SUBSCRIPTION, GROUP, GROUP.upper().replace("/SUBSCRIPTIONS", "/subscriptions")])
def test_a_cluster_that_two_scopes_watch_is_told_with_both(outer):
    outer_as_written = outer.replace("RESOURCEGROUPS", "resourceGroups")
    assert mistakes(scopes=[cluster(), outer]) == (
        f'scopes[0]: "{cluster()}" lies in scopes[1], "{outer_as_written}": everybody would be told twice\n'
        "    Leave one of them out, or say allow_overlap: true."
    )
    assert len(options(scopes=[cluster(), outer], allow_overlap=True).scopes) == 2


def test_a_resource_group_in_a_subscription_that_is_watched_overlaps_too_and_is_no_prefix_of_another():
    assert mistakes(scopes=[SUBSCRIPTION, GROUP]).startswith(
        f'scopes[1]: "{GROUP}" lies in scopes[0], "{SUBSCRIPTION}"'
    )
    options(scopes=[GROUP, f"{GROUP}-2", cluster(group=f"{GROUP}-3")])


def test_tokens_are_not_compared():
    options(scopes=[TOKEN, OTHER_TOKEN, cluster(), cluster("dev")])


DOCUMENTED_FIX = "    Leave query out, or say query: hardened."
NAMES_ONE = "query: the documented query names one cluster and shows none, but"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"scopes": [cluster(), f"{GROUP}-2"]}, f"{NAMES_ONE} scopes[1] covers many\n{DOCUMENTED_FIX}"),
        ({"rules": "shared"}, f"{NAMES_ONE} rules: shared puts many into one rule\n{DOCUMENTED_FIX}"),
        (
            {"routes": [Route(statuses=["Failed"], severity=1)]},
            f"query: the documented query cannot choose rows for routes\n{DOCUMENTED_FIX}",
        ),
        (
            {"notices": ["end-of-support"]},
            f"query: there is no documented query for end-of-support in the how-to\n{DOCUMENTED_FIX}",
        ),
        (
            {"ingestion_delay": "PT5M"},
            'ingestion_delay: "PT5M" cannot be: the documented query knows no delay\n'
            "    Leave it out, say PT0S, or say query: hardened.",
        ),
    ],
)
def test_the_documented_query_cannot_do_what_ours_can(arguments, text):
    assert mistakes(query="documented", **arguments) == text


def test_it_takes_no_delay_said_as_such():
    options(query="documented", ingestion_delay="PT0S")


def test_an_own_query_for_a_notice_that_is_not_watched_is_a_slip(tmp_path):
    file = tmp_path / "own.kql"
    file.write_text(
        'arg("").containerserviceeventresources | where <scopes> | extend eventTime = now(), description = ""\n'
        "| where eventTime >= ago(<window-start>) and eventTime < ago(<ingestion-delay>)"
    )
    assert mistakes(queries={"end-of-support": file}) == (
        "queries.end-of-support: end-of-support is not among the notices\n    Add it there, or leave the query out."
    )


def test_no_evaluation_looks_back_further_than_azure_lets_it():
    options(evaluation_frequency="P1D", ingestion_delay="P1D")
    assert mistakes(evaluation_frequency="P1D", ingestion_delay="PT24H1S") == (
        'ingestion_delay: "PT24H1S" and the evaluation frequency P1D are more than 48 hours together, '
        "the longest that Azure lets a rule look back\n    Make one of them shorter."
    )
    assert "are more than 48 hours together" in mistakes(ingestion_delay="P999999DT23H")


def test_an_existing_identity_needs_its_principal_unless_it_may_read_already():
    assert mistakes(identity=Identity.existing(id=ID)) == (
        "identity.principal_id: missing: the Reader assignments are made for it\n"
        "    Add it (az identity show --query principalId), or say reader_scopes: [] if it may read already."
    )
    options(identity=Identity.existing(id=ID), reader_scopes=[])
    options(identity=Identity.existing(id=ID, principal_id=OTHER))


@pytest.mark.parametrize("identity", [Identity.system_assigned(), SHARED])
def test_one_that_is_made_here_cannot_read_already(identity):
    assert mistakes(identity=identity, reader_scopes=[]) == (
        "reader_scopes: is empty, but the identity is made here: it could read nothing, and the alerts would be silent\n"
        "    Leave it out, or say reader_scopes: [scope]."
    )


WAYS_OUT = (
    "    Watch resource groups or a subscription instead of clusters, say rules: shared, "
    "or use several stacks or managers, each with an identity of its own."
)


def test_one_identity_has_fifty_rules_and_not_one_more():
    clusters = [cluster(f"c{number}") for number in range(26)]
    options(scopes=clusters[:25], identity=SHARED)
    assert mistakes(scopes=clusters, identity=SHARED) == (
        f"identity: 52 alert rules would have one identity; Azure takes at most 50\n{WAYS_OUT}"
    )
    options(scopes=clusters, identity=SHARED, rules="shared")
    options(scopes=clusters)


def test_routes_count_as_the_rules_they_become():
    clusters = [cluster(f"c{number}") for number in range(13)]
    routes = [Route(statuses=["Failed"], severity=1)]
    assert mistakes(scopes=clusters, identity=SHARED, routes=routes).startswith("identity: 52 alert rules")


def test_with_one_identity_a_token_beside_other_scopes_needs_readers_that_are_said():
    text = (
        "reader_scopes: one identity reads for a scope that only Terraform knows beside others: "
        "the same resource group could be written as two expressions, and Azure refuses the second assignment (409)\n"
        "    Say reader_scopes: [scope], or list the ids."
    )
    assert mistakes(scopes=[TOKEN, cluster()], identity=SHARED) == text
    assert mistakes(scopes=[TOKEN, OTHER_TOKEN], identity=SHARED, reader_scopes=["scope", "subscription"]) == text
    options(scopes=[TOKEN, cluster()], identity=SHARED, reader_scopes=["scope"])
    options(scopes=[TOKEN, cluster()], identity=SHARED, reader_scopes=[SUBSCRIPTION])
    options(scopes=[TOKEN], identity=SHARED)
    options(scopes=[TOKEN, cluster()])


def test_readers_that_cover_a_scope_not_would_leave_its_alerts_silent():
    other = cluster(group=f"{GROUP}-2")
    assert mistakes(scopes=[cluster(), other], reader_scopes=[GROUP]) == (
        f'reader_scopes: none of them covers scopes[1], "{other}": its alerts would be silent\n'
        "    Add its resource group or its subscription."
    )
    options(scopes=[cluster(), other], reader_scopes=[SUBSCRIPTION.upper().replace("/SUBSCRIPTIONS", "/subscriptions")])


def test_a_route_that_matches_nothing_is_told_with_its_place():
    routes = [Route(statuses=["Failed"], severity=1), Route(stages=["KubernetesVersionOutOfSupport"], severity=1)]
    assert mistakes(routes=routes) == (
        "routes[1]: concerns none of the notices that are watched, cluster-auto-upgrade and node-os-auto-upgrade\n"
        "    Add its notice to notices."
    )


def test_two_routes_may_name_one_group_but_one_name_has_one_list_of_receivers():
    route = {"statuses": ["Failed"], "action_group": TELL}
    options(routes=[route, {"statuses": ["Canceled"], "action_group": TELL}])
    other = ActionGroup.create(
        name="AG-aks", short_name="aks", receivers=[EmailReceiver(name="b", email_address="b@example.com")]
    )
    assert mistakes(routes=[{"statuses": ["Failed"], "action_group": other}]) == (
        'routes[0].action_group.name: "AG-aks" is the name of action_group already, '
        "which has another short name or other receivers\n    Use the same receivers, or another name."
    )


RULE = f"{GROUP}/providers/Microsoft.Insights/scheduledQueryRules/aks-prod"
CAPITALS = RULE.replace("rg-aks", "RG-AKS")
ADOPT = {"scope": cluster(), "notice": "cluster-auto-upgrade", "rule": RULE}
ASSIGNMENT = f"{GROUP}/providers/Microsoft.Authorization/roleAssignments/{SUB}"
GROUP_ID = f"{GROUP}/providers/Microsoft.Insights/actionGroups/ag-aks"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (
            {"adopt": [ADOPT | {"scope": cluster("dev")}]},
            f'adopt[0].scope: "{cluster("dev")}" is not among scopes\n    Add it there, or mend it here.',
        ),
        (
            {"adopt": [ADOPT | {"notice": "end-of-support"}]},
            "adopt[0].notice: end-of-support is not among notices\n    Add it there, or leave this out.",
        ),
        (
            {"adopt": [ADOPT], "rules": "shared"},
            "adopt[0].rule: a rule made by hand watches one cluster, not all\n"
            "    Adopt it with rules: per-scope, or delete it.",
        ),
        (
            {"adopt": [{"action_group": GROUP_ID}], "action_group": ActionGroup.existing(GROUP_ID)},
            "adopt[0].action_group: the action group exists and is only referred to\n    Describe it under action_group.",
        ),
        (
            {"adopt": [{"action_group": f"{GROUP_ID}-2"}]},
            'adopt[0].action_group: is called "ag-aks-2", the one described here "ag-aks": adopting it would replace it\n'
            "    Write its name under action_group.name.",
        ),
        (
            {"adopt": [{"role_assignment": ASSIGNMENT}]},
            "adopt[0].role_assignment: each rule has an identity of its own\n    Say whose it is, with scope and notice.",
        ),
        (
            {"adopt": [ADOPT, ADOPT | {"notice": "node-os-auto-upgrade", "rule": CAPITALS}]},
            f'adopt[1].rule: "{CAPITALS}" is adopted already by adopt[0].rule\n    Leave it out here.',
        ),
        (
            {"adopt": [ADOPT, ADOPT | {"rule": f"{RULE}-2"}]},
            f'adopt[1].rule: "{RULE}-2" would become the same alert rule as adopt[0].rule\n'
            "    Delete one of the two in Azure, or mend scope or notice.",
        ),
    ],
)
def test_an_adoption_that_cannot_be_is_told_with_its_place(arguments, text):
    assert mistakes(**arguments) == text


def test_an_adopted_scope_may_be_spelled_in_any_letter_case():
    options(adopt=[ADOPT | {"scope": cluster("PROD")}])


def test_a_shared_identitys_assignment_needs_no_rule():
    options(adopt=[{"role_assignment": ASSIGNMENT}], identity=SHARED)


def test_a_query_that_names_its_cluster_itself_is_for_one_scope(tmp_path):
    own = tmp_path / "own.kql"
    own.write_text(
        'arg("").containerserviceeventresources\n'
        f'| where id startswith "{cluster()}/"\n'
        "| extend status = tostring(properties.eventStatus), eventTime = todatetime(tostring(properties.lastUpdateTime))\n"
        "| where eventTime >= ago(<window-start>) and eventTime < ago(<ingestion-delay>)\n"
        "| project eventTime, status\n",
        encoding="utf-8-sig",
    )
    queries = {"cluster-auto-upgrade": str(own)}
    assert options(queries=queries).queries
    assert mistakes(queries=queries, scopes=[cluster(), cluster("dev")]) == (
        f"queries.cluster-auto-upgrade: {own}: it names its clusters itself, but there are 2 scopes: "
        "the rule of each would tell of the same events\n"
        "    Filter by <scopes>: | where <scopes>"
    )
