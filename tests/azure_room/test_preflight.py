"""What preflight says of everything that Azure may lack, with the command that corrects it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from aks_communication_manager.arm.ids import ArmId
from aks_communication_manager.azure.client import Arm
from aks_communication_manager.azure.connection import connect
from aks_communication_manager.azure.failures import NotAllowed, Throttled
from aks_communication_manager.azure.findings import Finding
from aks_communication_manager.azure.readiness import preflight
from tests.azure_room.stack import EMAIL, RULES, SMS, WHOLE, change, deploy, fixes, problems, put, stack, user_assigned
from tests.stand_in import samples
from tests.stand_in.authorization import ASSIGNMENTS
from tests.stand_in.container_service import NODE_OS_WINDOW, UPGRADE_WINDOW
from tests.stand_in.endpoint import TENANT_ID, AzureEndpoint
from tests.stand_in.faults import too_many_requests
from tests.stand_in.samples import ACTION_GROUP, CLUSTER, CLUSTER_GROUP, GROUP, IDENTITY, SUBSCRIPTION

AZ_NAMES = f"--subscription {SUBSCRIPTION} --resource-group rg-aks"
OTHER = "99999999-9999-9999-9999-999999999999"


def by_check(rows: list[Finding], check: str) -> list[tuple[str, str, str]]:
    return [(row.subject, row.verdict, row.text) for row in rows if row.check == check]


def test_where_everything_is_ready_every_row_is_fine(arm: Arm):
    rows = [row for row in preflight(arm, stack()) if row.check != "addresses"]
    assert [(row.subject, row.check, row.text) for row in rows] == [
        ("subscription", "state", f"{SUBSCRIPTION} (A subscription of the tests) is enabled"),
        ("rg-aks-notices", "resource group", "exists in westeurope"),
        ("prod@rg-aks", "cluster-auto-upgrade", "channel patch, maintenance window aksManagedAutoUpgradeSchedule"),
        (
            "prod@rg-aks",
            "node-os-auto-upgrade",
            "channel NodeImage, maintenance window aksManagedNodeOSUpgradeSchedule",
        ),
        ("prod@rg-aks", "version", "Kubernetes 1.33.1 is supported (KubernetesOfficial)"),
        ("Microsoft.AlertsManagement", "resource provider", "registered"),
        ("Microsoft.ContainerService", "resource provider", "registered"),
        ("Microsoft.Insights", "resource provider", "registered"),
        ("rg-aks-notices", "rights", "this login may write alert rules, action groups and activity log alerts"),
        ("subscription", "rights", "this login may write role assignments"),
        ("rg-aks", "rights", "this login may write role assignments"),
        ("alert rules", "names", "all are free"),
        ("subscription", "role assignments", "0 of 4,000 role assignments exist, 4 more are needed"),
    ]
    assert problems(rows) == []


def test_nothing_is_written(azure: AzureEndpoint, arm: Arm):
    before = dict(azure.resources)
    preflight(arm, user_assigned())
    assert {request.method for request in azure.requests if "oauth2" not in request.path} == {"GET"}
    assert dict(azure.resources) == before


# Clusters


@pytest.mark.parametrize(
    ("settings", "check", "text", "fix"),
    [
        (
            {"channel": "none"},
            "cluster-auto-upgrade",
            "the channel is none, so Azure announces nothing (it upgrades the version only when that is about to fall out of "
            "support); set it to patch or stable or rapid",
            f"az aks update {AZ_NAMES} --name prod --auto-upgrade-channel patch",
        ),
        (
            {"channel": None},
            "cluster-auto-upgrade",
            "the channel is none, so Azure announces nothing (it upgrades the version only when that is about to fall out of "
            "support); set it to patch or stable or rapid",
            f"az aks update {AZ_NAMES} --name prod --auto-upgrade-channel patch",
        ),
        (
            {"node_os_channel": "Unmanaged"},
            "node-os-auto-upgrade",
            "the channel is Unmanaged, so Azure announces nothing (it upgrades no node image); set it to NodeImage or "
            "SecurityPatch",
            f"az aks update {AZ_NAMES} --name prod --node-os-upgrade-channel NodeImage",
        ),
    ],
)
def test_a_channel_that_upgrades_nothing_is_wrong(azure: AzureEndpoint, arm: Arm, settings, check, text, fix):
    azure.seed_cluster(CLUSTER, **settings)
    rows = preflight(arm, stack())
    assert problems(rows) == [("prod@rg-aks", check, "wrong", text)]
    assert fixes(rows) == [fix]


def test_a_missing_maintenance_window_deserves_attention(azure: AzureEndpoint, arm: Arm):
    azure.seed_cluster(CLUSTER, windows=(UPGRADE_WINDOW, "default"))
    rows = preflight(arm, stack())
    assert problems(rows) == [
        (
            "prod@rg-aks",
            "node-os-auto-upgrade",
            "attention",
            f"no maintenance window {NODE_OS_WINDOW}, which Microsoft requires for these notices (`default` is for releases "
            "of AKS itself, which are not announced); create it at least 24 hours before its first start, as Microsoft asks",
        )
    ]
    assert fixes(rows) == [
        f"az aks maintenanceconfiguration add {AZ_NAMES} --cluster-name prod --name {NODE_OS_WINDOW} --schedule-type "
        "Weekly --day-of-week Saturday --interval-weeks 1 --start-time 00:00 --duration 8"
    ]


def test_end_of_support_needs_neither_channel_nor_window(azure: AzureEndpoint, arm: Arm):
    azure.seed_cluster(CLUSTER, channel=None, node_os_channel=None, windows=())
    assert problems(preflight(arm, stack(notices=["end-of-support"]))) == []
    assert azure.asked("GET", "maintenanceConfigurations") == []


@pytest.mark.parametrize(
    ("version", "plan", "text"),
    [
        (
            "1.28.3",
            "KubernetesOfficial",
            "Kubernetes 1.28.3 is out of support in westeurope, so AKS may upgrade it, whatever its channel",
        ),
        (
            "1.30.4",
            "KubernetesOfficial",
            "Kubernetes 1.30.4 is supported in westeurope under AKSLongTermSupport only",
        ),
        ("1.30.4", "AKSLongTermSupport", None),
    ],
)
def test_a_version_without_support_deserves_attention(azure: AzureEndpoint, arm: Arm, version, plan, text):
    azure.seed_cluster(CLUSTER, version=version, support_plan=plan)
    rows = preflight(arm, stack())
    assert problems(rows) == ([("prod@rg-aks", "version", "attention", text)] if text else [])
    assert fixes(rows) == ([f"az aks get-upgrades {AZ_NAMES} --name prod --output table"] if text else [])


def test_versions_that_cannot_be_read_are_one_row_for_the_location(azure: AzureEndpoint, arm: Arm):
    azure.seed_cluster(CLUSTER.replace("prod", "dev"))
    azure.fail("GET", "/kubernetesVersions$", too_many_requests(3600), times=None)
    expected = stack(CLUSTER_GROUP)
    reason = "the supported versions could not be read: Azure limits the number of requests and refused one more"
    assert by_check(preflight(arm, expected), "version") == [("westeurope", "attention", reason)]


def window(azure: AzureEndpoint, **changed: Any) -> None:
    """Changes the window for node images."""
    identifier = f"{CLUSTER}/maintenanceConfigurations/{NODE_OS_WINDOW}"
    current = azure.resources[identifier]["properties"]["maintenanceWindow"]
    change(azure, identifier, maintenanceWindow=current | changed)


EVERY_DAY = [{"start": "2020-01-01", "end": "2999-12-31"}]
SATURDAYS = [
    {"start": f"{day:%Y-%m-%d}", "end": f"{day:%Y-%m-%d}"}
    for day in (date(2026, 1, 3) + timedelta(weeks=week) for week in range(1000))
]
NEVER = "does not open within a year: `notAllowedDates` covers every day of its schedule"


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({}, None),
        ({"startDate": "2999-01-01"}, "applies from 2999-01-01 only"),
        ({"startDate": None}, None),
        ({"notAllowedDates": EVERY_DAY}, NEVER),
        ({"notAllowedDates": SATURDAYS}, NEVER),
        ({"notAllowedDates": SATURDAYS, "schedule": {"daily": {"intervalDays": 1}}}, None),
        ({"notAllowedDates": SATURDAYS, "schedule": {"weekly": {"intervalWeeks": 1, "dayOfWeek": "Sunday"}}}, None),
        ({"notAllowedDates": EVERY_DAY, "schedule": {"daily": {"intervalDays": 1}}}, NEVER),
        (
            {
                "notAllowedDates": SATURDAYS,
                "schedule": {"relativeMonthly": {"weekIndex": "Last", "dayOfWeek": "Saturday"}},
            },
            NEVER,
        ),
        ({"notAllowedDates": SATURDAYS, "schedule": {"absoluteMonthly": {"dayOfMonth": 1}}}, None),
        ({"notAllowedDates": None}, None),
    ],
)
def test_a_window_that_does_not_open_deserves_attention(azure: AzureEndpoint, arm: Arm, changed, problem):
    window(azure, **changed)
    rows = preflight(arm, stack())
    text = f"maintenance window {NODE_OS_WINDOW} {problem}; change it at least 24 hours before its first start, as Microsoft asks"
    assert problems(rows) == ([("prod@rg-aks", "node-os-auto-upgrade", "attention", text)] if problem else [])
    show = f"az aks maintenanceconfiguration show {AZ_NAMES} --cluster-name prod --name {NODE_OS_WINDOW}"
    assert fixes(rows) == ([show] if problem else [])


def test_a_window_without_a_schedule_counts_only_where_it_refers_to_one(azure: AzureEndpoint, arm: Arm):
    identifier = f"{CLUSTER}/maintenanceConfigurations/{NODE_OS_WINDOW}"
    change(azure, identifier, maintenanceWindow=None)
    ((*_, verdict, text),) = problems(preflight(arm, stack()))
    assert verdict == "attention"
    assert "has no schedule, so no upgrade starts in it" in text
    change(azure, identifier, maintenanceWindowId=f"{GROUP}/providers/Microsoft.ContainerService/maintenanceWindows/w")
    assert problems(preflight(arm, stack())) == []


def test_a_stopped_cluster_deserves_attention(azure: AzureEndpoint, arm: Arm):
    change(azure, CLUSTER, powerState={"code": "Stopped"})
    rows = preflight(arm, stack())
    text = "is stopped: nothing is upgraded in its windows until it runs again"
    assert problems(rows) == [("prod@rg-aks", "power", "attention", text)]
    assert fixes(rows) == [f"az aks start {AZ_NAMES} --name prod"]


# Scopes


def test_the_clusters_of_wide_scopes_are_looked_at_once_each(azure: AzureEndpoint, arm: Arm):
    azure.seed_cluster(CLUSTER.replace("prod", "dev"), channel="none")
    azure.seed_cluster(CLUSTER.replace("rg-aks/", "rg-test/"))
    expected = stack(WHOLE, CLUSTER_GROUP, allow_overlap=True)
    rows = preflight(arm, expected)
    assert by_check(rows, "scope") == [
        (SUBSCRIPTION, "ok", "this subscription holds 3 clusters"),
        ("rg-aks", "ok", "this resource-group holds 2 clusters"),
    ]
    upgrades = [(subject, verdict) for subject, verdict, _ in by_check(rows, "cluster-auto-upgrade")]
    assert upgrades == [("prod@rg-aks", "ok"), ("dev@rg-aks", "wrong"), ("prod@rg-test", "ok")]
    assert [subject for subject, *_ in by_check(rows, "node-os-auto-upgrade")] == [subject for subject, _ in upgrades]
    assert len(azure.asked("GET", "/kubernetesVersions$")) == 1


def test_a_wide_scope_without_clusters_deserves_attention(azure: AzureEndpoint, arm: Arm):
    rows = preflight(arm, stack(GROUP))
    assert problems(rows) == [("rg-aks-notices", "scope", "attention", "this resource-group holds 0 clusters")]


@pytest.mark.parametrize("scope", [f"{CLUSTER}-2", f"{CLUSTER_GROUP}-2", f"/subscriptions/{OTHER}"])
def test_a_scope_that_does_not_exist_is_wrong(arm: Arm, scope: str):
    parsed = ArmId.parse(scope)
    rows = preflight(arm, stack(scope, allow_other_subscriptions=True))
    label = f"{parsed.cluster}@rg-aks" if parsed.cluster else scope.rpartition("/")[2]
    found = (label, "scope", "wrong", f"does not exist, or this login cannot see it: {scope}")
    assert found in [(row.subject, row.check, row.verdict, row.text) for row in rows]
    assert f"az aks list --subscription {parsed.subscription_id} --query '[].id' --output tsv" in fixes(rows)


def test_a_scope_that_the_login_may_not_read_is_wrong(azure: AzureEndpoint, arm: Arm):
    azure.rights.roles = [(GROUP, "Owner")]
    rows = preflight(arm, stack())
    text = "This login has no right to `Microsoft.ContainerService/managedClusters/read` at " + CLUSTER_GROUP
    assert ("prod@rg-aks", "scope", "wrong", text) in problems(rows)


def test_a_scope_of_another_tenant_is_a_row_and_not_the_end(azure: AzureEndpoint, arm: Arm):
    tenant = "aaaaaaaa-0000-4000-8000-000000000000"
    azure.seed_in_another_tenant(OTHER, tenant)
    scope = f"/subscriptions/{OTHER}"
    rows = preflight(arm, stack(CLUSTER, scope, allow_other_subscriptions=True))
    text = f"The login is for the tenant {TENANT_ID}, but the subscription {OTHER} belongs to the tenant {tenant}"
    assert (OTHER, "scope", "wrong", text) in problems(rows)
    assert ("prod@rg-aks", "ok") in [(subject, verdict) for subject, verdict, _ in by_check(rows, "version")]


def test_commands_can_be_pasted_into_a_shell(azure: AzureEndpoint, arm: Arm):
    cluster = CLUSTER.replace("rg-aks", "rg(1)")
    azure.seed_cluster(cluster, channel="none")
    (fix,) = fixes(preflight(arm, stack(cluster)))
    assert fix == (
        f"az aks update --subscription {SUBSCRIPTION} --resource-group 'rg(1)' --name prod --auto-upgrade-channel patch"
    )


# The subscription and the resource group


def test_a_missing_resource_group_is_wrong(azure: AzureEndpoint, arm: Arm):
    rows = preflight(arm, stack(resource_group="rg-new"))
    assert problems(rows)[0] == ("rg-new", "resource group", "wrong", "does not exist, or this login cannot see it")
    assert fixes(rows)[0] == f"az group create --subscription {SUBSCRIPTION} --name rg-new --location westeurope"


def test_a_resource_group_that_will_be_created_need_not_exist(arm: Arm):
    rows = preflight(arm, stack(resource_group={"name": "rg-new", "create": True}))
    assert problems(rows) == []
    assert by_check(rows, "resource group") == [("rg-new", "ok", "does not exist yet and will be created")]
    assert by_check(rows, "rights")[0] == (
        "subscription",
        "ok",
        "this login may write resource groups, alert rules, action groups, activity log alerts and role assignments",
    )


def test_a_resource_group_to_create_must_not_exist_before_the_first_apply(azure: AzureEndpoint, arm: Arm):
    expected = stack(resource_group={"name": "rg-aks-notices", "create": True})
    assert problems(preflight(arm, expected)) == [
        (
            "rg-aks-notices",
            "resource group",
            "wrong",
            "exists already, so Terraform cannot create it; write its name alone, without `create: true`",
        )
    ]
    deploy(azure, expected)
    assert problems(preflight(arm, expected)) == []


def test_without_any_access_to_the_subscription_there_is_no_table(azure: AzureEndpoint, arm: Arm):
    azure.rights.roles = []
    with pytest.raises(NotAllowed, match=r"no right to `Microsoft\.Resources/subscriptions/read`"):
        preflight(arm, stack())


def test_throttling_ends_it_with_one_line(azure: AzureEndpoint, arm: Arm):
    azure.fail("GET", "/roleAssignments$", too_many_requests(3600), times=None)
    with pytest.raises(Throttled):
        preflight(arm, stack())


# Resource providers and rights


def test_a_resource_provider_that_is_not_registered_is_wrong(azure: AzureEndpoint, arm: Arm):
    azure.registrations.missing |= {(SUBSCRIPTION, "microsoft.insights"), (SUBSCRIPTION, "microsoft.managedidentity")}
    rows = preflight(arm, stack())
    assert problems(rows) == [
        ("Microsoft.Insights", "resource provider", "wrong", f"NotRegistered in {SUBSCRIPTION}"),
    ]
    assert fixes(rows) == [f"az provider register --subscription {SUBSCRIPTION} --namespace Microsoft.Insights"]
    assert [row.subject for row in preflight(arm, user_assigned()) if row.verdict == "wrong"] == [
        "Microsoft.Insights",
        "Microsoft.ManagedIdentity",
    ]


def test_a_contributor_may_write_everything_but_role_assignments(azure: AzureEndpoint, arm: Arm):
    azure.rights.roles = [(WHOLE, "Contributor")]
    rows = preflight(arm, stack())
    text = "this login may not write role assignments (Microsoft.Authorization/roleAssignments/write)"
    assert problems(rows) == [("subscription", "rights", "wrong", text), ("rg-aks", "rights", "wrong", text)]
    assert fixes(rows)[1] == (
        "az role assignment create --assignee '<your object id>' --role 'Role Based Access Control Administrator' "
        f"--scope {CLUSTER_GROUP}"
    )


def test_a_reader_may_write_nothing(azure: AzureEndpoint, arm: Arm):
    azure.rights.roles = [(WHOLE, "Reader")]
    expected = stack(identity="user-assigned", resolved_messages=False)
    found = [row for row in preflight(arm, expected) if row.check == "rights" and row.subject == "rg-aks-notices"]
    assert [(row.verdict, row.text) for row in found] == [
        (
            "wrong",
            "this login may not write alert rules, action groups, alert processing rules, activity log "
            "alerts, managed identities and use managed identities "
            "(Microsoft.Insights/scheduledQueryRules/write, Microsoft.Insights/actionGroups/write, "
            "Microsoft.AlertsManagement/actionRules/write, Microsoft.Insights/activityLogAlerts/write, "
            "Microsoft.ManagedIdentity/userAssignedIdentities/write, "
            "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action)",
        )
    ]
    assert found[0].fix == "; ".join(
        f"az role assignment create --assignee '<your object id>' --role '{role}' --scope {GROUP}"
        for role in ("Managed Identity Contributor", "Managed Identity Operator", "Monitoring Contributor")
    )


def test_the_roles_of_a_monitoring_contributor_add_up_with_others(azure: AzureEndpoint, arm: Arm):
    azure.rights.roles = [(GROUP, "Monitoring Contributor"), (CLUSTER_GROUP, "Owner"), (WHOLE, "Reader")]
    found = {row.subject: row.verdict for row in preflight(arm, stack()) if row.check == "rights"}
    assert found == {"rg-aks-notices": "ok", "subscription": "wrong", "rg-aks": "ok"}


# Names


def test_what_an_earlier_apply_left_is_fine(azure: AzureEndpoint, arm: Arm):
    for expected in (stack(), user_assigned()):
        for kept in list(azure.resources):
            if "/providers/" in kept and "ContainerService" not in kept:
                azure.resources.remove(kept)
        deploy(azure, expected)
        rows = preflight(arm, expected)
        assert problems(rows) == []
        assert by_check(rows, "names") == [("alert rules", "ok", "2 of 2 rules exist, as after an apply")]
        assert by_check(rows, "role assignments")[0][2].endswith("exist, 0 more are needed")


def test_a_name_that_another_rule_has_is_wrong(azure: AzureEndpoint, arm: Arm):
    put(azure, ACTION_GROUP, samples.action_group("emailReceivers"), samples.ACTION_GROUP_VERSION)
    taken = f"{RULES}/cluster-auto-upgrade-prod@rg-aks"
    put(azure, taken, samples.rule(scopes=[CLUSTER_GROUP]), samples.RULE_VERSION)
    assert problems(preflight(arm, stack())) == [
        (
            "cluster-auto-upgrade-prod@rg-aks",
            "name",
            "wrong",
            "another alert rule has this name; choose another `name_prefix`, or list the rule under `adopt`",
        ),
        (
            "ag-aks-notices",
            "action group",
            "wrong",
            "exists already, so Terraform cannot create it; refer to it by its id, or choose another name: "
            + ACTION_GROUP,
        ),
    ]


def test_what_is_referred_to_has_to_exist(azure: AzureEndpoint, arm: Arm):
    expected = stack(identity={"id": IDENTITY}, reader_scopes=[], action_group={"id": ACTION_GROUP})
    missing = "does not exist, or this login cannot see it: "
    assert problems(preflight(arm, expected)) == [
        ("id-aks-notices", "identity", "wrong", missing + IDENTITY),
        ("ag-aks-notices", "action group", "wrong", missing + ACTION_GROUP),
    ]
    put(azure, ACTION_GROUP, samples.action_group("emailReceivers"), samples.ACTION_GROUP_VERSION)
    put(azure, IDENTITY, samples.identity(), samples.IDENTITY_VERSION)
    assert problems(preflight(arm, expected)) == []


def test_a_rule_that_is_taken_over_has_to_exist(azure: AzureEndpoint, arm: Arm):
    by_hand = f"{RULES}/by-hand"
    adopted = {"scope": CLUSTER, "notice": "cluster-auto-upgrade", "rule": by_hand}
    expected = stack(adopt=[adopted])
    assert problems(preflight(arm, expected)) == [
        ("by-hand", "name", "wrong", f"is to be taken over but does not exist: {by_hand}")
    ]
    put(azure, ACTION_GROUP, samples.action_group("emailReceivers"), samples.ACTION_GROUP_VERSION)
    put(azure, by_hand, samples.rule(), samples.RULE_VERSION)
    assert by_check(preflight(arm, expected), "name") == [("by-hand", "ok", "exists and will be taken over")]


# Room for role assignments


@pytest.mark.parametrize(
    ("existing", "verdict"), [(3599, "attention"), (3595, "ok"), (3996, "attention"), (3997, "wrong")]
)
def test_the_room_for_role_assignments_is_counted(azure: AzureEndpoint, arm: Arm, existing: int, verdict: str):
    for _ in range(existing):
        name = str(uuid4())
        identifier = f"{CLUSTER_GROUP}/providers/{ASSIGNMENTS}/{name}"
        properties = {"scope": CLUSTER_GROUP, "principalId": name, "roleDefinitionId": "reader"}
        azure.resources.keep({"id": identifier, "name": name, "type": ASSIGNMENTS, "properties": properties})
    text = f"{existing:,} of 4,000 role assignments exist, 4 more are needed"
    assert by_check(preflight(arm, stack()), "role assignments") == [("subscription", verdict, text)]


def test_assignments_inherited_from_above_take_no_room(azure: AzureEndpoint, arm: Arm):
    name = str(uuid4())
    properties = {"scope": "/", "principalId": name, "roleDefinitionId": "reader"}
    azure.resources.keep(
        {"id": f"/providers/{ASSIGNMENTS}/{name}", "name": name, "type": ASSIGNMENTS, "properties": properties}
    )
    assert by_check(preflight(arm, stack()), "role assignments")[0][2].startswith("0 of 4,000 role assignments exist")


def test_assignments_that_the_login_may_not_count_deserve_attention(azure: AzureEndpoint, arm: Arm):
    azure.rights.roles = [(GROUP, "Owner"), (CLUSTER_GROUP, "Owner")]
    rows = preflight(arm, stack())
    assert by_check(rows, "role assignments") == [
        ("subscription", "attention", "this login may not count the role assignments")
    ]


def test_it_says_what_it_is_doing(azure: AzureEndpoint):
    lines: list[str] = []
    with connect(lines.append) as arm:
        preflight(arm, stack())
    assert lines[0] == "Subscription and resource group"
    assert "Clusters: 1 of 1" in lines


# E-mail addresses


OTHER_EMAIL = {"type": "email", "name": "on-call", "email_address": "on-call@example.com"}
CODE = (
    "each address that is new in this tenant gets a code by e-mail and has 30 minutes from the apply to confirm it, "
    "or no mail arrives"
)


@pytest.mark.parametrize(
    ("receivers", "rows"),
    [
        ((EMAIL, SMS), [("ok", "no new e-mail address")]),
        ((EMAIL | {"email_address": "PLATFORM@example.com"},), [("ok", "no new e-mail address")]),
        ((EMAIL | {"name": "another"},), [("ok", "no new e-mail address")]),
        ((EMAIL, OTHER_EMAIL), [("attention", f"new here: on-call; {CODE}")]),
        (
            (EMAIL | {"email_address": "team@example.com"}, OTHER_EMAIL),
            [
                (
                    "wrong",
                    "the address of email changes, and such a receiver was seen to stay without mail for a day: give the "
                    "receiver a new name",
                ),
                ("attention", f"new here: on-call; {CODE}"),
            ],
        ),
        ((SMS,), []),
        (
            (EMAIL | {"email_address": {"variable": "mail"}},),
            [
                (
                    "attention",
                    "some addresses are known to Terraform alone; one that is new in this tenant has to be confirmed",
                )
            ],
        ),
    ],
)
def test_new_addresses_are_named_by_their_receiver(azure: AzureEndpoint, arm: Arm, receivers, rows):
    put(azure, ACTION_GROUP, samples.action_group("emailReceivers"), samples.ACTION_GROUP_VERSION)
    found = by_check(preflight(arm, stack(receivers=receivers)), "addresses")
    assert found == [("ag-aks-notices", verdict, text) for verdict, text in rows]


def test_before_the_first_apply_every_address_is_new(azure: AzureEndpoint, arm: Arm):
    assert by_check(preflight(arm, stack()), "addresses") == [
        ("ag-aks-notices", "attention", f"new here: email; {CODE}")
    ]


def test_the_principal_of_an_existing_identity_is_compared(azure: AzureEndpoint, arm: Arm):
    principal = put(azure, IDENTITY, samples.identity(), samples.IDENTITY_VERSION)["properties"]["principalId"]
    right = stack(identity={"id": IDENTITY, "principal_id": principal.upper()})
    assert problems(preflight(arm, right)) == []
    other = "99999999-9999-9999-9999-999999999999"
    wrong = stack(identity={"id": IDENTITY, "principal_id": other})
    text = f"its principal is {principal}, not {other} as `identity.principal_id` says: another identity would become Reader"
    assert problems(preflight(arm, wrong)) == [("id-aks-notices", "identity", "wrong", text)]
