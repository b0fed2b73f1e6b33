"""Scopes on which an identity becomes Reader, so that it sees the events of the watched clusters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aks_communication_manager.arm.ids import ArmId
from aks_communication_manager.arm.scope import Scope, place
from aks_communication_manager.config.options import READER_WORDS, Options


@dataclass(frozen=True, slots=True)
class Reader:
    """A scope on which an identity becomes Reader."""

    text: str
    """The scope in Terraform."""
    key: str
    """Equal for all spellings of the scope."""
    label: str
    """Part of construct ids."""


class ReaderScopes:
    """The reader scopes of each rule, by the option `reader_scopes`. `address` returns the form of a token in construct ids."""

    def __init__(self, options: Options, address: Callable[[str], str]) -> None:
        self._wanted = options.reader_scopes
        self._address = address
        watched = {arm for scope in options.scopes if scope.arm for arm in scope.arm.enclosing}
        self._limited = {
            wanted: index
            for index, wanted in enumerate(self._wanted or ())
            if isinstance(wanted, ArmId) and wanted in watched
        }
        """Given ids that contain a watched scope, by index: for those scopes only. An id that contains none is for all rules."""
        self._for_all = [
            (index, wanted) for index, wanted in enumerate(self._wanted or ()) if wanted not in self._limited
        ]

    def for_rule(self, group: Sequence[Scope]) -> tuple[Reader, ...]:
        """Reader scopes for the identity of a rule over these scopes, each once."""
        found: dict[str, Reader] = {}
        for scope in group:
            for wanted in self._wanted_for(scope):
                reader = self._reader(scope, wanted)
                found.setdefault(reader.key, reader)
        return tuple(found.values())

    def _wanted_for(self, scope: Scope) -> Sequence[str | ArmId]:
        if self._wanted is None:  # the documented pair for a cluster; a wide scope contains all that is read
            return ("resource-group", "subscription") if scope.kind == "cluster" else ("scope",)
        if scope.arm is None:
            return self._wanted
        limited = [(self._limited[arm], arm) for arm in scope.arm.enclosing if arm in self._limited]
        return [wanted for _, wanted in sorted([*limited, *self._for_all], key=lambda entry: entry[0])]

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
        arm = scope.arm
        if word != "scope":
            arm = arm.up_to("resource-group" if word == "resource-group" else "subscription")
        return Reader(str(arm), arm.key, place(arm))
