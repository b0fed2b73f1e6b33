"""Which framework is used, with modules that only look as if they were one."""

import sys
from types import ModuleType

import pytest

from aks_communication_manager.errors import FrameworkNotFound
from aks_communication_manager.terraform.bindings import Bindings
from aks_communication_manager.terraform.runtime import framework
from aks_communication_manager.terraform.runtime.framework import CDKTF, CDKTN, chosen, framework_of


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine without any framework, on which nothing is imported."""
    monkeypatch.delenv(framework.VARIABLE, raising=False)
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.setattr(sys, "meta_path", [finder for finder in sys.meta_path if type(finder).__name__ != "_Alias"])
    for name in [name for name in sys.modules if name.startswith("cdkt")]:
        monkeypatch.delitem(sys.modules, name)
    return tmp_path


def install(machine, *names):
    for name in names:
        (machine / name).mkdir()
        (machine / name / "__init__.py").write_text("raise AssertionError('imported')")


def imported(monkeypatch, *names):
    for name in names:
        monkeypatch.setitem(sys.modules, name, ModuleType(name))


BOTH = (CDKTF.module, CDKTF.bindings, CDKTN.module, CDKTN.bindings)


def test_cdk_for_terraform_is_the_default_where_both_are_installed(machine):
    install(machine, *BOTH)
    assert chosen() is CDKTF


@pytest.mark.parametrize("only", [CDKTF, CDKTN])
def test_the_one_that_is_installed_is_used(machine, only):
    install(machine, only.module, only.bindings)
    assert chosen() is only


@pytest.mark.parametrize("named", [CDKTF, CDKTN])
@pytest.mark.parametrize("loaded", [(), (CDKTF.module,), (CDKTN.module,), BOTH])
def test_the_variable_decides_whatever_is_imported(machine, monkeypatch, named, loaded):
    monkeypatch.setenv(framework.VARIABLE, named.module)
    install(machine, *BOTH)
    imported(monkeypatch, *loaded)
    assert chosen() is named


@pytest.mark.parametrize("empty", ["", None])
def test_an_empty_variable_is_the_same_as_none(machine, monkeypatch, empty):
    if empty is not None:
        monkeypatch.setenv(framework.VARIABLE, empty)
    install(machine, *BOTH)
    imported(monkeypatch, CDKTN.module)
    assert chosen() is CDKTF


def test_a_framework_without_bindings_is_not_taken_for_installed(machine):
    install(machine, CDKTF.module, CDKTN.module, CDKTN.bindings)
    assert chosen() is CDKTN


def test_without_any_framework_the_error_says_how_to_install_one(machine):
    with pytest.raises(FrameworkNotFound) as error:
        chosen()
    assert str(error.value) == (
        "Neither CDK for Terraform (cdktf) nor CDK Terrain (cdktn) is installed with its bindings for azurerm.\n"
        "Install this package or this package with its extra [cdktn]."
    )


def test_an_unknown_framework_in_the_variable_is_always_an_error(machine, monkeypatch):
    monkeypatch.setenv(framework.VARIABLE, "terrain")
    install(machine, CDKTF.module, CDKTF.bindings)
    imported(monkeypatch, CDKTF.module)
    with pytest.raises(FrameworkNotFound) as error:
        chosen()
    assert str(error.value) == (
        'AKS_COMMUNICATION_MANAGER_FRAMEWORK is "terrain", which is not a framework.\n'
        'Set it to "cdktf" or "cdktn", or unset it.'
    )


def test_a_variable_that_names_what_is_not_installed_is_an_error(machine, monkeypatch):
    monkeypatch.setenv(framework.VARIABLE, "cdktn")
    install(machine, CDKTF.module, CDKTF.bindings)
    with pytest.raises(FrameworkNotFound) as error:
        chosen()
    assert str(error.value) == (
        'AKS_COMMUNICATION_MANAGER_FRAMEWORK is "cdktn", which is not installed with its bindings for azurerm, '
        "cdktn_provider_azurerm.\n"
        "Install this package with its extra [cdktn]."
    )


def test_a_scope_whose_framework_has_no_bindings_is_an_error(machine):
    install(machine, CDKTF.module, CDKTF.bindings, CDKTN.module)
    with pytest.raises(FrameworkNotFound) as error:
        Bindings(CDKTN)
    assert str(error.value) == (
        'The scope is a construct of "cdktn", which is not installed with its bindings for azurerm, '
        "cdktn_provider_azurerm.\n"
        "Install this package with its extra [cdktn]."
    )


def class_of(module, base=object):
    return type("Construct", (base,), {"__module__": module})


@pytest.mark.parametrize("used", [CDKTF, CDKTN])
def test_a_construct_is_of_the_framework_that_defines_its_class(used):
    for module in (used.module, f"{used.bindings}.resource_group"):
        assert framework_of(class_of(module)()) is used
        assert framework_of(class_of("program", class_of(module))()) is used
    assert framework_of(class_of("constructs")()) is None
    assert framework_of(class_of(f"{used.module}_of_another")()) is None
