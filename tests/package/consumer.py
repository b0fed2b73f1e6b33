"""What somebody else's program does with the installed package. It never runs in these tests' own Python."""

from __future__ import annotations

PROGRAM = """\
from aks_communication_manager import fast_start

fast_start.enable()

from aks_communication_manager import ActionGroup, CommunicationManager, EmailReceiver
from {framework} import App, TerraformStack
from {bindings}.provider import AzurermProvider

app = App(outdir="out")
stack = TerraformStack(app, "team")
AzurermProvider(stack, "azurerm", features=[{{}}], subscription_id="11111111-1111-1111-1111-111111111111")
CommunicationManager(
    stack,
    "notices",
    scopes=[
        "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg-aks"
        "/providers/Microsoft.ContainerService/managedClusters/prod"
    ],
    resource_group_name="rg-aks-notices",
    location="westeurope",
    notices=["cluster-auto-upgrade", "node-os-auto-upgrade", "end-of-support"],
    action_group=ActionGroup.create(
        name="ag", short_name="aks", receivers=[EmailReceiver(name="team", email_address="team@example.com")]
    ),
)
app.synth()
"""

WITH_CDKTF = PROGRAM.format(framework="cdktf", bindings="cdktf_cdktf_provider_azurerm")
WITH_CDKTN = PROGRAM.format(framework="cdktn", bindings="cdktn_provider_azurerm")

TYPED = """\
from typing import assert_type

from aks_communication_manager import (
    ActionGroup,
    CommunicationManager,
    EmailReceiver,
    InvalidArgument,
    Mistake,
    Route,
    add_outputs,
    fast_start,
)
from cdktf import App, TerraformStack

fast_start.enable()
app = App()
stack = TerraformStack(app, "team")
group = ActionGroup.create(
    name="ag", short_name="aks", receivers=[EmailReceiver(name="team", email_address="team@example.com")]
)
assert_type(group, ActionGroup)
try:
    manager = CommunicationManager(
        stack,
        "notices",
        scopes=["/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg-aks"],
        resource_group_name="rg-aks-notices",
        location="westeurope",
        action_group=group,
        routes=[Route(statuses=("Failed",), severity=1)],
    )
except InvalidArgument as error:
    assert_type(error.mistakes, tuple[Mistake, ...])
    raise
add_outputs(stack, manager)
assert_type(manager.action_group_id, str)
assert_type(manager.alert_rule_ids, dict[str, str])
for rule in manager.alert_rules:
    rule.add_override("tags.team", "platform")
"""
"""Every line of it is right, under mypy's strict and pyright's strict rules."""

MISTYPED = {
    "manager = CommunicationManager(stack, 'n', severity=3)": "scopes",
    "group = ActionGroup.create(name='ag', short_name='aks', receivers='team')": "receivers",
    "from aks_communication_manager import Nonsense": "Nonsense",
}
"""A line that is wrong, and what a type checker has to name. Without these, `TYPED` would pass where everything is Any."""
