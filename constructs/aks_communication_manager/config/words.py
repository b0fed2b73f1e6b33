"""Values that are one of a few known words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, PlainValidator, WithJsonSchema

from aks_communication_manager.config import forms
from aks_communication_manager.config.lists import entries
from aks_communication_manager.config.validation_errors import shown
from aks_communication_manager.errors import invalid
from aks_communication_manager.notices.catalog import ALIASES, END_OF_SUPPORT, NOTICES, NoticeName
from aks_communication_manager.notices.notice import Notice
from aks_communication_manager.text import did_you_mean, listed
from aks_communication_manager.tokens import is_token

SEVERITIES = {0: "critical", 1: "error", 2: "warning", 3: "informational", 4: "verbose"}
"""Azure Monitor's, with its names."""


def choice(*choices: str) -> BeforeValidator:
    """One of these words."""

    def check(value: Any) -> Any:
        if value not in choices:
            raise invalid("ACM025", f"{shown((), value)} is not a valid value", did_you_mean(str(value), choices))
        return value

    return BeforeValidator(check)


def severity(value: Any) -> int:
    """A whole number from 0 to 4, or a token for one. Raises `InvalidArgument`."""
    if is_token(value):
        return value  # type: ignore[no-any-return]  # a number that only Terraform knows
    text = str(value).strip()
    if isinstance(value, int | str) and not isinstance(value, bool) and text in map(str, SEVERITIES):
        return int(text)
    choices = listed((f"{number} ({name})" for number, name in SEVERITIES.items()), "or")
    raise invalid("ACM043", f"{shown((), value)} is not a severity", f"Write {choices}.")


def words(known: Mapping[str, str], what: str) -> BeforeValidator:
    """A list of known words, each once, in any letter case. `known`: lower-case word to its spelling."""
    spellings = list(dict.fromkeys(known.values()))

    def spelled(word: Any) -> str:
        if str(word).lower() not in known:
            raise invalid("ACM025", f"{shown((), word)} is not a {what}", did_you_mean(str(word), spellings))
        return known[str(word).lower()]

    return entries(spelled, once="Remove it here.")


def _spellings(notices: Iterable[Notice]) -> dict[str, str]:
    known = {value.lower(): value for notice in notices for value in notice.values}
    return known | {alias.lower(): known[of.lower()] for alias, of in ALIASES.items() if of.lower() in known}


def _word(known: Mapping[str, str]) -> forms.Form:
    return forms.word(known, dict.fromkeys(known.values()))


def _listed(known: Mapping[str, str]) -> WithJsonSchema:
    return WithJsonSchema(forms.listed(_word(known)))


_NOTICES = {name: name for name in NOTICES}
_STATUSES = _spellings(notice for notice in NOTICES.values() if notice.dimension == "status")
_STAGES = _spellings([NOTICES[END_OF_SUPPORT]])

NOTICE = _word(_NOTICES)
"""The form of a notice's name."""

_SEVERITY = {"anyOf": [{"type": "integer", "minimum": 0, "maximum": 4}, forms.string(r"\s*[0-4]\s*")]}

Severity = Annotated[int, PlainValidator(severity), WithJsonSchema(_SEVERITY | {"examples": [1]})]
Status = Literal["Scheduled", "Started", "Completed", "Canceled", "Failed"]
Stage = Literal["KubernetesVersionEOLTwoWeeks", "KubernetesVersionEOLOneWeek", "KubernetesVersionOutOfSupport"]
NoticeNames = Annotated[tuple[NoticeName, ...], words(_NOTICES, "notice"), _listed(_NOTICES)]
Statuses = Annotated[tuple[Status, ...], words(_STATUSES, "status of an upgrade"), _listed(_STATUSES)]
Stages = Annotated[tuple[Stage, ...], words(_STAGES, "stage of the end of support"), _listed(_STAGES)]
