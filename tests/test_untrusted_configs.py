"""What SECURITY.md promises for configs of strangers: what is read, what is run, and that it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from aks_communication_manager.compiler import compile_config
from aks_communication_manager.config import yaml_file
from tests.config.configs import CLUSTER, MAIL, config, receivers

ROOT = Path(__file__).parents[1]
WEBHOOK = "{{type: webhook, name: hook-{}, service_uri: {}}}"

OBSERVED = """
import json, os, sys
from pathlib import Path
from aks_communication_manager.compiler import compile_config

compile_config(Path("first.yaml"))  # imports what is imported on demand
events, read = [], []
environ = type(os.environ)
get, getitem = environ.get, environ.__getitem__
environ.get = lambda self, name, default=None: read.append(name) or get(self, name, default)
environ.__getitem__ = lambda self, name: read.append(name) or getitem(self, name)
sys.addaudithook(lambda event, arguments: events.append((event, str(arguments[0]) if arguments else "")))
for file in sorted(Path().glob("config*.yaml")):
    compile_config(file)
print(json.dumps([events, read]))
"""


@pytest.fixture
def observed(tmp_path):
    """Audit events (event and first argument) and variables of the environment that compiling configs reads."""

    def observed(*texts: str) -> tuple[list[list[str]], list[str]]:
        (tmp_path / "first.yaml").write_text(texts[0])
        for number, text in enumerate(texts):
            (tmp_path / f"config{number}.yaml").write_text(text)
        done = subprocess.run(
            [sys.executable, "-c", OBSERVED],
            capture_output=True,
            check=True,
            cwd=tmp_path,
            env={"PYTHONPATH": str(ROOT / "constructs"), "HOOK": "https://example.com/s3cret", "OTHER": "x"},
            text=True,
        )
        events, read = json.loads(done.stdout)
        return events, read

    return observed


def test_only_files_and_variables_that_the_config_names_are_read(observed, tmp_path):
    (tmp_path / "hook.txt").write_text("https://example.com/hook")
    (tmp_path / "own.kql").write_text('arg("").containerserviceeventresources')
    (tmp_path / "other.txt").write_text("x")
    named = receivers(WEBHOOK.format(1, "{env: HOOK}"), WEBHOOK.format(2, "{file: hook.txt}"))
    events, read = observed(config(f"{named}\nqueries: {{cluster-auto-upgrade: own.kql}}"))
    opened = {Path(argument).name for event, argument in events if event == "open"}
    assert {name for name in opened if not name.endswith((".py", ".pyc"))} == {"config0.yaml", "hook.txt", "own.kql"}
    assert set(read) <= {"HOOK"}


HOSTILE = [
    "",
    "location: !!python/object/apply:os.system ['touch made']",
    "tags: !!python/object/apply:subprocess.Popen [[touch, made]]",
    "severity: !!python/name:os.system",
    "scopes: ['https://example.com/', 'http://169.254.169.254/metadata']",
    "action_group: {id: 'https://example.com/'}",
    "queries: {cluster-auto-upgrade: 'https://example.com/own.kql'}",
    receivers(WEBHOOK.format(1, "{file: 'https://example.com/hook'}")),
    receivers(WEBHOOK.format(1, "{env: '$(touch made)'}"), WEBHOOK.format(2, "'$(touch made)'")),
]


def test_nothing_is_run_written_or_asked_over_the_network(observed, tmp_path):
    events, _ = observed(*map(config, HOSTILE))
    begins = ("os.system", "os.exec", "os.posix_spawn", "os.fork", "subprocess", "socket", "urllib", "ctypes", "shutil")
    assert [event for event in events if event[0].startswith(begins)] == []
    assert len([event for event in events if event[0] == "open"]) >= len(HOSTILE)
    assert {Path(name).suffix for name in os.listdir(tmp_path)} == {".yaml"}


def test_a_file_without_an_end_is_a_mistake(tmp_path):
    (tmp_path / "config.yaml").write_text(config(receivers(WEBHOOK.format(1, "{file: /dev/zero}"))))
    [mistake] = compile_config(tmp_path / "config.yaml").mistakes
    assert mistake.problem == '"/dev/zero" cannot be read: it has more than 1,000,000 characters'
    [mistake] = compile_config(Path("/dev/zero")).mistakes
    assert mistake.problem == "the file has more than 10,000,000 characters"


def test_a_value_of_many_characters_is_a_mistake(tmp_path):
    (tmp_path / "config.yaml").write_text(config(f"location: {'a' * 100_001}"))
    [mistake] = compile_config(tmp_path / "config.yaml").mistakes
    assert (mistake.code, mistake.where) == ("ACM008", "stacks.production.location")
    assert mistake.problem == "has 100,001 characters, and a value may have at most 100,000"


@pytest.mark.parametrize(
    "key",
    [
        "backend: {azurerm: {key: aks.tfstate, container_name: VALUE}}",
        "backend: {azurerm: {key: aks.tfstate, endpoints: [VALUE]}}",
        "backend: {remote: {workspaces: {name: VALUE}}}",
        "backend: {s3: VALUE}",
        "provider: {features: {key_vault: {purge: VALUE}}}",
    ],
)
def test_a_null_within_a_terraform_block_is_one_mistake(key, tmp_path):
    (tmp_path / "config.yaml").write_text(config(key.replace("VALUE", "!!set {a}")))
    [mistake] = compile_config(tmp_path / "config.yaml").mistakes
    assert mistake.problem == "has no value"


LONG = {
    "words": f"severity: {'a' * 99_999}",
    "an id": f"scopes: [{'/a' * 49_999}]",
    "spaces in a constraint": f'provider_version: "{" " * 99_990}x"',
    "constraints": f'provider_version: "{",".join([">= 3"] * 19_000)}"',
    "an address": receivers(f'{{type: email, name: a, email_address: "a@{"a." * 49_000}"}}'),
    "a URL": receivers(WEBHOOK.format(1, f'"https://{"a%" * 49_000}"')),
    "a user name": receivers(WEBHOOK.format(1, f'"https://{"a:%41" * 19_000}"')),
    "an expression of a pipeline": receivers(WEBHOOK.format(1, f'"${{{{ {"a" * 99_000}! }}}}"')),
    "a ticket": receivers(
        f"{{type: itsm, name: t, workspace_id: x, connection_id: x, ticket_configuration: '{'[' * 99_000}', region: x}}"
    ),
}


@pytest.mark.parametrize("keys", LONG.values(), ids=LONG)
def test_no_form_takes_long_to_be_refused(tmp_path, keys):
    (tmp_path / "config.yaml").write_text(config(keys))
    begins = time.monotonic()
    assert compile_config(tmp_path / "config.yaml").mistakes
    assert time.monotonic() - begins < 5


@pytest.mark.long
@pytest.mark.parametrize(
    "keys",
    [
        "".join(f"key{number}: x\n" for number in range(10_000)),
        f"scopes: [{', '.join(f'/subscriptions/x/{number}' for number in range(10_000))}]",
        f"scopes: [{', '.join([CLUSTER] * 10_000)}]",
        receivers(*([MAIL] * 5_000)),
        f"routes: [{', '.join(['{notices: [node-os-auto-upgrade], severity: 1}'] * 5_000)}]",
    ],
    ids=["keys", "ids", "duplicates", "receivers", "routes"],
)
def test_ten_thousand_mistakes_take_less_than_a_minute(tmp_path, keys):
    (tmp_path / "config.yaml").write_text(config(keys))
    begins = time.monotonic()
    assert len(compile_config(tmp_path / "config.yaml").mistakes) > 4_000
    assert time.monotonic() - begins < 60


def test_characters_that_are_refused_are_those_that_pyyaml_refuses():
    refused = yaml.reader.Reader.NON_PRINTABLE
    ranges = (range(0x200), range(0x2020, 0x2030), range(0xD7F0, 0xD800), range(0xE000, 0xE010), range(0xFEF0, 0x10010))
    every = [chr(code) for codes in (*ranges, [0x10FFFF]) for code in codes]
    assert yaml_file.NOT_PRINTABLE.findall("".join(every)) == refused.findall("".join(every)), yaml.__version__
