"""Wrong settings, and who finds them: our own check, ``terraform validate``, or only Azure.

docs/evidence/wrong-settings.md is made of this. What it says is tried with the real provider and the local Azure by
test_azurerm_wrong_settings.py.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import yaml

from aks_communication_manager.compiler import compile_config
from aks_communication_manager.errors import InvalidConfig, Mistake
from tests.azurerm.deployment import Config, config
from tests.synthesis import GROUP, IDENTITY, OTHER_SUBSCRIPTION, PRINCIPAL, READER, RULE, cluster, resource_group

Finder = Literal["validate", "azurerm", "Azure", "nobody"]
"""``azurerm``: the provider itself, but only at apply."""

PAGE = Path(__file__).parents[2] / "docs" / "evidence" / "wrong-settings.md"

MONITOR = resource_group("rg-on-call") + "/providers/Microsoft.Insights"
BUSY = f"{resource_group('rg-ids')}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-busy"
READERS = f"{resource_group('rg-ids')}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-readers"


@dataclass(frozen=True)
class Wrong:
    """One wrong setting."""

    setting: str
    """As YAML: keys of a stack, ``receivers:`` standing for those of its action group; what is left out is right."""
    found_by: Finder
    """Who finds it in Terraform JSON that says the same."""
    type: str = RULE
    arguments: Mapping[str, Any] = field(default_factory=dict)
    """The same in Terraform: arguments of a resource of that type, the others being right."""
    ours: bool = True
    """Whether we find it. What we do not find only Azure can know."""
    given: Config = field(default_factory=dict)
    """The keys of the stack, where `setting` says it in words."""

    @property
    def keys(self) -> Config:
        """The setting as keys of a stack."""
        if self.given:
            return self.given
        # BaseLoader: every scalar stays the text that it is, as in the product.
        keys: Config = yaml.load(self.setting, yaml.BaseLoader)
        if "receivers" in keys:
            keys = {"action_group": keys}
        if "action_group" in keys and "id" not in keys["action_group"]:
            keys["action_group"] = config()["action_group"] | keys["action_group"]
        return keys


def rule(setting: str, found_by: Finder, ours: bool = True, /, **arguments: Any) -> Wrong:
    return Wrong(setting, found_by, RULE, arguments, ours)


def group(setting: str, found_by: Finder, ours: bool = True, /, **arguments: Any) -> Wrong:
    return Wrong(setting, found_by, GROUP, arguments, ours)


def receiver(setting: str, found_by: Finder) -> Wrong:
    """The receiver of the setting, in Terraform under the names that the config has too."""
    given = yaml.safe_load(setting)["receivers"]
    receivers: dict[str, list[dict[str, Any]]] = {f"{kind}_receiver": [] for kind in {one["type"] for one in given}}
    for one in given:
        receivers[f"{one['type']}_receiver"].append({key: value for key, value in one.items() if key != "type"})
    return group(setting, found_by, **receivers)


def criteria(**values: Any) -> dict[str, Any]:
    """Arguments inside the rule's condition."""
    return {"criteria": values}


CORP = "/providers/Microsoft.Management/managementGroups/corp"
WORKSPACE = f"{resource_group('rg-logs')}/providers/Microsoft.OperationalInsights/workspaces/logs"
LONG = "x" * 90
UUID = "44444444-4444-4444-4444-444444444444"

_RULES = (
    rule("severity: 5", "validate", severity=5),
    rule("evaluation_frequency: PT31M", "validate", evaluation_frequency="PT31M", window_duration="PT31M"),
    rule("evaluation_frequency: PT1M", "Azure", evaluation_frequency="PT1M", window_duration="PT1M"),
    rule("window_duration: PT5M", "Azure", window_duration="PT5M"),
    rule(
        "mute_actions_after_alert_duration: PT1H",
        "azurerm",
        auto_mitigation_enabled=True,
        mute_actions_after_alert_duration="PT1H",
    ),
    rule(
        "failing_periods: {minimum: 3, of: 2}",
        "Azure",
        **criteria(failing_periods={"minimum_failing_periods_to_trigger_alert": 3, "number_of_evaluation_periods": 2}),
    ),
    rule("name_prefix: team/aks-", "Azure", name="team/aks-prod"),
    rule('name_prefix: "100%-"', "azurerm", name="100%-prod"),
    rule('name_prefix: "team;"', "Azure", name="team;prod"),
    rule(f"name_prefix: {LONG * 3}", "Azure", name=LONG * 3),
    rule("scopes: [prod]", "validate", scopes=["prod"]),
    rule(f"scopes: [{CORP}]", "validate", scopes=[CORP]),
    rule("identity: none", "Azure", identity=None),
    rule("action_group: {id: ag-aks-notices}", "validate", action={"action_groups": ["ag-aks-notices"]}),
    rule("resource_group: rg-aks.", "validate", resource_group_name="rg-aks."),
    rule(f"resource_group: {LONG + 'x'}", "validate", resource_group_name=LONG + "x"),
    rule(f"tags: {{owner: {LONG * 3}}}", "validate", tags={"owner": LONG * 3}),
    rule('tags: {"cost<center": "42"}', "Azure", tags={"cost<center": "42"}),
    rule(f"scopes: [{WORKSPACE}]", "nobody", scopes=[WORKSPACE]),
    rule(
        "look_back: PT48H",
        "nobody",
        **criteria(query='arg("").containerserviceeventresources | where eventTime >= ago(2880m) | project status'),
    ),
    rule("location: westeurop", "Azure", False, location="westeurop"),
    rule(
        f"action_group: {{id: {MONITOR}/actionGroups/ag-gone}}",
        "Azure",
        False,
        action={"action_groups": [f"{MONITOR}/actionGroups/ag-gone"]},
    ),
    rule("resource_group: rg-gone", "Azure", False, resource_group_name="rg-gone"),
)
_GROUPS = (
    group("action_group: {short_name: aks-notices-production}", "validate", short_name="aks-notices-production"),
    group('action_group: {short_name: ""}', "validate", short_name=""),
    group('action_group: {name: "ag:aks"}', "Azure", name="ag:aks"),
    receiver("receivers: [{type: email, name: team, email_address: platform}]", "Azure"),
    receiver(f"receivers: [{{type: email, name: team, email_address: {'x' * 60}@example.com}}]", "Azure"),
    receiver(
        "receivers: [{type: email, name: team, email_address: a@example.com}, "
        '{type: sms, name: Team, country_code: "31", phone_number: "0612345678"}]',
        "Azure",
    ),
    receiver('receivers: [{type: sms, name: on-call, country_code: "31", phone_number: ""}]', "validate"),
    receiver("receivers: [{type: webhook, name: hook, service_uri: example.com/hook}]", "validate"),
    receiver(
        "receivers: [{type: webhook, name: hook, service_uri: https://example.com/hook, aad_auth: {object_id: app}}]",
        "validate",
    ),
    receiver("receivers: [{type: arm_role, name: owners, role_id: Owner}]", "validate"),
    receiver(
        f"receivers: [{{type: itsm, name: tickets, workspace_id: {UUID}, connection_id: {UUID}, "
        'ticket_configuration: \'{"PayloadRevision": 0, "WorkItemType": "Incident"}\', region: westeurope}]',
        "validate",
    ),
    receiver(
        f"receivers: [{{type: itsm, name: tickets, workspace_id: {UUID}|{UUID}, connection_id: {UUID}, "
        "ticket_configuration: '{}', region: westeurope}]",
        "azurerm",
    ),
    receiver(
        "receivers: [{type: event_hub, name: hub, event_hub_namespace: ns, event_hub_name: hub, subscription_id: production}]",
        "validate",
    ),
    receiver(
        "receivers: [{type: logic_app, name: workflow, resource_id: aks-notices, callback_url: https://example.com/run}]",
        "Azure",
    ),
    receiver('receivers: [{type: webhook, name: hook, service_uri: "http://example.com/hook"}]', "nobody"),
    receiver(
        'receivers: [{type: webhook, name: hook, service_uri: "https://example.com/hook", '
        'aad_auth: {object_id: 44444444-4444-4444-4444-444444444444, identifier_uri: "urn:hook"}}]',
        "validate",
    ),
    receiver('receivers: [{type: sms, name: on-call, country_code: "31", phone_number: "+31612345678"}]', "nobody"),
    receiver('receivers: [{type: sms, name: on-call, country_code: "+31", phone_number: "0612345678"}]', "nobody"),
    receiver("receivers: [{type: email, name: team, email_address: platform@localhost}]", "nobody"),
    group("receivers: []", "nobody"),
)
_OTHERS = (
    Wrong("identity: {name: id}", "Azure", IDENTITY, {"name": "id"}),
    Wrong("identity: {name: aks notices}", "Azure", IDENTITY, {"name": "aks notices"}),
    Wrong(
        f"identity: {{id: {READERS}, principal_id: id-readers}}",
        "Azure",
        READER,
        {"scope": resource_group(), "principal_id": "id-readers"},
    ),
    Wrong(
        f"reader_scopes: [{resource_group()}, {resource_group().lower()}]",
        "Azure",
        READER,
        {"scope": resource_group(), "twice": True},
    ),
    Wrong(
        f"scopes: [{cluster('gone')}]",
        "Azure",
        READER,
        {"scope": cluster("gone")},
        ours=False,
    ),
)
_SMS = [
    {"type": "sms", "name": f"sms-{number}", "country_code": "31", "phone_number": "0612345678"} for number in range(11)
]
_LIMITS = (
    Wrong(
        "51 tags",
        "validate",
        RULE,
        {"tags": {f"tag-{number}": "x" for number in range(51)}},
        given={"tags": {f"tag-{number}": "x" for number in range(51)}},
    ),
    Wrong(
        "11 receivers of type sms",
        "Azure",
        GROUP,
        {"sms_receiver": [{key: value for key, value in one.items() if key != "type"} for one in _SMS]},
        given={"action_group": config()["action_group"] | {"receivers": _SMS}},
    ),
    Wrong(
        "a query of more than 64 KB: 500 clusters in a shared rule",
        "Azure",
        RULE,
        criteria(query='arg("").containerserviceeventresources | project status // ' + 70_000 * "x"),
        given={
            "rules": "shared",
            "notices": ["cluster-auto-upgrade"],
            "scopes": [cluster(f"prod-{number}") for number in range(500)],
        },
    ),
    Wrong(
        "51 alert rules with one identity",
        "Azure",
        RULE,
        {"count": 51, "identity": {"type": "UserAssigned", "identity_ids": [BUSY]}},
        given={
            "identity": {"id": BUSY, "principal_id": PRINCIPAL},
            "notices": ["cluster-auto-upgrade"],
            "scopes": [cluster(f"prod-{number}") for number in range(51)],
        },
    ),
    Wrong(
        "4,004 role assignments in one subscription",
        "Azure",
        READER,
        {"scope": f"/subscriptions/{OTHER_SUBSCRIPTION}"},
        given={"scopes": [cluster(f"prod-{number}") for number in range(1001)]},
    ),
)

ROWS: tuple[Wrong, ...] = (*_RULES, *_GROUPS, *_OTHERS, *_LIMITS)


def our_mistakes(wrong: Wrong) -> tuple[Mistake, ...]:
    """What the product says of it."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "communication-manager.yaml"
        file.write_text(yaml.safe_dump({"stacks": {"production": config(**wrong.keys)}}))
        try:
            compile_config(file).checked()
        except InvalidConfig as error:
            return error.mistakes
        return ()


HEADER = "| setting | we say | `terraform validate` | apply |\n|---|---|---|---|\n"


def table() -> str:
    """The table of docs/evidence/wrong-settings.md."""
    return HEADER + "".join(f"{row}\n" for row in _rows())


def _rows() -> Iterable[str]:
    for wrong in ROWS:
        found = "finds it" if wrong.found_by == "validate" else "—"
        azure = _AT_APPLY[wrong.found_by]
        mistakes = our_mistakes(wrong)
        ours = _cell(str(mistakes[0].problem)) if mistakes else "only Azure can know"
        setting = wrong.setting if wrong.given else f"`{_cell(wrong.setting)}`"
        yield f"| {setting} | {ours} | {found} | {azure} |"


_AT_APPLY: Mapping[Finder, str] = {
    "validate": "not reached",
    "azurerm": "azurerm refuses it",
    "Azure": "Azure refuses it",
    "nobody": "[taken](../reference/refused.md)",
}


def _cell(text: str) -> str:
    """The text in a table, with what is long cut."""
    words = [word if len(word) <= 60 or "/" in word else f"{word[:20]}…{word[-20:]}" for word in text.split(" ")]
    return " ".join(words).replace("|", "\\|").replace("\n", " ")
