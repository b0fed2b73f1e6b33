"""The config file: what YAML gives, what is found wrong with it and where, and that all of it is reported together."""

import re
from pathlib import Path

import pytest

from aks_communication_manager import InvalidConfig
from aks_communication_manager.compiler import compile_config
from aks_communication_manager.config import yaml_file
from tests.compiling import OTHER, SUB, settings_of

GROUP = f"/subscriptions/{SUB}/resourceGroups/rg-aks"
CLUSTERS = f"{GROUP}/providers/Microsoft.ContainerService/managedClusters"
ACTION_GROUP = f"{GROUP}/providers/Microsoft.Insights/actionGroups/ag"
STACK = {
    "subscription_id": SUB,
    "location": "westeurope",
    "resource_group": "rg-aks-notices",
    "scopes": f"[{CLUSTERS}/prod]",
    "action_group": f"{{id: {ACTION_GROUP}}}",
}
NOTHING = "has no value [ACM006]\n      Add a value, or remove the key."
NOT_A_MAPPING = "is not a mapping [ACM023]\n      Write keys and values: {key: value}"
MADE = "{name: a, short_name: b, receivers: [{type: email, name: a, email_address: a@b.example}]}"
BACKEND = "{azurerm: {storage_account_name: a, container_name: b, key: c}}"
NOT_ONE_BACKEND = (
    "is not one backend [ACM047]\n      Write {<type>: {…}}, such as {azurerm: {storage_account_name: …}}, or none."
)
NO_STACKS = "      Write stacks: and below it one entry for each stack."


def stack(name="production", **keys):
    """One entry under stacks. A key whose value is None is left out."""
    lines = [f"    {key}: {value}" for key, value in (STACK | keys).items() if value is not None]
    return "\n".join([f"  {name}:", *lines, ""])


LINES = {"subscription_id": 3, "location": 4, "resource_group": 5, "scopes": 6, "action_group": 7}


def line(path):
    """The line of a key of the first stack; optional keys come last."""
    return LINES.get(re.split(r"[.\[]", path)[0], 8)


def config(*stacks, before=""):
    return f"{before}stacks:\n" + "".join(stacks or [stack()])


@pytest.fixture
def read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def read(text):
        (tmp_path / "my.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
        return settings_of(Path("my.yaml"))

    return read


@pytest.fixture
def reported(read):
    """The mistakes of a config, without the line that counts them."""

    def reported(text):
        with pytest.raises(InvalidConfig) as error:
            read(text)
        head, _, rest = str(error.value).partition("\n\n")
        count = len(error.value.mistakes)
        assert head == f"my.yaml: {count} mistake{'s' if count > 1 else ''}"
        return rest.removeprefix("  ")

    return reported


# What YAML is read as


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.encode(),
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: f"# a comment\n---\n{text}...\n".encode(),
    ],
    ids=["plain", "byte order mark", "CRLF", "markers"],
)
def test_a_config_is_read_however_an_editor_saves_it(read, change):
    assert read(change(config()))["production"].location == "westeurope"


def test_every_scalar_is_text_until_a_model_converts_it(read):
    receivers = "[{type: sms, name: no, country_code: 31, phone_number: 0612345678}]"
    found = read(
        config(
            stack(
                action_group=f"{{name: 2024-01-01, short_name: on, receivers: {receivers}}}",
                tags="{cost: 0012, octal: 0o17, empty: '', tilde: '~', date: 2024-01-01, off: off}",
                severity="1",
                allow_overlap="yes",
            )
        )
    )["production"]
    [sms] = found.action_group.receivers
    assert (sms.name, sms.country_code, sms.phone_number) == ("no", "31", "0612345678")
    assert (found.action_group.name, found.action_group.short_name) == ("2024-01-01", "on")
    assert found.tags == {
        "cost": "0012",
        "octal": "0o17",
        "empty": "",
        "tilde": "~",
        "date": "2024-01-01",
        "off": "off",
    }
    assert (found.severity, found.allow_overlap) == (1, True)


def test_values_are_literal(read):
    assert read(config(stack(tags="{a: '${var.x} %{if y}'}")))["production"].tags == {"a": "${var.x} %{if y}"}


def test_aliases_work(read):
    found = read(config(stack(tags="&tags {owner: platform}"), stack("other", subscription_id=OTHER, tags="*tags",
                                                                    allow_other_subscriptions="true")))  # fmt: skip
    assert found["other"].tags == found["production"].tags == {"owner": "platform"}


def test_stacks_keep_their_order(read):
    names = ["zeta", "alpha", "mid_1"]
    found = read(config(*(stack(name, resource_group=f"rg-{name}") for name in names)))
    assert list(found) == names


def test_resource_group_is_a_name_or_a_mapping(read):
    made = read(config(stack(resource_group="{name: rg-new, create: true}")))["production"].resource_group
    assert (made.name, made.create) == ("rg-new", True)
    assert read(config())["production"].resource_group.create is False


def test_own_queries_lie_beside_the_config(reported, tmp_path):
    (tmp_path / "my").mkdir()
    (tmp_path / "my" / "own.kql").write_text("| take 1")
    text = reported(config(stack(queries="{cluster-auto-upgrade: my/own.kql, node-os-auto-upgrade: no.kql}")))
    assert (
        'stacks.production.queries.node-os-auto-upgrade (line 8): "no.kql" cannot be read: No such file or directory [ACM045]'
        in text
    )
    assert (
        'stacks.production.queries.cluster-auto-upgrade (line 8): my/own.kql: the query does not start with arg("") [ACM106]'
        in reported(config(stack(queries="{cluster-auto-upgrade: my/own.kql}")))
    )


# What is no YAML


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", f"is empty [ACM004]\n{NO_STACKS}"),
        ("# nothing\n", f"is empty [ACM004]\n{NO_STACKS}"),
        ("---\n", f"is empty [ACM004]\n{NO_STACKS}"),
        ("~", f"is empty [ACM004]\n{NO_STACKS}"),
        ("- a", "is not a mapping [ACM023]\n      It starts with stacks:"),
        ("a", "is not a mapping [ACM023]\n      It starts with stacks:"),
        ('""', "is not a mapping [ACM023]\n      It starts with stacks:"),
        (b"\xff\xfea\x00", "is not UTF-8 text [ACM002]\n      Save it as UTF-8."),
        (b"stacks: \xe9", "is not UTF-8 text [ACM002]\n      Save it as UTF-8."),
        (
            "stacks:\n  a: b\x00c",
            "line 2, column 7: not YAML: the character U+0000 is not allowed [ACM003]\n"
            "      Delete it there, or write it as an escape in double quotes.",
        ),
        (
            "stacks:\n\ta: b",
            "line 2, column 1: not YAML: found character that cannot start any token while scanning for the next token [ACM003]\n"
            "      Indent with spaces, not tabs.",
        ),
        (
            'stacks:\n  a: "b\n  c: d\n',
            "line 4, column 1: not YAML: found unexpected end of stream while scanning a quoted scalar "
            "that begins at line 2, column 6 [ACM003]\n      Close the quotes.",
        ),
        (
            "stacks:\n  a: b: c",
            "line 2, column 7: not YAML: mapping values are not allowed in this context [ACM003]\n"
            '      Put a value that holds ": " in quotes, and align the keys of one mapping.',
        ),
        (
            "a: @b",
            "line 1, column 4: not YAML: found character that cannot start any token while scanning for the next token [ACM003]\n"
            "      Put a value that begins with @ in quotes.",
        ),
        (
            r'a: "C:\users"',
            "line 1, column 9: not YAML: did not find expected hexdecimal number while parsing a quoted scalar "
            "that begins at line 1, column 4 [ACM003]\n      In double quotes a backslash begins an escape: use single quotes.",
        ),
        (
            r'a: "C:\windows"',
            "line 1, column 7: not YAML: found unknown escape character while parsing a quoted scalar "
            "that begins at line 1, column 4 [ACM003]\n      In double quotes a backslash begins an escape: use single quotes.",
        ),
        ("a: *b", "line 1, column 4: not YAML: found undefined alias [ACM003]\n      Put a value that begins with * in quotes."),
        ("a: [&x 1, &x]", "line 1, column 11: not YAML: the anchor &x is defined twice, first at line 1, column 5 [ACM003]\n"
         "      Rename one of them, or put a value that begins with & in quotes."),
        (
            "a: b\n---\nc: d",
            "line 2, column 1: not YAML: expected a single document in the stream, but found another document [ACM003]\n"
            "      Remove the line ---: all stacks belong in one document.",
        ),
        ("a: {b: ${URL}}", "line 1, column 9: not YAML: did not find expected ',' or '}' "
            "while parsing a flow mapping that begins at line 1, column 4 [ACM003]\n"
            "      Environment variables are not read there: write {env: URL}, or put the value in quotes."),
        ("a: [b", "line 2, column 1: not YAML: did not find expected ',' or ']' "
         "while parsing a flow sequence that begins at line 1, column 4 [ACM003]"),
        ("a: " + "[" * 60, "line 1, column 53: is nested too deeply to be a config [ACM008]\n      Close the brackets."),
        ("- " * 100_000, "line 1, column 101: is nested too deeply to be a config [ACM008]\n      Close the brackets."),
    ],
)  # fmt: skip
def test_invalid_config_is_reported_with_line_and_column(reported, text, expected):
    assert reported(text) == expected


def test_aliases_of_aliases_end(reported):
    layers = "".join(
        f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n" for before, name in zip("abcdef", "bcdefg", strict=True)
    )
    assert "the file has more than 50,000 values, counting those of an alias each time" in reported(
        f"a: &a [x]\n{layers}"
    )


def test_file_with_too_many_values_is_refused_before_parsing(reported, monkeypatch):
    monkeypatch.setattr(yaml_file.yaml, "compose", None)  # what takes the seconds
    values = "\n".join(f"a{number}: b" for number in range(50_001))
    assert reported(values).endswith(
        "line 50000, column 9: the file has more than 50,000 values, counting those of an alias each time [ACM008]\n"
        "      Use fewer values."
    )


def test_recursive_alias_is_reported(reported):
    assert reported("a: &a {b: *a}").startswith("line 1, column 4: recursive alias [ACM008]\n      Write it out.")


def test_missing_file_or_folder_is_reported_with_how_to_name_another(tmp_path):
    fix = "      Create it, or name another file with --config or COMMUNICATION_MANAGER_CONFIG."
    for path, why in ((tmp_path / "no.yaml", "No such file or directory"), (tmp_path, "Is a directory")):
        with pytest.raises(InvalidConfig) as error:
            settings_of(path)
        assert str(error.value) == f"{path}: 1 mistake\n\n  cannot be read: {why} [ACM001]\n{fix}"


# Slips in keys


def test_duplicate_key_is_reported_at_the_second(reported):
    assert reported(config(stack(), "    location: northeurope\n")) == (
        'line 8, column 5: "location" is defined twice, first at line 4, column 5 [ACM005]\n      Remove one of them.'
    )
    assert reported(config(stack(tags="{a: b, a: c}"))) == (
        'line 8, column 18: "a" is defined twice, first at line 8, column 12 [ACM005]\n      Remove one of them.'
    )


def test_stack_names_that_differ_only_in_letter_case_are_reported(reported):
    assert reported(config(stack(), stack())).startswith(
        'line 8, column 3: "production" is defined twice, first at line 2, column 3'
    )
    assert reported(config(stack(), stack("Production", resource_group="rg-2"))) == (
        'stacks.Production (line 8): "production" is already a stack, and on some systems "Production" is the same folder [ACM011]\n'
        "      Choose a name that differs in more than letter case."
    )


def test_merge_keys_are_refused_with_a_word_about_defaults(reported):
    assert reported(config(stack(**{"<<": "{severity: 1}"}))) == (
        "line 8, column 5: << is not supported [ACM007]\n"
        "      Put what stacks have in common under `defaults:`; aliases work too."
    )
    assert reported(config(stack(tags="{<<: {a: b}}"))).startswith("line 8, column 12: << is not supported")


def test_in_quotes_it_is_a_key_like_others(reported):
    assert 'stacks.production.tags.<< (line 8): "<<" is not the name of a tag [ACM039]' in reported(
        config(stack(tags='{"<<": a}'))
    )


def test_key_of_another_type_than_text_is_reported(reported):
    assert (
        reported(config(stack(tags="{[a]: b}")))
        == "line 8, column 12: a key is not text [ACM003]\n      Write key: value."
    )


@pytest.mark.parametrize("value", ["", "~", "null", "Null", "NULL"])
@pytest.mark.parametrize(
    ("key", "form", "path"),
    [
        ("location", "{}", "location"),
        ("scopes", "{}", "scopes"),
        ("severity", "{}", "severity"),
        ("tags", "{}", "tags"),
        ("tags", "{{owner: {}}}", "tags.owner"),
        ("identity", "{{name: {}}}", "identity.name"),
        ("backend", "{{azurerm: {}}}", "backend.azurerm"),
        ("resource_group", "{{name: {}}}", "resource_group.name"),
        ("routes", "[{{statuses: [Failed], severity: {}}}]", "routes[0].severity"),
        ("adopt", "[{{rule: {}}}]", "adopt[0].rule"),
        ("action_group", "{{name: a, short_name: b, receivers: [{{type: {}}}]}}", "action_group.receivers[0].type"),
    ],
)
def test_a_key_without_a_value_is_reported_once(reported, key, form, path, value):
    assert (
        reported(config(stack(**{key: form.format(value)})))
        == f"stacks.production.{path} (line {line(path)}): {NOTHING}"
    )


def test_the_entries_after_one_without_a_value_keep_their_places(reported):
    assert reported(config(stack(scopes="[~, prod]"))).startswith(
        f"stacks.production.scopes[0] (line 6): {NOTHING}\n  stacks.production.scopes[1] (line 6): "
    )


@pytest.mark.parametrize(
    ("path", "right", "wrong", "meant"),
    [
        ("locaton", "    location:", "    locaton:", "location"),
        ("subscription", "    subscription_id:", "    subscription:", "subscription_id"),
        ("action_group.shortname", "short_name:", "shortname:", "short_name"),
        ("action_group.receivers[0].mail", "email_address:", "mail:", "email_address"),
    ],
)
def test_a_misspelt_required_key_is_one_mistake(reported, path, right, wrong, meant):
    text = config(stack(action_group=MADE))
    assert text.count(right) == 1
    said = reported(text.replace(right, wrong))
    assert re.sub(r" \(line \d+\)", "", said) == (
        f"stacks.production.{path}: unknown key [ACM021]\n      Did you mean {meant}?"
    )


@pytest.mark.parametrize(
    ("path", "keys", "meant"),
    [
        ("severty", {"severty": "1"}, "severity"),
        ("resource_group.crate", {"resource_group": "{name: rg, crate: true}"}, "create"),
        ("action_group.shortname", {"action_group": MADE.replace("name: a,", "name: a, shortname: x,", 1)}, "short_name"),
        ("action_group.receivers[0].adress", {"action_group": MADE.replace("email_", "adress: x, email_")}, "email_address"),
        ("identity.nam", {"identity": "{name: id-aks, nam: x}"}, "name"),
        ("routes[0].status", {"routes": "[{statuses: [Failed], severity: 1, status: x}]"}, "statuses"),
        ("adopt[0].roles", {"adopt": f"[{{action_group: {ACTION_GROUP}, roles: x}}]"}, "rule"),
    ],
)  # fmt: skip
def test_an_unknown_key_is_reported_at_every_level_with_the_nearest_known(reported, path, keys, meant):
    assert (
        f"stacks.production.{path} (line {line(path)}): unknown key [ACM021]\n      Did you mean {meant}?"
        in reported(config(stack(**keys)))
    )


# The outline


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{}", f"stacks: missing [ACM012]\n{NO_STACKS}"),
        ("stacks: {}", f"stacks (line 1): is empty [ACM012]\n{NO_STACKS}"),
        ("stacks:", f"stacks (line 1): {NOTHING}"),
        ("stacks: []", f"stacks (line 1): a list {NOT_A_MAPPING}"),
        ('stacks: ""', f'stacks (line 1): "" {NOT_A_MAPPING}'),
        ("stacks: {a: }", f"stacks.a (line 1): {NOTHING}"),
        ("stacks: {a: []}", f"stacks.a (line 1): a list {NOT_A_MAPPING}"),
        ("stack: {}", "stack (line 1): unknown key [ACM021]\n      Did you mean stacks?"),
        (
            "stack: {}\nstacks: {}",
            "stack (line 1): unknown key [ACM021]\n      Did you mean stacks?\n"
            f"  stacks (line 2): is empty [ACM012]\n{NO_STACKS}",
        ),
        ("defaults: []", f"defaults (line 1): a list {NOT_A_MAPPING}\n  stacks: missing [ACM012]\n{NO_STACKS}"),
    ],
)
def test_a_config_has_stacks_and_they_are_mappings(reported, text, expected):
    assert reported(text) == expected


@pytest.mark.parametrize("name", ["a b", "a/b", "..", "a.b", "größe", '""', "a" * 201, "${x}"])
def test_a_stacks_name_becomes_a_folder(reported, name):
    shown = name.strip('"')
    assert reported(config(stack(f"'{name}'" if "$" in name else name))) == (
        f'stacks.{shown} (line 2): "{shown}" cannot be the name of a stack, because it becomes a folder [ACM011]\n'
        "      1 to 200 letters (a to z), digits, - and _."
    )


@pytest.mark.parametrize("name", ["con", "NUL", "Com1"])
def test_stack_name_reserved_by_windows_is_refused(reported, name):
    assert reported(config(stack(name))) == (
        f'stacks.{name} (line 2): "{name}" cannot be the name of a stack: Windows reserves it [ACM011]\n      Choose another name.'
    )


# Defaults


def test_a_stacks_key_replaces_the_default_as_a_whole(read):
    found = read(
        config(
            stack(location=None),
            stack("other", location=None, resource_group="rg-2", tags="{cost: '1'}"),
            before="defaults: {location: northeurope, tags: {owner: platform}}\n",
        )
    )
    assert {settings.location for settings in found.values()} == {"northeurope"}
    assert (found["production"].tags, found["other"].tags) == ({"owner": "platform"}, {"cost": "1"})


def test_a_mistake_in_defaults_is_reported_once_and_there(reported):
    assert reported(
        config(stack(), stack("other", resource_group="rg-2"), before="defaults: {severity: 9, severty: 1}\n")
    ) == (
        'defaults.severity (line 1): "9" is not a severity [ACM043]\n'
        "      Write 0 (critical), 1 (error), 2 (warning), 3 (informational) or 4 (verbose).\n"
        "  defaults.severty (line 1): unknown key [ACM021]\n      Did you mean severity?"
    )


def test_a_default_that_every_stack_replaces_is_checked_too(reported):
    assert reported(config(stack(severity="1"), before="defaults: {severity: 9}\n")).startswith(
        "defaults.severity (line 1): "
    )


def test_a_default_without_a_value_is_reported_there_and_not_as_missing(reported):
    assert (
        reported(config(stack(location=None), before="defaults: {location: }\n"))
        == f"defaults.location (line 1): {NOTHING}"
    )


# The stack's own keys


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"subscription_id": None}, "subscription_id (line 2): missing [ACM020]\n"
         "      Write it, for example subscription_id: 11111111-1111-1111-1111-111111111111"),
        ({"location": None}, "location (line 2): missing [ACM020]\n      Write it, for example location: westeurope"),
        ({"resource_group": None}, "resource_group (line 2): missing [ACM020]\n      Write it, for example resource_group: rg-aks-notices"),
        ({"subscription_id": "prod", "scopes": f"[{CLUSTERS}/prod]"},
         'subscription_id (line 3): "prod" is not a UUID [ACM035]\n'
         '      It looks like 11111111-2222-3333-4444-555555555555.'),
        ({"location": '" "'}, "location (line 4): is empty [ACM027]\n      Write a text."),
        ({"location": "[westeurope]"}, "location (line 4): a list is not text [ACM024]\n      Write it in quotes."),
        ({"resource_group": "rg."},
         'resource_group (line 5): "rg." is not the name of a resource group [ACM038]\n'
         '      1 to 90 letters (a to z), digits, - _ . ( ), no period at the end.'),
        ({"resource_group": "größe"},
         'resource_group (line 5): "größe" is not the name of a resource group [ACM038]\n'
         '      1 to 90 letters (a to z), digits, - _ . ( ), no period at the end.'),
        ({"resource_group": "[rg]"}, "resource_group (line 5): a list is not a resource group [ACM023]\n"
         "      Write a name, or {name: …, create: true}."),
        ({"resource_group": "{create: true}"}, "resource_group.name (line 5): missing [ACM020]\n      Write it, for example name: rg-aks-notices"),
        ({"resource_group": "{name: rg, create: perhaps}"}, 'resource_group.create (line 5): "perhaps" is neither true nor false [ACM024]\n'
         '      Write true or false.'),
        ({"provider_version": '"~= 4.55"'},
         'provider_version (line 8): "~= 4.55" is not a version constraint of Terraform [ACM046]\n'
         '      Write "~> 4.55", or ">= 4.55, < 6".'),
        ({"provider_version": "latest"},
         'provider_version (line 8): "latest" is not a version constraint of Terraform [ACM046]\n'
         '      Write "~> 4.55", or ">= 4.55, < 6".'),
        *(({"provider_version": f'"{constraint}"'},
           f'provider_version (line 8): "{constraint}" takes no version of azurerm from 4.0 on [ACM069]\n'
           '      Write "~> 4.55", or ">= 4.55, < 6".')
          for constraint in ("~> 3.0", "3.117.1", "> 3.0, < 4", "~> 3", "~> 4.55.0, < 4", "!= 4.0.0, <= 4.0")),
        ({"location": "“westeurope”"},
         'location (line 4): "“westeurope”" begins and ends with typographic quotes, which YAML takes as part of the value [ACM070]\n'
         "      Use \" or ', or put the whole value in quotes."),
        ({"location": "{variabel: region}"}, "location (line 4): a mapping is not text [ACM024]\n      Did you mean {variable: NAME}?"),
        ({"backend": "azurerm"}, f"backend (line 8): {NOT_ONE_BACKEND}"),
        ({"backend": "{}"}, f"backend (line 8): {NOT_ONE_BACKEND}"),
        ({"backend": "{azurerm: {key: a}, local: {path: b}}"}, f"backend (line 8): {NOT_ONE_BACKEND}"),
        ({"backend": "{s4: {}}"}, 'backend (line 8): "s4" is not a backend of Terraform [ACM047]\n'
         '      One of azurerm, cloud, consul, cos, gcs, http, kubernetes, local, oci, oss, pg, remote, s3.'),
        ({"backend": "{storage_account_name: st}"}, 'backend (line 8): "storage_account_name" is not a backend of Terraform [ACM047]\n'
         '      Write {<type>: {…}}, such as {azurerm: {storage_account_name: …}}, or none.'),
        ({"provider": "{azurerm: {use_cli: false}}"}, "provider.azurerm (line 8): unknown key [ACM021]\n"
         "      Write its arguments directly below `provider`."),
        ({"provider": "{alias: second}"}, "provider.alias (line 8): unknown key [ACM021]\n      Remove it: the stack has one provider."),
        ({"backend": "{azurerm: s3cret}"}, "backend.azurerm (line 8): is not a mapping [ACM023]\n      Write keys and values: {key: value}"),
        ({"backend": "{azurerm: {container_name: ' '}}"}, "backend.azurerm.container_name (line 8): is empty [ACM027]\n      Write a text."),
        ({"allow_other_subscriptions": "perhaps"}, 'allow_other_subscriptions (line 8): "perhaps" is neither true nor false [ACM024]\n'
         '      Write true or false.'),
        ({"location": '"${TfToken[TOKEN.0]}"'}, "location (line 4): contains TfToken[, which CDK for Terraform reserves [ACM009]\n      Remove it."),
        ({"tags": '{"${TfToken[TOKEN.0]}": a}'},
         "tags (line 8): a key contains ${TfToken[, which CDK for Terraform reserves [ACM009]\n"
         "      Remove it."),
        ({"evaluation_frequency": "PT31M"},
         'evaluation_frequency (line 8): "PT31M" is not a frequency that Azure supports [ACM034]\n'
         '      One of PT5M, PT10M, PT15M, PT30M, PT45M, PT1H, PT2H, PT3H, PT4H, PT5H, PT6H, P1D.'),
        ({"notices": "[]"},
         "notices (line 8): is empty: nothing would be watched [ACM027]\n"
         "      One or more of cluster-auto-upgrade, node-os-auto-upgrade, end-of-support and missed-maintenance."),
        ({"scopes": "[]"},
         "scopes (line 6): is empty: nothing would be watched [ACM027]\n"
         "      Add the id of a cluster, a resource group or a subscription: az aks list --query [].id"),
        ({"location": "{variable: version}"},
         'location (line 4): "version" cannot be the name of a Terraform variable: Terraform reserves it [ACM055]\n'
         '      Choose another name.'),
        ({"variables": "{for_each: {}}"},
         'variables.for_each (line 8): "for_each" cannot be the name of a Terraform variable: Terraform reserves it [ACM055]\n'
         '      Choose another name.'),
        ({"location": "{variable: a.b}"},
         'location (line 4): "a.b" cannot be the name of a Terraform variable [ACM055]\n'
         '      Letters, digits, - and _, starting with a letter or _.'),
        ({"variables": "{1a: {}}"},
         'variables.1a (line 8): "1a" cannot be the name of a Terraform variable [ACM055]\n'
         '      Letters, digits, - and _, starting with a letter or _.'),
        ({"variables": "{x: , y: 1}"},
         'variables.x (line 8): has no value [ACM006]\n'
         '      Add a value, or remove the key.\n'
         '  stacks.production.variables.y (line 8): is not a mapping [ACM023]\n'
         '      Write {description: …}.'),
        ({"provider": "{features: {variable: x}, tenant_id: {env: PATH}}"},
         "provider.features (line 8): {variable: …} cannot be used here [ACM055]\n"
         "      Write {variable: NAME}, or remove it and set azurerm's environment variable for it, such as ARM_CLIENT_SECRET.\n"
         "  stacks.production.provider.tenant_id (line 8): {env: …} cannot be used here [ACM055]\n"
         "      Write {variable: NAME}, or remove it and set azurerm's environment variable for it, such as ARM_CLIENT_SECRET."),
        ({"backend": "{azurerm: {access_key: {env: PATH}}}"},
         "backend.azurerm.access_key (line 8): {env: …} cannot be used here [ACM055]\n"
         "      Remove it, and give its value to terraform init with -backend-config, or in an environment variable of the backend."),
        ({"provider": "{use_cli: perhaps}"},
         'provider.use_cli (line 8): "perhaps" is neither true nor false [ACM024]\n'
         '      Write true or false.'),
        ({"provider": "{features: x}"}, 'provider.features (line 8): "x" is not a mapping [ACM023]\n'
         '      Write features: {…}.'),
        ({"allow_overlap": "{variable: x}"}, "allow_overlap (line 8): {variable: …} cannot be used here [ACM024]\n"
         "      Write true or false."),
        ({"identity": "{name: {variable: x}}"}, "identity.name (line 8): {variable: …} cannot be used here [ACM024]\n"
         "      Write the value itself."),
        ({"severity": "{variable: x}"}, "severity (line 8): {variable: …} is not a severity [ACM043]\n"
         "      Write 0 (critical), 1 (error), 2 (warning), 3 (informational) or 4 (verbose)."),
        ({"action_group": "{name: ag, short_name: ag, receivers: [{type: webhook, name: a, service_uri: {variable: url}, "
          "use_common_alert_schema: {variable: x}, aad_auth: {variable: y}}]}"},
         "action_group.receivers[0].use_common_alert_schema (line 7): a value that only Terraform knows cannot be used here [ACM024]\n"
         "      Write true or false.\n"
         "  stacks.production.action_group.receivers[0].aad_auth (line 7): a value that only Terraform knows cannot be used here [ACM023]\n"
         "      Write keys and values: {key: value}"),
    ],
    ids=str,
)  # fmt: skip
def test_a_wrong_key_of_a_stack_is_reported_with_its_path(reported, keys, expected):
    assert reported(config(stack(**keys))) == f"stacks.production.{expected}"


@pytest.mark.parametrize("version", ["4", "4.55.0", '"~> 4.55"', '">= 4.55, < 6"', '"!=4.60,>4"', '"= 4.55.0"'])
def test_version_constraints_of_terraform_are_accepted(read, version):
    assert read(config(stack(provider_version=version)))["production"].provider_version == version.strip('"')


def test_a_scope_of_another_subscription_is_allowed_only_if_said_so(reported, read):
    far = f"/subscriptions/{OTHER}"
    assert reported(config(stack(scopes=f"[{CLUSTERS}/prod, {far}]"))) == (
        f'stacks.production.scopes[1] (line 6): "{far}" is not in the subscription of the stack, {SUB} [ACM119]\n'
        "      Correct the id, or set `allow_other_subscriptions: true`."
    )
    read(config(stack(scopes=f"[{CLUSTERS}/prod, {far}]", allow_other_subscriptions="true")))


def test_letter_case_makes_no_other_subscription(read):
    sub = "abcdefab-1111-1111-1111-111111111111"
    read(config(stack(subscription_id=sub.upper(), scopes=f"[/subscriptions/{sub}]")))


@pytest.mark.parametrize(
    "keys",
    [
        {"action_group": "{name: a, short_name: b, receivers: [{type: webhook, name: a, service_uri: 's3cret'}]}"},
        {"action_group": "{name: a, short_name: b, receivers: [{type: webhook, name: a, service_uri: ['s3cret']}]}"},
        {"action_group": "{name: a, short_name: b, receivers: [https://a.example/s3cret]}"},
        {"action_group": "https://a.example/s3cret"},
        {"backend": "{azurerm: s3cret}"},
        {"backend": "{azurerm: {access_key: s3cret, key: ' '}}"},
        {"provider": "s3cret"},
        {"backend": "{azurerm: {sas_token: s3cret, key: ' '}}"},
        {"backend": "https://a.example/s3cret"},
        {"scopes": "[https://a.example/s3cret]"},
        {"severity": "https://a.example/s3cret"},
    ],
    ids=str,
)
def test_secrets_are_in_no_message(reported, keys):
    assert "s3cret" not in reported(config(stack(**keys)))


def test_an_action_group_by_hand_is_adopted_only_where_it_lies(reported):
    group = MADE.replace("name: a,", "name: ag,", 1)
    assert reported(config(stack(action_group=group, adopt=f"[{{action_group: {ACTION_GROUP}}}]"))) == (
        'stacks.production.adopt[0].action_group (line 8): is in resource group "rg-aks", but the stack uses "rg-aks-notices": '
        "Terraform would replace it [ACM116]\n"
        "      Use its resource group for the stack, or refer to it with `action_group: {id: …}`."
    )


# Several stacks


def test_mistakes_of_all_stacks_are_reported_together(reported):
    text = reported(
        config(
            stack(scopes="[prod-2]", severty="3", evaluation_frequency="PT31M"),
            stack("test", location=None, notices="[]"),
            stack("a b"),
            before="defualts: {}\n",
        )
    )
    assert [line.partition(": ")[0] for line in f"  {text}".splitlines() if not line.startswith("   ")] == [
        "  defualts (line 1)",
        "  stacks.a b (line 17)",
        "  stacks.production.scopes[0] (line 7)",
        "  stacks.production.evaluation_frequency (line 10)",
        "  stacks.production.severty (line 9)",
        "  stacks.test.notices (line 16)",
        "  stacks.test.location (line 11)",
    ]


def test_resource_of_two_stacks_is_reported_beside_a_third_invalid_one(reported):
    group = MADE.replace("name: a,", "name: ag,", 1)
    keys = {"action_group": group, "resource_group": "{name: rg, create: true}", "identity": "user-assigned"}
    text = reported(
        config(
            stack(**keys),
            stack("again", **keys | {"action_group": group.replace("name: ag", "name: AG")}),
            stack("third", severity="9"),
        )
    )
    for what, fix in (
        (
            'the alert rule "cluster-auto-upgrade-prod@rg-aks"',
            "Give one of them another `name_prefix` or another resource group.",
        ),
        ('the action group "AG"', "Give one of them another name, or refer to the first by its id."),
        (
            'the managed identity "id-aks-notices"',
            "Give one of them another name with `identity: {name: …}`, or refer to the first by its id.",
        ),
        ('the resource group "rg"', "Set `create: true` in one of them only."),
    ):
        assert f"stacks.again (line 9): {what} is already created by stacks.production [ACM137]\n      {fix}" in text
    assert 'stacks.third.severity (line 22): "9" is not a severity [ACM043]' in text


def test_one_principal_is_made_reader_of_a_scope_once(reported):
    identity = f"{{id: {GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id, principal_id: {OTHER}}}"
    assert reported(
        config(
            stack(identity=identity),
            stack("again", identity=identity, scopes=f"[{CLUSTERS}/dev]", resolved_messages="true"),
        )
    ) == (
        f'stacks.again (line 9): the Reader assignment on "{GROUP}" for principal {OTHER} is already created by stacks.production [ACM137]\n'
        "      Set `reader_scopes: []` in one of them: the identity has access already.\n"
        f'  stacks.again (line 9): the Reader assignment on "/subscriptions/{SUB}" '
        f"for principal {OTHER} is already created by stacks.production [ACM137]\n"
        ""
        "      Set `reader_scopes: []` in one of them: the identity has access already."
    )


def test_the_rules_of_all_stacks_count_for_an_identity_that_they_share(reported):
    identity = f"{{id: {GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id}}"

    def part(name):
        scopes = ", ".join(f"{CLUSTERS}/{name}-{number}" for number in range(13))
        return stack(name, identity=identity, reader_scopes="[]", scopes=f"[{scopes}]", resolved_messages="true")

    assert reported(config(part("one"), part("two"))).startswith(
        "stacks.two.identity (line 17): 52 alert rules would share one identity, including those of earlier stacks or managers; Azure takes at most 50 [ACM134]\n"
    )


def test_too_many_assignments_are_a_mistake_and_nearly_too_many_a_warning(reported, tmp_path):
    def part(name, clusters):
        scopes = ", ".join(f"{CLUSTERS}/{name}-{number}" for number in range(clusters))
        return stack(
            name,
            scopes=f"[{scopes}]",
            reader_scopes="[scope, resource-group, subscription]",
            resource_group=f"rg-{name}",
        )

    text = config(part("one", 400), part("two", 267))
    assert reported(text).startswith(
        f"stacks.two.reader_scopes (line 15): 4,002 role assignments would be created in subscription {SUB}, including those of earlier stacks or managers; "
        "Azure takes at most 4,000 there [ACM135]\n      Watch resource groups or the subscription instead of clusters, "
        "or set `rules: shared` or `reader_scopes: [scope]`."
    )
    (tmp_path / "near.yaml").write_text(config(part("one", 400), part("two", 266)))
    assert [str(warning) for warning in compile_config(tmp_path / "near.yaml").warnings] == [
        f"stacks.two.reader_scopes (line 15): 3,996 role assignments are created in subscription {SUB}, and Azure takes at most 4,000 there, including all others. [ACM150]\n"
        "    Watch resource groups or the subscription instead of clusters, or set `rules: shared` or `reader_scopes: [scope]`."
    ]


@pytest.mark.parametrize("line_break", ["\r", "\x85", "\u2028", "\u2029"])
def test_invalid_yaml_is_reported_with_any_kind_of_line_break(tmp_path, line_break):
    file = tmp_path / "notices.yaml"
    file.write_text(f"stacks:{line_break * 4}oops\nmore:", encoding="utf-8", newline="")
    [mistake] = compile_config(file).mistakes
    assert (mistake.code, mistake.problem) == (
        "ACM003",
        "not YAML: could not find expected ':' while scanning a simple key that begins at line 5, column 1",
    )
