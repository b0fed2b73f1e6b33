"""Who reads: the managed identity with which an alert rule asks Azure Resource Graph.

Mandatory for such rules: without one Azure answers "The 'adx' pattern cannot be used with the current authentication scheme".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from aks_communication_manager.config.fields import IdentityId, IdentityName, Uuid
from aks_communication_manager.config.model import Model, Values, shown
from aks_communication_manager.errors import InvalidArgument, Mistake, did_you_mean, invalid

DEFAULT_NAME = "id-aks-notices"
RULES_PER_IDENTITY = 50
"""Azure Monitor: alert rules over Azure Resource Graph that one managed identity may have."""

SYSTEM_ASSIGNED: Literal["system-assigned"] = "system-assigned"
USER_ASSIGNED: Literal["user-assigned"] = "user-assigned"


class Identity(Model):
    """Made with `system_assigned`, `user_assigned` or `existing`."""

    kind: Literal["system-assigned", "user-assigned", "existing"]
    name: IdentityName | None = None
    id: IdentityId | None = None
    principal_id: Uuid | None = None

    @staticmethod
    def system_assigned() -> Identity:
        """An identity of its own for each alert rule: the documented way."""
        return Identity(kind="system-assigned")

    @staticmethod
    def user_assigned(name: str | None = None) -> Identity:
        """One identity for all rules, made with them. Called ``id-aks-notices`` unless named. Raises `InvalidArgument`."""
        return Identity(kind="user-assigned", name=DEFAULT_NAME if name is None else name)

    @staticmethod
    def existing(*, id: str, principal_id: str | None = None) -> Identity:
        """One identity for all rules, which is there already.

        `id`: its ARM id. `principal_id`: its object id, for the Reader assignments; it can be left out only together
        with ``reader_scopes=[]``, which says that it may read already. Raises `InvalidArgument`.
        """
        return Identity(kind="existing", id=id, principal_id=principal_id)

    @classmethod
    def relations(cls, valid: Values) -> Iterable[Mistake]:
        """Each kind needs what says which identity it is."""
        kind = valid.get("kind")
        if kind == "existing" and valid.get("id", "") is None:
            yield Mistake("id", "missing", "Write its ARM id: az identity show --query id")
        if kind == "user-assigned" and valid.get("name", "") is None:
            yield Mistake("name", "missing", "Write a name, or use Identity.user_assigned().")
        uses = {"system-assigned": (), "user-assigned": ("name",), "existing": ("id", "principal_id")}.get(str(kind))
        for key in ("name", "id", "principal_id"):
            if uses is not None and key not in uses and valid.get(key) is not None:
                yield Mistake(key, f"a {kind} identity has none to give", "Leave it out.")

    @property
    def is_shared(self) -> bool:
        """Whether all rules have this one identity."""
        return self.kind != "system-assigned"


def _identity(value: Any) -> Any:
    """An identity from a config."""
    if isinstance(value, Identity):
        return value
    if value == SYSTEM_ASSIGNED:
        return Identity.system_assigned()
    if value == USER_ASSIGNED:
        return Identity.user_assigned()
    if not isinstance(value, Mapping):
        choices = (SYSTEM_ASSIGNED, USER_ASSIGNED)
        raise invalid(
            f"{shown('', value)} is not an identity",
            f"{did_you_mean(str(value), choices)} Or {{id: …, principal_id: …}}.",
        )
    known = ("name", "id", "principal_id")
    mistakes = [Mistake(str(key), "unknown key", did_you_mean(str(key), known)) for key in value if key not in known]
    given = {key: entry for key, entry in value.items() if key in known}
    try:
        if "id" in given and "name" not in given:
            found = Identity.existing(**given)
        elif set(given) == {"name"}:
            found = Identity.user_assigned(**given)
        elif given or not mistakes:
            raise invalid(
                "is neither a new identity nor an existing one", "Write {name: …} or {id: …, principal_id: …}."
            )
    except InvalidArgument as error:
        mistakes += error.mistakes
    if mistakes:
        raise InvalidArgument(*mistakes)
    return found


AnyIdentity = Annotated[Identity, BeforeValidator(_identity)]
