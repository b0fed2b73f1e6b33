"""Existing resources that are imported into Terraform instead of created a second time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, ConfigDict, Field, SkipValidation, WithJsonSchema

from aks_communication_manager.arm.ids import ResourceId, RoleAssignmentId
from aks_communication_manager.arm.resource_types import ACTION_GROUP, ALERT_RULE
from aks_communication_manager.arm.scope import Scope
from aks_communication_manager.config import forms
from aks_communication_manager.config.checking import Checks, Finding
from aks_communication_manager.config.fields import scope
from aks_communication_manager.config.model import Model
from aks_communication_manager.config.validation_errors import shown
from aks_communication_manager.config.words import NOTICE
from aks_communication_manager.errors import invalid
from aks_communication_manager.notices.catalog import NOTICES
from aks_communication_manager.text import did_you_mean
from aks_communication_manager.tokens import is_token, written_expressions


def _notice(value: Any) -> Any:
    if value is not None and str(value).lower() not in NOTICES:
        raise invalid("ACM025", f"{shown((), value)} is not a notice", did_you_mean(str(value), NOTICES))
    return value and str(value).lower()


def _id(type_: type[ResourceId] | type[RoleAssignmentId], parse: Callable[[str], object]) -> BeforeValidator:
    def check(value: Any) -> Any:
        if value is None or isinstance(value, type_):
            return value
        if is_token(value):
            raise invalid(
                "ACM049", "is known only to Terraform, but its name is needed here", "Write the id as a literal."
            )
        if not isinstance(value, str):
            raise invalid("ACM024", f"{shown((), value)} is not text", "Write it in quotes.")
        return parse(value)

    return BeforeValidator(check)


def _scope(value: Any) -> Any:
    # Tokens of a program are compared with `scopes` later, when their addresses are known.
    known_later = is_token(value) and not written_expressions(value)
    return value if value is None or known_later else scope(value)


class Adoption(Model):
    """An existing resource: exactly one of `rule`, `action_group` and `role_assignment`.

    Raises `InvalidArgument`.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"required": ["rule", "scope", "notice"]},
                {"required": ["action_group"]},
                {"required": ["role_assignment"]},
            ]
        }
    )
    checks: ClassVar[Checks[Adoption]] = Checks("value")

    scope: Annotated[Scope | str | None, SkipValidation, BeforeValidator(_scope), WithJsonSchema(forms.WATCHED)] = (
        Field(None, examples=[forms.EXAMPLE_CLUSTER])
    )
    """The scope that the rule watches, as in `scopes`."""

    notice: Annotated[str | None, BeforeValidator(_notice), WithJsonSchema(NOTICE)] = None
    """The notice of the rule."""

    rule: Annotated[
        ResourceId | None,
        SkipValidation,
        _id(ResourceId, lambda value: ResourceId.parse(value, ALERT_RULE.arm)),
        WithJsonSchema(forms.resource(ALERT_RULE.arm)),
    ] = None
    """The id of the alert rule. It keeps its name, resource group, location and scope."""

    action_group: Annotated[
        ResourceId | None,
        SkipValidation,
        _id(ResourceId, lambda value: ResourceId.parse(value, ACTION_GROUP.arm)),
        WithJsonSchema(forms.resource(ACTION_GROUP.arm)),
    ] = None
    """The id of the action group. Its name and resource group have to be those of the group that would be created."""

    role_assignment: Annotated[
        RoleAssignmentId | None,
        SkipValidation,
        _id(RoleAssignmentId, RoleAssignmentId.parse),
        WithJsonSchema(forms.ROLE_ASSIGNMENT),
    ] = None
    """The id of a Reader assignment. With system-assigned identities, `scope` and `notice` identify its rule."""

    @property
    def resource(self) -> ResourceId | RoleAssignmentId:
        """The id of the adopted resource."""
        found = self.rule or self.action_group or self.role_assignment
        assert found is not None
        return found


@Adoption.checks.add("ACM067", "rule", "action_group", "role_assignment")
def _exactly_one(entry: Adoption) -> Iterator[Finding]:
    """One import block is for one resource."""
    names = [name for name in ("rule", "action_group", "role_assignment") if getattr(entry, name) is not None]
    if len(names) != 1:
        yield (
            (),
            f"names {' and '.join(names) or 'nothing to adopt'}; an entry adopts one resource",
            "Give exactly one of rule, action_group, role_assignment.",
        )


@Adoption.checks.add("ACM068", "rule", "action_group", "role_assignment", "scope")
def _a_rule_has_a_scope(entry: Adoption) -> Iterator[Finding]:
    """An adopted rule takes the place of a planned one, which its scope and notice identify."""
    yield from _missing(entry, "scope")


@Adoption.checks.add("ACM068", "rule", "action_group", "role_assignment", "notice")
def _a_rule_has_a_notice(entry: Adoption) -> Iterator[Finding]:
    yield from _missing(entry, "notice")


def _missing(entry: Adoption, key: str) -> Iterator[Finding]:
    if entry.rule and not entry.action_group and not entry.role_assignment and getattr(entry, key) is None:
        yield (key,), "missing", "Name the rule that it becomes with `scope` and `notice`."
