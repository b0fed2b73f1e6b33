"""Names, keys and construct ids of the resources of a manager."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from aks_communication_manager.arm.ids import ResourceId
from aks_communication_manager.arm.scope import Scope
from aks_communication_manager.plan.resources import Resource
from aks_communication_manager.tokens import address, is_token


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the resources of a manager are made."""

    subscription_id: str | None
    """None or a token where it is not known: names then say nothing of subscriptions."""
    resource_group: str
    location: str
    create: bool = False
    """Whether the stack around the manager makes the resource group."""


def readable(construct_id: str) -> str:
    """Keep words apart in the logical id, from which cdktf removes these characters."""
    return re.sub(r"[@+.]", r"-\g<0>", construct_id)


def _plain(prefix: str) -> str:
    """The prefix without characters that the name of an alert processing rule may not hold; an alert rule takes nearly all."""
    return prefix if is_token(prefix) else re.sub(r"[^A-Za-z0-9_-]+", "-", prefix).lstrip("-_")


def unknown(key: str, only_terraform_knows: bool) -> str:
    """Part of a key; as an expression where it means something else in another stack."""
    return f"${{{key}}}" if only_terraform_knows else key


class Names:
    """Names as Azure gets them, and as they are compared with those of other managers.

    `addresses`: what tokens resolve to. `label`: distinguishes the manager from an earlier one of its namespace.
    """

    def __init__(self, prefix: str, place: Place, addresses: Mapping[str, str], label: str) -> None:
        self._place = place
        self._addresses = addresses
        self._suffix = f"-{_plain(label)}" if label else ""
        known = place.subscription_id is not None and not is_token(place.subscription_id)
        self._own_subscription = str(place.subscription_id).lower() if known else None
        self._prefix = _plain(prefix)
        self.where = (self.same(str(place.subscription_id)), self.same(place.resource_group))
        self.namespace = (*self.where, self.same(self._prefix))
        subscription = "" if place.subscription_id is None else f"@{place.subscription_id}"
        self.marker = f"[{prefix}aks-notices{self._suffix}@{place.resource_group}{subscription}]"
        """Part of the descriptions of this manager's rules. The brackets keep it from being a part of another's marker."""

    def same(self, text: str) -> str:
        """One text for all spellings of a name, and for all tokens of one value."""
        return self._addresses.get(text) or address(text) if is_token(text) else text.lower()

    def address(self, text: str) -> str:
        """The text in construct ids, where a token is replaced by its address."""
        return self.same(text).removeprefix("${").removesuffix("}") if is_token(text) else text

    def is_own(self, subscription_id: str) -> bool:
        """Whether it is, or may be, the manager's own subscription."""
        return self._own_subscription in (None, subscription_id.lower())

    def arm_id(self, kind: type[Resource], name: str, by_hand: ResourceId | None = None) -> str:
        """The ARM id of a resource of the manager; empty where its subscription is not known."""
        if by_hand or self._place.subscription_id is None:
            return str(by_hand or "")
        return str(ResourceId(self._place.subscription_id, self._place.resource_group, kind.resource_type.arm, name))

    def own(self, kind: str) -> tuple[str, str]:
        """Name of the manager's only resource of a kind, and the same for comparison with others."""
        rest = f"aks-notices-{kind}{self._suffix}"
        return f"{self._prefix}{rest}", f"{self.same(self._prefix)}{rest}".lower()

    def of_scope(self, scope: Scope) -> tuple[str, str]:
        """Part of a rule's name that follows the notice: as given, and for construct ids in lower case, a token as its address."""
        cluster = f"-{scope.cluster}" if scope.cluster else ""
        elsewhere = scope.arm and scope.resource_group and not self.is_own(scope.subscription_id)
        other = f"@{scope.subscription_id}" if elsewhere else ""
        form = f"{cluster}@{scope.resource_group or scope.subscription_id}{other}"
        return form, form.lower() if scope.arm else f"-{scope.label}"
