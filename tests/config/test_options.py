"""Each option of a manager by itself: what it takes, what it is unless said otherwise, and what is said of anything else."""

from datetime import timedelta

import pytest

from aks_communication_manager import EmailReceiver, InvalidArgument
from aks_communication_manager.arm.durations import FREQUENCIES
from aks_communication_manager.arm.scope import Scope
from aks_communication_manager.config.options import Options
from tests.compiling import SUB, TELL, known_later

GROUP = f"/subscriptions/{SUB}/resourceGroups/rg-aks"
CLUSTER = f"{GROUP}/providers/Microsoft.ContainerService/managedClusters/prod"
TOKEN, LIST_TOKEN = "${TfToken[TOKEN.0]}", "#{TfToken[TOKEN.1]}"
TOKEN_NUMBER = -1.8881545897087968e289
NOT_A_LIST = "is not a list [ACM022]\n    Write a list, also for a single one: [ … ]"
NOT_A_MAPPING = "is not a mapping [ACM023]\n    Write keys and values: {key: value}"
NOT_TEXT = "is not text [ACM024]\n    Write it in quotes."
NEITHER = "is neither true nor false [ACM024]\n    Write true or false."
NO_ID = "is not the id of a cluster, a resource group or a subscription [ACM030]\n    Write it in full: "
CLUSTER_FORM = "/subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.ContainerService/managedClusters"
FREQUENCY = f"is not a frequency that Azure supports [ACM034]\n    One of {', '.join(FREQUENCIES)}."
ONLY_TERRAFORM = (
    "is known only to Terraform, but the query needs it as a literal [ACM049]\n    Use a literal such as PT30M."
)
DURATION = "is not a duration [ACM033]\n    Use ISO 8601: PT5M is five minutes, PT0S is zero, P1D is one day."
NEWLINE = "\n"
NO_READER_SCOPE = "is not an id [ACM030]\n    One of scope, resource-group, subscription. Or write an ARM id in quotes."
SECONDS = "is not a duration [ACM033]\n    Use whole seconds, 0 or more."
ADD_ID = "Add the id of a cluster, a resource group or a subscription: az aks list --query [].id"
EXAMPLE = "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg-aks/providers/Microsoft.ContainerService/managedClusters/prod"
CAPITALS = GROUP.replace("rg-aks", "RG-AKS")
NO_GROUP = (
    "is not an action group [ACM050]\n"
    "    Write {id: …} for one that exists, or {name: …, short_name: …, receivers: […]}; "
    "in Python ActionGroup.existing(id) or ActionGroup.create(…)."
)
NO_GROUP_ID = (
    "is not the id of a Microsoft.Insights/actionGroups [ACM031]\n"
    "    Write it in full: /subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.Insights/actionGroups/<name>"
)
THERE_ALREADY = "is listed twice, first as reader_scopes[0] [ACM026]\n    Remove it here: Azure rejects a second assignment of the same role."
SEVERITY = (
    "is not a severity [ACM043]\n    Write 0 (critical), 1 (error), 2 (warning), 3 (informational) or 4 (verbose)."
)
PREFIX = "which Azure rejects in the name of an alert rule [ACM038]\n    Remove * < > % { } & : \\ ? / # ; and control characters."
TAG = "is not the name of a tag [ACM039]\n    1 to 512 characters, none of < > % & \\ ? /"


def options(**arguments):
    return Options(**({"scopes": [CLUSTER], "action_group": TELL} | arguments))


def mistakes(**arguments):
    with pytest.raises(InvalidArgument) as error:
        options(**arguments)
    return str(error.value)


def test_defaults_are_as_documented():
    found = options()
    assert found.notices == ("cluster-auto-upgrade", "node-os-auto-upgrade")
    assert (found.query, found.queries, found.rules) == ("hardened", {}, "per-scope")
    assert found.evaluation_frequency == timedelta(minutes=30)
    assert (found.grouping, found.look_back, found.health_alert, found.resolved_messages) == (None, None, None, False)
    assert found.resolved_messages is False
    assert (found.severity, found.identity.kind, found.reader_scopes) == (3, "system-assigned", None)
    assert (found.routes, found.adopt, found.name_prefix) == ((), (), "")
    assert (found.custom_properties, found.tags, found.allow_overlap) == ({}, {}, False)


def test_missing_key_is_reported_with_an_example():
    with pytest.raises(InvalidArgument) as error:
        Options()
    assert str(error.value) == (
        "scopes: missing [ACM020]\n"
        f"    Write it, for example scopes: [{EXAMPLE}]\n"
        "action_group: missing [ACM020]\n"
        "    Write it, for example action_group: {name: ag-aks-notices, short_name: aksnotices, "
        "receivers: [{type: email, name: platform-team, email_address: platform@example.com}]}"
    )


@pytest.mark.parametrize(
    ("option", "value", "text"),
    [
        ("scopes", [], f"scopes: is empty: nothing would be watched [ACM027]\n    {ADD_ID}"),
        ("scopes", CLUSTER, f'scopes: "{CLUSTER}" {NOT_A_LIST}'),
        ("scopes", TOKEN, f'scopes: "{TOKEN}" {NOT_A_LIST}'),
        ("scopes", None, f"scopes: None {NOT_A_LIST}"),
        ("scopes", {}, f"scopes: a mapping {NOT_A_LIST}"),
        ("scopes", b"prod", f'scopes: "b\'prod\'" {NOT_A_LIST}'),
        ("scopes", [CLUSTER, "prod-2"], f'scopes[1]: "prod-2" {NO_ID}{CLUSTER_FORM}/prod-2'),
        ("scopes", [CLUSTER, 5], 'scopes[1]: "5" is not an id [ACM030]\n    Write its ARM id in quotes, or pass cluster.id.'),
        ("scopes", [[CLUSTER]], "scopes[0]: a list is not an id [ACM030]\n    Write its ARM id in quotes, or pass cluster.id."),
        ("scopes", [LIST_TOKEN], "scopes[0]: the list is known only to Terraform, "
                                 "so its clusters cannot get a rule each [ACM049]\n"
                                 "    Pass each id (scopes=[a.id, b.id]), or a resource group or a subscription, which covers all of its clusters."),
        ("action_group", "ag", f'action_group: "ag" {NO_GROUP}'),
        ("action_group", [TELL], f"action_group: a list {NO_GROUP}"),
        ("action_group", EmailReceiver(name="a", email_address="a@example.com"), f"action_group: EmailReceiver(…) {NO_GROUP}"),
        ("action_group", {"id": "ag"}, f'action_group.id: "ag" {NO_GROUP_ID}'),
        ("notices", [], "notices: is empty: nothing would be watched [ACM027]\n"
         "    One or more of cluster-auto-upgrade, node-os-auto-upgrade, end-of-support and missed-maintenance."),
        ("notices", "end-of-support", f'notices: "end-of-support" {NOT_A_LIST}'),
        ("notices", ["end-of-suport"], 'notices[0]: "end-of-suport" is not a notice [ACM025]\n    Did you mean end-of-support?'),
        ("notices", ["end-of-support", "End-Of-Support"], 'notices[1]: "End-Of-Support" is listed twice, first as notices[0] [ACM026]\n    Remove it here.'),
        ("query", "Hardened", 'query: "Hardened" is not a valid value [ACM025]\n    Did you mean hardened?'),
        ("query", None, "query: None is not a valid value [ACM025]\n    One of hardened, documented."),
        ("query", TOKEN, f'query: "{TOKEN}" is not a valid value [ACM025]\n    One of hardened, documented.'),
        ("queries", [], "queries: a list is not a mapping [ACM023]\n    Write <notice>: <file>."),
        ("queries", {"cluster": "own.kql"}, "queries.cluster: is not a notice [ACM025]\n    Did you mean cluster-auto-upgrade?"),
        ("queries", {"end-of-support": "no/such.kql"}, 'queries.end-of-support: "no/such.kql" cannot be read: No such file or directory [ACM045]\n'
         "    Use the path of a .kql file."),
        ("queries", {"end-of-support": ["a"]}, "queries.end-of-support: a list is not a file path [ACM045]\n    Use the path of a .kql file."),
        ("queries", {"end-of-support": "."}, 'queries.end-of-support: "." cannot be read: Is a directory [ACM045]\n    Use the path of a .kql file.'),
        ("evaluation_frequency", "PT31M", f'evaluation_frequency: "PT31M" {FREQUENCY}'),
        ("evaluation_frequency", "PT1M", f'evaluation_frequency: "PT1M" {FREQUENCY}'),
        ("evaluation_frequency", "P2D", f'evaluation_frequency: "P2D" {FREQUENCY}'),
        ("evaluation_frequency", "pt30m", f'evaluation_frequency: "pt30m" {FREQUENCY}'),
        ("evaluation_frequency", 30, f'evaluation_frequency: "30" {FREQUENCY}'),
        ("evaluation_frequency", TOKEN, f"evaluation_frequency: {ONLY_TERRAFORM}"),
        ("look_back", "5m", f'look_back: "5m" {DURATION}'),
        ("look_back", "", f'look_back: "" {DURATION}'),
        ("look_back", 5, f'look_back: "5" {DURATION}'),
        ("look_back", TOKEN, f"look_back: {ONLY_TERRAFORM}"),
        ("look_back", "P9999999999D", 'look_back: "P9999999999D" is too long [ACM033]\n    Write a shorter one, such as PT5M.'),
        ("evaluation_frequency", timedelta(minutes=7), f'evaluation_frequency: "0:07:00" {FREQUENCY}'),
        ("evaluation_frequency", timedelta(minutes=-30), f'evaluation_frequency: "-1 day, 23:30:00" {FREQUENCY}'),
        ("evaluation_frequency", timedelta(minutes=30, milliseconds=1), f'evaluation_frequency: "0:30:00.001000" {SECONDS}'),
        ("look_back", timedelta(minutes=-10), f'look_back: "-1 day, 23:50:00" {SECONDS}'),
        ("look_back", timedelta(hours=6.00001), f'look_back: "6:00:00.036000" {SECONDS}'),
        ("look_back", timedelta.max, f'look_back: "999999999 days, 23:59:59.999999" {SECONDS}'),
        ("look_back", timedelta(days=1_000_000), 'look_back: "P1000000D" is too long [ACM033]\n    Write a shorter one, such as PT5M.'),
        ("severity", 5, f'severity: "5" {SEVERITY}'),
        ("severity", "high", f'severity: "high" {SEVERITY}'),
        ("severity", True, f'severity: "True" {SEVERITY}'),
        ("severity", None, f"severity: None {SEVERITY}"),
        ("rules", "share", 'rules: "share" is not a valid value [ACM025]\n    Did you mean shared?'),
        ("identity", "system", 'identity: "system" is not an identity [ACM048]\n    Did you mean system-assigned? Or {id: …, principal_id: …}.'),
        ("reader_scopes", "scope", f'reader_scopes: "scope" {NOT_A_LIST}'),
        ("reader_scopes", ["scope", "cluster"], f'reader_scopes[1]: "cluster" {NO_ID}{CLUSTER_FORM}/cluster\n'
         "    Or one of scope, resource-group, subscription."),
        ("reader_scopes", ["Scope"], f'reader_scopes[0]: "Scope" {NO_ID.partition(NEWLINE)[0]}{NEWLINE}    Did you mean scope?'),
        ("reader_scopes", [{"service_uri": "hooks/s3cret"}], f"reader_scopes[0]: a mapping {NO_READER_SCOPE}"),
        ("reader_scopes", [{"variable": "x"}], f"reader_scopes[0]: {{variable: …}} {NO_READER_SCOPE}"),
        ("reader_scopes", ["scope", "scope"], f'reader_scopes[1]: "scope" {THERE_ALREADY}'),
        ("reader_scopes", [GROUP, CAPITALS], f'reader_scopes[1]: "{CAPITALS}" {THERE_ALREADY}'),
        ("routes", {}, f"routes: a mapping {NOT_A_LIST}"),
        ("routes", ["Failed"], f'routes[0]: "Failed" {NOT_A_MAPPING}'),
        ("routes", [{"statuses": ["Failed"], "severity": 1}, {"statuses": ["Fail"], "severity": 1}],
         'routes[1].statuses[0]: "Fail" is not a status of an upgrade [ACM025]\n    Did you mean Failed?'),
        ("routes", [{"statuses": ["Failed"], "severty": 1, "severity": 1}], "routes[0].severty: unknown key [ACM021]\n    Did you mean severity?"),
        ("name_prefix", "a/b;", f'name_prefix: "a/b;" contains / ;, {PREFIX}'),
        ("name_prefix", "a\nb", f'name_prefix: "a\\nb" contains \\n, {PREFIX}'),
        ("name_prefix", 5, f'name_prefix: "5" {NOT_TEXT}'),
        ("custom_properties", ["a"], f"custom_properties: a list {NOT_A_MAPPING}"),
        ("custom_properties", {"a": 1}, f'custom_properties.a: "1" {NOT_TEXT}'),
        ("custom_properties", {"runbook_url": ["https://s3cret"]}, f"custom_properties.runbook_url: a list {NOT_TEXT}"),
        ("custom_properties", {"scope": "a", "Cluster": "b"},
         "custom_properties.scope: is already set for every rule [ACM044]\n    Choose another name.\n"
         "custom_properties.Cluster: is already set for every rule [ACM044]\n    Choose another name."),
        ("tags", "a=b", f'tags: "a=b" {NOT_A_MAPPING}'),
        ("tags", {"a": None}, f"tags.a: None {NOT_TEXT}"),
        ("tags", {1: "a"}, f'tags[1]: "1" {NOT_TEXT}'),
        ("tags", {"a/b": "c", "": "d"}, f'tags.a/b: "a/b" {TAG}\ntags.: "" {TAG}'),
        ("tags", {"a": "b", "A": "c"}, 'tags.A: "A" and "a" are the same tag: Azure ignores letter case there [ACM039]\n    Remove one of them.'),
        ("tags", {"a": "b" * 257}, "tags.a: has 257 characters; Azure takes at most 256 in the value of a tag [ACM039]\n    Shorten it."),
        ("tags", {"a": "ü" * 129}, "tags.a: has 258 bytes in UTF-8; Azure takes at most 256 in the value of a tag [ACM039]\n    Shorten it."),
        ("tags", {f"tag-{n}": "a" for n in range(51)}, "tags: there are 51 tags; Azure takes at most 50 on a resource [ACM039]\n    Remove some."),
        ("allow_overlap", "perhaps", f'allow_overlap: "perhaps" {NEITHER}'),
        ("allow_overlap", None, f"allow_overlap: None {NEITHER}"),
        ("adopt", CLUSTER, f'adopt: "{CLUSTER}" {NOT_A_LIST}'),
        ("adopt", [{}], "adopt[0]: names nothing to adopt; an entry adopts one resource [ACM067]\n"
         "    Give exactly one of rule, action_group, role_assignment."),
        ("severty", 3, "severty: unknown key [ACM021]\n    Did you mean severity?"),
        ("Severity", 3, "Severity: unknown key [ACM021]\n    Did you mean severity?"),
    ],
    ids=lambda value: value[:40].partition("\n")[0] if isinstance(value, str) else None,
)  # fmt: skip
def test_invalid_value_is_reported_with_path_value_and_fix(option, value, text):
    assert mistakes(**{option: value}) == text


def test_all_mistakes_are_reported_together():
    text = mistakes(
        scopes=["prod-2"], severty=3, evaluation_frequency="PT31M", severity=9, tags={"a/b": "c"}, rules="x"
    )
    assert [line.partition(":")[0] for line in text.splitlines() if not line.startswith(" ")] == [
        *("scopes[0]", "evaluation_frequency", "severity", "rules", "tags.a/b", "severty")
    ]


@pytest.mark.parametrize("option", ["name_prefix"])
def test_tokens_pass_every_check(option):
    assert getattr(options(**{option: TOKEN}), option) == TOKEN


def test_tokens_pass_as_scopes_severity_readers_tags_and_properties():
    found = options(
        scopes=[known_later()],
        severity=TOKEN_NUMBER,
        reader_scopes=[TOKEN],
        tags={TOKEN: TOKEN},
        custom_properties={"a": TOKEN},
    )
    assert (found.scopes, found.severity, found.reader_scopes) == ((known_later(),), TOKEN_NUMBER, (TOKEN,))


def test_ids_get_one_spelling():
    given = f"/SUBSCRIPTIONS/{SUB}/resourcegroups/RG"
    found = options(scopes=[given], reader_scopes=[given])
    assert [str(each) for each in (*found.scopes, *found.reader_scopes)] == [
        f"/subscriptions/{SUB}/resourceGroups/RG"
    ] * 2


@pytest.mark.parametrize("make", [list, tuple, iter, set])
def test_scopes_may_be_any_iterable_but_a_mapping(make):
    assert options(scopes=make([CLUSTER])).scopes == (Scope.parse(CLUSTER),)


@pytest.mark.parametrize("text", ["true", "yes", "on", "True", True])
def test_yes_and_no_are_read_from_a_config_too(text):
    assert options(allow_overlap=text).allow_overlap is True


def test_an_own_query_is_read_and_its_notice_known_in_any_letter_case(tmp_path):
    file = tmp_path / "own.kql"
    file.write_text("not a query")
    [(notice, query)] = options(queries={"Cluster-Auto-Upgrade": file}).queries.items()
    assert (notice, query.file, query.text) == ("cluster-auto-upgrade", str(file), "not a query")


def test_a_notice_has_at_most_one_own_query(tmp_path):
    file = tmp_path / "own.kql"
    file.write_text("not a query")
    assert mistakes(queries={"end-of-support": file, "End-of-Support": file}) == (
        "queries.End-of-Support: end-of-support is listed twice, in different letter case [ACM026]\n    Remove one of them."
    )


def test_query_file_without_text_is_reported(tmp_path):
    (tmp_path / "own.kql").write_bytes(b"\xff\xfe")
    assert mistakes(queries={"end-of-support": tmp_path / "own.kql"}) == (
        f'queries.end-of-support: "{tmp_path / "own.kql"}" cannot be read: it is not UTF-8 text [ACM045]\n'
        "    Use the path of a .kql file."
    )
