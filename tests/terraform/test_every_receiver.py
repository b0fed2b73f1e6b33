"""All eleven kinds of receivers, by the Terraform that results."""

from __future__ import annotations

from aks_communication_manager import (
    AadAuth,
    ActionGroup,
    ArmRoleReceiver,
    AutomationRunbookReceiver,
    AzureAppPushReceiver,
    AzureFunctionReceiver,
    EmailReceiver,
    EventHubReceiver,
    ItsmReceiver,
    LogicAppReceiver,
    SmsReceiver,
    VoiceReceiver,
    WebhookReceiver,
)
from aks_communication_manager.config.receivers import KINDS
from tests.synthesis import GROUP, PRINCIPAL, SUBSCRIPTION, resource_group, resources, terraform

ACCOUNT = f"{resource_group()}/providers/Microsoft.Automation/automationAccounts/aa"

EVERY = {
    "email_receiver": EmailReceiver(name="email", email_address="platform@example.com"),
    "sms_receiver": SmsReceiver(name="sms", country_code="31", phone_number="0612345678"),
    "voice_receiver": VoiceReceiver(name="voice", country_code="1", phone_number="5551234567"),
    "azure_app_push_receiver": AzureAppPushReceiver(name="push", email_address="platform@example.com"),
    "webhook_receiver": WebhookReceiver(
        name="webhook",
        service_uri="https://example.com/hook?code=${secret}",
        aad_auth=AadAuth(object_id=PRINCIPAL, identifier_uri="api://hook/${x}", tenant_id=SUBSCRIPTION),
    ),
    "logic_app_receiver": LogicAppReceiver(
        name="logic-app",
        resource_id=f"{resource_group()}/providers/Microsoft.Logic/workflows/notify",
        callback_url="https://example.com/workflows/notify",
    ),
    "azure_function_receiver": AzureFunctionReceiver(
        name="function",
        function_app_resource_id=f"{resource_group()}/providers/Microsoft.Web/sites/functions",
        function_name="notify",
        http_trigger_url="https://example.com/api/notify",
    ),
    "automation_runbook_receiver": AutomationRunbookReceiver(
        name="runbook",
        automation_account_id=ACCOUNT,
        runbook_name="notify",
        webhook_resource_id=f"{ACCOUNT}/webhooks/notify",
        is_global_runbook=False,
        service_uri="https://example.com/webhooks",
        use_common_alert_schema=False,
    ),
    "arm_role_receiver": ArmRoleReceiver(name="owners", role_id="8e3af657-a8ff-443c-a75c-2fe8c4bcb635"),
    "event_hub_receiver": EventHubReceiver(
        name="hub",
        event_hub_name="notices",
        event_hub_namespace="ns-notices",
        tenant_id=PRINCIPAL,
        subscription_id=SUBSCRIPTION,
    ),
    "itsm_receiver": ItsmReceiver(
        name="ticket",
        workspace_id=f"{SUBSCRIPTION}|{PRINCIPAL}",
        connection_id=PRINCIPAL,
        ticket_configuration='{"PayloadRevision": 0, "WorkItemType": "Incident"}',
        region="westeurope",
    ),
}


def group():
    made = ActionGroup.create(name="ag", short_name="ag", receivers=list(EVERY.values()))
    [values] = resources(terraform(action_group=made), GROUP).values()
    return values


def test_each_kind_is_written_with_azurerms_names_and_what_it_was_given():
    written = group()
    assert {f"{kind}_receiver" for kind in KINDS} == set(EVERY)
    for argument, receiver in EVERY.items():
        [values] = written[argument]
        expected = receiver.model_dump(exclude={"type", "service_uri", "aad_auth"}, exclude_none=True)
        assert {name: values[name] for name in expected} == expected
        assert "type" not in values


def test_a_webhooks_url_is_escaped_and_its_authentication_written():
    [webhook] = group()["webhook_receiver"]
    assert webhook["service_uri"] == "https://example.com/hook?code=$${secret}"
    assert webhook["aad_auth"] == {
        "object_id": PRINCIPAL,
        "identifier_uri": "api://hook/$${x}",
        "tenant_id": SUBSCRIPTION,
    }


def test_receivers_use_the_common_alert_schema_by_default():
    written = group()
    uses = {argument: written[argument][0].get("use_common_alert_schema") for argument in EVERY}
    without = {"sms_receiver", "voice_receiver", "azure_app_push_receiver", "itsm_receiver"}
    assert {argument for argument, value in uses.items() if value is None} == without
    assert uses["automation_runbook_receiver"] is False
    assert all(uses[argument] for argument in set(EVERY) - without - {"automation_runbook_receiver"})


def test_the_terraform_json_is_as_it_was(snapshot):
    assert group() == snapshot
