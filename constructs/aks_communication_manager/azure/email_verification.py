"""Verification of e-mail addresses, without which Azure sends nothing to them.

A new address gets a code by e-mail and has 30 minutes; it stays valid for the whole tenant. No API shows whether it was
confirmed ("Create and manage action groups"). Addresses are never shown: they can come from the environment.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from functools import partial

from aks_communication_manager.azure import answers
from aks_communication_manager.azure.client import Arm
from aks_communication_manager.azure.findings import Finding, attention, az, checked, ok, where, wrong
from aks_communication_manager.azure.stack_ids import StackIds
from aks_communication_manager.config.receivers import EmailReceiver
from aks_communication_manager.plan.resources import PlannedGroup
from aks_communication_manager.text import listed
from aks_communication_manager.tokens import is_token

CHECK = "addresses"


def check_addresses(arm: Arm, ids: StackIds) -> list[Finding]:
    """Compare the e-mail receivers of the stack's action groups with the deployed ones."""
    groups = list(ids.plan.of(PlannedGroup))
    return [row for group in groups for row in checked(group.name, CHECK, partial(_check_group, arm, group))]


def _check_group(arm: Arm, group: PlannedGroup) -> Iterable[Finding]:
    planned = [receiver for receiver in group.receivers if isinstance(receiver, EmailReceiver)]
    if not planned:
        return
    found = arm.find(group.id, answers.ActionGroup)
    deployed = found.email_receivers if found else ()
    there = {receiver.name.lower(): (receiver.email_address or "").lower() for receiver in deployed}
    known = [receiver for receiver in planned if not is_token(receiver.email_address)]
    unverified = [receiver for receiver in known if receiver.email_address.lower() not in there.values()]
    changed = [receiver.name for receiver in unverified if receiver.name.lower() in there]
    new = [receiver.name for receiver in unverified if receiver.name not in changed]
    if changed:
        text = (
            f"the address of {listed(changed)} changes, and such a receiver was seen to stay without mail for a day: "
            "give the receiver a new name"
        )
        yield wrong(group.name, CHECK, text)
    if new:
        code = "each address that is new in this tenant gets a code by e-mail and has 30 minutes from the apply to confirm it"
        yield attention(group.name, CHECK, f"new here: {listed(new)}; {code}, or no mail arrives")
    if len(known) < len(planned):
        text = "some addresses are known to Terraform alone; one that is new in this tenant has to be confirmed"
        yield attention(group.name, CHECK, text)
    if known and not unverified:
        yield ok(group.name, CHECK, "no new e-mail address")


def check_verification(identifier: str, group: answers.ActionGroup, name: str) -> Iterable[Finding]:
    """Suggest a test notification for an action group with e-mail receivers: Azure does not show verification."""
    if not group.email_receivers:
        return
    receiver = group.email_receivers[0].name
    command = az(
        "monitor action-group test-notifications create",
        **where(identifier, action_group=name, alert_type="logalertv2"),
    )
    action = shlex.join(["--add-action", "email", receiver, "<address>", "usecommonalertschema"])
    count = len(group.email_receivers)
    subject = "the e-mail address is" if count == 1 else f"all {count} e-mail addresses are"
    text = f"Azure does not show whether {subject} verified; send a test to find out"
    yield attention(name, CHECK, text, f"{command} {action}")
