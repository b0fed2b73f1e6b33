"""The eleven kinds of receivers: their arguments, and the messages for values that Azure would reject."""

import json

import pytest

from aks_communication_manager import (
    AadAuth,
    ArmRoleReceiver,
    AutomationRunbookReceiver,
    AzureAppPushReceiver,
    AzureFunctionReceiver,
    EmailReceiver,
    EventHubReceiver,
    InvalidArgument,
    ItsmReceiver,
    LogicAppReceiver,
    SmsReceiver,
    VoiceReceiver,
    WebhookReceiver,
)
from aks_communication_manager.config.receivers import KINDS, receiver

UUID = "11111111-2222-3333-4444-555555555555"
GROUP = f"/subscriptions/{UUID}/resourceGroups/rg"
SECRET = "https://contoso.example/hook?sig=s3cret"
TICKET = '{"PayloadRevision": 0, "WorkItemType": "Incident"}'
TOKEN = "${TfToken[TOKEN.0]}"
FREE = ("runbook_name", "function_name", "event_hub_name", "event_hub_namespace", "region")
"""Texts of any form."""
NOT_SHOWN = "the value (hidden, it may be a secret)"

WHOLE = {
    EmailReceiver: {"email_address": "platform@example.com"},
    SmsReceiver: {"country_code": "31", "phone_number": "0612345678"},
    VoiceReceiver: {"country_code": "1", "phone_number": "5551234567"},
    AzureAppPushReceiver: {"email_address": "platform@example.com"},
    WebhookReceiver: {"service_uri": SECRET},
    LogicAppReceiver: {
        "resource_id": f"{GROUP}/providers/Microsoft.Logic/workflows/flow",
        "callback_url": SECRET,
    },
    AzureFunctionReceiver: {
        "function_app_resource_id": f"{GROUP}/providers/Microsoft.Web/sites/app",
        "function_name": "tell",
        "http_trigger_url": SECRET,
    },
    AutomationRunbookReceiver: {
        "automation_account_id": f"{GROUP}/providers/Microsoft.Automation/automationAccounts/account",
        "runbook_name": "tell",
        "webhook_resource_id": f"{GROUP}/providers/Microsoft.Automation/automationAccounts/account/webhooks/hook",
        "is_global_runbook": False,
        "service_uri": SECRET,
    },
    ArmRoleReceiver: {"role_id": UUID},
    EventHubReceiver: {"event_hub_name": "hub", "event_hub_namespace": "namespace"},
    ItsmReceiver: {
        "workspace_id": f"{UUID}|{UUID}",
        "connection_id": UUID,
        "ticket_configuration": TICKET,
        "region": "westeurope",
    },
}
EXAMPLE = "11111111-1111-1111-1111-111111111111"
PROVIDERS = f"/subscriptions/{EXAMPLE}/resourceGroups/rg-aks/providers"
EXAMPLES = {
    "email_address": "platform@example.com",
    "country_code": "31",
    "phone_number": "0612345678",
    **dict.fromkeys(("service_uri", "callback_url", "http_trigger_url"), "https://example.com/hooks/aks"),
    "resource_id": f"{PROVIDERS}/Microsoft.Logic/workflows/example",
    "function_app_resource_id": f"{PROVIDERS}/Microsoft.Web/sites/example",
    "automation_account_id": f"{PROVIDERS}/Microsoft.Automation/automationAccounts/example",
    "webhook_resource_id": f"{PROVIDERS.replace('rg-aks', 'rg-automation')}/Microsoft.Automation/automationAccounts/operations/webhooks/drain",
    **dict.fromkeys(("role_id", "connection_id"), EXAMPLE),
    "workspace_id": f"{EXAMPLE}|22222222-2222-2222-2222-222222222222",
    "function_name": "notify",
    "runbook_name": "drain",
    "event_hub_name": "aks-notices",
    "event_hub_namespace": "evhns-operations",
    "ticket_configuration": '{"PayloadRevision": 0, "WorkItemType": "Incident"}',
    "region": "westeurope",
}
"""As messages, URLs excepted, and the JSON Schema show them. A boolean has none."""

KINDS_AND_ARGUMENTS = pytest.mark.parametrize(("kind", "arguments"), WHOLE.items(), ids=[kind.kind for kind in WHOLE])


def mistakes(make, **arguments):
    with pytest.raises(InvalidArgument) as error:
        make(**arguments)
    return str(error.value)


def webhook(**auth):
    return WebhookReceiver(name="hook", service_uri=SECRET, aad_auth=auth)


def test_all_eleven_kinds_are_there_and_a_config_calls_them_as_azurerm_does():
    assert set(KINDS.values()) == set(WHOLE)
    assert set(KINDS) == {
        *("email", "sms", "voice", "azure_app_push", "webhook", "logic_app", "azure_function"),
        *("automation_runbook", "arm_role", "event_hub", "itsm"),
    }


@KINDS_AND_ARGUMENTS
def test_each_kind_requires_its_arguments(kind, arguments):
    kind(name="on-call", **arguments)
    for key in arguments:
        rest = {name: value for name, value in arguments.items() if name != key}
        shown = f"{{variable: {key}}}" if key.endswith(("_uri", "_url")) else EXAMPLES.get(key)
        example = f", for example {key}: {shown}" if shown else ""
        assert mistakes(kind, name="on-call", **rest) == f"{key}: missing [ACM020]\n    Write it{example or '.'}"


@KINDS_AND_ARGUMENTS
def test_each_kind_needs_a_name_that_says_something(kind, arguments):
    assert mistakes(kind, **arguments) == "name: missing [ACM020]\n    Write it, for example name: platform-team"
    assert mistakes(kind, name=" ", **arguments) == "name: is empty [ACM027]\n    Write a text."


@KINDS_AND_ARGUMENTS
def test_an_unknown_key_of_a_receiver_is_reported_with_the_nearest_known(kind, arguments):
    assert mistakes(kind, name="a", nam="b", **arguments) == "nam: unknown key [ACM021]\n    Did you mean name?"


@KINDS_AND_ARGUMENTS
def test_each_kind_is_frozen_comparable_and_hashable(kind, arguments):
    one, same, other = kind(name="a", **arguments), kind(name="a", **arguments), kind(name="b", **arguments)
    assert one == same != other
    assert len({one, same, other}) == 2
    with pytest.raises(ValueError, match="frozen"):
        one.name = "c"


@KINDS_AND_ARGUMENTS
def test_tokens_pass_every_check(kind, arguments):
    texts = {name: TOKEN for name, value in arguments.items() if isinstance(value, str)}
    assert kind(name=TOKEN, **(arguments | texts)).name == TOKEN


@KINDS_AND_ARGUMENTS
def test_the_common_alert_schema_is_the_default_where_a_kind_has_it(kind, arguments):
    if "use_common_alert_schema" in kind.model_fields:
        assert kind(name="a", **arguments).use_common_alert_schema is True
        assert kind(name="a", use_common_alert_schema=False, **arguments).use_common_alert_schema is False
    else:
        assert kind in (SmsReceiver, VoiceReceiver, AzureAppPushReceiver, ItsmReceiver)


@KINDS_AND_ARGUMENTS
@pytest.mark.parametrize("value", [5, True, None, [SECRET], {"a": SECRET, "b": SECRET}])
def test_value_of_another_type_is_reported_without_its_content(kind, arguments, value):
    for key, given in arguments.items():
        if isinstance(given, str):
            text = mistakes(kind, name="a", **(arguments | {key: value}))
            assert text.startswith(f"{key}: ")
            assert text.endswith(" is not text [ACM024]\n    Write it in quotes.")
            assert "s3cret" not in text


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        (WebhookReceiver, "service_uri"),
        (LogicAppReceiver, "callback_url"),
        (AzureFunctionReceiver, "http_trigger_url"),
        (AutomationRunbookReceiver, "service_uri"),
    ],
)
@pytest.mark.parametrize(
    "value", ["http://s3cret.example/", "s3cret", "https://", "https://?s3cret", "https:///s3cret", "https://a b/s3cret",
              "https://[s3cret", "ftp://a/s3cret", "", "https://a.example/s3cret\n", "//a.example/s3cret", "https:a.example/s3cret"]
)  # fmt: skip
def test_a_url_is_https_and_whole_and_is_never_shown(kind, key, value):
    assert mistakes(kind, name="a", **(WHOLE[kind] | {key: value})) == (
        f"{key}: {NOT_SHOWN} is not an https URL [ACM036]\n"
        "    Write the whole URL, with https:// in front. http would send its secret unencrypted."
    )


@pytest.mark.parametrize(
    "value", ["https://h/%", "https://h/a%2", "https://h/%zz?s3cret", "https://h/#%", "https://%/s3cret", "https://u%:s3cret@h/"]
)  # fmt: skip
def test_a_url_with_a_broken_escape_is_refused_as_azurerm_does(value):
    assert mistakes(WebhookReceiver, name="a", service_uri=value) == (
        f"service_uri: {NOT_SHOWN} is not an https URL [ACM036]\n"
        "    Write %25 for the character %, or two hexadecimal digits behind it."
    )


@pytest.mark.parametrize(
    "value", ["https://h%20x/", "https://a{b}/", "https://h:port/", "https://[::1/", "https://u ser@h/", "https://h/\x7f"]
)  # fmt: skip
def test_url_that_go_rejects_is_refused(value):
    assert "is not an https URL [ACM036]" in mistakes(WebhookReceiver, name="a", service_uri=value)
    assert "is not an identifier URI [ACM040]" in mistakes(webhook, object_id=UUID, identifier_uri=value)


@pytest.mark.parametrize(
    "value", ["https://h", "https://h?a=%&b=%zz", "https://u:p@h:8443/a%2Fb?c#d%20e", "https://bücher.example/ü", "https://[::1]:1/"]
)  # fmt: skip
def test_every_form_of_url_that_azurerm_takes_is_taken(value):
    assert WebhookReceiver(name="a", service_uri=value).service_uri == value


def test_a_secret_url_in_the_wrong_place_is_not_shown_either():
    for kind, arguments in WHOLE.items():
        for key, value in arguments.items():
            if isinstance(value, str) and key not in FREE and value != SECRET:
                assert "s3cret" not in mistakes(kind, name="a", **(arguments | {key: SECRET}))
            assert "s3cret" not in repr(kind(name="a", **arguments))
    assert "s3cret" not in mistakes(EmailReceiver, name="a", email_address=f"a@b.example {SECRET}")


@pytest.mark.parametrize(
    "value", ["a@b", "a", "@b.example", "a@", "a@b@c.example", "a b@c.example", "a@b..example", "a@.example",
              "a@b.example.", "a@b.example,c@d.example", "a@b.example;", "A <a@b.example>", "", " a@b.example", "a@b.example\n"]
)  # fmt: skip
@pytest.mark.parametrize("kind", [EmailReceiver, AzureAppPushReceiver])
def test_invalid_address_is_refused(kind, value):
    shown = value.replace("\n", r"\n")
    assert mistakes(kind, name="a", email_address=value) == (
        f'email_address: "{shown}" is not an e-mail address [ACM037]\n    It looks like platform@example.com.'
    )


def test_an_address_that_azure_would_refuse_is_refused_here_with_its_length():
    longest = "a" * (64 - len("@contoso.org")) + "@contoso.org"
    assert EmailReceiver(name="a", email_address=longest).email_address == longest
    assert mistakes(EmailReceiver, name="a", email_address=f"a{longest}") == (
        f'email_address: "a{longest}" has 65 characters; Azure takes at most 64 [ACM037]\n'
        "    Use a shorter address, a distribution list for instance."
    )


@pytest.mark.parametrize("kind", [SmsReceiver, VoiceReceiver])
@pytest.mark.parametrize("value", ["+31", "031", "", "31 ", "12345", "NL", "٣١", "0"])
def test_a_country_code_is_digits_only(kind, value):
    assert mistakes(kind, name="a", country_code=value, phone_number="0612345678") == (
        f'country_code: "{value}" is not a country code [ACM040]\n    Digits only, without + or zeros in front: "31".'
    )


@pytest.mark.parametrize("kind", [SmsReceiver, VoiceReceiver])
@pytest.mark.parametrize(
    "value", ["+31612345678", "06-12345678", "06 12345678", "123", "1234567890123456", "", "٠٦١٢٣٤"]
)
def test_a_phone_number_is_digits_only(kind, value):
    assert mistakes(kind, name="a", country_code="31", phone_number=value) == (
        f'phone_number: "{value}" is not a phone number [ACM040]\n    Digits only, without the country code: "0612345678".'
    )


@pytest.mark.parametrize(
    ("kind", "key"),
    [(ArmRoleReceiver, "role_id"), (EventHubReceiver, "tenant_id"), (EventHubReceiver, "subscription_id"), (ItsmReceiver, "connection_id")],
)  # fmt: skip
@pytest.mark.parametrize("value", ["Owner", "", UUID[:-1], f"{UUID} ", f"{{{UUID}}}", UUID.replace("-", "")])
def test_invalid_uuid_is_refused(kind, key, value):
    assert mistakes(kind, name="a", **(WHOLE[kind] | {key: value})) == (
        f'{key}: "{value}" is not a UUID [ACM035]\n    It looks like 11111111-2222-3333-4444-555555555555.'
    )


def test_a_uuid_in_capitals_is_the_same_uuid():
    lower = "abcdefab-2222-3333-4444-555555555555"
    assert ArmRoleReceiver(name="a", role_id=lower.upper()) == ArmRoleReceiver(name="a", role_id=lower)


@pytest.mark.parametrize(
    ("kind", "key", "type_"),
    [
        (LogicAppReceiver, "resource_id", "Microsoft.Logic/workflows"),
        (AzureFunctionReceiver, "function_app_resource_id", "Microsoft.Web/sites"),
        (AutomationRunbookReceiver, "automation_account_id", "Microsoft.Automation/automationAccounts"),
    ],
)
def test_the_id_of_another_type_is_refused_and_letter_case_is_azurerms(kind, key, type_):
    wrong = f"{GROUP}/providers/Microsoft.Compute/virtualMachines/vm"
    assert mistakes(kind, name="a", **(WHOLE[kind] | {key: wrong})) == (
        f'{key}: "{wrong}" is not the id of a {type_} [ACM031]\n'
        f"    Write it in full: /subscriptions/<id>/resourceGroups/<name>/providers/{type_}/<name>"
    )
    # azurerm compares keywords with letter case, Azure without.
    lower = WHOLE[kind][key].lower()
    assert getattr(kind(name="a", **(WHOLE[kind] | {key: lower})), key) == WHOLE[kind][key]


@pytest.mark.parametrize("value", ["hook", f"{GROUP}/providers/Microsoft.Automation/automationAccounts/account", ""])
def test_the_id_of_a_runbooks_webhook_is_written_in_full(value):
    arguments = WHOLE[AutomationRunbookReceiver] | {"webhook_resource_id": value}
    assert mistakes(AutomationRunbookReceiver, name="a", **arguments) == (
        f'webhook_resource_id: "{value}" is not the id of a runbook\'s webhook [ACM040]\n'
        "    Write it in full: /subscriptions/<id>/resourceGroups/<name>"
        "/providers/Microsoft.Automation/automationAccounts/<name>/webhooks/<name>"
    )


def test_whether_a_runbook_is_global_is_a_yes_or_a_no():
    arguments = WHOLE[AutomationRunbookReceiver] | {"is_global_runbook": "perhaps"}
    assert mistakes(AutomationRunbookReceiver, name="a", **arguments) == (
        'is_global_runbook: "perhaps" is neither true nor false [ACM024]\n    Write true or false.'
    )


@pytest.mark.parametrize("value", [UUID, f"{UUID}|", f"{UUID}/{UUID}", f"{UUID}|workspace", f"{UUID}|{UUID}|{UUID}"])
def test_an_itsm_workspace_is_two_uuids(value):
    assert mistakes(ItsmReceiver, name="a", **(WHOLE[ItsmReceiver] | {"workspace_id": value})) == (
        f'workspace_id: "{value}" is not a workspace of an ITSM connection [ACM040]\n'
        "    Write <subscription id>|<workspace id>, two UUIDs with | between them."
    )


@pytest.mark.parametrize(
    "value", ["", "{", "PayloadRevision: 0", TICKET.replace("0", "NaN"), TICKET.replace("0", "1e999"), "[" * 100_000]
)
def test_ticket_without_json_is_refused_without_showing_it(value):
    text = mistakes(ItsmReceiver, name="a", **(WHOLE[ItsmReceiver] | {"ticket_configuration": value}))
    assert text.startswith("ticket_configuration: the ticket configuration is not JSON: ")
    assert text.endswith('\n    Write {"PayloadRevision": 0, …}')
    assert len(text) < 250


@pytest.mark.parametrize(
    ("value", "absent"),
    [
        ({}, "PayloadRevision and WorkItemType"),
        ([], "PayloadRevision and WorkItemType"),
        (5, "PayloadRevision and WorkItemType"),
        ("PayloadRevision, WorkItemType", "PayloadRevision and WorkItemType"),
        ({"PayloadRevision": 0, "workitemtype": "Incident"}, "WorkItemType"),
        ({"WorkItemType": "Incident"}, "PayloadRevision"),
    ],
)
def test_a_ticket_without_the_keys_that_azure_wants_is_refused(value, absent):
    arguments = WHOLE[ItsmReceiver] | {"ticket_configuration": json.dumps(value)}
    assert mistakes(ItsmReceiver, name="a", **arguments) == (
        f"ticket_configuration: the ticket configuration lacks {absent} [ACM042]\n"
        '    Write both: {"PayloadRevision": 0, "WorkItemType": "Incident"}'
    )


def test_a_webhook_may_be_protected_by_entra_id():
    auth = AadAuth(object_id=UUID, identifier_uri="api://contoso", tenant_id=UUID)
    assert webhook(object_id=UUID, identifier_uri="api://contoso", tenant_id=UUID).aad_auth == auth
    assert hash(WebhookReceiver(name="hook", service_uri=SECRET, aad_auth=auth))


def test_mistakes_in_it_are_reported_with_their_path_all_together():
    assert mistakes(webhook, object_id="me", identifier_uri="contoso", tenant="x") == (
        'aad_auth.object_id: "me" is not a UUID [ACM035]\n'
        "    It looks like 11111111-2222-3333-4444-555555555555.\n"
        'aad_auth.identifier_uri: "contoso" is not an identifier URI [ACM040]\n'
        "    It begins with api:// or https://, as the application's registration shows it.\n"
        "aad_auth.tenant: unknown key [ACM021]\n"
        "    Did you mean tenant_id?"
    )


def test_type_of_another_kind_is_refused():
    assert mistakes(EmailReceiver, name="a", type="sms", email_address="a@b.example") == (
        'type: "sms" is not a valid value [ACM025]\n    Write email.'
    )


def test_a_mapping_in_place_of_a_text_may_be_a_variable():
    assert mistakes(WebhookReceiver, name="a", service_uri={"secret": SECRET}) == (
        "service_uri: a mapping is not text [ACM024]\n"
        "    Write {variable: NAME}: Terraform is given its value as TF_VAR_NAME."
    )
    assert mistakes(WebhookReceiver, name="a", service_uri=SECRET, use_common_alert_schema={"secret": "x"}) == (
        "use_common_alert_schema: a mapping is neither true nor false [ACM024]\n    Write true or false."
    )


def test_an_expression_of_a_pipeline_is_not_evaluated():
    assert mistakes(SmsReceiver, name="$(ON_CALL)", country_code="31", phone_number="${{ secrets.PHONE }}") == (
        "name: is an expression of a pipeline, which is not evaluated here [ACM015]\n"
        "    Write {variable: ON_CALL}: Terraform is given its value as TF_VAR_ON_CALL.\n"
        "phone_number: is an expression of a pipeline, which is not evaluated here [ACM015]\n"
        "    Write {variable: PHONE}: Terraform is given its value as TF_VAR_PHONE."
    )


@pytest.mark.parametrize(
    ("value", "name"), [("$(chat-url)", "chat_url"), ("${{ secrets.URL || 's3cret' }}", "NAME"), (" ${{X}} ", "X")]
)
def test_the_variable_has_the_name_in_the_expression(value, name):
    text = mistakes(WebhookReceiver, name="a", service_uri=value)
    assert text.endswith(f"    Write {{variable: {name}}}: Terraform is given its value as TF_VAR_{name}.")
    assert "s3cret" not in text


@pytest.mark.parametrize("type_", ["teams", "msteams", "Slack", "mattermost"])
def test_a_chat_is_reached_through_a_logic_app_or_mail(type_):
    with pytest.raises(InvalidArgument) as error:
        receiver({"type": type_, "name": "channel"})
    assert str(error.value) == (
        f'type: "{type_}" is not a type of receiver [ACM025]\n'
        "    Azure Monitor has no type for it. Use logic_app, or the channel's e-mail address (email): "
        "docs/use/teams-and-slack.md shows how."
    )


@pytest.mark.parametrize("type_", ["pagerduty", "opsgenie"])
def test_a_paging_service_is_reached_through_another_type(type_):
    with pytest.raises(InvalidArgument) as error:
        receiver({"type": type_, "name": "on-call"})
    assert str(error.value) == (
        f'type: "{type_}" is not a type of receiver [ACM025]\n'
        "    Azure Monitor has no type for it. Use webhook or logic_app: docs/use/receivers.md shows how."
    )
