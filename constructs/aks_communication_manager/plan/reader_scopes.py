"""Where an identity becomes Reader, so that it sees the events of what a rule watches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from aks_communication_manager.arm.ids import ArmId, ScopeKind
from aks_communication_manager.arm.scope import Scope, place
from aks_communication_manager.config.options import READER_WORDS, Options


@dataclass(frozen=True, slots=True)
class Reader:
    """A scope on which an identity becomes Reader."""

    text: str
    """As Terraform gets it."""
    key: str
    """The same for every spelling of it."""
    label: str
    """What construct ids call it."""


class ReaderScopes:
    """What `reader_scopes` says, for one rule after the other. `address` is what construct ids call a token."""

    def __init__(self, options: Options, address: Callable[[str], str]) -> None:
        self._wanted = options.reader_scopes
        self._address = address
        ids = [reader for reader in self._wanted or () if isinstance(reader, ArmId)]
        self._holding = {arm for arm in ids if any(scope.arm and arm.contains(scope.arm) for scope in options.scopes)}
        """Given ids that hold a watched scope; one that holds none is granted to all, for reasons of its own."""

    def of(self, group: Sequence[Scope]) -> tuple[Reader, ...]:
        """What the identity of a rule over these scopes reads, each once."""
        found: dict[str, Reader] = {}
        for scope in group:
            wanted = self._wanted
            if wanted is None:  # the documented pair for a cluster; a wide scope holds all that is read
                wanted = ("resource-group", "subscription") if scope.kind == "cluster" else ("scope",)
            for word in wanted:
                if word in self._holding and scope.arm and isinstance(word, ArmId) and not word.contains(scope.arm):
                    continue  # it is for other scopes
                reader = self._reader(scope, word)
                found.setdefault(reader.key, reader)
        return tuple(found.values())

    def _reader(self, scope: Scope, word: str | ArmId) -> Reader:
        if isinstance(word, ArmId):
            return Reader(str(word), word.key, place(word))
        if word not in READER_WORDS:
            key = self._address(word)
            return Reader(word, key, key)
        if scope.arm is None:
            text = {"scope": scope.text, "resource-group": scope.readers[0], "subscription": scope.readers[1]}[word]
            label = f"{scope.label}-{word}"
            return Reader(text, label, label)
        arm = scope.arm if word == "scope" else scope.arm.up_to(_KINDS[word])
        return Reader(str(arm), arm.key, place(arm))


_KINDS: Mapping[str, ScopeKind] = {"resource-group": "resource-group", "subscription": "subscription"}
