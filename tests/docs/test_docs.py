"""README, CHANGELOG and docs say what is so: every block is made anew, every table counted anew, every link followed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest
import yaml
from bench import simulate_delivery
from tools import write_console_blocks

from aks_communication_manager import CommunicationManager, InvalidConfig, StackSettings
from tests.azurerm.prepared import PINNED, VERSION
from tests.compiling import settings_of
from tests.docs.blocks import (
    CONFIG,
    PAGES,
    ROOT,
    all_blocks,
    before,
    blocks,
    compiled,
    differences,
    documents,
    estate_table,
    payload,
    provider_modules,
    receivers_table,
    rules_of,
    run,
    shown_text,
    synthesised,
    terraform_of,
    values_of,
)
from tests.stand_in import samples
from tests.stand_in.client import ask
from tests.stand_in.endpoint import AzureEndpoint
from tests.stand_in.terraform import Terraform
from tests.synthesis import SUBSCRIPTION

PINNED_ONLY = pytest.mark.skipif(VERSION != PINNED, reason="the docs show the pinned azurerm")
CHECKED = {"azurecli", "bash", "console", "hcl", "json", "jsonc", "kusto", "python", "text", "yaml"}
PLAIN = {""}
"""A formula, which other tests check by executing the queries that hold it."""

# Every command of a bash block, and where it is run: here, as a step of CI, by the tests of the wheel and of azurerm.
RUN_HERE = {
    "make synth": CONFIG,
    "COMMUNICATION_MANAGER_CONFIG=examples/several-clusters.yaml make synth": "examples/several-clusters.yaml",
}
RUN_BY_CI = {"make lint", "make test", "make test-long", "make test-wheel"}
RUN_WITH_PIP = (
    "python -m pip wheel --no-deps --wheel-dir dist .",
    "python -m pip install dist/aks_communication_manager-*.whl",
)
RUN_WITH_TERRAFORM = (
    "terraform -chdir=cdktf.out/stacks/production init",
    "terraform -chdir=cdktf.out/stacks/production plan -out=notices.tfplan",
    "terraform -chdir=cdktf.out/stacks/production apply notices.tfplan",
)
RUN_BY_HAND = {".venv/bin/python bench/simulate_delivery.py"}
"""Takes half an hour; `test_the_program_of_the_simulation_writes_the_table` runs it with few events."""
COMMANDS_OF_OTHERS = {
    "python3 -m venv .venv",
    ". .venv/bin/activate",
    "python -m pip install uv",
    "uv pip compile --universal --generate-hashes requirements.in -o requirements.txt",
}
"""Python's and uv's own; they run nothing of this package."""
RUN_WITH_THE_WHEEL = {
    'python -m pip install "./wheels/aks_communication_manager-0.3.0-py3-none-any.whl[cli,node,rehearse]"',
    "aks-communication-manager init --pipeline github",
    "aks-communication-manager validate",
    "aks-communication-manager synth",
}
"""By tests/package/test_own_repository.py."""
RUN_BY_TEST_AZURERM = {"npm install -g cdktf-cli@0.21", "cdktf deploy production"}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """A folder in which blocks may write."""
    monkeypatch.chdir(tmp_path)


def ids(block):
    return str(block)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_block_is_of_a_known_language(page):
    fences = re.findall(r"^ *```", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(fences) == 2 * len(list(blocks(page)))
    assert {block.language for block in blocks(page)} <= CHECKED | PLAIN


@pytest.mark.parametrize("block", all_blocks("yaml"), ids=ids)
def test_a_yaml_block_is_taken_or_its_mistakes_are_shown(block):
    followers = [other for other in blocks(block.page) if other.line > block.line]
    if followers and followers[0].language == "text" and followers[0].text.startswith(CONFIG):
        return
    assert synthesised(block.text)


WORKFLOW_PAGE = ROOT / "docs/use/teams-and-slack.md"
"""Its JSON block is compared with the example by `test_the_page_shows_the_workflow`."""


@pytest.mark.parametrize("block", [block for block in all_blocks("json") if block.page != WORKFLOW_PAGE], ids=ids)
def test_a_json_block_is_a_part_of_what_results(block):
    found = [differences(json.loads(block.text), document) for document in documents(block).values()]
    assert [] in found, "\n".join(found[-1])


SAID_BY_TERRAFORM = ROOT / "docs/use/adoption.md"
"""Compared with a plan by `test_the_plan_of_an_adoption_is_as_shown`."""


@pytest.mark.parametrize("block", [block for block in all_blocks("text") if block.page != SAID_BY_TERRAFORM], ids=ids)
def test_a_text_block_is_what_is_said(block):
    assert differences(block.text, shown_text(block)) == []


def test_the_payload_of_a_notification_is_what_its_rule_gives():
    [block] = all_blocks("jsonc")
    source, shown = before(block, "yaml"), before(block, "text")
    [rule] = rules_of(synthesised(source.text)["production"])
    real = payload(rule, values_of(shown))
    assert differences(json.loads(block.text), real) == []
    assert find_keys(json.loads(block.text)) == find_keys(real)


def find_keys(value: object) -> object:
    """A document without its scalars."""
    if isinstance(value, dict):
        return {key: find_keys(entry) for key, entry in value.items()}
    return [find_keys(entry) for entry in value] if isinstance(value, list) else None


@pytest.mark.parametrize("page", [page for page in PAGES if any(b.language == "python" for b in blocks(page))], ids=str)
def test_the_python_blocks_of_a_page_run(page):
    run([block for block in blocks(page) if block.language == "python"][-1])


@pytest.mark.long
@pytest.mark.parametrize("page", ["README.md", "docs/reference/library.md"])
def test_a_program_that_is_shown_starts_fast(page, tmp_path):
    program = next(block for block in blocks(ROOT / page) if block.language == "python")
    (tmp_path / "program.py").write_text(program.text)
    assert provider_modules(tmp_path / "program.py", tmp_path) < 50


@pytest.mark.parametrize("block", all_blocks("bash"), ids=ids)
def test_a_bash_block_holds_only_commands_that_are_run_somewhere(block):
    known = {
        *RUN_HERE,
        *RUN_BY_CI,
        *RUN_WITH_PIP,
        *RUN_WITH_TERRAFORM,
        *RUN_BY_TEST_AZURERM,
        *RUN_BY_HAND,
        *RUN_WITH_THE_WHEEL,
        *COMMANDS_OF_OTHERS,
    }
    assert {line for line in block.text.splitlines() if line} <= known


@pytest.mark.long
@pytest.mark.parametrize(("command", "config"), RUN_HERE.items())
def test_make_synth_writes_the_stacks_of_the_config(command, config, tmp_path):
    environment = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL")}
    environment["CDKTF_OUTDIR"] = str(tmp_path / "cdktf.out")
    subprocess.run(["bash", "-c", command], cwd=ROOT, env=environment, check=True, capture_output=True)
    assert {path.name for path in (tmp_path / "cdktf.out/stacks").iterdir()} == set(settings_of(ROOT / config))


PAGES_WITH_COMMANDS = [
    pytest.param(page, id=page.name, marks=() if page.name == "pipeline.md" else pytest.mark.long)
    for page in write_console_blocks.pages()
]


@pytest.mark.parametrize("page", PAGES_WITH_COMMANDS)
def test_what_a_command_prints_is_what_a_page_shows(page):
    assert page.read_text(encoding="utf-8") == write_console_blocks.rewritten(page), "run make generate"


@pytest.mark.parametrize("block", all_blocks("azurecli"), ids=ids)
def test_commands_for_azure_are_shell(block):
    subprocess.run(["bash", "-n"], input=block.text, encoding="utf-8", check=True)
    assert not [line for line in block.text.splitlines() if line != line.rstrip()]


@pytest.mark.azurerm
@pytest.mark.parametrize("block", all_blocks("hcl"), ids=ids)
def test_terraform_that_is_shown_is_valid_and_formatted(block, tmp_path):
    # The blocks of a page continue each other.
    for part in blocks(block.page):
        if part.language == "hcl" and part.line <= block.line:
            (tmp_path / f"line_{part.line}.tf").write_text(part.text)
    terraform = Terraform(tmp_path, {})
    terraform.run("init", "-no-color")
    terraform.run("validate", "-no-color")
    terraform.run("fmt", "-check")


def rows_of_the_simulation() -> list[list[str]]:
    """What the rows of the table in docs/evidence/delivery.md are about: without the figures, which take half an hour."""
    header = "| what Azure does | way | every | missed | without news | mails per 100 events | median delay |"
    shown = rows((ROOT / "docs/evidence/delivery.md").read_text(), header)
    assert {len(row) for row in shown} == {7}
    return [row[:3] for row in shown]


def test_the_table_of_the_simulation_has_its_rows(monkeypatch):
    none = simulate_delivery.Figures(events=1)
    monkeypatch.setattr(simulate_delivery, "simulate", lambda _, rules, *given: {one.name: none for one in rules})
    table = "\n".join([*simulate_delivery.table(number=1, seed=0), ""])
    assert rows_of_the_simulation() == [row[:3] for row in rows(table, table.partition("\n")[0])]


@pytest.mark.long
def test_the_program_of_the_simulation_writes_the_table():
    command = [sys.executable, "bench/simulate_delivery.py", "--events", "2"]
    table = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout
    made = rows(table, table.partition("\n")[0])
    assert rows_of_the_simulation() == [row[:3] for row in made]
    assert {len(row) for row in made} == {7}


@pytest.mark.wheel
def test_the_package_is_installed_into_another_teams_program(tmp_path):
    shutil.copytree(
        ROOT, tmp_path / "checkout", ignore=shutil.ignore_patterns(".*", "cdktf.out", "dist", "node_modules", "tests")
    )
    venv.create(tmp_path / "venv", with_pip=True)
    inside = {"PATH": f"{tmp_path / 'venv/bin'}{os.pathsep}{os.environ['PATH']}", "CDKTF_OUTDIR": "cdktf.out"}
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | inside
    for command in RUN_WITH_PIP:
        subprocess.run(["bash", "-c", command], cwd=tmp_path / "checkout", env=environment, check=True)
    program = next(block for block in blocks(ROOT / "README.md") if block.language == "python")
    (tmp_path / "program.py").write_text(program.text)
    subprocess.run(["python", "program.py"], cwd=tmp_path, env=environment, check=True)
    assert (tmp_path / "cdktf.out/stacks/team/cdk.tf.json").exists()


@pytest.mark.azurerm
@PINNED_ONLY
def test_a_pipeline_applies_what_make_synth_writes(tmp_path):
    with AzureEndpoint() as azure:
        [scope] = settings_of(ROOT / CONFIG)["production"].scopes
        azure.seed(scope.text, f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-aks-notices")
        environment = os.environ | azure.environment(SUBSCRIPTION) | {"CDKTF_OUTDIR": str(tmp_path / "cdktf.out")}
        subprocess.run(["make", "synth"], cwd=ROOT, env=environment, check=True)
        for command in RUN_WITH_TERRAFORM:
            subprocess.run(["bash", "-c", command], cwd=tmp_path, env=environment, check=True)
        assert len(azure.resources.of_type("Microsoft.Insights/scheduledQueryRules")) == 2


@pytest.mark.azurerm
@PINNED_ONLY
def test_the_plan_of_an_adoption_is_as_shown(tmp_path):
    [adopted, assigned, group] = settings_of(ROOT / "examples/adopt.yaml")["adopt"].adopt
    with AzureEndpoint() as azure:
        home = samples.GROUP.replace("rg-aks-notices", "rg-monitoring")
        azure.seed(samples.CLUSTER, samples.GROUP, home, location="northeurope")
        ask(azure, "PUT", str(group.action_group), samples.action_group(), api_version=samples.ACTION_GROUP_VERSION)
        rule = ask(
            azure,
            "PUT",
            str(adopted.rule),
            samples.rule() | {"location": "northeurope"},
            api_version=samples.RULE_VERSION,
        )
        reader = samples.assignment(rule.body["identity"]["principalId"])
        ask(azure, "PUT", str(assigned.role_assignment), reader, api_version=samples.ASSIGNMENT_VERSION)
        terraform_of(ROOT / "examples/adopt.yaml", tmp_path / "cdktf.out")
        terraform = Terraform(tmp_path / "cdktf.out/stacks/adopt", azure.environment(SUBSCRIPTION))
        terraform.run("init", "-no-color")
        said = terraform.run("plan", "-no-color")
    [shown] = [block.text for block in blocks(SAID_BY_TERRAFORM) if block.language == "text"]
    assert shown in said
    assert said.count("will be imported") == 1
    assert said.count("# (imported from ") == 2
    assert not re.search(r"^ +[-+~]+ (location|name|scopes|resource_group_name) .*->", said, re.MULTILINE)


def test_ci_runs_what_the_readme_says():
    steps = (ROOT / ".ci/run").read_text().splitlines()
    assert set(steps) >= RUN_BY_CI
    assert steps.index("make test-long") == steps.index("make test") + 1


def rows(text: str, header: str) -> list[list[str]]:
    """The cells of the rows of all tables under this header."""
    found: list[list[str]] = []
    for table in re.findall(rf"^{re.escape(header)}\n\|[-|: ]+\|\n((?:\|.*\|\n)+)", text, re.MULTILINE):
        found += [[cell.strip() for cell in line[1:-1].split("|")] for line in table.splitlines()]
    return found


def test_the_table_of_keys_has_every_key_with_its_default():
    table = {
        row[0].strip("` "): row[1]
        for row in rows((ROOT / "docs/reference/config.md").read_text(), "| key | default | meaning |")
    }
    assert set(table) == set(StackSettings.model_fields)
    computed = {
        "name_prefix": "empty",
        "provider_version": "exactly the bindings'",
        "backend": "local state",
        "look_back": "`PT6H`, at least twice the frequency",
        "grouping": "`event` where all alerts of a rule fit, else `digest`",
        "health_alert": "`true` up to `PT15M`",
        "reader_scopes": "`[resource-group, subscription]`",
    }
    for key, field in StackSettings.model_fields.items():
        if key in computed:
            assert table[key] == computed[key]
        elif field.is_required():
            assert table[key] == ""
        else:
            shown = yaml.safe_load(table[key].strip("`"))
            assert StackSettings(**minimal() | {key: shown}) == StackSettings(**minimal())
    [rule] = compiled("notices: [cluster-auto-upgrade]")[0].plan.alert_rules
    assert "eventTime >= ago(6h)\n" in rule.query
    [rule] = compiled("{notices: [cluster-auto-upgrade], evaluation_frequency: PT4H}")[0].plan.alert_rules
    assert "eventTime >= ago(8h)\n" in rule.query


def test_the_readme_shows_the_shipped_config():
    shown = next(block for block in blocks(ROOT / "README.md") if block.language == "yaml")
    assert yaml.safe_load(shown.text) == yaml.safe_load((ROOT / CONFIG).read_text())


def minimal() -> dict:
    """The shipped stack without the one key that is not required."""
    keys = yaml.safe_load((ROOT / CONFIG).read_text())["stacks"]["production"]
    return {key: value for key, value in keys.items() if StackSettings.model_fields[key].is_required()}


def test_the_table_of_make_targets_names_targets_that_there_are():
    shown = {row[0].strip("`") for row in rows((ROOT / "README.md").read_text(), "| target | what it does |")}
    targets = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert shown <= {f"make {target}" for target in targets}


def test_the_table_of_receivers_is_what_their_models_say():
    assert receivers_table() in (ROOT / "docs/use/receivers.md").read_text()


@pytest.mark.parametrize("clusters", [1, 50, pytest.param(1000, marks=pytest.mark.long)])
def test_the_tables_of_estates_are_what_the_planner_counts(clusters):
    assert estate_table(clusters) in (ROOT / "docs/use/estates.md").read_text()


REFUSED = rows((ROOT / "docs/reference/refused.md").read_text(), "| refused | because |")


def test_the_page_of_what_is_refused_has_rows():
    assert len(REFUSED) > 20


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: row[0][:60])
def test_what_is_said_to_be_refused_is_refused(row):
    shown = row[0].strip("`")
    if shown.startswith("receivers:"):
        receivers = shown.removeprefix("receivers:")
        shown = f"action_group: {{name: ag-aks-notices, short_name: aksnotices, receivers: {receivers}}}"
    with pytest.raises(InvalidConfig) as caught:
        compiled(shown)
    assert len(caught.value.mistakes) == 1


def test_routes_are_the_same_in_python_and_in_yaml():
    [python] = [block for block in blocks(ROOT / "docs/use/routes.md") if block.language == "python"]
    shown = before(python, "yaml")
    [stack] = compiled(shown.text)
    assert stack.settings.routes == tuple(run(python)["routes"])


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        other = (page.parent / path).resolve() if path else page
        assert other.exists(), f"{page.name}: {target}"
        if anchor:
            assert anchor in anchors(other), f"{page.name}: {target}"


def test_the_table_of_attributes_has_what_a_manager_offers():
    table = rows((ROOT / "docs/reference/library.md").read_text(), "| attribute | value |")
    shown = {name.strip("` ") for row in table for name in row[0].split(",")}
    members = [each for kind in CommunicationManager.__mro__[:2] for each in vars(kind).items()]
    assert shown == {name for name, value in members if isinstance(value, property)}


def test_the_index_has_every_page():
    index = ROOT / "docs/index.md"
    linked = {(index.parent / path).resolve() for path in re.findall(r"\]\(([\w./-]+)\)", index.read_text())}
    assert linked >= set(PAGES) - {index, ROOT / "CHANGELOG.md"}
    assert linked >= {path for path in (ROOT / "examples").iterdir() if path.is_file()}


@pytest.mark.parametrize("block", all_blocks("kusto"), ids=ids)
def test_a_query_that_is_shown_is_taken_as_a_teams_own(block):
    Path("own.kql").write_text(block.text)
    assert compiled("queries: {cluster-auto-upgrade: own.kql}")
