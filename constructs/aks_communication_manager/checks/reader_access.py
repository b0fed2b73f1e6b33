"""What the identities may read: enough to see the events, and nothing twice."""

from __future__ import annotations

from collections.abc import Iterator

from aks_communication_manager.arm.ids import ArmId
from aks_communication_manager.arm.scope import Scope
from aks_communication_manager.checks.registry import OPTIONS
from aks_communication_manager.config.checking import Finding
from aks_communication_manager.config.delivery import SHARED
from aks_communication_manager.config.identity import Identity
from aks_communication_manager.text import quoted

Readers = tuple[str | ArmId, ...] | None


@OPTIONS("ACM108")
def an_existing_identity_has_a_principal(identity: Identity, reader_scopes: Readers) -> Iterator[Finding]:
    if identity.kind == "existing" and identity.principal_id is None and reader_scopes != ():
        yield (
            ("identity", "principal_id"),
            "missing: the Reader assignments need it",
            "Add it (az identity show --query principalId), or set `reader_scopes: []` if the identity already has access.",
        )


@OPTIONS("ACM109")
def a_made_identity_reads_something(identity: Identity, reader_scopes: Readers) -> Iterator[Finding]:
    if reader_scopes == () and identity.kind != "existing":
        yield (
            ("reader_scopes",),
            "is empty, but the identity is created here: it could not read anything, and the alerts would never fire",
            "Remove it, or set `reader_scopes: [scope]`.",
        )


@OPTIONS("ACM110")
def a_scope_is_written_in_one_way(
    identity: Identity, reader_scopes: Readers, scopes: tuple[Scope, ...], rules: str
) -> Iterator[Finding]:
    computed = reader_scopes is None or "resource-group" in reader_scopes or "subscription" in reader_scopes
    one_reads_for_many = (identity.is_shared or rules == SHARED) and len(scopes) > 1
    if one_reads_for_many and computed and any(scope.arm is None for scope in scopes):
        yield (
            ("reader_scopes",),
            "one identity is used for several scopes, of which at least one is known only to Terraform: "
            "the same resource group could appear as two expressions, and Azure rejects the second assignment (409)",
            "Set `reader_scopes: [scope]`, or list the ids.",
        )


@OPTIONS("ACM111")
def every_scope_can_be_read(reader_scopes: Readers, scopes: tuple[Scope, ...]) -> Iterator[Finding]:
    granted = [reader for reader in reader_scopes or () if isinstance(reader, ArmId)]
    if not granted or len(granted) < len(reader_scopes or ()):  # a word or a token may cover any of them
        return
    for index, scope in enumerate(scopes):
        if scope.arm and not any(reader.contains(scope.arm) for reader in granted):
            yield (
                ("reader_scopes",),
                f"none of them covers scopes[{index}], {quoted(scope)}: its alerts would never fire",
                "Add its resource group or its subscription.",
            )
