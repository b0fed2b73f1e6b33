"""A stack of the config: what surrounds its manager."""

from __future__ import annotations

import pytest

from aks_communication_manager.testing import synthesize_config
from tests.config.configs import config
from tests.synthesis import RULE

NAMES = ("azurerm", "backend", "notices", "notices_alert_rule_ids", "resource-group", "var")


@pytest.mark.parametrize("name", NAMES)
def test_a_variable_may_have_the_name_of_anything_else_in_the_stack(name, tmp_path):
    (tmp_path / "my.yaml").write_text(config(f"location: {{variable: {name}}}"))
    document = synthesize_config(tmp_path / "my.yaml")["production"].document
    assert document["variable"] == {
        name: {"type": "string", "description": "location of the AKS notices", "nullable": False}
    }
    assert {rule["location"] for rule in document["resource"][RULE].values()} == {f"${{var.{name}}}"}
