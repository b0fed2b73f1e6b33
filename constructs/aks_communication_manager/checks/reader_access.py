"""Read access of the identities: enough to see all events, and no assignment twice."""

from __future__ import annotations

from collections.abc import Iterator

from aks_communication_manager.arm.ids import ArmId
from aks_communication_manager.checks.registry import OPTIONS
from aks_communication_manager.config.checking import Finding
from aks_communication_manager.config.options import SHARED, Options
from aks_communication_manager.text import quoted


@OPTIONS.add("ACM108", "identity", "reader_scopes")
def an_existing_identity_has_a_principal(options: Options) -> Iterator[Finding]:
    """A Reader assignment is for a principal, which cannot be computed from the identity's ARM id."""
    identity = options.identity
    if identity.kind == "existing" and identity.principal_id is None and options.reader_scopes != ():
        yield (
            ("identity", "principal_id"),
            "missing: the Reader assignments need it",
            "Add it (az identity show --query principalId), or set `reader_scopes: []` if the identity already has access.",
        )


@OPTIONS.add("ACM109", "identity", "reader_scopes")
def a_made_identity_reads_something(options: Options) -> Iterator[Finding]:
    """Azure Resource Graph returns only what the identity may read, so the alerts would be silent."""
    if options.reader_scopes == () and options.identity.kind != "existing":
        yield (
            ("reader_scopes",),
            "is empty, but the identity is created here: it could not read anything, and the alerts would never fire",
            "Remove it, or set `reader_scopes: [scope]`.",
        )


@OPTIONS.add("ACM110", "identity", "reader_scopes", "scopes", "rules")
def a_scope_is_written_in_one_way(options: Options) -> Iterator[Finding]:
    """Azure rejects a second assignment of the same role (409), and Terraform cannot know that two expressions are equal."""
    readers = options.reader_scopes
    computed = readers is None or "resource-group" in readers or "subscription" in readers
    one_reads_for_many = (options.identity.is_shared or options.rules == SHARED) and len(options.scopes) > 1
    if one_reads_for_many and computed and any(scope.arm is None for scope in options.scopes):
        yield (
            ("reader_scopes",),
            "one identity is used for several scopes, at least one of them known only to Terraform: "
            "the same resource group could appear as two expressions, and Azure rejects the second assignment (409)",
            "Set `reader_scopes: [scope]`, or list the ids.",
        )


@OPTIONS.add("ACM111", "reader_scopes", "scopes")
def every_scope_can_be_read(options: Options) -> Iterator[Finding]:
    """Azure Resource Graph returns only what the identity may read, so the alerts for this scope would be silent."""
    readers = options.reader_scopes or ()
    granted = {reader for reader in readers if isinstance(reader, ArmId)}
    if not granted or any(not isinstance(reader, ArmId) for reader in readers):  # a word or a token may cover any
        return
    for index, scope in enumerate(options.scopes):
        if scope.arm and granted.isdisjoint(scope.arm.enclosing):
            yield (
                ("reader_scopes",),
                f"none of them covers scopes[{index}], {quoted(scope)}: its alerts would never fire",
                "Add its resource group or its subscription.",
            )
