"""Clouds without alert rules over Azure Resource Graph are mistakes, those without documentation are warnings."""

from __future__ import annotations

import pytest

from aks_communication_manager.compiler import compile_config
from tests.compiling import compiled, said
from tests.config.configs import config


@pytest.fixture
def reported(tmp_path):
    def reported(keys: str) -> list[str]:
        (tmp_path / "my.yaml").write_text(config(keys))
        found = compile_config(tmp_path / "my.yaml")
        return [str(mistake) for mistake in (*found.mistakes, *found.warnings)]

    return reported


@pytest.mark.parametrize("location", ["usgovvirginia", "US Gov Virginia", "usdodeast", "ussecwest"])
def test_a_region_of_a_government_cloud_is_a_mistake(location):
    assert said(location=location) == (
        f'location: "{location}" is a region of a government cloud, '
        "where Azure Monitor takes no alert rules over Azure Resource Graph [ACM129]\n"
        "    Use a subscription of the public cloud."
    )


@pytest.mark.parametrize("environment", ["usgovernment", "USGovernment", "usgovernmentl5"])
def test_a_government_cloud_of_the_provider_is_a_mistake(reported, environment):
    assert reported(f"provider: {{environment: {environment}}}") == [
        f'stacks.production.provider.environment (line 8): "{environment}" is a government cloud, '
        "where Azure Monitor takes no alert rules over Azure Resource Graph [ACM129]\n"
        "    Use a subscription of the public cloud."
    ]


@pytest.mark.parametrize(
    ("keys", "where", "value"),
    [
        ("location: chinanorth3", "location (line 7)", "chinanorth3"),
        ("location: China East 2", "location (line 7)", "China East 2"),
        ("provider: {environment: china}", "provider.environment (line 8)", "china"),
    ],
)
def test_the_cloud_of_21vianet_is_a_warning(reported, keys, where, value):
    assert reported(keys) == [
        f'stacks.production.{where}: "{value}" is in the cloud operated by 21Vianet, '
        "where alert rules over Azure Resource Graph are not documented [ACM156]\n"
        "    Try one rule with the live test first (docs/evidence/live-test.md)."
    ]


@pytest.mark.parametrize("location", ["westus", "usgovernor ${TfToken[TOKEN.0]}", "eastus2", "westeurope"])
def test_other_regions_and_tokens_pass(location):
    _, warnings = compiled(location=location)
    assert warnings == ()


def test_the_public_cloud_may_be_named(reported):
    assert reported("provider: {environment: public}") == []
    assert reported("provider: none\nbackend: none") == []
