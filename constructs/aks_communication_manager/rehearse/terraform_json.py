"""Reads alert rules from Terraform: ``cdk.tf.json`` and other ``.tf.json`` files, and ``terraform show -json`` of a plan or a state.

Formats: Terraform documentation, "JSON Configuration Syntax" and "JSON Output Format".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from aks_communication_manager.arm.durations import parse as parse_duration
from aks_communication_manager.arm.id_parts import name_of
from aks_communication_manager.errors import InvalidArgument, invalid
from aks_communication_manager.rehearse.alert_rules import (
    ActionGroup,
    AlertRule,
    Condition,
    Deployment,
    Dimension,
    NotEvaluated,
    ProcessingRule,
    Receiver,
)

ALERT_RULE = "azurerm_monitor_scheduled_query_rules_alert_v2"
ACTION_GROUP = "azurerm_monitor_action_group"
SUPPRESSION = "azurerm_monitor_alert_processing_rule_suppression"
ADDED_GROUPS = "azurerm_monitor_alert_processing_rule_action_group"

_ID_TYPES = {
    ALERT_RULE: "Microsoft.Insights/scheduledQueryRules",
    ACTION_GROUP: "Microsoft.Insights/actionGroups",
    SUPPRESSION: "Microsoft.AlertsManagement/actionRules",
}
_EXPRESSION = re.compile(r"(?<![$])\$\{|(?<!%)%\{")
_ID_REFERENCE = re.compile(
    r"\$\{\s*(?:(?P<module>module(?:\.[\w-]+)+)\.)?(?P<type>azurerm_\w+)\.(?P<name>[\w-]+)\.id\s*\}"
)
_INDEX = re.compile(r"\[(?:\"[^\"]*\"|[0-9]+)\]")


class _Unknown(Exception):
    """A value that only Terraform knows; its text says which."""


@dataclass(frozen=True)
class _Resource:
    """One resource of a document, whichever the format."""

    type: str
    address: str
    values: Mapping[str, Any]
    templates: bool
    """Whether strings are Terraform templates, as in ``.tf.json``; plan and state hold plain values."""

    references: Mapping[str, Any] = field(default_factory=dict)
    """Expressions of the configuration, where a plan does not know the value yet."""

    subscription: str = ""

    @cached_property
    def id(self) -> str:
        """The id that Azure gives it, as far as the document says it."""
        if isinstance(known := self.values.get("id"), str):
            return known
        group = self.values.get("resource_group_name", "?")
        return (
            f"/subscriptions/{self.subscription or '?'}/resourceGroups/{group}"
            f"/providers/{_ID_TYPES[self.type]}/{self.values.get('name', '?')}"
        )

    @property
    def name(self) -> str:
        """Its name in Azure, or where Terraform has it if the name is an expression."""
        name = self.values.get("name")
        return self.plain(name) if isinstance(name, str) and not self.is_expression(name) else self.address

    def is_expression(self, text: str) -> bool:
        return self.templates and bool(_EXPRESSION.search(text))

    def plain(self, text: str) -> str:
        return text.replace("$${", "${").replace("%%{", "%{") if self.templates else text

    def known(self, values: Mapping[str, Any], key: str, default: Any = None) -> Any:
        """The value of an argument; `_Unknown` where it is an expression or missing without a default."""
        value = values.get(key)
        if value is None:
            if default is None:
                raise _Unknown(f"its {key} is not known before Terraform applies it")
            return default
        if isinstance(value, str):
            if self.is_expression(value):
                raise _Unknown(f"its {key} is a Terraform expression, which only Terraform can compute")
            return self.plain(value)
        return value

    def block(self, key: str, within: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        return next(iter(self.blocks(key, within)), {})

    def blocks(self, key: str, within: Mapping[str, Any] | None = None) -> Sequence[Mapping[str, Any]]:
        found = (self.values if within is None else within).get(key)
        return [found] if isinstance(found, Mapping) else [one for one in found or () if isinstance(one, Mapping)]


def read(file: Path) -> Deployment:
    """The rules of one file. Raises `InvalidArgument` for a file that is not Terraform's JSON."""
    try:
        document = json.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise invalid(
            "ACM161", f"{file}: {error.strerror}", "Name a cdk.tf.json, or the output of terraform show -json."
        ) from None
    except (ValueError, RecursionError) as error:
        raise invalid(
            "ACM161", f"{file}: not JSON: {error}", "A plan file has to go through terraform show -json first."
        ) from None
    stack = file.parent.name if file.name == "cdk.tf.json" else file.name.removesuffix(".json").removesuffix(".tf")
    return deployment(document, stack, str(file))


def deployment(document: Any, stack: str, source: str = "the document") -> Deployment:
    """The rules of a parsed document. A name that cdktf gave the stack goes before the given one."""
    match document:
        case {"//": {"metadata": {"stackName": str(name)}}}:
            stack = name
    resources = list(_resources(document, source))
    groups = [one for one in resources if one.type == ACTION_GROUP]
    rules: list[AlertRule] = []
    processing: list[ProcessingRule] = []
    left_out: list[NotEvaluated] = []
    for one in resources:
        try:
            if one.type == ALERT_RULE:
                rules.append(_alert_rule(one, stack, groups))
            elif one.type == SUPPRESSION and one.known(one.values, "enabled", True):
                processing.append(_processing_rule(one, stack, resources))
            elif one.type == ADDED_GROUPS:
                raise _Unknown("it adds action groups to alerts; only suppression is rehearsed")
        except InvalidArgument as error:
            left_out.append(NotEvaluated(one.name, stack, error.mistakes[0].problem))
        except (_Unknown, ValueError) as error:
            left_out.append(NotEvaluated(one.name, stack, str(error)))
    return Deployment(stack, tuple(rules), tuple(processing), tuple(left_out))


def _resources(document: Any, source: str) -> Iterator[_Resource]:
    match document:
        case {"planned_values": {"root_module": Mapping() as module}}:
            match document:
                case {"configuration": {"root_module": Mapping() as configuration}}:
                    pass
                case _:
                    configuration = {}
            yield from _of_module(module, configuration, _provider_subscription(document))
        case {"values": {"root_module": Mapping() as module}}:
            yield from _of_module(module, {}, "")
        case {"resource": resource}:
            yield from _of_configuration(resource, _subscription(document.get("provider")))
        case {"format_version": str()} | {"terraform": _} | {"provider": _}:
            return
        case _:
            raise invalid(
                "ACM161",
                f"{source}: neither Terraform's JSON configuration nor the output of terraform show -json",
                "Name a cdk.tf.json, or what terraform show -json writes for a plan or a state.",
            )


def _of_configuration(resource: Any, subscription: str) -> Iterator[_Resource]:
    for types in _listed(resource):
        for type_, named in types.items():
            if type_ not in (ALERT_RULE, ACTION_GROUP, SUPPRESSION, ADDED_GROUPS):
                continue
            for names in _listed(named):
                for name, bodies in names.items():
                    for values in _listed(bodies):
                        yield _Resource(type_, f"{type_}.{name}", values, True, subscription=subscription)


def _of_module(module: Mapping[str, Any], configuration: Mapping[str, Any], subscription: str) -> Iterator[_Resource]:
    written = {one.get("address"): one.get("expressions", {}) for one in _listed(configuration.get("resources"))}
    for one in _listed(module.get("resources")):
        if one.get("mode", "managed") == "managed" and one.get("type") in (
            ALERT_RULE,
            ACTION_GROUP,
            SUPPRESSION,
            ADDED_GROUPS,
        ):
            in_module = _INDEX.sub("", re.sub(r"^(?:module\.[^.\[]+(?:\[[^\]]*\])?\.)+", "", one["address"]))
            yield _Resource(
                one["type"], one["address"], one.get("values", {}), False, written.get(in_module, {}), subscription
            )
    calls = configuration.get("module_calls", {})
    for child in _listed(module.get("child_modules")):
        name = _INDEX.sub("", child.get("address", "")).rpartition("module.")[2]
        yield from _of_module(child, calls.get(name, {}).get("module", {}), subscription)


def _listed(value: Any) -> Sequence[Mapping[str, Any]]:
    """Terraform's JSON takes an object, or a list of objects, in most places."""
    return [value] if isinstance(value, Mapping) else [one for one in value or () if isinstance(one, Mapping)]


def _subscription(provider: Any) -> str:
    for providers in _listed(provider):
        for azurerm in _listed(providers.get("azurerm")):
            if isinstance(subscription := azurerm.get("subscription_id"), str) and "${" not in subscription:
                return subscription
    return ""


def _provider_subscription(plan: Mapping[str, Any]) -> str:
    match plan:
        case {
            "configuration": {
                "provider_config": {"azurerm": {"expressions": {"subscription_id": {"constant_value": str(value)}}}}
            }
        }:
            return value
    return ""


def _alert_rule(one: _Resource, stack: str, groups: Sequence[_Resource]) -> AlertRule:
    values = one.values
    for key in ("count", "for_each"):
        if one.templates and key in values:
            raise _Unknown(f"it is made by {key}, so what it is only Terraform can compute: pass terraform show -json")
    criteria = one.block("criteria")
    query = one.known(criteria, "query")
    failing = one.block("failing_periods", criteria)
    mute = one.known(values, "mute_actions_after_alert_duration", "")
    return AlertRule(
        name=one.name,
        stack=stack,
        address=one.address,
        id=one.id,
        scopes=tuple(str(scope) for scope in values.get("scopes") or ()),
        query=query,
        evaluation_frequency=parse_duration(
            one.known(values, "evaluation_frequency", one.known(values, "window_duration"))
        ),
        severity=int(one.known(values, "severity")),
        operator=one.known(criteria, "operator"),
        threshold=float(one.known(criteria, "threshold")),
        time_aggregation_method=one.known(criteria, "time_aggregation_method"),
        metric_measure_column=one.known(criteria, "metric_measure_column", ""),
        resource_id_column=one.known(criteria, "resource_id_column", ""),
        dimensions=tuple(
            Dimension(
                one.known(dimension, "name"),
                one.known(dimension, "operator"),
                tuple(
                    one.known({"values of a dimension": value}, "values of a dimension")
                    for value in dimension.get("values") or ()
                ),
            )
            for dimension in one.blocks("dimension", criteria)
        ),
        minimum_failing_periods=int(one.known(failing, "minimum_failing_periods_to_trigger_alert", 1)),
        evaluation_periods=int(one.known(failing, "number_of_evaluation_periods", 1)),
        auto_mitigation_enabled=one.known(values, "auto_mitigation_enabled", False),
        mute_actions_after_alert_duration=parse_duration(mute) if mute else None,
        description=one.plain(values.get("description") or ""),
        action_groups=(notified := tuple(_action_groups(one, groups))),
        silent=_silent(one, notified),
    )


def _silent(rule: _Resource, groups: Sequence[ActionGroup]) -> str:
    if not rule.known(rule.values, "enabled", True):
        return "it is disabled, so it notifies nobody"
    if not rule.block("identity"):
        return "it has no identity, so it cannot read Resource Graph and notifies nobody"
    if not groups:
        return "it has no action group, so it notifies nobody"
    if all(group.receivers == () for group in groups):
        return f"{groups[0].name} is disabled or has no receiver, so it notifies nobody"
    return ""


def _action_groups(rule: _Resource, groups: Sequence[_Resource]) -> Iterator[ActionGroup]:
    action = rule.block("action")
    written = action.get("action_groups")
    if written is None or any(value is None for value in written):
        # A plan leaves out ids that do not exist yet: the configuration says which groups they will be of.
        expressions = _listed(rule.references.get("action"))
        named = [name for one in expressions for name in one.get("action_groups", {}).get("references", ())]
        written = [
            *(value for value in written or () if value),
            *(f"${{{name}}}" for name in named if name.endswith(".id")),
        ]
    for value in written:
        yield _action_group(value, rule, groups)


def _action_group(value: str, rule: _Resource, groups: Sequence[_Resource]) -> ActionGroup:
    reference = _ID_REFERENCE.fullmatch(value)
    if reference:
        module = rule.address[: rule.address.index(rule.type)]
        address = f"{module}{reference['type']}.{reference['name']}"
        found = [group for group in groups if _INDEX.sub("", group.address) == _INDEX.sub("", address)]
        same_key = [group for group in found if _key(group) == _key(rule)]
        found = same_key or found
    else:
        found = [group for group in groups if group.id.lower() == value.lower()]
    if len(found) != 1:
        return ActionGroup(value if "${" in value else name_of(value), None)
    (group,) = found
    if not group.values.get("enabled", True):
        return ActionGroup(group.name, ())
    return ActionGroup(group.name, tuple(_receivers(group)))


def _key(one: _Resource) -> str:
    match = re.search(r"\[[^\]]*\]$", one.address)
    return match[0] if match else ""


def _receivers(group: _Resource) -> Iterator[Receiver]:
    for key in group.values:
        if key.endswith("_receiver"):
            for receiver in group.blocks(key):
                yield Receiver(key.removesuffix("_receiver"), group.plain(str(receiver.get("name", "?"))))


def _processing_rule(one: _Resource, stack: str, resources: Sequence[_Resource]) -> ProcessingRule:
    if one.block("schedule"):
        raise _Unknown("it has a schedule, which is not rehearsed: its suppression is left out")
    conditions = []
    block = one.block("condition")
    for key in block:
        if key == "alert_context":
            raise _Unknown("it filters by alert_context, which is not rehearsed: its suppression is left out")
        conditions += [
            Condition(
                key,
                one.known(condition, "operator"),
                tuple(_resolved(value, one, resources) for value in condition.get("values") or ()),
            )
            for condition in one.blocks(key, block)
        ]
    scopes = tuple(_resolved(scope, one, resources) for scope in one.values.get("scopes") or ())
    return ProcessingRule(one.name, stack, scopes, tuple(conditions))


def _resolved(value: str, one: _Resource, resources: Sequence[_Resource]) -> str:
    reference = _ID_REFERENCE.fullmatch(value)
    if reference:
        address = f"{reference['type']}.{reference['name']}"
        found = next((other for other in resources if other.address == address), None)
        if found:
            return found.id
    if one.is_expression(value):
        raise _Unknown(
            "it filters by a Terraform expression, which only Terraform can compute: its suppression is left out"
        )
    return one.plain(value)
