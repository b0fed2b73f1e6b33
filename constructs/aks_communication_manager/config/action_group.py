"""Who is told: an action group that is made here, or one that exists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator

from aks_communication_manager.config.fields import ActionGroupId, ActionGroupName, has, size, unless_token
from aks_communication_manager.config.model import Model, Values, a_list, each_once, shown
from aks_communication_manager.config.receivers import KINDS, AnyReceiver, Receiver
from aks_communication_manager.domain.tokens import is_token
from aks_communication_manager.errors import Mistake, invalid, quoted

SHORT_NAME_MAX = 12


def _short_name(value: str) -> str:
    if not value.strip():
        raise invalid(
            "is empty", f"1 to {SHORT_NAME_MAX} characters: it is the sender's name in mails and text messages."
        )
    if size(value) > SHORT_NAME_MAX:
        shorter = value.encode()[:SHORT_NAME_MAX].decode(errors="ignore").rstrip()
        raise invalid(
            f"{quoted(value)} {has(value)}; Azure takes at most {SHORT_NAME_MAX}",
            f"Shorten it, for example {quoted(shorter)}.",
        )
    return value


class ActionGroup(Model):
    """Where alert rules send what they find. Made with `create`, or referred to with `existing`; used alike."""

    @staticmethod
    def create(*, name: str, short_name: str, receivers: Sequence[Receiver]) -> ActionGroup:
        """An action group that is made together with the alert rules, in their resource group.

        `name`: up to 260 characters. `short_name`: 1 to 12 characters, shown in mails and text messages.
        `receivers`: at least one. Raises `InvalidArgument`.
        """
        return CreatedActionGroup(name=name, short_name=short_name, receivers=receivers)

    @staticmethod
    def existing(id: str) -> ActionGroup:
        """An action group somebody else looks after, by its ARM id. Raises `InvalidArgument`."""
        return ExistingActionGroup(id=id)


class ExistingActionGroup(ActionGroup):
    """An action group that is there already."""

    id: ActionGroupId
    """Its ARM id, or a token for it."""

    @property
    def key(self) -> str:
        """The same for every spelling of the same group."""
        return self.id if is_token(self.id) else self.id.lower()


class CreatedActionGroup(ActionGroup):
    """An action group made in the alert rules' resource group."""

    name: ActionGroupName
    short_name: Annotated[str, AfterValidator(unless_token(_short_name))]
    receivers: Annotated[tuple[AnyReceiver, ...], BeforeValidator(a_list)]

    @property
    def key(self) -> str:
        """The same for every spelling of the same name."""
        return self.name if is_token(self.name) else self.name.lower()

    @classmethod
    def relations(cls, valid: Values) -> Iterable[Mistake]:
        """Azure Monitor: names are unique in a group, letter case aside, and each kind has its limit."""
        receivers: tuple[Receiver, ...] | None = valid.get("receivers")
        if receivers is None:
            return
        if not receivers:
            yield Mistake(
                "receivers",
                "there is none: alerts would tell nobody",
                "Add one, for example {type: email, name: platform-team, email_address: platform@example.com}.",
            )
        yield from each_once(
            (
                (f"receivers[{index}].name", receiver.name.lower(), receiver.name)
                for index, receiver in enumerate(receivers)
                if not is_token(receiver.name)
            ),
            lambda name, first: f"{quoted(name)} is the name of {first.removesuffix('.name')} already",
            "Give each receiver a name of its own; Azure ignores letter case there.",
        )
        for kind, count in Counter(receiver.kind for receiver in receivers).items():
            if count > KINDS[kind].at_most:
                yield Mistake(
                    "receivers",
                    f"there are {count} of type {kind}; Azure takes at most {KINDS[kind].at_most} in one action group",
                    "Use a distribution list, or a second action group.",
                )


def _action_group(value: Any) -> Any:
    """An action group from a config: with ``id`` one that exists."""
    if isinstance(value, CreatedActionGroup | ExistingActionGroup):
        return value
    if not isinstance(value, Mapping):
        raise invalid(
            f"{shown('', value)} is not an action group",
            "Write {id: …} for one that exists, or {name: …, short_name: …, receivers: […]}; "
            "in Python ActionGroup.existing(id) or ActionGroup.create(…).",
        )
    return ExistingActionGroup(**value) if "id" in value else CreatedActionGroup(**value)


AnyActionGroup = Annotated[ActionGroup, BeforeValidator(_action_group)]
