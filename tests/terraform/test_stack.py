"""A stack of the config: what surrounds its manager."""

from __future__ import annotations

import pytest
from cdktf import Testing
from constructs import RootConstruct

from aks_communication_manager import InvalidArgument
from aks_communication_manager.compiler import compile_config
from aks_communication_manager.testing import synthesize_config
from tests.config.configs import config, receivers
from tests.synthesis import RULE, manager

NAMES = ("addresses_to_verify", "azurerm", "backend", "notices", "notices_alert_rule_ids", "resource-group", "var")


@pytest.mark.parametrize("name", NAMES)
def test_a_variable_may_have_the_name_of_anything_else_in_the_stack(name, tmp_path):
    (tmp_path / "my.yaml").write_text(config(f"location: {{variable: {name}}}"))
    document = synthesize_config(tmp_path / "my.yaml")["production"].document
    assert document["variable"] == {
        name: {"type": "string", "description": "location of the AKS notices", "nullable": False}
    }
    assert {rule["location"] for rule in document["resource"][RULE].values()} == {f"${{var.{name}}}"}


def test_an_argument_of_the_provider_may_be_a_variable(tmp_path):
    (tmp_path / "my.yaml").write_text(
        config("provider: {client_secret: {variable: secret}, use_oidc: {variable: oidc}}")
    )
    document = synthesize_config(tmp_path / "my.yaml")["production"].document
    [provider] = document["provider"]["azurerm"]
    assert (provider["client_secret"], provider["use_oidc"]) == ("${var.secret}", "${var.oidc}")
    described = {"type": "string", "sensitive": True, "nullable": False}
    assert document["variable"] == {
        name: described | {"description": f"provider.{key} of the AKS notices"}
        for name, key in {"secret": "client_secret", "oidc": "use_oidc"}.items()
    }


@pytest.mark.parametrize("scope", [Testing.app, RootConstruct], ids=["app", "root"])
def test_a_manager_outside_a_stack_is_a_mistake(scope):
    with pytest.raises(InvalidArgument) as error:
        manager(scope())
    assert str(error.value) == (
        "scope: is in no stack of CDK for Terraform or CDK Terrain [ACM139]\n"
        "    Pass a TerraformStack, or a construct in one."
    )


@pytest.mark.parametrize("address", ["{variable: ADDRESS}", "{env: ADDRESS}"])
def test_an_address_that_is_somewhere_else_is_neither_an_output_nor_said(address, tmp_path, monkeypatch):
    monkeypatch.setenv("ADDRESS", "from-elsewhere@example.com")
    mail = f"{{type: email, name: a, email_address: {address}}}"
    (tmp_path / "my.yaml").write_text(config(receivers(mail)))
    [stack] = compile_config(tmp_path / "my.yaml").checked()
    assert stack.email_addresses == ()
