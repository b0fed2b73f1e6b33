"""Stacks with every option on or off at random: nearly all of them compile."""

from __future__ import annotations

import json
import random
import uuid
from pathlib import Path
from typing import Any

from aks_communication_manager.arm.durations import FREQUENCIES
from aks_communication_manager.compiler import Compilation, CompiledStack, compile_config
from aks_communication_manager.notices.catalog import NOTICES
from tests.fuzz.hostile import CLUSTER, SUBSCRIPTION

OTHER = "22222222-2222-2222-2222-222222222222"
UUID = "33333333-3333-3333-3333-333333333333"
STATUSES = ("Scheduled", "Started", "Completed", "Canceled", "Cancelled", "Failed")
STAGES = NOTICES["end-of-support"].values
Chance = random.Random


def _id(type_: str, name: str, group: str = "rg-others", subscription: str = SUBSCRIPTION) -> str:
    return f"/subscriptions/{subscription}/resourceGroups/{group}/providers/{type_}/{name}"


def _some(chance: Chance, values: Any, least: int = 1) -> list[Any]:
    values = list(values)
    return chance.sample(values, chance.randint(min(least, len(values)), len(values)))


ODD = (
    "a",
    "é ü 漢",
    "${var.x}",
    "%{ if true }",
    "$${x}",
    '"quoted"',
    "a\\b",
    "line\nline",
    "'",
    "<b>",
    "😀",
    "x" * 200,
)
"""Texts that Terraform, JSON and KQL each read in a way of their own."""


def stack(chance: Chance, name: str) -> dict[str, Any]:
    """The keys of one stack. `name` is in whatever may exist once only."""
    scopes = _scopes(chance, name)
    shared = chance.random() < 0.3
    documented = chance.random() < 0.1
    notices = _some(chance, [name for name, notice in NOTICES.items() if notice.documented or not documented])
    keys: dict[str, Any] = {
        "subscription_id": chance.choice((SUBSCRIPTION, SUBSCRIPTION, SUBSCRIPTION, {"variable": "subscription"})),
        "location": chance.choice(("westeurope", "West Europe", {"variable": "location"})),
        "resource_group": chance.choice(
            (f"rg-{name}", {"name": f"rg-{name}", "create": True}, {"variable": f"group-{name}"}, f"rg.({name})_")
        ),
        "scopes": scopes,
        "action_group": _action_group(chance, f"ag-{name}"),
        "notices": notices,
        "evaluation_frequency": chance.choice(list(FREQUENCIES)),
        "allow_other_subscriptions": True,
        "allow_overlap": True,
        "identity": _identity(chance, name),
        "name_prefix": chance.choice(("", "", f"{name}-", "é ", "$", "x" * 100, "x" * chance.randint(150, 245))),
        "severity": chance.randrange(5),
    }
    if documented:
        keys["query"] = "documented"
        keys["scopes"] = [scope for scope in scopes if "managedClusters" in str(scope)] or [_cluster(chance, name)]
    elif shared:
        keys["rules"] = "shared"
    if not documented:
        keys |= _grouping(chance, keys["evaluation_frequency"])
        if chance.random() < 0.4:
            keys["routes"] = [_route(chance, name, index, notices) for index in range(chance.randint(1, 4))]
        if chance.random() < 0.1 and "node-os-auto-upgrade" in notices:
            keys["queries"] = {"node-os-auto-upgrade": "own.kql"}
    if chance.random() < 0.3 or {"id"} == set(keys["identity"]):
        keys["reader_scopes"] = _reader_scopes(chance, keys["identity"])
    if chance.random() < 0.5:
        keys["tags"] = {
            f"tag {index}{chance.choice(('', 'é', '$'))}": chance.choice(ODD) for index in range(chance.randint(1, 15))
        }
    if chance.random() < 0.4:
        keys["custom_properties"] = {f"{chance.choice(ODD)}{index}": chance.choice(ODD) for index in range(3)}
    if chance.random() < 0.3:
        keys["provider_version"] = chance.choice(("~> 4.55", ">= 4.55, < 5", "4.55.0"))
    if chance.random() < 0.3:
        keys["backend"] = chance.choice(("none", {"azurerm": {}}, {"http": {"address": "https://example.com/${x}"}}))
    if chance.random() < 0.3:
        keys["provider"] = _provider(chance)
    if chance.random() < 0.1:
        keys["adopt"] = _adopt(chance, keys)
    _declare(chance, keys)
    return keys


def _cluster(chance: Chance, name: str) -> str:
    group = chance.choice(("rg-aks", "RG-AKS", "rg-batch", "g" * 90, "rg.a", "rg_(1)"))
    cluster = chance.choice(("prod", "Prod-2", "c" * 63, "a_b", name))
    text = CLUSTER.format(chance.choice((SUBSCRIPTION, SUBSCRIPTION, OTHER)), group, cluster)
    return text.replace("resourceGroups", "resourcegroups") if chance.random() < 0.1 else text


def _scopes(chance: Chance, name: str) -> list[Any]:
    found: dict[str, Any] = {}
    for index in range(chance.choice((1, 1, 2, 3, 6))):
        scope = chance.choices(
            (
                _cluster(chance, name),
                f"/subscriptions/{chance.choice((SUBSCRIPTION, OTHER))}/resourceGroups/{chance.choice(('rg-aks', 'Rg-Wide'))}",
                f"/subscriptions/{chance.choice((SUBSCRIPTION, OTHER))}",
                {"variable": f"cluster_{index}"},
            ),
            (6, 2, 1, 1),
        )[0]
        found.setdefault(str(scope).lower(), scope)
    return list(found.values())


def _grouping(chance: Chance, frequency: str) -> dict[str, Any]:
    keys: dict[str, Any] = {}
    if chance.random() < 0.4:
        keys["grouping"] = chance.choice(("event", "digest"))
    if chance.random() < 0.2:
        keys["look_back"] = chance.choice(("PT4H", "PT12H", "P1D", "PT47H", "PT90M"))
    if chance.random() < 0.2:
        keys["resolved_messages"] = True
    if chance.random() < (0.3 if frequency in ("PT5M", "PT10M", "PT15M") else 0.05):
        keys["health_alert"] = chance.choice((True, False))
    return keys


def _identity(chance: Chance, name: str) -> Any:
    existing = _id("Microsoft.ManagedIdentity/userAssignedIdentities", f"id-{name}")
    principal = str(uuid.uuid5(uuid.NAMESPACE_DNS, name))
    return chance.choice(
        (
            *("system-assigned", "system-assigned", "user-assigned", {"name": f"id-{name}"}),
            *({"id": existing, "principal_id": principal}, {"id": existing}),
        )
    )


def _reader_scopes(chance: Chance, identity: Any) -> list[Any]:
    if isinstance(identity, dict) and set(identity) == {"id"}:
        return []
    ids = [f"/subscriptions/{SUBSCRIPTION}", f"/subscriptions/{OTHER}"]
    return chance.choice(
        (["scope"], ["resource-group"], ["subscription"], ["scope", "resource-group"], ids, ["scope", *ids])
    )


def _route(chance: Chance, name: str, index: int, notices: list[str]) -> dict[str, Any]:
    keys: dict[str, Any] = {}
    if chance.random() < 0.5:
        keys["notices"] = _some(chance, notices)
    named = keys.get("notices", notices)
    if any(NOTICES[notice].routed_by == "statuses" for notice in named) and chance.random() < 0.8:
        keys["statuses"] = chance.sample(STATUSES[:4] + STATUSES[5:], chance.randint(1, 4))
    if "end-of-support" in named and chance.random() < 0.5:
        keys["stages"] = _some(chance, STAGES)
    if chance.random() < 0.6:
        keys["severity"] = chance.randrange(5)
    if chance.random() < 0.6 or "severity" not in keys:
        keys["action_group"] = _action_group(chance, f"ag-{name}-{index}")
        if chance.random() < 0.3:
            keys["keep_default"] = True
    if chance.random() < 0.3 and any(NOTICES[notice].digest_columns for notice in named):
        keys["grouping"] = chance.choice(("event", "digest"))
    return keys


def _action_group(chance: Chance, name: str) -> dict[str, Any]:
    if chance.random() < 0.25:
        odd = chance.choice(("ag-platform", "ag ${x}", "é", "a.b-c_d (e)"))
        return {"id": _id("Microsoft.Insights/actionGroups", odd)}
    count = chance.choice((1, 1, 2, 5, 14))
    kinds = [chance.choice(list(_RECEIVERS)) for _ in range(count)]
    receivers = [
        {
            "type": kind,
            "name": chance.choice((f"r{index}", f"r {index} é", f"${{r}}{index}")),
            **_RECEIVERS[kind](chance),
        }
        for index, kind in enumerate(kinds)
    ]
    odd = chance.choice((name, f"{name} é", f"{name} (1)!", f"{name}-{'x' * 200}"))
    return {"name": odd, "short_name": chance.choice(("aks", "a" * 12, "é" * 6, "${x}", "a b")), "receivers": receivers}


def _url(chance: Chance) -> Any:
    url = "https://example.com/a?b=${c}&d=%7B%{x}"
    return chance.choice((url, {"variable": "url"}, {"env": "FUZZ_URL"}, {"file": "url.txt"}))


def _schema(chance: Chance) -> dict[str, Any]:
    return {} if chance.random() < 0.5 else {"use_common_alert_schema": chance.choice((True, False))}


def _webhook(chance: Chance) -> dict[str, Any]:
    auth = {"object_id": UUID, "identifier_uri": "api://aks", "tenant_id": UUID}
    kept = {key: auth[key] for key in ("object_id", *_some(chance, ("identifier_uri", "tenant_id"), 0))}
    return {"service_uri": _url(chance), **_schema(chance), **({"aad_auth": kept} if chance.random() < 0.5 else {})}


def _phone(chance: Chance) -> dict[str, Any]:
    return {
        "country_code": chance.choice(("1", "31", {"variable": "country"})),
        "phone_number": chance.choice(("0612345678", {"file": "number.txt"})),
    }


_ACCOUNT = _id("Microsoft.Automation/automationAccounts", "operations")
_RECEIVERS = {
    "email": lambda chance: {
        "email_address": chance.choice(("a@example.com", {"env": "FUZZ_ADDRESS"})),
        **_schema(chance),
    },
    "sms": _phone,
    "voice": _phone,
    "azure_app_push": lambda chance: {"email_address": chance.choice(("a@example.com", {"variable": "mail"}))},
    "webhook": _webhook,
    "logic_app": lambda chance: {
        "resource_id": _id("Microsoft.Logic/workflows", chance.choice(("w", "a.b"))),
        "callback_url": _url(chance),
        **_schema(chance),
    },
    "azure_function": lambda chance: {
        "function_app_resource_id": _id("Microsoft.Web/sites", "f"),
        "function_name": chance.choice(("notify", "${x}")),
        "http_trigger_url": _url(chance),
        **_schema(chance),
    },
    "automation_runbook": lambda chance: {
        "automation_account_id": _ACCOUNT,
        "runbook_name": "drain",
        "webhook_resource_id": f"{_ACCOUNT}/webhooks/drain",
        "is_global_runbook": chance.choice((True, False)),
        "service_uri": _url(chance),
        **_schema(chance),
    },
    "arm_role": lambda chance: {"role_id": "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", **_schema(chance)},
    "event_hub": lambda chance: {
        "event_hub_name": "hub",
        "event_hub_namespace": "evhns",
        **({"tenant_id": UUID, "subscription_id": OTHER} if chance.random() < 0.5 else {}),
        **_schema(chance),
    },
    "itsm": lambda chance: {
        "workspace_id": f"{SUBSCRIPTION}|{UUID}",
        "connection_id": UUID,
        "ticket_configuration": chance.choice(
            ('{"PayloadRevision": 0, "WorkItemType": "${x}"}', {"env": "FUZZ_TICKET"}, {"variable": "ticket"})
        ),
        "region": "westeurope",
    },
}
"""By type, the rest of a receiver."""

_PROVIDER: dict[str, Any] = {
    **dict.fromkeys(("use_cli", "use_msi", "use_oidc", "use_aks_workload_identity", "storage_use_azuread"), "true"),
    **dict.fromkeys(("disable_correlation_request_id", "disable_terraform_partner_id"), "true"),
    **dict.fromkeys(("client_id", "tenant_id", "partner_id"), UUID),
    **dict.fromkeys(("client_secret", "client_certificate_path", "oidc_token", "metadata_host"), "x"),
    "auxiliary_tenant_ids": [UUID],
    "environment": "public",
    "resource_provider_registrations": "none",
    "resource_providers_to_register": ["Microsoft.Insights"],
    "features": {"resource_group": {"prevent_deletion_if_contains_resources": "false"}},
}


def _provider(chance: Chance) -> dict[str, Any]:
    return {key: _PROVIDER[key] for key in chance.sample(sorted(_PROVIDER), chance.randint(1, 5))}


def _adopt(chance: Chance, keys: dict[str, Any]) -> list[dict[str, Any]]:
    scope = chance.choice(keys["scopes"])
    notice = chance.choice(keys["notices"])
    rule = _id("Microsoft.Insights/scheduledQueryRules", f"by hand ${{x}} {notice}")
    return [{"scope": scope, "notice": notice, "rule": rule}]


def _declare(chance: Chance, keys: dict[str, Any]) -> None:
    """Descriptions of some of the variables that are used."""
    used = sorted(set(_variables(keys)))
    if used and chance.random() < 0.5:
        about = ({"description": chance.choice(ODD)}, {"default": chance.choice(ODD)}, {"sensitive": True}, {})
        keys["variables"] = {name: chance.choice(about) for name in _some(chance, used)}


def _variables(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["variable"]] if set(value) == {"variable"} else []
        return own + [name for inner in value.values() for name in _variables(inner)]
    return [name for inner in value for name in _variables(inner)] if isinstance(value, list) else []


def compiled(seed: int, bundle: int, count: int, folder: Path) -> tuple[Compilation, tuple[CompiledStack, ...]]:
    """A config with so many stacks, and those of them that compile."""
    chance = random.Random(f"{seed}/{bundle}")
    stacks = {f"s{bundle}-{index}": stack(chance, f"s{bundle}-{index}") for index in range(count)}
    file = folder / "combinations.yaml"
    file.write_text(json.dumps({"stacks": stacks}, indent=1, ensure_ascii=False), encoding="utf-8")
    compilation = compile_config(file)
    wrong = {mistake.path[1] for mistake in compilation.mistakes if mistake.path}
    return compilation, tuple(each for each in compilation.stacks if each.name not in wrong)
