"""No secret of a receiver is shown, wherever it is written: in messages, warnings, reprs, reports, and with a variable in the Terraform JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from aks_communication_manager.compiler import Compilation, compile_config
from aks_communication_manager.config.loader import load
from aks_communication_manager.config.receivers import KINDS
from aks_communication_manager.config.strings import find_strings
from aks_communication_manager.errors import InvalidConfig
from aks_communication_manager.terraform import output
from tests.cli.cli_support import run
from tests.synthesis import SUBSCRIPTION, cluster, resource_group

IN = resource_group("rg-s3cret")
UUID = "5ec7e75e-c7e7-4ec7-8ec7-5ec7e75ec7e7"
WRONG = "s3cret of the\twrong form"

PLANTED: dict[str, dict[str, str]] = {
    "email": {"email_address": "s3cret@example.com"},
    "sms": {"country_code": "9371", "phone_number": "937193719371"},
    "voice": {"country_code": "9371", "phone_number": "937193719371"},
    "azure_app_push": {"email_address": "s3cret@example.com"},
    "webhook": {"service_uri": "https://example.com/s3cret"},
    "logic_app": {
        "resource_id": f"{IN}/providers/Microsoft.Logic/workflows/s3cret",
        "callback_url": "https://example.com/s3cret",
    },
    "azure_function": {
        "function_app_resource_id": f"{IN}/providers/Microsoft.Web/sites/s3cret",
        "function_name": "s3cret",
        "http_trigger_url": "https://example.com/s3cret",
    },
    "automation_runbook": {
        "automation_account_id": f"{IN}/providers/Microsoft.Automation/automationAccounts/s3cret",
        "runbook_name": "s3cret",
        "webhook_resource_id": f"{IN}/providers/Microsoft.Automation/automationAccounts/s3cret/webhooks/s3cret",
        "service_uri": "https://example.com/s3cret",
    },
    "arm_role": {"role_id": UUID},
    "event_hub": {
        "event_hub_name": "s3cret",
        "event_hub_namespace": "s3cret",
        "tenant_id": UUID,
        "subscription_id": UUID,
    },
    "itsm": {
        "workspace_id": f"{UUID}|{UUID}",
        "connection_id": UUID,
        "ticket_configuration": '{"PayloadRevision": 0, "WorkItemType": "Incident", "password": "s3cret"}',
        "region": "s3cret",
    },
}
"""Every text that a receiver takes beside its name, as right values by which they can be recognised."""

RECOGNISED = ("s3cret", "9371", UUID)
REST: dict[str, dict[str, Any]] = {"automation_runbook": {"is_global_runbook": False}}
FORMS = ("literal", "env", "file", "variable")


def placed(form: str, key: str, value: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A value as a config has it: the text itself, or where it is."""
    if form == "env":
        monkeypatch.setenv(f"PLACED_{key}", value)
    if form == "file":
        (folder / f"{key}.txt").write_text(value, encoding="utf-8")
    name = {"env": f"PLACED_{key}", "file": f"{key}.txt", "variable": f"a_{key}"}
    return value if form == "literal" else {form: name[form]}


def compiled(receivers: list[dict[str, Any]], folder: Path) -> Compilation:
    stack = {
        "subscription_id": SUBSCRIPTION,
        "location": "westeurope",
        "resource_group": "rg-aks-notices",
        "scopes": [cluster()],
        "action_group": {"name": "ag-aks-notices", "short_name": "aksnotices", "receivers": receivers},
    }
    file = folder / "communication-manager.yaml"
    file.write_text(yaml.safe_dump({"stacks": {"production": stack}}), encoding="utf-8")
    return compile_config(file)


def receiver(kind: str, form: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    texts = {key: placed(form, f"{kind}_{key}", value, folder, monkeypatch) for key, value in PLANTED[kind].items()}
    return {"type": kind, "name": f"the {kind}", **REST.get(kind, {}), **texts}


def shown(compilation: Compilation) -> str:
    """All that a log or a debugger can see of a compilation."""
    objects = [compilation, *compilation.mistakes, *compilation.warnings]
    for stack in compilation.stacks:
        objects += [stack, stack.settings, stack.settings.action_group, stack.plan, *stack.plan.all]
    said = [str(InvalidConfig("file", *compilation.mistakes)), *map(repr, objects), *map(str, objects)]
    return "\n".join(said)


def test_every_text_of_every_receiver_is_planted():
    for kind, model in KINDS.items():
        texts = {key for key, field in model.model_fields.items() if "str" in str(field.annotation)}
        assert texts - {"name", "type"} == set(PLANTED[kind])


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", PLANTED)
def test_what_is_right_is_not_shown(kind, form, tmp_path, monkeypatch):
    compilation = compiled([receiver(kind, form, tmp_path, monkeypatch)], tmp_path)
    assert compilation.mistakes == ()
    said = shown(compilation)
    assert f"the {kind}" in said
    assert [word for word in RECOGNISED if word in said] == []


@pytest.mark.parametrize("form", ["env", "file"])
@pytest.mark.parametrize(("kind", "key"), [(kind, key) for kind, texts in PLANTED.items() for key in texts])
def test_what_is_wrong_and_comes_from_elsewhere_is_not_shown_either(kind, key, form, tmp_path, monkeypatch):
    given = receiver(kind, "literal", tmp_path, monkeypatch)
    given[key] = placed(form, key, WRONG, tmp_path, monkeypatch)
    compilation = compiled([given], tmp_path)
    takes_any_text = key.endswith("_name") or key in ("region", "event_hub_namespace")
    assert bool(compilation.mistakes) is not takes_any_text
    assert "s3cret" not in shown(compilation)


def test_value_from_the_environment_is_hidden_in_messages(tmp_path, monkeypatch):
    monkeypatch.setenv("ADDRESS", "s3cret")
    monkeypatch.setenv("SENDER", "s3cret@" + "a" * 64)
    monkeypatch.setenv("WORKFLOW", "/subscriptions/s3cret/workflows/s3cret")
    receivers = [
        {"type": "email", "name": "a", "email_address": {"env": "ADDRESS"}},
        {"type": "email", "name": "b", "email_address": {"env": "SENDER"}},
        {"type": "logic_app", "name": "c", "resource_id": {"env": "WORKFLOW"}, "callback_url": {"variable": "url"}},
    ]
    said = [f"{mistake.problem}\n{mistake.fix}" for mistake in compiled(receivers, tmp_path).mistakes]
    assert said == [
        "the value (hidden, it may be a secret) is not an e-mail address\nIt looks like platform@example.com.",
        "the value (hidden, it may be a secret) has 71 characters; Azure takes at most 64\n"
        "Use a shorter address, a distribution list for instance.",
        # What the message repeats of the value, "workflows" here, cannot be known to be harmless.
        "the value (hidden, it may be a secret) is not valid\nCheck what the environment variable or the file holds.",
    ]


@pytest.mark.parametrize("form", ["env", "file"])
def test_a_name_is_shown_everywhere_and_therefore_not_secret(form, tmp_path):
    receivers = [{"type": "email", "name": {form: "X"}, "email_address": "platform@example.com"}]
    [mistake] = compiled(receivers, tmp_path).mistakes
    assert str(mistake).endswith(
        f"receivers[0].name (line 7): {{{form}: …}} is for values that can be secret [ACM055]\n"
        "    Write the value, or {variable: NAME} for a Terraform variable."
    )


@pytest.mark.parametrize(
    "form", [pytest.param(form, marks=pytest.mark.long if form in ("env", "file") else ()) for form in FORMS]
)
def test_rehearsal_and_json_with_variables_show_no_secret(form, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    stacks = compiled([receiver(kind, form, tmp_path, monkeypatch) for kind in PLANTED], tmp_path).checked()
    output.synthesize(stacks, tmp_path / "cdktf.out")
    document = (tmp_path / "cdktf.out/stacks/production/cdk.tf.json").read_text(encoding="utf-8")
    assert [word in document for word in RECOGNISED] == [form != "variable"] * 3
    given = ("rehearse", "--start", "2026-12-01", "--story", "upgrade", "--html", "report.html")
    reports = [run(*given), run(*given, "--json")]
    assert [report.status for report in reports] == [0, 0]
    assert len(json.loads(reports[1].out)["notifications"]) == 8
    said = "\n".join(
        [*(report.out + report.err for report in reports), Path("report.html").read_text(encoding="utf-8")]
    )
    assert all(f"the {kind}" in reports[1].out for kind in PLANTED)
    assert [word for word in RECOGNISED if word in said] == []


def test_secrets_of_backend_provider_and_defaults_give_a_warning(tmp_path):
    compilation = compiled([{"type": "webhook", "name": "a", "service_uri": {"variable": "url"}}], tmp_path)
    file = Path(compilation.file)
    stack = yaml.safe_load(file.read_text(encoding="utf-8"))
    stack["stacks"]["production"] |= {
        "backend": {"azurerm": {"access_key": "s3cret", "key": "notices.tfstate"}},
        "provider": {"client_secret": "s3cret", "tenant_id": UUID, "oidc_token": {"variable": "token"}},
        "location": {"variable": "region"},
        "variables": {
            "url": {"default": "https://example.com/s3cret"},
            "region": {"default": "westeurope"},
            "token": {"default": "s3cret"},
        },
    }
    file.write_text(yaml.safe_dump(stack), encoding="utf-8")
    compilation = compile_config(file)
    assert compilation.mistakes == ()
    settings = compilation.stacks[0].settings
    values = [settings.backend, settings.provider, settings.variables, load(file), *find_strings(settings)]
    assert "s3cret" not in shown(compilation) + repr(values)
    can_be = "can be a secret, and is written into the config and the Terraform JSON [ACM154]\n   "
    assert [str(replace(warning, mark=None)) for warning in compilation.warnings] == [
        f"stacks.production.provider.client_secret: {can_be} Write {{variable: NAME}}, or remove it and set "
        "azurerm's environment variable for it, such as ARM_CLIENT_SECRET.",
        f"stacks.production.backend.azurerm.access_key: {can_be} Remove it, and give its value to terraform init with -backend-config, "
        "or in an environment variable of the backend.",
        f"stacks.production.variables.token.default: {can_be} Remove it, and set TF_VAR_token where Terraform runs.",
        f"stacks.production.variables.url.default: {can_be} Remove it, and set TF_VAR_url where Terraform runs.",
    ]


def test_a_url_that_is_a_key_a_type_or_a_file_is_not_shown(tmp_path):
    url = "https://example.com/s3cret"
    receivers = [
        {"type": "webhook", "name": "a", "service_uri": {"file": url}},
        {"type": {"service_uri": "s3cret"}, "name": "b"},
        {"type": "webhook", "name": "c", "service_uri": "https://example.com/hook", url: "x"},
    ]
    compilation = compiled(receivers, tmp_path)
    assert [mistake.code for mistake in compilation.mistakes] == ["ACM055", "ACM025", "ACM021"]
    assert "s3cret" not in shown(compilation)


def test_a_value_in_place_of_the_description_of_a_variable_is_not_shown(tmp_path):
    compilation = compiled([{"type": "webhook", "name": "a", "service_uri": {"variable": "url"}}], tmp_path)
    file = Path(compilation.file)
    stack = yaml.safe_load(file.read_text(encoding="utf-8"))
    stack["stacks"]["production"] |= {"variables": {"url": "s3cret"}}
    file.write_text(yaml.safe_dump(stack), encoding="utf-8")
    [mistake] = compile_config(file).mistakes
    assert (mistake.where, mistake.problem) == ("stacks.production.variables.url", "is not a mapping")


@pytest.mark.parametrize("form", FORMS)
def test_no_command_shows_a_secret_or_sends_one_to_azure(form, tmp_path, monkeypatch):
    receivers = [receiver(kind, form, tmp_path, monkeypatch) for kind in PLANTED]
    assert not compiled(receivers, tmp_path).mistakes
    config = tmp_path / "communication-manager.yaml"
    outcomes = [
        run("validate", "--config", config),
        run("validate", "--config", config, "--json"),
        run("validate", "--config", config, "--format", "github"),
        run("cost", "--config", config),
        run("cost", "--config", config, "--json"),
        run("schema"),
    ]
    assert [one.status for one in outcomes] == [0] * 6
    # All that preflight, status and events know of a config.
    expected = repr(compile_config(Path(config)).checked())
    said = expected + "".join(one.out + one.err for one in outcomes)
    assert [word for word in RECOGNISED if word in said] == []
