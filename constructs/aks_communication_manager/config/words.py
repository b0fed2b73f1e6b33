"""Enumerated values: notices, statuses, stages and severities."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainValidator, WithJsonSchema

from aks_communication_manager.config import forms
from aks_communication_manager.config.model import entries
from aks_communication_manager.config.validation_errors import shown
from aks_communication_manager.errors import invalid
from aks_communication_manager.notices.catalog import ALIASES, DEFAULT_NOTICES, END_OF_SUPPORT, NOTICES
from aks_communication_manager.text import did_you_mean, listed
from aks_communication_manager.tokens import is_token

SEVERITIES = {0: "critical", 1: "error", 2: "warning", 3: "informational", 4: "verbose"}
"""Severities of Azure Monitor."""


def choice(*choices: str) -> BeforeValidator:
    """Validate that a value is one of these words."""

    def check(value: Any) -> Any:
        if value not in choices:
            raise invalid("ACM025", f"{shown((), value)} is not a valid value", did_you_mean(str(value), choices))
        return value

    return BeforeValidator(check)


def severity(value: Any) -> int:
    """Parse a severity: a whole number from 0 to 4, or a token. Raises `InvalidArgument`."""
    if is_token(value):
        return value  # type: ignore[no-any-return]  # a number that only Terraform knows
    text = str(value).strip()
    if isinstance(value, int | str) and not isinstance(value, bool) and text in map(str, SEVERITIES):
        return int(text)
    choices = listed((f"{number} ({name})" for number, name in SEVERITIES.items()), "or")
    raise invalid("ACM043", f"{shown((), value)} is not a severity", f"Write {choices}.")


def words(spellings: Callable[[], Mapping[str, str]], what: str) -> BeforeValidator:
    """Validate a list of known words, each once, in any letter case. `spellings`: spelling by lower-case word."""

    def spelled(word: Any) -> str:
        known = spellings()
        if str(word).lower() not in known:
            raise invalid("ACM025", f"{shown((), word)} is not a {what}", did_you_mean(str(word), _distinct(known)))
        return known[str(word).lower()]

    return entries(spelled, once="Remove it here.")


def _distinct(known: Mapping[str, str]) -> list[str]:
    """Each spelling once, in order."""
    return list(dict.fromkeys(known.values()))


def _notices() -> dict[str, str]:
    return {name: name for name in NOTICES}


def _values_routed_by(key: str) -> Callable[[], dict[str, str]]:
    def spellings() -> dict[str, str]:
        notices = (notice for notice in NOTICES.values() if notice.routed_by == key)
        known = {value.lower(): value for notice in notices for value in notice.values}
        return known | {alias.lower(): known[of.lower()] for alias, of in ALIASES.items() if of.lower() in known}

    return spellings


def _word(known: Mapping[str, str]) -> forms.Form:
    return forms.word(known, _distinct(known))


def _list_of(spellings: Callable[[], Mapping[str, str]], *example: str) -> WithJsonSchema:
    return WithJsonSchema(forms.listed(_word(spellings()), examples=[list(example)]))


_statuses, _stages = _values_routed_by("statuses"), _values_routed_by("stages")

NOTICE = _word(_notices())
"""The form of a notice's name."""

_SEVERITY = {"anyOf": [{"type": "integer", "minimum": 0, "maximum": 4}, forms.string(r"\s*[0-4]\s*")]}

Severity = Annotated[int, PlainValidator(severity), WithJsonSchema(_SEVERITY | {"examples": [1]})]
NoticeNames = Annotated[
    tuple[str, ...], words(_notices, "notice"), _list_of(_notices, *DEFAULT_NOTICES, END_OF_SUPPORT)
]
Statuses = Annotated[
    tuple[str, ...], words(_statuses, "status of an upgrade"), _list_of(_statuses, "Failed", "Canceled")
]
Stages = Annotated[
    tuple[str, ...], words(_stages, "stage of the end of support"), _list_of(_stages, "KubernetesVersionOutOfSupport")
]
