"""From Terraform resources to the plan's types: alert rules, action groups and alert processing rules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property

from aks_communication_manager.arm.resource_types import ACTION_GROUP, ALERT_RULE, PROCESSING_RULE
from aks_communication_manager.config.frozen import FrozenMap
from aks_communication_manager.config.receivers import address_key
from aks_communication_manager.plan.resources import (
    ActionGroup,
    AlertRule,
    Condition,
    Dimension,
    NamedReceiver,
    ProcessingRule,
    Receiver,
    Reference,
    Value,
)
from aks_communication_manager.rehearse.deployment import Deployment, NotEvaluated
from aks_communication_manager.rehearse.terraform_values import Block, NotKnown

_ADDED_GROUPS = "azurerm_monitor_alert_processing_rule_action_group"

TYPES = {
    **{type_.azurerm: type_ for type_ in (ALERT_RULE, ACTION_GROUP, PROCESSING_RULE)},
    _ADDED_GROUPS: PROCESSING_RULE,
}
"""Resource types that affect notifications, by azurerm's name."""

INDEX = re.compile(r'\[(?:"(?:\\.|[^"\\])*"|[0-9]+)\]')
_MODULE = re.compile(rf"(?:module\.[^.\[]+(?:{INDEX.pattern})?\.)*")
_REFERENCE = re.compile(rf"(?P<name>azurerm_\w+\.[\w-]+)(?P<index>{INDEX.pattern})?(?:\.id)?")
_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)


class _Expression(str):
    """Terraform expression in place of an id."""


@dataclass(frozen=True)
class TerraformResource:
    """One resource of a document, whichever the format."""

    type: str
    address: str
    body: Block
    subscription: str = ""

    @cached_property
    def id(self) -> str:
        """ARM id, with ``?`` for unknown parts; equal for equal resources of one document."""
        if isinstance(known := self.body.arguments.get("id"), str):
            return known
        try:
            group = self.body.text("resource_group_name", "?")
        except NotKnown:
            group = "?"
        arm_type = TYPES[self.type].arm
        return f"/subscriptions/{self.subscription or '?'}/resourceGroups/{group}/providers/{arm_type}/{self.name}"

    @cached_property
    def name(self) -> str:
        """The name in Azure, or the address where the name is an expression."""
        try:
            return self.body.text("name", self.address)
        except NotKnown:
            return self.address

    @cached_property
    def module(self) -> str:
        match = _MODULE.match(self.address)
        return match[0] if match else ""

    @property
    def index(self) -> str:
        """``["key"]`` or ``[0]`` of a resource with for_each or count."""
        match = re.search(rf"{INDEX.pattern}$", self.address)
        return match[0] if match else ""


def deployment(stack: str, resources: Sequence[TerraformResource]) -> Deployment:
    """Convert resources to the plan's types, with reasons for those left out."""
    groups: list[ActionGroup] = []
    rules: list[AlertRule] = []
    processing: list[ProcessingRule] = []
    left_out: list[NotEvaluated] = []
    for one in resources:
        try:
            if one.type == ACTION_GROUP.azurerm:
                groups.append(_action_group(one))
            elif one.type == ALERT_RULE.azurerm:
                rules.append(_alert_rule(one, resources))
            elif one.type == PROCESSING_RULE.azurerm:
                processing += _processing_rule(one, resources)
            else:
                raise NotKnown("it adds action groups to alerts; only suppression is rehearsed")
        except NotKnown as error:
            left_out.append(NotEvaluated(one.name, stack, str(error)))
    return Deployment(stack, tuple(rules), tuple(groups), tuple(processing), tuple(left_out))


def _alert_rule(one: TerraformResource, resources: Sequence[TerraformResource]) -> AlertRule:
    body = one.body
    for key in ("count", "for_each"):
        if body.templates and key in body.arguments:
            raise NotKnown(f"it is made by {key}, which only Terraform can compute: pass terraform show -json")
    criteria = replace(body.block("criteria") or Block({}, body.templates), path="")
    failing = criteria.block("failing_periods") or Block({}, body.templates)
    identity = body.block("identity")
    scopes = body.texts("scopes")
    frequency = body.duration("evaluation_frequency", _MINUTE, _DAY) or body.duration("window_duration", _MINUTE, _DAY)
    if frequency is None:
        raise NotKnown("it has no evaluation_frequency")
    return AlertRule(
        construct_id=one.address,
        key=(one.id.lower(),),
        id=one.id,
        name=one.name,
        resource_group="",
        scopes=scopes,
        query=criteria.text("query"),
        severity=body.whole("severity", 0, 4),
        evaluation_frequency=frequency,
        description=body.text("description", ""),
        enabled=body.flag("enabled", True),
        operator=criteria.text("operator"),
        threshold=criteria.number("threshold"),
        time_aggregation_method=criteria.text("time_aggregation_method"),
        metric_measure_column=criteria.text("metric_measure_column", ""),
        resource_id_column=criteria.text("resource_id_column", ""),
        dimensions=tuple(
            Dimension(dimension.text("name"), dimension.text("operator"), dimension.texts("values"))
            for dimension in criteria.blocks("dimension")
        ),
        minimum_failing_periods_to_trigger_alert=failing.whole("minimum_failing_periods_to_trigger_alert", 1, 6, 1),
        number_of_evaluation_periods=failing.whole("number_of_evaluation_periods", 1, 6, 1),
        auto_mitigation_enabled=body.flag("auto_mitigation_enabled", False),
        mute_actions_after_alert_duration=body.duration("mute_actions_after_alert_duration", 0 * _DAY, 2 * _DAY),
        action_groups=tuple(_notified(one, resources)),
        custom_properties=_custom_properties(body),
        identity_type=identity.text("type", "") if identity else "",
    )


def _notified(rule: TerraformResource, resources: Sequence[TerraformResource]) -> Iterator[Value]:
    """The action groups of a rule: references within the document, ids, and expressions for those not known here."""
    try:
        actions = rule.body.blocks("action")
    except NotKnown:
        yield _Expression("${action}")
        return
    for action in actions:
        for value in _References(rule, resources).ids(action, "action_groups"):
            yield Reference(value.address, "id") if isinstance(value, TerraformResource) else value


def _custom_properties(body: Block) -> FrozenMap[str]:
    """Custom properties with literal values."""
    try:
        action = body.block("action")
    except NotKnown:
        return FrozenMap()
    properties = action.arguments.get("custom_properties") if action else None
    written = properties.items() if isinstance(properties, Mapping) else ()
    return FrozenMap({key: text for key, text in written if isinstance(text, str) and not body.is_expression(text)})


@dataclass(frozen=True)
class _References:
    """Ids in the arguments of one resource, which may refer to others of its document."""

    owner: TerraformResource
    resources: Sequence[TerraformResource]

    def ids(self, block: Block, key: str) -> Iterator[TerraformResource | str]:
        """The resources of the document that a list of ids refers to; ids of others; expressions that only Terraform can compute."""
        try:
            items = block.items(key)
        except NotKnown:
            whole = block.arguments.get(key)
            if whole is not None and not (isinstance(whole, str) and block.is_expression(whole)):
                raise
            items = [whole]
        known: list[TerraformResource | str] = []
        for item in items:
            if isinstance(item, str) and block.is_expression(item):
                inside = item[2:-1].strip() if item.startswith("${") and item.endswith("}") else ""
                known.append(self._referred(inside) or _Expression(item))
            elif item is not None:
                known.append(block.as_text(key, item))
        yield from known
        if None in items:
            yield from self._unwritten(block, key, known, items.count(None))

    def _unwritten(
        self, block: Block, key: str, known: Sequence[object], unknown: int
    ) -> Iterator[TerraformResource | str]:
        """Find the resources of ids that a plan leaves out because they do not exist yet, by its configuration."""
        ids = {str(one).lower() for one in known}
        names = block.references(key)
        of_instance = [name for name in names if name.startswith(("each.", "count."))]
        for name in names:
            if name in of_instance:
                continue
            found = self._referred(name, self.owner.index if of_instance else "")
            if not found or found.id.lower() not in ids:
                yield found or _Expression(f"${{{name}}}")
                unknown -= 1
        if unknown > 0:
            yield _Expression(f"${{{block.path}{key}}}")

    def _referred(self, expression: str, instance: str = "") -> TerraformResource | None:
        """Resolve an expression to the one resource whose id it is; None if there is none or several.

        `instance`: the index to prefer where the expression has none.
        """
        reference = _REFERENCE.fullmatch(expression)
        if not reference:
            return None
        address = f"{self.owner.module}{reference['name']}"
        index = reference["index"] or ""
        found = [one for one in self.resources if one.address.removesuffix(one.index) == address]
        exact = [one for one in found if one.index == (index or instance)] or [
            one for one in found if one.index == index
        ]
        # A configuration has one block for all instances.
        chosen = exact or [one for one in found if not index or not one.index]
        return chosen[0] if len(chosen) == 1 else None

    def known_ids(self, block: Block, key: str) -> tuple[str, ...]:
        found = []
        for value in self.ids(block, key):
            if isinstance(value, _Expression):
                raise NotKnown(f"its {block.path}{key} is a Terraform expression, which only Terraform can compute")
            found.append(value.id if isinstance(value, TerraformResource) else value)
        return tuple(found)


def _action_group(one: TerraformResource) -> ActionGroup:
    enabled = True
    receivers: tuple[Receiver, ...] | None = None
    try:
        enabled = one.body.flag("enabled", True)
        receivers = tuple(_receivers(one.body))
    except NotKnown:
        pass  # the receivers are unknown then, which each notification says
    return ActionGroup(
        construct_id=one.address,
        key=(one.id.lower(),),
        id=one.id,
        name=one.name,
        resource_group="",
        receivers=receivers,
        enabled=enabled,
    )


def _receivers(group: Block) -> Iterator[Receiver]:
    for key in group.names():
        if key.endswith("_receiver"):
            kind = key.removesuffix("_receiver")
            for receiver in group.blocks(key):
                name = receiver.arguments.get("name")
                yield NamedReceiver(
                    kind,
                    receiver.unescape(name) if isinstance(name, str) else "?",
                    address_key(kind, receiver.arguments),
                )


def _processing_rule(one: TerraformResource, resources: Sequence[TerraformResource]) -> Iterator[ProcessingRule]:
    """The rule, unless it is disabled."""
    references = _References(one, resources)
    try:
        if not one.body.flag("enabled", True):
            return
        if one.body.block("schedule"):
            raise NotKnown("it has a schedule, which is not rehearsed")
        conditions = []
        block = one.body.block("condition") or Block({}, one.body.templates)
        for key in (name for name in block.names() if name != "dynamic"):
            if key == "alert_context" and block.blocks(key):
                raise NotKnown("it filters by alert_context, which is not rehearsed")
            conditions += [
                Condition(key, condition.text("operator"), references.known_ids(condition, "values"))
                for condition in block.blocks(key)
            ]
        yield ProcessingRule(
            construct_id=one.address,
            key=(one.id.lower(),),
            id=one.id,
            name=one.name,
            resource_group="",
            scopes=references.known_ids(one.body, "scopes"),
            conditions=tuple(conditions),
        )
    except NotKnown as error:
        raise NotKnown(f"{error}: its suppression is left out") from None
