"""A config file as a whole: what hides nothing, what is never shown, where mistakes are, and what is done once."""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

import pytest

from aks_communication_manager import ActionGroup
from aks_communication_manager.arm.ids import ArmId
from aks_communication_manager.checks.codes import CHECKS
from aks_communication_manager.compiler import NEEDED_TO_PLAN, compile_config
from aks_communication_manager.config.checking import Checks
from aks_communication_manager.config.model import Model
from aks_communication_manager.config.stack_settings import StackSettings
from aks_communication_manager.errors import InvalidArgument
from aks_communication_manager.kql import templates
from tests.checks.mistakes import MISTAKES, found
from tests.compiling import OTHER, SUB, cluster, planned, settings_of, wrong

STACK = f"""\
  {{name}}:
    subscription_id: {SUB}
    location: westeurope
    resource_group: rg-aks-notices
    scopes:
      - {cluster()}
    action_group:
      name: ag-aks
      short_name: aks
      receivers:
        - {{{{type: email, name: a, email_address: a@example.com}}}}
{{more}}"""


def stack(name: str, *lines: str) -> str:
    return STACK.format(name=name, more="".join(f"    {line}\n" for line in lines))


@pytest.fixture
def compiled(tmp_path):
    def compiled(text: str):
        (tmp_path / "my.yaml").write_text(text)
        return compile_config(tmp_path / "my.yaml")

    return compiled


@pytest.fixture
def said(compiled):
    def said(text: str) -> list[str]:
        return [str(mistake).partition("\n")[0] for mistake in compiled(text).mistakes]

    return said


TWICE = [
    'stacks.b (line 14): the action group "ag-aks" is already created by stacks.a [ACM137]',
    'stacks.b (line 14): the alert rule "cluster-auto-upgrade-prod@rg-aks" is already created by stacks.a [ACM137]',
    'stacks.b (line 14): the alert rule "node-os-auto-upgrade-prod@rg-aks" is already created by stacks.a [ACM137]',
]


@pytest.mark.parametrize("key", ["severity:", "tags:", "custom_properties:", "evaluation_frequency:", "look_back:"])
def test_a_key_without_value_hides_no_resource_of_two_stacks(said, key):
    text = "stacks:\n" + stack("a", "resolved_messages: true") + stack("b", "resolved_messages: true", key)
    assert said(text) == [f"stacks.b.{key[:-1]} (line 26): has no value [ACM006]", *TWICE]


def test_a_wrong_value_hides_nothing_that_two_stacks_would_both_create(said):
    text = "stacks:\n" + stack("a", "resolved_messages: true") + stack("b", "resolved_messages: true", "severity: 9")
    assert said(text) == ['stacks.b.severity (line 26): "9" is not a severity [ACM043]', *TWICE]


@pytest.mark.parametrize(
    "token", ["${TfToken[TOKEN.0]}", "&{TfToken[TOKEN.0]}", "#{TfToken[TOKEN.0]}", "a ${TfToken[TOKEN.0]}"]
)
@pytest.mark.parametrize(
    ("lines", "path", "line"),
    [
        (("reader_scopes: ['{}']",), "reader_scopes[0]", 13),
        (("adopt:", "  - {{scope: '{}', notice: end-of-support, rule: x}}"), "adopt[0].scope", 14),
        (("adopt:", "  - role_assignment: '{}'"), "adopt[0].role_assignment", 14),
        (("tags: {{a: '{}'}}",), "tags.a", 13),
        (("evaluation_frequency: '{}'",), "evaluation_frequency", 13),
    ],
)  # fmt: skip
def test_what_looks_like_a_token_is_a_mistake_of_ours_wherever_it_is(said, lines, path, line, token):
    found = said("stacks:\n" + stack("a", *(text.format(token) for text in lines)))
    assert f"stacks.a.{path} (line {line}): contains TfToken[, which CDK for Terraform reserves [ACM009]" in found


@pytest.mark.parametrize("token", ["${TfToken[TOKEN.0]}", "&{TfToken[TOKEN.0]}"])
def test_a_scope_that_looks_like_a_token_is_a_mistake_of_ours(said, token):
    text = "stacks:\n" + stack("a").replace(f"- {cluster()}", f"- '{token}'")
    assert said(text) == ["stacks.a.scopes[0] (line 7): contains TfToken[, which CDK for Terraform reserves [ACM009]"]


@pytest.mark.parametrize("where", ["'{}': x", "tags: {{'{}': x}}", "backend: {{azurerm: {{'{}': x}}}}"])
def test_a_key_that_looks_like_a_token_is_a_mistake_of_ours(said, where):
    [mistake] = said("stacks:\n" + stack("a", where.format("${TfToken[TOKEN.0]}")))
    assert mistake.endswith("a key contains ${TfToken[, which CDK for Terraform reserves [ACM009]")


@pytest.mark.parametrize(
    "where",
    ["'{}': x", "tags: {{'{}': [x]}}", "backend: {{azurerm: {{'{}': x}}}}", "queries: {{'{}': x}}", "variables: {{'{}': x}}"],
)  # fmt: skip
def test_a_secret_url_that_is_written_as_a_key_is_never_shown(compiled, where):
    found = compiled("stacks:\n" + stack("a", where.format("https://a.example/hook?sig=s3cret"))).mistakes
    assert found
    for mistake in found:
        assert "s3cret" not in str(mistake)
        assert "https://…" in str(mistake)


def test_secrets_of_a_stack_that_is_one_big_mistake_are_not_shown(said):
    assert said("stacks: {a: 'https://a.example/s3cret'}") == [
        "stacks.a (line 1): the value (hidden, it may be a secret) is not a mapping [ACM023]"
    ]


# Positions


def positions(compilation) -> dict[str, tuple[int, int]]:
    return {mistake.where: (mistake.mark.line, mistake.mark.column) for mistake in compilation.mistakes}


def test_a_mistake_is_where_its_value_is_however_deep(compiled):
    text = "stacks:\n" + stack("a", "routes:", "  - statuses:", "      - Failed", "      - Nonsense", "    severity: 7")
    assert positions(compiled(text)) == {
        "stacks.a.routes[0].statuses[1]": (16, 13),
        "stacks.a.routes[0].severity": (17, 9),
    }


def test_a_missing_key_is_reported_at_what_lacks_it(compiled):
    text = "stacks:\n" + stack("a").replace("    location: westeurope\n", "").replace(
        ", email_address: a@example.com", ""
    )
    assert positions(compiled(text)) == {
        "stacks.a.location": (2, 3),
        "stacks.a.action_group.receivers[0].email_address": (11, 11),
    }


def test_a_mistake_behind_an_alias_is_where_it_is_written(compiled):
    text = "stacks:\n" + stack("a", "tags: &t {'a/b': x}") + stack("b", "tags: *t", "name_prefix: b-")
    found = positions(compiled(text))
    assert (found["stacks.a.tags.a/b"], found["stacks.b.tags.a/b"]) == ((13, 15), (13, 15))


def test_a_default_is_reported_once_and_where_it_is_written(compiled):
    text = "defaults:\n  severity: 9\nstacks:\n" + stack("a") + stack("b", "name_prefix: b-", "action_group: {id: x}")
    assert positions(compiled(text))["defaults.severity"] == (2, 3)
    assert [m.where for m in compiled(text).mistakes].count("defaults.severity") == 1


# Duplicates beside what is wrong


def test_scopes_are_compared_though_another_is_misspelt():
    found = {mistake.where: mistake.code for mistake in wrong(scopes=[cluster(), "prod-2", cluster("PROD")])}
    assert found == {"scopes[1]": "ACM030", "scopes[2]": "ACM100"}


def test_receivers_names_are_compared_though_an_address_is_wrong():
    mail = {"type": "email", "name": "a", "email_address": "a@example.com"}
    receivers = [mail, mail | {"name": "A", "email_address": "nobody"}]
    with pytest.raises(InvalidArgument) as error:
        ActionGroup.create(name="ag", short_name="ag", receivers=receivers)
    assert [(mistake.where, mistake.code) for mistake in error.value.mistakes] == [
        ("receivers[1].email_address", "ACM037"),
        ("receivers[1].name", "ACM061"),
    ]


# An own query beside what is wrong with its window

OWN = """arg("").containerserviceeventresources
| where <scopes>
| extend status = tostring(properties.eventStatus), eventName = name, eventTime = todatetime(properties.lastUpdateTime)
| where <window> and <selection>
"""
NO_DURATION = '"soon" is not a duration [ACM033]'


@pytest.mark.parametrize(
    ("old", "new", "routes", "problem"),
    [
        ("<scopes>", "<scopes> or <scoeps>", (), "line 2: <scoeps> is not a placeholder"),
        (
            " and <selection>",
            "",
            ("routes: [{statuses: [Failed], severity: 1}]",),
            "the query has no <selection>, so routes cannot select their rows",
        ),
    ],
)
@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("evaluation_frequency: PT31M", '"PT31M" is not a frequency that Azure supports [ACM034]'),
        ("look_back: soon", NO_DURATION),
    ],
)
def test_an_own_query_is_checked_though_its_window_is_unknown(said, tmp_path, old, new, routes, problem, line, found):
    own = tmp_path / "own.kql"
    own.write_text(OWN.replace(old, new))
    text = "stacks:\n" + stack(
        "a", line, "notices: [cluster-auto-upgrade]", f"queries: {{cluster-auto-upgrade: {own}}}", *routes
    )
    assert said(text) == [
        f"stacks.a.{line.partition(':')[0]} (line 13): {found}",
        f"stacks.a.queries.cluster-auto-upgrade (line 15): {own}: {problem} [ACM106]",
    ]


# Names


def test_a_subscription_in_a_variable_is_written_where_names_need_it(compiled):
    other = cluster().replace(SUB, OTHER)
    text = "stacks:\n" + stack(
        "a", "allow_other_subscriptions: true", "notices: [end-of-support]", "variables: {s: {}}"
    )
    text = text.replace(f"subscription_id: {SUB}", "subscription_id: {variable: s}")
    [mistake] = compiled(text.replace(f"      - {cluster()}\n", f"      - {cluster()}\n      - {other}\n")).mistakes
    assert str(mistake) == (
        f'stacks.a.scopes (line 6): "{cluster()}" and "{other}" would both get the alert rule "end-of-support-prod@rg-aks" [ACM131]\n'
        "    Write `subscription_id` as a literal: the names of rules for other subscriptions then end with theirs."
    )


def test_an_own_query_that_is_too_long_once_rendered_is_reported_once(said, tmp_path):
    own = tmp_path / "own.kql"
    own.write_text(OWN + "// " + "x" * (64 * 1024 - len(OWN) - 3))
    text = "stacks:\n" + stack("a", "notices: [cluster-auto-upgrade]", f"queries: {{cluster-auto-upgrade: {own}}}")
    scopes = "".join(f"\n      - {cluster(f'c{number}')}" for number in range(9, 12))
    assert said(text.replace(f"\n      - {cluster()}", scopes)) == [
        "stacks.a.queries.cluster-auto-upgrade (line 16): the query has 65,694 bytes; Azure takes at most 65,536 [ACM132]"
    ]


# Frozen values


def values(node):
    """A value and everything that it holds."""
    yield node
    if dataclasses.is_dataclass(node):
        inner = [getattr(node, field.name) for field in dataclasses.fields(node)]
    elif hasattr(type(node), "model_fields"):
        inner = [value for _, value in node]
    elif hasattr(node, "items"):
        inner = list(node.values())
    else:
        inner = list(node) if isinstance(node, tuple | frozenset) else []
    for each in inner:
        yield from values(each)


def test_settings_and_plans_are_hashable_and_hold_nothing_that_can_change(tmp_path):
    (tmp_path / "my.yaml").write_text(
        "stacks:\n" + stack("a", "tags: {owner: a}", "custom_properties: {b: c}", "backend: {local: {path: x}}")
    )
    [settings] = settings_of(tmp_path / "my.yaml").values()
    for value in (settings, planned(tags={"owner": "a"})):
        assert hash(value) == hash(value)
        assert not [each for each in values(value) if isinstance(each, dict | list | set)]
    with pytest.raises(TypeError, match="does not support item assignment"):
        settings.tags["x"] = "1"
    with pytest.raises(ValueError, match="frozen"):
        settings.severity = 1


# Checks


class Pair(NamedTuple):
    one: int
    two: int


def test_a_check_runs_when_all_of_its_fields_are_right_and_only_then():
    checks: Checks[Pair] = Checks("options")

    @checks.add("ACM999", "one", "two")
    def both(pair: Pair):
        yield ("one",), f"is {pair.one}, not {pair.two}", "Correct it."

    assert checks.run(Pair(1, 2), {"one"}) == []
    assert checks.run(Pair(1, 2), {"two", "three"}) == []
    [mistake] = checks.run(Pair(1, 2), {"one", "two"})
    assert str(mistake) == "one: is 1, not 2 [ACM999]\n    Correct it."


def only(value: Model, names: frozenset[str]) -> Model:
    """The model without all other fields, so that reading one of them is an AttributeError."""
    found = type(value).model_construct(
        **{name: getattr(value, name) for name in names & type(value).model_fields.keys()}
    )
    for name in found.__dict__.keys() - names:
        del found.__dict__[name]
    found._entries = {name[6:]: value.valid_entries(name[6:]) for name in names if name.startswith("valid_")}
    return found


def test_a_check_names_all_fields_that_it_reads(monkeypatch):
    ran, run = set(), Checks.run

    def run_strictly(self, value, right=None):
        if isinstance(value, Model):
            for check in self.all:
                if right is None or check.needs <= frozenset(right):
                    ran.add(check)
                    assert list(check.find(only(value, check.needs))) == list(check.find(value))
        return run(self, value, right)

    monkeypatch.setattr(Checks, "run", run_strictly)
    for code in MISTAKES:
        found.__wrapped__(code)
    assert ran == {check for checks in CHECKS for check in checks.all if check.needs}


def test_every_key_of_a_stack_is_needed_to_plan_or_changes_no_name():
    changes_no_name = {
        *("severity", "tags", "custom_properties", "backend", "evaluation_frequency", "look_back"),
        *("provider_version", "allow_overlap", "allow_other_subscriptions"),
    }
    assert StackSettings.model_fields.keys() == NEEDED_TO_PLAN | changes_no_name
    assert not NEEDED_TO_PLAN & changes_no_name


# Once


def test_a_hundred_clusters_parse_each_id_and_render_each_query_once(tmp_path, monkeypatch):
    parsed, rendered = [], []
    parse, render = ArmId.parse.__func__, templates.render
    monkeypatch.setattr(ArmId, "parse", classmethod(lambda cls, text: parsed.append(text) or parse(cls, text)))
    monkeypatch.setattr(templates, "render", lambda *a, **k: rendered.append(1) or render(*a, **k))
    scopes = "".join(f"\n      - {cluster(f'c{number}')}" for number in range(100))
    (tmp_path / "my.yaml").write_text("stacks:\n" + stack("a").replace(f"\n      - {cluster()}", scopes))
    [compiled] = compile_config(tmp_path / "my.yaml").checked()
    assert len(compiled.plan.alert_rules) == len(rendered) == 200
    assert len(parsed) == len(set(parsed)) == 100
