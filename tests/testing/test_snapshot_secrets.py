"""A snapshot for version control holds no secret, and still says that one has changed."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from aks_communication_manager.terraform import output
from aks_communication_manager.testing import SynthesizedStack, stable
from aks_communication_manager.text import can_be_secret
from tests.test_secrets import FORMS, PLANTED, RECOGNISED, compiled, receiver
from tests.testing.test_plugin import PLUGIN, run

SNAPSHOT = """
import json
from pathlib import Path
from aks_communication_manager.testing import SynthesizedStack

def test_it(terraform_snapshot):
    terraform_snapshot(SynthesizedStack("a", json.loads(Path("cdk.tf.json").read_text())))
"""


def synthesized(form: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> SynthesizedStack:
    monkeypatch.chdir(folder)
    stacks = compiled([receiver(kind, form, folder, monkeypatch) for kind in PLANTED], folder).checked()
    output.synthesize(stacks, folder / "cdktf.out")
    file = folder / "cdktf.out/stacks/production/cdk.tf.json"
    return SynthesizedStack("production", json.loads(file.read_text(encoding="utf-8")))


@pytest.mark.parametrize("form", FORMS)
def test_no_form_of_a_receiver_reaches_a_snapshot(form, tmp_path, monkeypatch):
    stack = synthesized(form, tmp_path, monkeypatch)
    for key in ("", "a key"):
        shown = json.dumps(stable(stack.document, key))
        assert [word for word in RECOGNISED if word in shown] == []
        assert all(f"the {kind}" in shown for kind in PLANTED)
    shown = json.dumps(stack.stable(), ensure_ascii=False)
    assert ("${var.a_webhook_service_uri}" in shown) is (form == "variable")


def argument(name: str, value: Any = "s3cret") -> dict[str, Any]:
    return {"resource": {"azurerm_thing": {"a": {"name": "a", "block": [{name: value}]}}}}


@pytest.mark.parametrize(
    "document",
    [
        *map(argument, ("client_secret", "admin_password", "access_key", "sas_token", "primary_connection_string")),
        *map(argument, ("clientSecret", "httpTriggerUrl", "custom_data", "app_settings", "secret_values", "api_key")),
        *map(
            argument, ("administrator_login_password_wo", "private_key_pem", "client_certificate", "protected_settings")
        ),
        argument("secret", [{"name": "a", "content": ["s3cret"]}]),
        argument("notes", "the hook is https://example.com/s3cret"),
        argument("connection", "Endpoint=sb://x/;SharedAccessKey=s3cret"),
        argument("body", '{"properties": {"password": "s3cret"}}'),
        argument("header", "Authorization: Bearer s3crets3crets3cret"),
        argument("token_value", {"x": "s3cret"}),
        argument("smtp_password", "s3cret-${var.rest}"),
        argument("smtp_password", '${sensitive("s3cret")}'),
        argument("https://example.com/s3cret", "a key"),
        argument("webhook_receiver", {"service_uri": "s3cret"}),
        argument("dynamic", {"webhook_receiver": {"content": {"address": "s3cret"}}}),
        argument("emailReceivers", [{"emailAddress": "s3cret"}]),
        {"resource": {"azurerm_key_vault_secret": {"a": {"value": "s3cret"}}}},
        {"resource": {"kubernetes_secret_v1": {"a": {"data": {"x": "s3cret"}}}}},
        {"data": {"http": {"a": {"request_headers": {"api-key": "s3cret"}}}}},
        {"provider": {"azurerm": [{"client_secret": "s3cret"}]}},
        {"provider": {"pagerduty": {"token": "s3cret"}}},
        {"terraform": {"backend": {"azurerm": {"access_key": "s3cret", "key": "a"}}}},
        {"terraform": {"backend": {"http": {"address": "https://user:s3cret@example.com/state"}}}},
        {"terraform": {"backend": {"pg": {"conn_str": "s3cret"}}}},
        {"terraform": {"backend": {"s3": {"secret_key": "s3cret"}}}},
        {"module": {"a": {"db_password": "s3cret"}}},
        {"locals": {"token": "s3cret"}},
        {"variable": {"region": {"default": "s3cret"}}},
        {"variable": {"regions": {"default": {"a": ["s3cret"]}}}},
        {"output": {"a": {"value": "s3cret", "sensitive": True}}},
        {"output": {"token": {"value": "s3cret"}}},
    ],
)
def test_a_secret_of_a_teams_own_is_hidden(document):
    assert "s3cret" in json.dumps(document)
    for key in ("", "a key"):
        hidden = stable(document, key)
        assert "s3cret" not in json.dumps(hidden)
        assert stable(hidden, key) == hidden


def test_what_is_no_secret_stays_readable():
    document = {
        "terraform": {"backend": {"azurerm": {"key": "notices.tfstate", "container_name": "state"}}},
        "provider": {"azurerm": [{"client_id": "11111111", "use_oidc": True, "client_certificate_path": "a.pfx"}]},
        "resource": {
            "azurerm_key_vault_key": {"token": {"key_vault_id": "/subscriptions/a", "key_size": 2048}},
            "azurerm_monitor_action_group": {
                "a": {"webhook_receiver": [{"name": "a", "service_uri": "${var.url}", "use_common_alert_schema": True}]}
            },
        },
        "module": {"token": {"location": "westeurope"}},
        "variable": {"url": {"type": "string", "sensitive": True}},
        "output": {"a": {"value": "${azurerm_x.a.id}"}},
    }
    assert stable(document, "a key") == document


def test_a_fingerprint_changes_with_the_value_and_the_key():
    documents = [argument("password", value) for value in ("a", "b", 7)]
    found = [json.dumps(stable(document, key)) for document in documents for key in ("x", "y")]
    assert len(set(found)) == 6
    assert all(re.search(r'"password": "\\u2026[0-9a-f]{4}"', text) for text in found)


def checked(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return run(folder, "-p", PLUGIN, "--showlocals", *options)


def test_a_changed_secret_is_a_difference_that_shows_neither_value(tmp_path):
    def write(secret: str) -> None:
        document = argument("password", secret) | {"provider": {"azurerm": [{"client_secret": secret}]}}
        (tmp_path / "cdk.tf.json").write_text(json.dumps(document), encoding="utf-8")

    (tmp_path / "test_it.py").write_text(SNAPSHOT, encoding="utf-8")
    write("s3cret")
    assert checked(tmp_path, "--update-terraform-snapshots").returncode == 0
    file = tmp_path / "__terraform__/test_it/test_it.json"
    first = file.read_text(encoding="utf-8")
    assert checked(tmp_path).returncode == 0
    write("s3cret-2")
    different = checked(tmp_path)
    assert re.search(r'\n-\s+"client_secret": "…[0-9a-f]{4}"\n\+\s+"client_secret": "…[0-9a-f]{4}"\n', different.stdout)
    assert checked(tmp_path, "--update-terraform-snapshots").returncode == 0
    assert json.loads(file.read_text(encoding="utf-8"))["//"] == json.loads(first)["//"]
    assert "s3cret" not in first + different.stdout + different.stderr + file.read_text(encoding="utf-8")


def test_a_snapshot_of_an_earlier_version_is_compared_without_its_secrets(tmp_path):
    (tmp_path / "test_it.py").write_text(SNAPSHOT, encoding="utf-8")
    (tmp_path / "cdk.tf.json").write_text(json.dumps(argument("password", "new-s3cret")), encoding="utf-8")
    file = tmp_path / "__terraform__/test_it/test_it.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(argument("password", "s3cret")), encoding="utf-8")
    different = checked(tmp_path)
    assert "1 failed" in different.stdout
    assert "s3cret" not in different.stdout + different.stderr


def test_names_that_only_resemble_those_of_secrets():
    for name in ("key", "key_vault_id", "secret_name", "ssh_public_key", "monkey", "tokenizer", "compass", "curl"):
        assert not can_be_secret(name)
