"""What the managers of one program make: each thing once, whichever of them makes it."""

from __future__ import annotations

from collections.abc import Iterable

from aks_communication_manager import made
from aks_communication_manager.azurerm import Construct, TerraformStack
from aks_communication_manager.errors import InvalidArgument
from aks_communication_manager.tokens import is_token

_programs: dict[str, dict[made.Key, str]] = {}
"""What was made by whom, by the jsii reference of the app or the stack within which it must be unique."""


def claim(scope: Construct, by: str, subscription_id: str | None, things: Iterable[made.Made]) -> None:
    """Remember what this manager makes, or raise `InvalidArgument` where another one of the program makes it too.

    Without a known subscription only managers of one stack are compared: two stacks may go to two subscriptions.
    """
    known = subscription_id is not None and not is_token(subscription_id)
    within = scope.node.root if known else TerraformStack.of(scope)
    before = _programs.setdefault(within.__jsii_ref__.ref, {})  # type: ignore[attr-defined]
    trial = dict(before)
    mistakes = list(made.twice(things, trial, by))
    if mistakes:
        raise InvalidArgument(*mistakes)
    before.update(trial)
