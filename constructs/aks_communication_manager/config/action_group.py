"""Action groups: created here, or existing ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, SkipValidation

from aks_communication_manager.arm.limits import SHORT_NAME
from aks_communication_manager.config.checking import Checks, Finding, find_duplicates
from aks_communication_manager.config.fields import ActionGroupId, ActionGroupName, byte_length, describe_length
from aks_communication_manager.config.forms import Checked, text
from aks_communication_manager.config.model import Model, entries
from aks_communication_manager.config.receivers import KINDS, Receiver, receiver
from aks_communication_manager.config.validation_errors import shown
from aks_communication_manager.errors import invalid
from aks_communication_manager.text import quoted
from aks_communication_manager.tokens import is_token


def _short_name(value: str) -> str:
    if not value.strip():
        raise invalid(
            "ACM041", "is empty", f"1 to {SHORT_NAME} characters: it is the sender's name in mails and text messages."
        )
    if byte_length(value) > SHORT_NAME:
        shorter = value.encode()[:SHORT_NAME].decode(errors="ignore").rstrip()
        raise invalid(
            "ACM041",
            f"{quoted(value)} {describe_length(value)}; Azure takes at most {SHORT_NAME}",
            f"Shorten it, for example {quoted(shorter)}.",
        )
    return value


class ActionGroup(Model):
    """The action group that alert rules notify. Create one with `create`, or refer to one with `existing`."""

    use_instead = "ActionGroup.create(…) or ActionGroup.existing(id)"

    @staticmethod
    def create(*, name: str, short_name: str, receivers: Sequence[Receiver]) -> ActionGroup:
        """An action group that is created together with the alert rules, in their resource group.

        `name`: up to 260 characters. `short_name`: 1 to 12 characters, shown in mails and text messages.
        `receivers`: at least one. Raises `InvalidArgument`.
        """
        return CreatedActionGroup(name=name, short_name=short_name, receivers=receivers)

    @staticmethod
    def existing(id: str) -> ActionGroup:
        """An action group that is managed elsewhere, by its ARM id. Raises `InvalidArgument`."""
        return ExistingActionGroup(id=id)


class ExistingActionGroup(ActionGroup):
    """An existing action group."""

    id: ActionGroupId
    """The ARM id of the existing action group."""


class CreatedActionGroup(ActionGroup):
    """An action group that is created in the alert rules' resource group."""

    checks: ClassVar[Checks[CreatedActionGroup]] = Checks("value")

    name: ActionGroupName
    """The name of the action group, up to 260 characters."""

    short_name: Annotated[str, Checked(_short_name, text(maxLength=SHORT_NAME, minLength=1, examples=["aksnotices"]))]
    """The sender's name in mails and text messages: 1 to 12 characters."""

    receivers: Annotated[tuple[Receiver, ...], SkipValidation, entries(receiver)] = Field(
        examples=[[{"type": "email", "name": "platform-team", "email_address": "platform@example.com"}]],
        json_schema_extra={
            "minItems": 1,
            "allOf": [
                {
                    "contains": {"properties": {"type": {"const": kind}}, "required": ["type"]},
                    "minContains": 0,
                    "maxContains": model.at_most,
                }
                for kind, model in KINDS.items()
            ],
        },
    )
    """The receivers of notifications: at least one."""


@CreatedActionGroup.checks.add("ACM060", "receivers")
def _somebody_is_notified(group: CreatedActionGroup) -> Iterator[Finding]:
    """An action group without receivers is valid in Azure, and its alerts would notify nobody."""
    if not group.receivers:
        yield (
            ("receivers",),
            "is empty: nobody would be notified",
            "Add one, for example {type: email, name: platform-team, email_address: platform@example.com}.",
        )


@CreatedActionGroup.checks.add("ACM061", "valid_receivers")
def _names_are_unique(group: CreatedActionGroup) -> Iterator[Finding]:
    """Azure rejects an action group in which two receivers have the same name, whatever its letter case."""
    valid = group.valid_entries("receivers")
    named = [(index, name) for index, entry in valid if (name := getattr(entry, "name", None))]
    yield from find_duplicates(
        ((("receivers", index, "name"), name.lower(), name) for index, name in named if not is_token(name)),
        lambda name, first: f"{quoted(name)} is already the name of receivers[{first[1]}]",
        "Give each receiver its own name; Azure ignores letter case there.",
    )


@CreatedActionGroup.checks.add("ACM062", "receivers")
def _each_type_has_its_limit(group: CreatedActionGroup) -> Iterator[Finding]:
    """Azure rejects more receivers of one type (Azure Monitor service limits, "Action groups")."""
    for kind, count in Counter(entry.kind for entry in group.receivers).items():
        if count > KINDS[kind].at_most:
            yield (
                ("receivers",),
                f"there are {count} of type {kind}; Azure takes at most {KINDS[kind].at_most} in one action group",
                "Use a distribution list, or a second action group."
                if kind == "email"
                else "Use a second action group.",
            )


def _action_group(value: Any) -> Any:
    """Parse an action group; with ``id`` it is an existing one."""
    if isinstance(value, CreatedActionGroup | ExistingActionGroup):
        return value
    if not isinstance(value, Mapping):
        raise invalid(
            "ACM050",
            f"{shown((), value)} is not an action group",
            "Write {id: …} for one that exists, or {name: …, short_name: …, receivers: […]}; "
            "in Python ActionGroup.existing(id) or ActionGroup.create(…).",
        )
    if set(value) == {"name"}:
        raise invalid(
            "ACM050",
            f"{shown((), value['name'])} alone does not describe an action group",
            "In a route, remove action_group to use the one of the stack. "
            "Use {id: …} for one that exists; a new one needs short_name and receivers.",
        )
    return ExistingActionGroup(**value) if "id" in value else CreatedActionGroup(**value)


AnyActionGroup = Annotated[
    ActionGroup,
    SkipValidation,
    BeforeValidator(_action_group),
    Field(
        examples=[
            {
                "name": "ag-aks-notices",
                "short_name": "aksnotices",
                "receivers": CreatedActionGroup.model_fields["receivers"].examples[0],
            }
        ]
    ),
]
