"""Watched scopes: a cluster, a resource group or a subscription, known now or only to Terraform."""

from __future__ import annotations

import re
from dataclasses import dataclass

from aks_communication_manager.arm.ids import ArmId, ScopeKind
from aks_communication_manager.tokens import address, expression


@dataclass(frozen=True, slots=True)
class Scope:
    """A watched scope, with its parts as Terraform will see them: literals, or expressions for a token."""

    text: str
    """The ARM id, or the token."""
    key: str
    """Equal for all spellings of a scope: the id in lower case, or the address that a token resolves to."""
    label: str
    """Part of construct ids. Never an index."""
    kind: ScopeKind
    subscription_id: str
    resource_group: str | None
    cluster: str | None
    arm: ArmId | None
    """None for a token, which is taken for the id of a cluster, because its kind is unknown."""
    readers: tuple[str, str]
    """Resource group and subscription as scopes of a role assignment."""
    literals: tuple[str, str] | None = None
    """For a token: the id, and the id with a slash at its end, as KQL string literals that Terraform writes."""
    notices: tuple[str, ...] = ()
    """Names of the notices of this scope alone; `()` for those of its manager."""

    @classmethod
    def parse(cls, text: str) -> Scope:
        """Parse the ARM id of a scope. Raises `InvalidArgument`."""
        arm = ArmId.parse(text)
        return cls(
            text=str(arm),
            key=arm.key,
            label=place(arm),
            kind=arm.kind,
            subscription_id=arm.subscription_id,
            resource_group=arm.resource_group,
            cluster=arm.cluster,
            arm=arm,
            readers=(str(arm.up_to("resource-group")), str(arm.up_to("subscription"))),
        )

    @classmethod
    def unknown(cls, text: str, address: str) -> Scope:
        """A cluster whose id only Terraform knows: its functions take the id apart. `address`: what the text resolves to.

        `regex` makes the plan fail where it turns out to be something else: a rule over many clusters would not say which.
        """
        whole = _ONE_EXPRESSION.fullmatch(address)
        id_ = whole[1] if whole else f'"{address}"'
        key = _MARKS.sub("", address)

        def first(parts: int) -> str:
            return expression(f'join("/", slice(split("/", {id_}), 0, {parts}))')

        return cls(
            text=text,
            key=key,
            label=key,
            kind="cluster",
            subscription_id=expression(f'element(split("/", {id_}), 2)'),
            resource_group=expression(f'element(split("/", {id_}), 4)'),
            cluster=expression(f'element(regex("(?i)/managedClusters/([^/]+)$", {id_}), 0)'),
            arm=None,
            readers=(first(5), first(3)),
            # Terraform's JSON strings are KQL string literals.
            literals=(expression(f"jsonencode({id_})"), expression(f'jsonencode("{address}/")')),
        )

    def __str__(self) -> str:
        """The scope as messages show it."""
        return address(self.text)


_ONE_EXPRESSION = re.compile(r"\$\{([^{}]*)\}")
_MARKS = re.compile(r"[$%&#]\{|\}")


def place(arm: ArmId) -> str:
    """``prod@rg-aks@<subscription>``: where something is, in lower case, from the inside out."""
    return "@".join(part for part in (arm.cluster, arm.resource_group, arm.subscription_id) if part).lower()
