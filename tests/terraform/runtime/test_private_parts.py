"""Every part of another package that is used without being promised, in the versions installed here.

A test that fails names the package's version: look up what took the part's place.
"""

from __future__ import annotations

import importlib
from importlib.metadata import version
from importlib.util import find_spec

import jsii
import pytest
from cdktf import TerraformVariable, Token

from aks_communication_manager.terraform.bindings import struct
from aks_communication_manager.terraform.runtime import internals
from aks_communication_manager.tokens import is_list_token, is_token
from tests.synthesis import stack
from tests.terraform.runtime.programs import FRAMEWORK


def of_jsii(part: str) -> str:
    return f"jsii {version('jsii')}: {part}"


@pytest.mark.parametrize(
    "module",
    [
        "monitor_action_group",
        "monitor_activity_log_alert",
        "monitor_alert_processing_rule_suppression",
        "monitor_scheduled_query_rules_alert_v2",
        "role_assignment",
    ],
)
def test_arguments_have_their_names_in_camel_case_in_javascript(module):
    classes = vars(importlib.import_module(f"{FRAMEWORK.bindings}.{module}")).values()
    mappings = [found.__jsii_name_mapping__ for found in classes if hasattr(found, "__jsii_name_mapping__")]
    assert mappings, of_jsii("no __jsii_name_mapping__ of a struct")
    for mapping in mappings:
        assert struct(**dict.fromkeys(mapping, 1)) == dict.fromkeys(mapping.values(), 1)


def test_jsii_maps_submodules_to_python_modules():
    assert isinstance(jsii._reference_map._submodule_fqn_map, dict), of_jsii("no _reference_map._submodule_fqn_map")


def test_jsii_keeps_its_program_and_starts_it_as_before():
    embedded = importlib.import_module("jsii._embedded.jsii")
    assert embedded.ENTRYPOINT in embedded.EMBEDDED_FILES, of_jsii("no ENTRYPOINT among _embedded.jsii.EMBEDDED_FILES")
    process = importlib.import_module("jsii._kernel.providers.process")
    assert hasattr(process.subprocess, "Popen"), of_jsii("_kernel.providers.process starts no subprocess.Popen")


@pytest.mark.parametrize("package", ["constructs", FRAMEWORK.module, FRAMEWORK.bindings])
def test_a_package_has_its_javascript_in_an_archive_and_a_module(package):
    name = FRAMEWORK.assembly if package == FRAMEWORK.bindings else package
    found = [name for name, _, _ in internals.assemblies((package, name))]
    assert found == [name], f"{package} {version(package)} has no archive in _jsii"
    assert find_spec(f"{package}._jsii"), f"{package} {version(package)} has no module _jsii"


def test_the_kernel_starts_with_the_first_module_that_is_named_here():
    assert internals.KERNEL_START == "constructs._jsii"
    assert internals.is_loaded("constructs"), f"constructs {version('constructs')} starts the kernel elsewhere"


@pytest.fixture(scope="module")
def value():
    """A value that only Terraform knows."""
    return TerraformVariable(stack(), "value", type="any").value


@pytest.mark.parametrize(
    ("encode", "knows"),
    [
        (Token.as_string, is_token),
        (lambda value: f"rg-{Token.as_string(value)}", is_token),
        (Token.as_number, is_token),
        (lambda value: Token.as_number_list(value)[0], is_token),
        (lambda value: next(iter(Token.as_string_map(value))), is_token),
        (lambda value: Token.as_list(value)[0], is_list_token),
    ],
    ids=["text", "within text", "number", "number of a list", "key of a mapping", "list"],
)
def test_the_framework_spells_tokens_as_before(value, encode, knows):
    token = encode(value)
    assert knows(token), f"{FRAMEWORK.module} {version(FRAMEWORK.module)} spells a token {token!r}"
