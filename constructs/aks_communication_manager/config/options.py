"""What a manager can be told: the same options, defaults and checks for the construct's arguments and for a stack's keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from aks_communication_manager.checks.relations import (
    DOCUMENTED,
    HARDENED,
    PER_SCOPE,
    READER_WORDS,
    SHARED,
    delay_of,
    relations,
)
from aks_communication_manager.config.action_group import AnyActionGroup
from aks_communication_manager.config.adoption import Adoption
from aks_communication_manager.config.fields import RulePrefix, Tags
from aks_communication_manager.config.identity import AnyIdentity, Identity
from aks_communication_manager.config.model import Model, Values, a_list, each_once, shown
from aks_communication_manager.config.routes import NoticeNames, Route, Severity
from aks_communication_manager.domain import durations
from aks_communication_manager.domain.arm_id import ArmId
from aks_communication_manager.domain.notices import DEFAULT_NOTICES, NOTICES, Notice
from aks_communication_manager.domain.tokens import is_list_token, is_token
from aks_communication_manager.errors import InvalidArgument, Mistake, did_you_mean, invalid, listed, quoted

OWN_PROPERTIES = ("cluster", "scope", "notice")
"""Custom properties that every notification carries; a team's own come on top."""


def _scopes(value: Any) -> tuple[str, ...]:
    found, mistakes = [], []
    for index, text in enumerate(a_list(value)):
        try:
            found.append(_scope(text))
        except InvalidArgument as error:
            mistakes += [mistake.under(f"[{index}]") for mistake in error.mistakes]
    if not found and not mistakes:
        raise invalid(
            "there is none: nothing would be watched",
            "Add the id of a cluster, a resource group or a subscription: az aks list --query [].id",
        )
    if mistakes:
        raise InvalidArgument(*mistakes)
    return tuple(found)


def _scope(value: Any) -> str:
    if is_list_token(value):
        raise invalid(
            "the list is known to Terraform only, and one rule for each of its clusters cannot be written without knowing them",
            "Pass each id: scopes=[a.id, b.id]; or a resource group or a subscription, which covers all its clusters.",
        )
    if not isinstance(value, str):
        raise invalid(f"{shown('', value)} is not an id", "Write its ARM id in quotes, or pass cluster.id.")
    return value if is_token(value) else str(ArmId.parse(value))


def _notices(value: tuple[str, ...]) -> tuple[str, ...]:
    if not value:
        raise invalid("there is none: nothing would be watched", f"One or more of {listed(NOTICES)}.")
    return value


def _known(value: Any) -> str:
    if is_token(value):
        raise invalid(
            "is known to Terraform only, and it is written into the query as a literal",
            "Write it in full, such as PT30M.",
        )
    return str(value)


def _frequency(value: str) -> str:
    if value not in durations.FREQUENCIES:
        raise invalid(
            f"{quoted(value)} is not a frequency that Azure knows", f"One of {', '.join(durations.FREQUENCIES)}."
        )
    return value


def _delay(value: str) -> str:
    durations.parse(value)
    return value


def _choice(*choices: str) -> BeforeValidator:
    def check(value: Any) -> Any:
        if value not in choices:
            raise invalid(f"{shown('', value)} is not a choice here", did_you_mean(str(value), choices))
        return value

    return BeforeValidator(check)


def _queries(value: Any) -> tuple[tuple[str, str, str], ...]:
    """Notice, file and text of each query of the team's own."""
    if not isinstance(value, Mapping):
        if isinstance(value, tuple):  # read already
            return value
        raise invalid(f"{shown('', value)} is not a mapping", "Write <notice>: <file>.")
    found, mistakes = [], []
    for key, file in value.items():
        notice = str(key).lower()
        if notice not in NOTICES:
            mistakes.append(Mistake(str(key), "is not a notice", did_you_mean(notice, NOTICES)))
            continue
        if not isinstance(file, str | Path):
            mistakes.append(
                Mistake(notice, f"{shown('', file)} is not the path of a file", "Give the path of a .kql file.")
            )
            continue
        try:
            found.append((notice, str(file), Path(str(file)).read_text(encoding="utf-8-sig")))
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            mistakes.append(Mistake(notice, f"{quoted(file)} cannot be read: {why}", "Give the path of a .kql file."))
    mistakes += each_once(
        ((notice, notice, notice) for notice, _, _ in found),
        lambda notice, _: f"{notice} is there twice, in different letter case",
        "Leave one of them out.",
    )
    if mistakes:
        raise InvalidArgument(*mistakes)
    return tuple(found)


def _reader_scopes(value: Any) -> tuple[str, ...] | None:
    if value is None:
        return None
    found: list[str] = []
    mistakes = []
    for index, text in enumerate(a_list(value)):
        try:
            found.append(text if text in READER_WORDS or is_token(text) else str(ArmId.parse(str(text))))
        except InvalidArgument as error:
            words = f"Or one of {', '.join(READER_WORDS)}."
            mistakes += [
                Mistake(f"[{index}]", mistake.problem, f"{mistake.fix}\n{words}") for mistake in error.mistakes
            ]
    mistakes += each_once(
        ((f"[{index}]", text.lower(), text) for index, text in enumerate(found)),
        lambda text, first: f"{quoted(text)} is there already, as {first}",
        "Leave it out here: a second assignment of the same role is refused by Azure.",
    )
    if mistakes:
        raise InvalidArgument(*mistakes)
    return tuple(found)


def _properties(value: dict[str, str]) -> dict[str, str]:
    mistakes = [
        Mistake(name, "is set for every rule already", "Choose another name.")
        for name in value
        if name.lower() in OWN_PROPERTIES
    ]
    if mistakes:
        raise InvalidArgument(*mistakes)
    return value


class Options(Model):
    """What a `CommunicationManager` watches, whom it tells, and how. Raises `InvalidArgument` with every mistake."""

    scopes: Annotated[tuple[str, ...], BeforeValidator(_scopes)] = Field(
        examples=[
            "[/subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.ContainerService/managedClusters/<name>]"
        ]
    )
    action_group: AnyActionGroup = Field(
        examples=[
            "{name: ag-aks-notices, short_name: aksnotices, "
            "receivers: [{type: email, name: platform-team, email_address: platform@example.com}]}"
        ]
    )
    notices: Annotated[NoticeNames, AfterValidator(_notices)] = DEFAULT_NOTICES
    query: Annotated[str, _choice(HARDENED, DOCUMENTED)] = HARDENED
    queries: Annotated[tuple[tuple[str, str, str], ...], BeforeValidator(_queries)] = ()
    evaluation_frequency: Annotated[str, BeforeValidator(_known), AfterValidator(_frequency)] = "PT30M"
    ingestion_delay: Annotated[str, BeforeValidator(_known), AfterValidator(_delay)] | None = None
    severity: Severity = 3
    rules: Annotated[str, _choice(PER_SCOPE, SHARED)] = PER_SCOPE
    identity: AnyIdentity = Identity.system_assigned()
    reader_scopes: Annotated[tuple[str, ...] | None, BeforeValidator(_reader_scopes)] = None
    routes: Annotated[tuple[Route, ...], BeforeValidator(a_list)] = ()
    name_prefix: RulePrefix = ""
    custom_properties: Annotated[dict[str, str], AfterValidator(_properties)] = Field(default_factory=dict)
    tags: Tags = Field(default_factory=dict)
    allow_overlap: bool = False
    adopt: Annotated[tuple[Adoption, ...], BeforeValidator(a_list)] = ()

    def for_manager(self) -> dict[str, Any]:
        """The options as arguments of a `CommunicationManager`."""
        return {name: getattr(self, name) for name in Options.model_fields}

    @property
    def frequency(self) -> timedelta:
        """Window and look-back too: one setting, so that windows tile."""
        return durations.parse(self.evaluation_frequency)

    @property
    def delay(self) -> timedelta:
        """How late an event may show up and still be counted; the documented query knows none."""
        return delay_of(self.ingestion_delay, self.query)

    @property
    def watched(self) -> tuple[Notice, ...]:
        """The notices, in the order given."""
        return tuple(NOTICES[name] for name in self.notices)

    @classmethod
    def relations(cls, valid: Values) -> Iterable[Mistake]:
        """Everything that is wrong between options that are right in themselves."""
        yield from relations(valid)
