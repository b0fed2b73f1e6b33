from __future__ import annotations

import json
from pathlib import Path

import pytest

DEFAULT = "test_communication_manager/test_the_terraform_json_is_as_it_was[default].json"


@pytest.fixture
def terraform_document():
    return json.loads((Path(__file__).parents[1] / "terraform" / "__snapshots__" / DEFAULT).read_text(encoding="utf-8"))


@pytest.fixture
def terraform_file(tmp_path, terraform_document):
    file = tmp_path / "production" / "cdk.tf.json"
    file.parent.mkdir()
    file.write_text(json.dumps(terraform_document), encoding="utf-8")
    return file
