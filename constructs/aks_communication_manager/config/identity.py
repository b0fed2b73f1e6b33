"""Managed identities with which alert rules query Azure Resource Graph.

Mandatory for such rules: without one Azure answers "The 'adx' pattern cannot be used with the current authentication scheme".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, SkipValidation

from aks_communication_manager.config.checking import Checks, Finding
from aks_communication_manager.config.fields import IdentityId, IdentityName, Uuid
from aks_communication_manager.config.model import Model
from aks_communication_manager.config.validation_errors import shown, suggested
from aks_communication_manager.errors import InvalidArgument, Mistake, invalid
from aks_communication_manager.text import did_you_mean

DEFAULT_NAME = "id-aks-notices"
Kind = Literal["system-assigned", "user-assigned", "existing"]
_TAKES = {"system-assigned": (), "user-assigned": ("name",), "existing": ("id", "principal_id")}


class Identity(Model):
    """The managed identity with which alert rules read Azure Resource Graph.

    Create one with `system_assigned`, `user_assigned` or `existing`.
    """

    checks: ClassVar[Checks[Identity]] = Checks("value")

    kind: Kind
    """The kind of the identity."""

    name: IdentityName | None = None
    """The name of the user-assigned identity that is created."""

    id: IdentityId | None = None
    """The ARM id of an existing user-assigned identity."""

    principal_id: Uuid | None = None
    """Its object id; optional only with ``reader_scopes: []``."""

    @staticmethod
    def system_assigned() -> Identity:
        """An identity of its own for each alert rule: the documented way."""
        return Identity(kind="system-assigned")

    @staticmethod
    def user_assigned(name: str | None = None) -> Identity:
        """One identity for all rules, created with them. Default name: ``id-aks-notices``. Raises `InvalidArgument`."""
        return Identity(kind="user-assigned", name=DEFAULT_NAME if name is None else name)

    @staticmethod
    def existing(*, id: str, principal_id: str | None = None) -> Identity:
        """One existing identity for all rules.

        `id`: its ARM id. `principal_id`: its object id, for the Reader assignments; optional only with
        ``reader_scopes=[]``, for an identity that has access already. Raises `InvalidArgument`.
        """
        return Identity(kind="existing", id=id, principal_id=principal_id)

    @property
    def is_shared(self) -> bool:
        """Whether all rules have this one identity."""
        return self.kind != "system-assigned"


@Identity.checks.add("ACM063", "kind", "id")
def _an_existing_identity_has_an_id(identity: Identity) -> Iterator[Finding]:
    """Each kind of identity has its own arguments; another one would be ignored."""
    if identity.kind == "existing" and identity.id is None:
        yield ("id",), "missing", "Write its ARM id: az identity show --query id"


@Identity.checks.add("ACM063", "kind", "name")
def _a_made_identity_has_a_name(identity: Identity) -> Iterator[Finding]:
    if identity.kind == "user-assigned" and identity.name is None:
        yield ("name",), "missing", "Write a name, or use Identity.user_assigned()."


@Identity.checks.add("ACM063", "kind", "name", "id", "principal_id")
def _each_kind_takes_its_own(identity: Identity) -> Iterator[Finding]:
    for key in ("name", "id", "principal_id"):
        if getattr(identity, key) is not None and key not in _TAKES[identity.kind]:
            yield (key,), f"is not used with a {identity.kind} identity", "Remove it."


def _identity(value: Any) -> Any:
    """Parse an identity."""
    if isinstance(value, Identity):
        return value
    if value == "system-assigned":
        return Identity.system_assigned()
    if value == "user-assigned":
        return Identity.user_assigned()
    if not isinstance(value, Mapping):
        choices = ("system-assigned", "user-assigned")
        raise invalid(
            "ACM048",
            f"{shown((), value)} is not an identity",
            f"{did_you_mean(str(value), choices)} Or {{id: …, principal_id: …}}.",
        )
    known = ("name", "id", "principal_id")
    mistakes = [
        Mistake("ACM021", (str(key),), "unknown key", suggested(str(key), known)) for key in value if key not in known
    ]
    given = {key: entry for key, entry in value.items() if key in known}
    try:
        if "id" in given and "name" not in given:
            found = Identity(kind="existing", **given)
        elif set(given) == {"name"}:
            found = Identity(kind="user-assigned", **given)
        elif given or not mistakes:
            raise invalid(
                "ACM048", "is neither a new nor an existing identity", "Write {name: …} or {id: …, principal_id: …}."
            )
    except InvalidArgument as error:
        raise InvalidArgument(*mistakes, *error.mistakes) from None
    if mistakes:
        raise InvalidArgument(*mistakes)
    return found


AnyIdentity = Annotated[Identity, SkipValidation, BeforeValidator(_identity)]
