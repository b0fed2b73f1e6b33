"""The command line as a whole: help, wrong use, missing extras, start-up."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from cli_support import run

from aks_communication_manager.cli import main

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def python(code, **environment):
    given = os.environ | {"PYTHONPATH": str(ROOT / "constructs")} | environment
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=given, check=False)


@pytest.mark.parametrize("name", main.COMMANDS)
def test_the_help_of_a_command_has_an_example_that_calls_it(name):
    shown = run(name, "--help")
    assert shown.status == 0
    assert re.search(r"\n  Examples?:\n", shown.out)
    assert f"\n    aks-communication-manager {name}" in shown.out
    assert shown.err == ""


def test_the_help_lists_every_command():
    shown = run("--help")
    assert shown.status == 0
    assert all(f"\n  {name}  " in shown.out for name in main.COMMANDS)
    assert "--install-completion" in shown.out


@pytest.mark.parametrize("name", main.COMMANDS)
def test_a_command_has_a_section_in_the_docs_and_a_row_in_the_readme(name):
    assert f"\n## {name}\n" in (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    assert f"\n| `{name}` | " in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("columns", [80, 120])
def test_no_summary_of_a_command_is_cut(columns):
    shown = run("--help", columns=columns)
    summaries = re.findall(rf"^  (?:{'|'.join(main.COMMANDS)})  +(.*)$", shown.out, re.MULTILINE)
    assert len(summaries) == len(main.COMMANDS)
    assert [summary for summary in summaries if summary.endswith("...") or not summary.endswith(".")] == []


def test_the_version_is_that_of_the_package():
    assert run("--version").out == f"aks-communication-manager {PROJECT['version']}\n"


@pytest.mark.parametrize("command", ["validate", "synth", "cost", "preflight", "status", "events"])
def test_a_stack_that_is_not_there_is_answered_with_those_that_are(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "examples" / "several-stacks.yaml").read_text(encoding="utf-8")
    (tmp_path / "communication-manager.yaml").write_text(text, encoding="utf-8")
    ended = run(command, "--stack", "prod")
    assert (ended.status, ended.out, ended.err) == (
        2,
        "",
        '--stack: "prod" is not a stack of communication-manager.yaml [ACM016]\n'
        "    Its stacks are web-test and web-production.\n",
    )
    assert not (tmp_path / "cdktf.out").exists()


@pytest.mark.parametrize("command", ["validate", "synth", "cost", "preflight", "status", "events"])
def test_a_config_that_is_not_there_ends_every_command_alike(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ended = run(command, "--config", "nofile.yaml")
    assert ended.status == 2
    assert (ended.out + ended.err).strip() == (
        "nofile.yaml: 1 mistake\n\n  cannot be read: No such file or directory [ACM001]\n"
        "      Create it, or name another file with --config or COMMUNICATION_MANAGER_CONFIG."
    )


def test_synth_and_the_program_take_the_same_options():
    given = subprocess.run([sys.executable, ROOT / "main.py", "--help"], capture_output=True, text=True).stdout
    options = [set(re.findall(r"(?<![\w-])--?[a-z]+", text)) for text in (given, run("synth", "--help").out)]
    names = {"--config", "--out", "--stack", "-q", "--quiet", "-h", "--help"}
    assert [names - each for each in options] == [set(), set()]


def test_the_shell_completes_commands_options_and_values():
    def completed(words):
        number = str(len(words.split()) - 1)
        asked = {"_AKS_COMMUNICATION_MANAGER_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": number}
        return python("from aks_communication_manager.cli import main; main.main()", **asked).stdout.split()

    assert completed("aks-communication-manager rehe") == ["rehearse"]
    assert set(completed("aks-communication-manager rehearse --st")) == {"--stack", "--start", "--story"}
    assert completed("aks-communication-manager rehearse --story end") == ["end-of-support"]


def test_wrong_use_is_said_on_stderr_with_status_2():
    wrong = run("rehearze")
    assert (wrong.status, wrong.out) == (2, "")
    assert "No such command 'rehearze'" in wrong.err
    assert "Traceback" not in wrong.err


def test_the_console_script_of_the_package_is_this_one():
    assert PROJECT["scripts"] == {"aks-communication-manager": "aks_communication_manager.cli.main:main"}


@pytest.mark.parametrize("missing", main.EXTRAS)
def test_every_module_that_an_extra_brings_is_asked_for_by_its_name(missing):
    # What main catches is what Python raises where a module is not there.
    code = f"""
import sys
from unittest import mock
sys.modules[{missing!r}] = None
from aks_communication_manager.cli import main
with mock.patch.object(main, "application", lambda: lambda **_: __import__({missing!r})):
    main.main()
"""
    extra = main.EXTRAS[missing]
    done = python(code)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (f"{missing} is not installed. Install this package with its extra [{extra}].\n")


@pytest.mark.long
@pytest.mark.parametrize(
    ("missing", "extra"), [("typer", "cli"), ("rich", "cli"), ("duckdb", "rehearse"), ("duckdb_kql", "rehearse")]
)
def test_rehearse_without_an_extra_says_which_one_to_install(missing, extra, terraform_file):
    code = f"""
import sys
sys.modules[{missing!r}] = None
sys.argv = ["aks-communication-manager", "rehearse", "--terraform", {str(terraform_file)!r}]
from aks_communication_manager.cli import main
main.main()
"""
    done = python(code)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (f"{missing} is not installed. Install this package with its extra [{extra}].\n")


def test_a_missing_module_of_our_own_is_a_bug_and_shows_its_traceback():
    code = """
from unittest import mock
from aks_communication_manager.cli import main
with mock.patch.object(main, "application", lambda: lambda **_: __import__("not_there")):
    main.main()
"""
    done = python(code)
    assert done.returncode == 1
    assert "ModuleNotFoundError: No module named 'not_there'" in done.stderr


def test_starting_the_command_line_imports_no_heavy_package():
    code = """
import sys
from aks_communication_manager.cli import main
main.application()
heavy = {"rich", "duckdb", "duckdb_kql", "antlr4", "cdktf", "jsii", "pydantic", "yaml", "azure"}
print(sorted(heavy & set(sys.modules)))
"""
    assert python(code).stdout == "[]\n"


def test_hcl_instead_of_json_is_named_with_what_asked_for_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CDKTF_OUTDIR", raising=False)
    (tmp_path / "cdktf.out" / "stacks" / "production").mkdir(parents=True)
    (tmp_path / "cdktf.out" / "stacks" / "production" / "cdk.tf").touch()
    ended = run("rehearse")
    assert (ended.status, ended.out, ended.err) == (
        2,
        "",
        "cdktf.out/stacks contains HCL (cdk.tf) instead of JSON, which SYNTH_HCL_OUTPUT=true and cdktf synth --hcl ask for"
        " [ACM160]\n    Run synth without them, or name a file of terraform show -json with --terraform.\n",
    )
