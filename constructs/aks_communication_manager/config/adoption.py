"""What was made by hand and is taken over, with Terraform import blocks, instead of being made a second time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import AfterValidator

from aks_communication_manager.config.fields import ActionGroupId, Text, arm_resource
from aks_communication_manager.config.model import Model, Values
from aks_communication_manager.domain.arm_id import role_assignment_scope
from aks_communication_manager.domain.notices import NOTICES
from aks_communication_manager.errors import Mistake, did_you_mean, invalid, quoted


def _notice(value: str) -> str:
    if value.lower() not in NOTICES:
        raise invalid(f"{quoted(value)} is not a notice", did_you_mean(value, NOTICES))
    return value.lower()


def _role_assignment(value: str) -> str:
    role_assignment_scope(value)
    return value


class Adoption(Model):
    """One resource made by hand. Exactly one of `rule`, `action_group` and `role_assignment`.

    Raises `InvalidArgument`.
    """

    scope: Text | None = None
    """Which rule: the id of what it watches, as in `scopes`."""

    notice: Annotated[Text, AfterValidator(_notice)] | None = None
    """Which rule: the notice it is for."""

    rule: Annotated[str, arm_resource("Microsoft.Insights/scheduledQueryRules")] | None = None
    """The id of the alert rule. It keeps its name, resource group, location and scope."""

    action_group: ActionGroupId | None = None
    """The id of the action group. Its name and resource group have to be those of the one that would be made."""

    role_assignment: Annotated[str, AfterValidator(_role_assignment)] | None = None
    """The id of a Reader assignment. With system-assigned identities `scope` and `notice` say whose it is."""

    @classmethod
    def relations(cls, valid: Values) -> Iterable[Mistake]:
        """Exactly one resource, and for a rule which one it becomes."""
        kinds = ("rule", "action_group", "role_assignment")
        if not set(kinds) <= valid.keys():
            return
        given = [kind for kind in kinds if valid[kind] is not None]
        if len(given) != 1:
            yield Mistake(
                "",
                f"names {' and '.join(given) or 'nothing'} to adopt",
                "Give exactly one of rule, action_group, role_assignment.",
            )
        elif given == ["rule"]:
            for key in ("scope", "notice"):
                if key in valid and valid[key] is None:
                    yield Mistake(key, "missing", "Say which rule it becomes, with scope and notice.")
