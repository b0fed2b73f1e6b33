"""The JSON Schema says what the loader says of a config's form, and never rejects what the loader takes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import pytest
import yaml
from tools import write_schema

from aks_communication_manager import ActionGroup, Receiver
from aks_communication_manager.compiler import compile_config
from aks_communication_manager.config.json_schema import config_schema
from tests.config.configs import CLUSTER, GROUP, SUBSCRIPTION, config, group, receivers

ROOT = Path(__file__).parents[2]
SCHEMA = config_schema()
URL = "https://example.com/hooks/aks"


@cache
def validator() -> Any:
    # Without what checks the format of addresses, which nothing here asks for: importing that takes two seconds.
    sys.modules.setdefault("rfc3987_syntax", None)
    from jsonschema import Draft202012Validator

    return Draft202012Validator(SCHEMA)


class Core(yaml.SafeLoader):
    """YAML as editors read it: the core schema of version 1.2, in which ``no`` is text and ``0612345678`` a number."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}


Core.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))
Core.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
Core.add_implicit_resolver("decimal", re.compile(r"[-+]?[0-9]+$"), list("-+0123456789"))
Core.add_implicit_resolver("float", re.compile(r"[-+]?[0-9]+\.[0-9]+$"), list("-+0123456789"))
Core.add_constructor("decimal", lambda loader, node: int(node.value))
Core.add_constructor("float", lambda loader, node: float(node.value))


class Old(yaml.SafeLoader):
    """YAML 1.1, in which ``no`` is a boolean; without dates, which JSON does not have."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith("timestamp")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def problems(text: str, loader: Any = Core) -> list[str]:
    """The schema's errors for a config."""
    # Keys of JSON are text, as they are to the loader.
    return [error.message for error in validator().iter_errors(json.loads(json.dumps(yaml.load(text, loader))))]


def codes(text: str, folder: Path) -> set[str]:
    """The codes of the mistakes that we find in a config."""
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    (folder / "own.kql").write_text(
        'arg("").containerserviceeventresources | where <scopes> and <selection>\n'
        "| where eventTime >= ago(<window-start>) and eventTime < ago(<ingestion-delay>) | extend status = 1\n"
    )
    (folder / "hook.txt").write_text(URL)
    (folder / "yes.txt").write_text("yes")
    return {mistake.code for mistake in compile_config(folder / "config.yaml").mistakes}


def test_it_is_a_schema_of_draft_2020_12():
    validator().check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_the_committed_file_is_up_to_date():
    assert write_schema.FILE.read_text(encoding="utf-8") == write_schema.text(), "run make generate"


def test_the_shipped_config_names_it():
    first = (ROOT / "communication-manager.yaml").read_text(encoding="utf-8").split("\n", 1)[0]
    assert first == f"# yaml-language-server: $schema={write_schema.FILE.name}"


def keys_of(schema: Any, path: str = "$") -> list[tuple[str, dict[str, Any]]]:
    """Every property that is described anywhere in the schema, with its place."""
    if isinstance(schema, list):
        return [found for entry in schema for found in keys_of(entry, path)]
    if not isinstance(schema, dict):
        return []
    conditions = ("if", "then", "else", "contains", "allOf", "examples", "default")
    own = [(f"{path}.{key}", form) for key, form in schema.get("properties", {}).items()]
    inner = [found for path_, form in own for found in keys_of(form, path_)]
    rest = [
        found
        for key, form in schema.items()
        if key != "properties" and key not in conditions
        for found in keys_of(form, f"{path}.{key}")
    ]
    return [*own, *inner, *rest]


PASSED_THROUGH = re.compile(r"\.(backend|provider)\.|^\$\.\$defs\.Receiver\.type$")
"""Arguments of Terraform's own blocks, and the word by which a receiver's form is chosen, which each form describes."""

KEYS = [(path, form) for path, form in keys_of(SCHEMA) if not PASSED_THROUGH.search(path)]


def test_every_key_has_a_description_and_an_example():
    assert len(KEYS) > 90
    assert [path for path, form in KEYS if not form.get("description", "").endswith(".")] == []
    assert [path for path, form in KEYS if not (form.get("examples") or "const" in form)] == []


def test_every_example_and_default_is_valid():
    wrong = []
    for path, form in KEYS:
        one = validator().evolve(schema={**form, "$defs": SCHEMA["$defs"]})
        for value in (*form.get("examples", ()), *([form["default"]] if "default" in form else ())):
            wrong += [f"{path}: {error.message}" for error in one.iter_errors(value)]
    assert wrong == []


def test_defaults_are_shown_as_configs_write_them():
    stack = SCHEMA["$defs"]["StackSettings"]["properties"]
    assert stack["evaluation_frequency"]["default"] == "PT30M"
    assert stack["identity"]["default"] == "system-assigned"
    assert stack["notices"]["default"] == ["cluster-auto-upgrade", "node-os-auto-upgrade"]
    assert stack["severity"]["default"] == 3


def objects_of(schema: Any) -> list[dict[str, Any]]:
    if isinstance(schema, list):
        return [found for entry in schema for found in objects_of(entry)]
    if not isinstance(schema, dict):
        return []
    return [schema, *(found for key, value in schema.items() if key != "examples" for found in objects_of(value))]


def test_unknown_keys_are_allowed_nowhere():
    open_ones = [
        form
        for form in objects_of(SCHEMA)
        if form.get("type") == "object" and "additionalProperties" not in form and "oneOf" not in form
    ]
    assert open_ones == []


def test_receivers_and_action_groups_are_closed_unions():
    definitions = SCHEMA["$defs"]
    assert len(definitions["Receiver"]["oneOf"]) == len(definitions["Receiver"]["properties"]["type"]["enum"]) == 11
    for choice in [*definitions["Receiver"]["oneOf"], *definitions["ActionGroup"]["oneOf"]]:
        chosen = definitions[choice["$ref"].removeprefix("#/$defs/")]
        assert chosen["additionalProperties"] is False
        assert set(chosen["required"]) - {"type"}
    assert definitions["EmailReceiver"]["properties"]["type"]["const"] == "email"


def test_a_group_of_models_cannot_be_made_itself():
    with pytest.raises(
        TypeError, match=r"ActionGroup is abstract: use ActionGroup\.create\(…\) or ActionGroup\.existing"
    ):
        ActionGroup()
    with pytest.raises(TypeError, match=r"Receiver is abstract: use one of its kinds, such as EmailReceiver"):
        Receiver(name="x")


BLOCKS = [
    pytest.param(block, id=f"{page.relative_to(ROOT).as_posix()}-{number}")
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
    for number, block in enumerate(
        re.findall(r"^```yaml\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    )
    if re.search(r"^stacks:", block, re.MULTILINE)
]
FILES = [
    pytest.param(file.read_text(encoding="utf-8"), id=file.name)
    for file in (ROOT / "communication-manager.yaml", *sorted((ROOT / "examples").glob("*.yaml")))
]


@pytest.mark.parametrize("loader", [Core, Old])
@pytest.mark.parametrize("text", [*FILES, *BLOCKS])
def test_every_shipped_config_is_valid(text, loader, tmp_path):
    found = problems(text, loader)
    if found:  # a page may show a config that is wrong, and then both have to say so
        assert {code for code in codes(text, tmp_path) if code < "ACM100"}, found


def test_pages_and_examples_have_configs():
    assert len(FILES) > 15
    assert len(BLOCKS) >= 2


RIGHT = [
    "severity: 0",
    'severity: "4"',
    'severity: " 2 "',
    "allow_overlap: true",
    'allow_overlap: "True"',
    "allow_overlap: yes",
    "allow_overlap: Off",
    "allow_overlap: 1",
    "allow_overlap: n",
    "notices: [Cluster-Auto-Upgrade, NODE-OS-AUTO-UPGRADE]",
    "routes: [{statuses: [failed, CANCELLED], severity: 1}]",
    "routes: [{statuses: [Cancelled], notices: [Node-OS-auto-upgrade], severity: '1'}]",
    "notices: [end-of-support]\nroutes: [{stages: [kubernetesversionoutofsupport], notices: [End-Of-Support], severity: 1}]",
    "routes: []",
    "routes: [{statuses: [], notices: [node-os-auto-upgrade], severity: 1}]",
    "queries: {Cluster-Auto-Upgrade: own.kql}",
    "queries: {}",
    "evaluation_frequency: P1D\nquery: documented",
    "look_back: PT1H30M",
    "look_back: P1D",
    "look_back: P0DT5M",
    "reader_scopes: [scope]",
    f"reader_scopes: [resource-group, /subscriptions/{SUBSCRIPTION}]",
    "identity: user-assigned",
    "identity: {name: id-aks}",
    "identity: {name: 123}",
    f"identity: {{id: {GROUP}/providers/microsoft.managedidentity/USERASSIGNEDIDENTITIES/id, principal_id: {SUBSCRIPTION}}}",
    f"identity: {{id: {GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id}}\nreader_scopes: []",
    "resource_group: 2024",
    "resource_group: true",
    "resource_group: {name: rg (aks)}".replace(" (", "("),
    "resource_group: {name: 1.5, create: 'YES'}",
    f"scopes: [{CLUSTER.replace('resourceGroups', 'RESOURCEGROUPS').replace('Microsoft', 'microsoft')}]",
    f"scopes: [/subscriptions/{SUBSCRIPTION}]",
    f"scopes: ['/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-größe.(1)_x']",
    "location: 1",
    "name_prefix: 7",
    "name_prefix: 'contoso - '",
    "name_prefix: ''",
    "tags: {1: 2, owner: true, empty: ''}",
    "tags: {}",
    "custom_properties: {runbook: 7, Clusters: x}",
    "provider_version: 4.55",
    "provider_version: '>= 4.55, < 6'",
    "provider_version: 5",
    "backend: {azurerm: {storage_account_name: st, container_name: 1, key: x, use_oidc: true}}",
    "backend: {azurerm: {}}",
    "backend: {azurerm: {an_argument_of_next_year: x}}",
    "provider: {an_argument_of_next_year: [x], features: {skip_import_check_on_create_and_allow_overwriting_existing_resources: true}}",
    "backend: {gcs: {bucket: state, prefix: [a, {b: c}]}}",
    "backend: none",
    "provider: {resource_provider_registrations: none, use_cli: false, features: {}}",
    "location: {variable: region}\nsubscription_id: {variable: subscription}",
    "resource_group: {variable: rg}\nvariables: {rg: {description: the group, default: 1, sensitive: no}}",
    "resource_group: {name: {variable: rg}, create: true}\nvariables: {rg: {}}",
    receivers("{type: webhook, name: w, service_uri: {file: hook.txt}}"),
    receivers("{type: webhook, name: w, service_uri: {variable: hook}}"),
    receivers("{type: event_hub, name: hub, event_hub_name: {env: PATH}, event_hub_namespace: {variable: namespace}}"),
    "location: {variable: versions}\nvariables: {versions: {}}",
    "location: {variable: my-source}",
    f"scopes: [{CLUSTER}, {{variable: prod}}]\nadopt: [{{scope: {{variable: prod}}, notice: cluster-auto-upgrade, rule: {GROUP}/providers/microsoft.insights/scheduledqueryrules/x}}]",
    "provider: {use_cli: no, use_msi: off, use_oidc: 0, storage_use_azuread: Y}",
    "provider: {features: {resource_group: {a: no}}, auxiliary_tenant_ids: [x]}",
    "backend: {azurerm: {use_cli: N, snapshot: yes}}",
    "backend: {kubernetes: {exec: {command: x, env: {a: b}}, labels: {a: b}}}",
    receivers("{type: email, name: x, email_address: {variable: a}, use_common_alert_schema: {file: yes.txt}}"),
    "grouping: digest\nlook_back: PT28H",
    f"scopes: [{{id: {CLUSTER}, notices: [End-of-Support]}}, {{id: {{variable: prod}}, notices: [missed-maintenance]}}]",
    "routes: [{statuses: [Failed], grouping: event}]",
    "look_back: PT12H\nresolved_messages: true",
    group(short_name="123456789012"),
    group(short_name="no"),
    group(name="'a b (c) é'"),
    f"action_group: {{id: {GROUP}/providers/microsoft.insights/ACTIONGROUPS/ag}}",
    receivers("{type: sms, name: 5, country_code: 31, phone_number: 0612345678}"),
    receivers("{type: voice, name: v, country_code: '1', phone_number: '0001'}"),
    receivers(
        f"{{type: webhook, name: w, service_uri: {URL.replace('https', 'HTTPS')}, use_common_alert_schema: off}}"
    ),
    receivers(
        f"{{type: webhook, name: w, service_uri: '{URL}?code=a#b', aad_auth: {{object_id: {SUBSCRIPTION.upper()}}}}}"
    ),
    receivers(
        f"{{type: logic_app, name: l, resource_id: {GROUP}/providers/microsoft.logic/workflows/w, callback_url: {URL}}}"
    ),
    receivers('{type: azure_app_push, name: a, email_address: "o\'neill+aks@mail.example.co.uk"}'),
    f"adopt: [{{scope: {CLUSTER}, notice: Cluster-auto-upgrade, rule: {GROUP}/providers/microsoft.insights/scheduledqueryrules/x}}]",
]


@pytest.mark.parametrize("keys", RIGHT)
def test_config_that_the_loader_accepts_is_valid(keys, tmp_path):
    text = config(keys)
    assert {code for code in codes(text, tmp_path) if code < "ACM100"} == set()
    assert problems(text) == []
    assert problems(text, Old) == []


WRONG = [
    "severty: 3",
    "severity: 5",
    "severity: -1",
    "severity: high",
    "severity: true",
    "severity:",
    "severity: [3]",
    "query: Hardened",
    "query: fast",
    "rules: each",
    "notices: []",
    "notices: cluster-auto-upgrade",
    "notices: [cluster-upgrade]",
    "notices: [end-of-support, end-of-support]",
    "queries: [own.kql]",
    "queries: {cluster-upgrade: own.kql}",
    "queries: {cluster-auto-upgrade: [own.kql]}",
    "evaluation_frequency: PT31M",
    "evaluation_frequency: 30",
    "evaluation_frequency: pt30m",
    "look_back: 5m",
    "look_back: PT",
    "look_back: P",
    "look_back: P1DT",
    "look_back: PT1.5H",
    "look_back: PT1234567890S",
    "scopes: []",
    "scopes: [prod]",
    f"scopes: {CLUSTER}",
    f"scopes: [{CLUSTER}/]",
    f"scopes: [' {CLUSTER}']",
    "scopes: [/subscriptions/1234]",
    f"scopes: [{GROUP}/providers/Microsoft.Compute/virtualMachines/prod]",
    f"scopes: [{CLUSTER}-]",
    f"scopes: [{GROUP}.]",
    "scopes: [{id: prod}]",
    "subscription_id: production",
    "location: ''",
    "location: [westeurope]",
    "resource_group: 'rg aks'",
    "resource_group: rg.",
    "resource_group: {create: true}",
    "resource_group: {name: rg, create: maybe}",
    "resource_group: {name: rg, make: true}",
    "identity: managed",
    "identity: {}",
    "identity: {name: id}",
    f"identity: {{principal_id: {SUBSCRIPTION}}}",
    f"identity: {{name: id-aks, id: {GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/x}}",
    f"identity: {{id: {CLUSTER}, principal_id: {SUBSCRIPTION}}}",
    f"identity: {{id: {GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/x, principal_id: me}}",
    "reader_scopes: scope",
    "reader_scopes: [cluster]",
    "reader_scopes: [scope, scope]",
    "routes: {severity: 1}",
    "routes: [{severity: 1}]",
    "routes: [{statuses: [], severity: 1}]",
    "routes: [{statuses: [Failed]}]",
    "routes: [{statuses: [Broken], severity: 1}]",
    "routes: [{statuses: [Failed], severity: 9}]",
    "routes: [{statuses: [Failed], sevrity: 1}]",
    "routes: [{stages: [Failed], severity: 1}]",
    "routes: [{stages: [KubernetesVersionOutOfSupport], notices: [node-os-auto-upgrade], severity: 1}]",
    "routes: [{statuses: [Failed], notices: [end-of-support], severity: 1}]",
    "name_prefix: 'a/b'",
    f"name_prefix: {'a' * 261}",
    "custom_properties: {Cluster: x}",
    "custom_properties: {a: [b]}",
    "custom_properties: x",
    "tags: [owner]",
    "tags: {'a<b': x}",
    f"tags: {{a: {'x' * 257}}}",
    f"tags: {{{', '.join(f't{number}: x' for number in range(51))}}}",
    "allow_overlap: maybe",
    "allow_other_subscriptions: 2",
    "provider_version: newest",
    "backend: {azure: {}}",
    "backend: {}",
    "backend: azurerm",
    "backend: {local: {}, s3: {}}",
    "backend: {s3: {bucket: ''}}",
    "provider: {subscription_id: x}",
    "grouping: hourly",
    "delivery: stateful",
    "look_back: 6h",
    "look_back: [PT1M]",
    "overlap: PT1M",
    "resolved_messages: perhaps",
    "variables: {1a: {}}",
    "variables: {a: {type: string}}",
    "location: {env: REGION}",
    "location: {variable: 'a b'}",
    "severity: {variable: severity}",
    receivers("{type: webhook, name: w, service_uri: {vault: hook}}"),
    receivers("{type: email, name: {env: PATH}, email_address: a@example.com}"),
    receivers("{type: {env: KIND}, name: w, service_uri: https://example.com}"),
    "backend: {azurerm: {storage_account_name: st, container_name: c, key: ''}}",
    "provider: {azurerm: {use_cli: false}}",
    "backend: {storage_account_name: st, container_name: c}",
    "backend: {storage_account_name: st}",
    "backend: {s3: {'a key': x}}",
    "provider: {'https://example.com': x}",
    "action_group: ag",
    "action_group: {}",
    f"action_group: {{id: {CLUSTER}}}",
    f"action_group: {{id: {GROUP}/providers/Microsoft.Insights/actionGroups/ag, name: x}}",
    group(name="'a:b'"),
    group(name="'ends.'"),
    group(name=""),
    group(short_name="averylongshortname"),
    group(short_name="''"),
    group(receivers="[]"),
    group(color="red"),
    receivers("{name: x, email_address: a@example.com}"),
    receivers("{type: pager, name: x}"),
    receivers("{type: email, name: x}"),
    receivers("{type: email, name: x, email_address: nobody}"),
    receivers("{type: email, name: '', email_address: a@example.com}"),
    receivers(f"{{type: email, name: x, email_address: {'a' * 64}@example.com}}"),
    receivers("{type: email, name: x, email_address: a@example.com, phone_number: '1234'}"),
    receivers("{type: sms, name: x, country_code: '+31', phone_number: '0612345678'}"),
    receivers("{type: sms, name: x, country_code: '31', phone_number: 06-12345678}"),
    receivers("{type: webhook, name: x, service_uri: 'http://example.com'}"),
    receivers(f"{{type: webhook, name: x, service_uri: '{URL}', aad_auth: {{}}}}"),
    receivers(f"{{type: logic_app, name: x, resource_id: {CLUSTER}, callback_url: '{URL}'}}"),
    receivers("{type: arm_role, name: x, role_id: Owner}"),
    receivers(*(f"{{type: arm_role, name: x{number}, role_id: {SUBSCRIPTION}}}" for number in range(11))),
    "location: {variable: version}",
    "variables: {count: {}}",
    receivers("{type: webhook, name: w, service_uri: {variable: source}}"),
    "scopes: [{variable: lifecycle}]",
    "adopt: [{scope: {env: SCOPE}, notice: cluster-auto-upgrade}]",
    "provider: {features: {variable: x}}",
    "provider: {client_secret: {variable: version}}",
    "provider: {client_secret: {env: x}}",
    "provider: {use_cli: perhaps}",
    "provider: {features: x}",
    "provider: {features: [{}]}",
    "backend: {azurerm: {use_oidc: 2}}",
    "backend: {http: {password: {file: hook.txt}}}",
    receivers("{type: email, name: x, email_address: a@example.com, use_common_alert_schema: {variable: x}}"),
    "adopt: [{}]",
    f"adopt: [{{rule: {GROUP}/providers/Microsoft.Insights/scheduledQueryRules/x}}]",
    f"adopt: [{{scope: {CLUSTER}, notice: cluster-auto-upgrade, rule: {CLUSTER}}}]",
    "adopt: [{scope: prod, notice: cluster-auto-upgrade}]",
    f"adopt: [{{role_assignment: {CLUSTER}}}]",
]


@pytest.mark.parametrize("keys", WRONG)
def test_value_of_the_wrong_form_is_invalid(keys, tmp_path):
    text = config(keys)
    assert {code for code in codes(text, tmp_path) if code < "ACM100"}, "the loader takes it"
    assert problems(text), "the schema takes it"


@pytest.mark.parametrize(
    "text",
    [
        *(config(without=key) for key in ("subscription_id", "location", "resource_group", "scopes", "action_group")),
        "{}",
        "stacks: {}",
        "stacks: []",
        "stacks: {production: text}",
        "defaults: []\n" + config(),
        "stack: {}\n" + config(),
        config(name="pro/duction"),
        config(name="CON"),
        config(name="a" * 201),
        "defaults: {severity: 9}\n" + config("severity: 3"),
        "defaults: {tags: {owner: platform}}\n" + config(without="location"),
    ],
)
def test_mistake_around_the_stacks_is_invalid(text, tmp_path):
    assert {code for code in codes(text, tmp_path) if code < "ACM100"}, "the loader takes it"
    assert problems(text), "the schema takes it"


def test_a_stack_may_get_required_keys_from_defaults(tmp_path):
    text = "defaults: {location: westeurope, resource_group: rg}\n" + config(without="location").replace(
        "    resource_group: rg-aks-notices\n", ""
    )
    assert codes(text, tmp_path) == set()
    assert problems(text) == []


def test_the_table_of_wrong_forms_is_long_and_has_nothing_twice():
    assert len(set(WRONG)) == len(WRONG) >= 60


def test_a_program_that_writes_terraform_does_not_load_it():
    code = (
        "import sys, aks_communication_manager.compiler;"
        "sys.exit('aks_communication_manager.config.json_schema' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": str(ROOT / "constructs")})
