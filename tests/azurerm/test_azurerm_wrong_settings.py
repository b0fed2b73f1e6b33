"""Each wrong setting, tried as Terraform JSON: with ``terraform validate``, then at apply.

All of them are in one configuration, a resource each, so that one validate and one apply judge them all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest

from tests.azurerm.deployment import Deployment, config, read_only
from tests.azurerm.wrong_settings import BUSY, ROWS, Finder, Wrong
from tests.stand_in import samples
from tests.stand_in.authorization import ASSIGNMENTS, MAX_ASSIGNMENTS
from tests.stand_in.client import ask
from tests.stand_in.endpoint import AzureEndpoint
from tests.stand_in.terraform import Terraform
from tests.synthesis import GROUP, IDENTITY, OTHER_SUBSCRIPTION, PRINCIPAL, READER, RULE

pytestmark = pytest.mark.azurerm

Found = dict[str, str]
"""What was said, by the number of the row."""


def test_each_wrong_setting_is_found_where_the_page_says(deployment: Deployment):
    azure = deployment.azure
    azure.seed_principal(PRINCIPAL)
    terraform = deployment.write(config(**read_only()))
    deployment.seed()
    seed_limits(azure)
    terraform.apply()
    right = json.loads((terraform.directory / "cdk.tf.json").read_text())
    rows = {str(number): wrong for number, wrong in enumerate(ROWS)}
    write(terraform, right, rows)
    by_validate = errors(terraform, "validate", "-json")
    write(terraform, right, {number: wrong for number, wrong in rows.items() if number not in by_validate})
    by_azure = errors(terraform, "apply", "-auto-approve", "-json", "-parallelism=50")

    assert {*by_validate, *by_azure} <= rows.keys()  # what is right is taken, or the rest would prove nothing
    for number, wrong in rows.items():
        said = by_validate.get(number) or by_azure.get(number, "")
        assert (finder(by_validate.get(number), by_azure.get(number)), said) == (wrong.found_by, said), wrong.setting


def finder(by_validate: str | None, by_azure: str | None) -> Finder:
    if by_validate:
        return "validate"
    if not by_azure:
        return "nobody"
    return "Azure" if "unexpected status 4" in by_azure else "azurerm"


def seed_limits(azure: AzureEndpoint) -> None:
    """An identity of its own for fifty rules, and a subscription that has all the role assignments it takes."""
    azure.seed(BUSY.partition("/providers/")[0], f"/subscriptions/{OTHER_SUBSCRIPTION}")
    assert ask(azure, "PUT", BUSY, samples.identity(), api_version=samples.IDENTITY_VERSION).status == 201
    for _ in range(MAX_ASSIGNMENTS):
        scope = f"/subscriptions/{OTHER_SUBSCRIPTION}"
        properties = {"scope": scope, "principalId": str(uuid4()), "roleDefinitionId": "of somebody else"}
        name = f"{scope}/providers/{ASSIGNMENTS}/{uuid4()}"
        azure.resources.keep({"id": name, "name": name[-36:], "type": ASSIGNMENTS, "properties": properties})


def write(terraform: Terraform, right: dict[str, Any], rows: Mapping[str, Wrong]) -> None:
    """The right configuration, and beside it a resource ``row-<number>`` for each wrong one."""
    resources = {type_: dict(made) for type_, made in right["resource"].items()}
    for number, wrong in rows.items():
        arguments = dict(wrong.arguments)
        twice = arguments.pop("twice", False)
        resource = good(right, wrong.type, number)
        inside = arguments.pop("criteria", {})
        resource |= arguments
        if "count" in arguments:
            resource["name"] += "-${count.index}"
        if inside:
            resource["criteria"] = [resource["criteria"][0] | inside]
        if wrong.type == GROUP and any(name.endswith("_receiver") for name in arguments):
            resource = {name: value for name, value in resource.items() if name != "email_receiver"} | arguments
        resources.setdefault(wrong.type, {})[f"row-{number}"] = resource
        if twice:
            resources[wrong.type][f"row-{number}-again"] = resource | {"depends_on": [f"{wrong.type}.row-{number}"]}
    document = {key: value for key, value in right.items() if key != "output"} | {"resource": resources}
    (terraform.directory / "cdk.tf.json").write_text(json.dumps(document, indent=1))


def good(right: dict[str, Any], type_: str, number: str) -> dict[str, Any]:
    """A resource of this type that is right but for its number."""
    home = {"resource_group_name": "rg-aks-notices"}
    if type_ in (RULE, GROUP):
        values = next(iter(right["resource"][type_].values()))
        return {**values, "name": f"row-{number}"}
    if type_ == IDENTITY:
        return {**home, "name": f"row-{number}", "location": "westeurope"}
    assert type_ == READER
    return {"role_definition_name": "Reader", "principal_id": PRINCIPAL, "principal_type": "ServicePrincipal"}


def errors(terraform: Terraform, *command: str) -> Found:
    """What a command has against which row; the key is the resource where it is none of them."""
    said = terraform.said(*command)
    diagnostics = said[0]["diagnostics"] if command[0] == "validate" else [one.get("diagnostic", {}) for one in said]
    found: Found = {}
    for one in diagnostics:
        if one.get("severity") == "error":
            where = one.get("address") or (one.get("snippet") or {}).get("context") or one["summary"]
            row = re.search(r"\.row-(\d+)", where)
            found[row[1] if row else where] = f"{one['summary']} {one['detail']}"
    return found
