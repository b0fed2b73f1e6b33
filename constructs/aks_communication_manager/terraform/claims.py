"""What the managers of one program make: each thing once, whichever of them makes it."""

from __future__ import annotations

from aks_communication_manager.config.arguments import Arguments
from aks_communication_manager.domain.tokens import is_token
from aks_communication_manager.errors import InvalidArgument
from aks_communication_manager.plan import uniqueness as made
from aks_communication_manager.plan.planner import Plan
from aks_communication_manager.terraform.bindings import Construct, TerraformStack
from aks_communication_manager.terraform.expressions import resolved

_programs: dict[str, dict[made.Key, str]] = {}
"""What was made by whom, by the jsii reference of the app or the stack within which it must be unique."""


def claim(scope: Construct, by: str, subscription_id: str | None, planned: Plan, options: Arguments) -> None:
    """Remember what this manager makes, or raise `InvalidArgument` where another one of the program makes it too.

    A name that only Terraform knows is compared with those of the same stack. Without a known subscription all are: two
    stacks may go to two subscriptions.
    """
    stack = TerraformStack.of(scope)
    path = stack.node.path

    def same(text: str) -> str:
        return f"{path}: {resolved(text, scope)}" if is_token(text) else text.lower()

    known = subscription_id is not None and not is_token(subscription_id)
    within = scope.node.root if known else stack
    before = _programs.setdefault(within.__jsii_ref__.ref, {})  # type: ignore[attr-defined]
    trial = dict(before)
    things = made.names(planned, options, options.resource_group_name, subscription_id, same)
    mistakes = list(made.twice(things, trial, by))
    if mistakes:
        raise InvalidArgument(*mistakes)
    before.update(trial)
