"""Secrets that are written into a config, and variables that a shell cannot set, are warnings."""

from __future__ import annotations

import pytest

from aks_communication_manager.compiler import compile_config
from tests.config.configs import config

WARNING = "can be a secret, and is written into the config and the Terraform JSON [ACM154]\n    "


@pytest.fixture
def warnings(tmp_path):
    def warnings(keys: str) -> list[str]:
        (tmp_path / "my.yaml").write_text(config(keys))
        return [str(warning) for warning in compile_config(tmp_path / "my.yaml").warnings]

    return warnings


@pytest.mark.parametrize(
    "key", ["access_key", "sas_token", "client_secret", "client_certificate_password", "oidc_token", "oidc_request_token"]
)  # fmt: skip
def test_a_secret_of_a_backend_is_a_warning(warnings, key):
    assert warnings(f"backend: {{azurerm: {{{key}: s3cret, container_name: tfstate}}}}") == [
        f"stacks.production.backend.azurerm.{key} (line 8): {WARNING}"
        "Remove it, and give its value to terraform init with -backend-config, or in an environment variable of the backend."
    ]


@pytest.mark.parametrize("key", ["client_secret", "client_certificate_password", "oidc_token", "oidc_request_token"])
def test_a_secret_of_the_provider_is_a_warning(warnings, key):
    assert warnings(f"provider: {{{key}: s3cret, tenant_id: x}}") == [
        f"stacks.production.provider.{key} (line 8): {WARNING}"
        "Write {variable: NAME}, or remove it and set azurerm's environment variable for it, such as ARM_CLIENT_SECRET."
    ]
    assert warnings(f"provider: {{{key}: {{variable: secret}}}}\nvariables: {{secret: {{default: s3cret}}}}") == [
        f"stacks.production.variables.secret.default (line 9): {WARNING}"
        "Remove it, and set TF_VAR_secret where Terraform runs."
    ]


def test_a_variable_that_no_shell_can_export_is_a_warning_once(warnings):
    keys = (
        "action_group: {name: ag, short_name: ag, receivers: [{type: webhook, name: chat, service_uri: {variable: pager-url}},"
        " {type: webhook, name: chat-2, service_uri: {variable: pager-url}}]}"
    )
    assert warnings(keys) == [
        "stacks.production.action_group.receivers[0].service_uri (line 7): "
        "a shell cannot export TF_VAR_pager-url, because of the hyphen [ACM157]\n"
        "    Name it pager_url, or give its value with -var or in a .tfvars file."
    ]
    assert warnings("location: {variable: a-region}\nvariables: {a-region: {default: westeurope}}") == []
    assert warnings("location: {variable: a_region}") == []
