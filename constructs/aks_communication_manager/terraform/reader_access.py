"""What the identities may read: one Reader assignment for each identity and scope, however many rules share it."""

from __future__ import annotations

from collections.abc import Mapping

from aks_communication_manager.config.identity import Identity
from aks_communication_manager.plan.planner import Reader, Rule
from aks_communication_manager.terraform.bindings import Construct, RoleAssignment

READER = "Reader"
"""The documented role."""

SERVICE_PRINCIPAL = "ServicePrincipal"
"""Said to Azure, so that it does not look the principal up: a new one is not in every replica of the directory yet."""


class ReaderAccess:
    """The Reader assignments of one manager."""

    def __init__(self, parent: Construct, identity: Identity, imports: Mapping[str, str]) -> None:
        self.made: list[RoleAssignment] = []
        self._parent = parent
        self._principal_id = identity.principal_id
        self._imports = imports
        self._shared: dict[str, RoleAssignment] = {}

    def before(self, rule: Rule) -> list[RoleAssignment]:
        """For an identity that all rules share: the assignments that the rule has to wait for, and no others."""
        if self._principal_id is None:
            return []
        for reader in rule.readers:
            if reader.key not in self._shared:
                self._shared[reader.key] = self._assign(
                    f"reader-{reader.label}", reader, self._principal_id, self._imports.get(reader.key)
                )
        return [self._shared[reader.key] for reader in rule.readers]

    def after(self, rule: Rule, principal_id: str) -> None:
        """For an identity that is the rule's own, and there only when the rule is."""
        for reader in rule.readers:
            self._assign(
                f"{rule.construct_id}-reader-{reader.label}",
                reader,
                principal_id,
                rule.reader_import_ids.get(reader.key),
            )

    def _assign(self, id_: str, reader: Reader, principal_id: str, import_id: str | None) -> RoleAssignment:
        assignment = RoleAssignment(
            self._parent,
            id_,
            scope=reader.text,
            role_definition_name=READER,
            principal_id=principal_id,
            principal_type=SERVICE_PRINCIPAL,
        )
        if import_id:
            assignment.import_from(import_id)
        self.made.append(assignment)
        return assignment
