"""Synthesized stacks in ``cdktf.out``, compared with the config."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from aks_communication_manager.cli.terminal import note
from aks_communication_manager.config.locations import config_file, output_folder
from aks_communication_manager.errors import InvalidArgument, invalid
from aks_communication_manager.text import listed
from aks_communication_manager.tokens import is_token

if TYPE_CHECKING:
    from aks_communication_manager.config import receivers as config
    from aks_communication_manager.plan.resources import AlertRule, Plan, Receiver
    from aks_communication_manager.rehearse.deployment import Deployment

_COMPARED = (
    "query", "severity", "evaluation_frequency", "description", "dimensions", "auto_mitigation_enabled", "scopes", "enabled",
)  # fmt: skip
_NAMED = 3


def read_stacks(config: Path | None) -> Sequence[Deployment]:
    """Read the stacks in ``cdktf.out``, or only those of `config` if given.

    Notes differences from the config on stderr. Raises `InvalidArgument`.
    """
    from aks_communication_manager.rehearse import terraform_json

    folder = output_folder() / "stacks"
    source = config_file(config)
    if config and not source.exists():
        raise invalid("ACM160", f"{config}: there is no such file", "Name the config file that synth read.")
    deployments = [terraform_json.read(file) for file in sorted(folder.glob("*/cdk.tf.json"))]
    if not deployments and any(folder.glob("*/cdk.tf")):
        raise invalid(
            "ACM160",
            f"{folder} contains HCL (cdk.tf) instead of JSON, which SYNTH_HCL_OUTPUT=true and cdktf synth --hcl ask for",
            "Run synth without them, or name a file of terraform show -json with --terraform.",
        )
    if not deployments:
        fix = "Run synth first, or name a file with --terraform."
        raise invalid("ACM160", f"{folder}: there is no cdk.tf.json below it", fix)
    plans = _plans(source)
    if plans is None:
        return deployments
    found = list(_differences(plans, {one.stack: one for one in deployments}))
    if found:
        note(f"{folder} is not what {source} says: {'; '.join(found)}. Run synth to rehearse what it says.")
    if not config:
        return deployments
    own = [one for one in deployments if one.stack in plans]
    if not own:
        raise invalid("ACM160", f"{folder}: no stack of {config} is written there", "Run synth with this config.")
    return own


def _plans(source: Path) -> Mapping[str, Plan] | None:
    """Plans by stack; None if the config does not exist or (with a note) has mistakes."""
    from aks_communication_manager.compiler import compile_config

    if not source.exists():
        return None
    try:
        return {stack.name: stack.plan for stack in compile_config(source).checked()}
    except InvalidArgument:
        note(f"{source} has mistakes, so what is written cannot be compared with it: validate shows them.")
        return None


def _differences(plans: Mapping[str, Plan], written: Mapping[str, Deployment]) -> Iterator[str]:
    """Describe the differences of each stack from its plan."""
    for name, plan in plans.items():
        if name not in written:
            yield f"stack {name} is not written"
        elif differences := list(_of_stack(plan, written[name])):
            yield f"stack {name}: {', '.join(differences)}"


def _of_stack(plan: Plan, written: Deployment) -> Iterator[str]:
    from aks_communication_manager.plan.resources import PlannedGroup

    rules = {rule.name: rule for rule in plan.alert_rules if not is_token(rule.name)}
    there = {rule.name: rule for rule in written.alert_rules}
    known = {*there, *(one.rule for one in written.not_evaluated)}
    changed = [name for name in rules.keys() & there.keys() if _rule_differs(rules[name], there[name])]
    more = there.keys() - rules.keys() if len(rules) == len(plan.alert_rules) else ()
    for what, names in (("differs", changed), ("is missing", rules.keys() - known), ("is not in the config", more)):
        if names:
            few = sorted(names)[:_NAMED]
            yield f"{listed(few)}{f' and {len(names) - _NAMED} more' if len(names) > _NAMED else ''} {what}"
    groups = {group.name: group for group in written.action_groups}
    for group in plan.of(PlannedGroup):
        found = groups.get(group.name)
        if found and found.receivers is not None and not _are_planned(group.receivers, found.receivers):
            yield f"receivers of {group.name} differ"


def _rule_differs(planned: AlertRule, written: AlertRule) -> bool:
    """Whether known values differ. Tokens are not compared: Terraform JSON has expressions in their place."""
    pairs = [(getattr(planned, name), getattr(written, name)) for name in _COMPARED]
    return len(planned.action_groups) != len(written.action_groups) or any(
        one != other for one, other in pairs if not is_token(str(one))
    )


def _are_planned(planned: Sequence[config.Receiver], written: Sequence[Receiver]) -> bool:
    """Whether the receivers are the planned ones. Addresses are compared where the plan has them as text, and no URLs."""
    keys = {(receiver.kind, receiver.name): receiver.address_key for receiver in written}
    if keys.keys() != {(receiver.kind, receiver.name) for receiver in planned}:
        return False
    return not any(
        receiver.address_key != keys[receiver.kind, receiver.name]
        for receiver in planned
        if receiver.kind in ("email", "sms", "voice") and not any(is_token(str(value)) for _, value in receiver)
    )
