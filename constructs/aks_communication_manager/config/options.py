"""What a manager is given: the same options, defaults and checks for the construct's arguments and for a stack's keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SkipValidation

from aks_communication_manager.config.action_group import AnyActionGroup
from aks_communication_manager.config.adoption import Adoption
from aks_communication_manager.config.fields import ResourceGroupName, RulePrefix, Tags, Text
from aks_communication_manager.config.frozen import FrozenMap
from aks_communication_manager.config.identity import AnyIdentity, Identity
from aks_communication_manager.config.model import Model, Reported, entries, shown
from aks_communication_manager.config.routes import Route
from aks_communication_manager.config.words import NoticeNames, Severity, choice
from aks_communication_manager.domain import durations
from aks_communication_manager.domain.arm_id import ArmId
from aks_communication_manager.domain.notices import DEFAULT_NOTICES, NOTICES, Notice
from aks_communication_manager.domain.scope import Scope
from aks_communication_manager.domain.tokens import is_list_token, is_token
from aks_communication_manager.errors import InvalidArgument, Mistake, did_you_mean, invalid, listed, quoted

OWN_PROPERTIES = ("cluster", "scope", "notice")
"""Custom properties that every notification carries; a team's own come on top."""

READER_WORDS = ("scope", "resource-group", "subscription")
"""Reader scopes by what they are to a watched scope."""

SHARED: Literal["shared"] = "shared"
DOCUMENTED: Literal["documented"] = "documented"


@dataclass(frozen=True, slots=True)
class Query:
    """A team's own query."""

    file: str
    text: str


def _scope(value: Any) -> Scope:
    if isinstance(value, Scope):
        return value
    if is_list_token(value):
        raise invalid(
            "ACM049",
            "the list is known to Terraform only, so its clusters cannot get a rule each",
            "Pass each id (scopes=[a.id, b.id]), or a resource group or a subscription, which covers all of its clusters.",
        )
    if not isinstance(value, str):
        raise invalid("ACM030", f"{shown((), value)} is not an id", "Write its ARM id in quotes, or pass cluster.id.")
    return Scope.parse(value)


def _some_scope(value: tuple[Scope, ...]) -> tuple[Scope, ...]:
    if not value:
        raise invalid(
            "ACM027",
            "is empty: nothing would be watched",
            "Add the id of a cluster, a resource group or a subscription: az aks list --query [].id",
        )
    return value


def _some_notice(value: tuple[str, ...]) -> tuple[str, ...]:
    if not value:
        raise invalid("ACM027", "is empty: nothing would be watched", f"One or more of {listed(NOTICES)}.")
    return value


def _duration(value: Any) -> Any:
    if is_token(value):
        raise invalid(
            "ACM049",
            "is known to Terraform only, but the query needs it as a literal",
            "Use a literal such as PT30M.",
        )
    return durations.parse(value) if isinstance(value, str) else value


def _frequency(value: Any) -> Any:
    if isinstance(value, str) and not is_token(value) and value not in durations.FREQUENCIES:
        choices = ", ".join(durations.FREQUENCIES)
        raise invalid("ACM034", f"{quoted(value)} is not a frequency that Azure supports", f"One of {choices}.")
    return value


def _queries(value: Any) -> FrozenMap[Query]:
    if isinstance(value, FrozenMap):
        return value
    if not isinstance(value, Mapping):
        raise invalid("ACM023", f"{shown((), value)} is not a mapping", "Write <notice>: <file>.")
    found: dict[str, Query] = {}
    mistakes = []
    for key, file in value.items():
        notice = str(key).lower()
        if notice not in NOTICES:
            mistakes.append(Mistake("ACM025", (str(key),), "is not a notice", did_you_mean(notice, NOTICES)))
        elif notice in found:
            problem = f"{notice} is listed twice, in different letter case"
            mistakes.append(Mistake("ACM026", (notice,), problem, "Remove one of them."))
        elif not isinstance(file, str | Path):
            if file is not Reported:
                problem = f"{shown((), file)} is not a file path"
                mistakes.append(Mistake("ACM045", (notice,), problem, "Use the path of a .kql file."))
        else:
            try:
                found[notice] = Query(str(file), Path(file).read_text(encoding="utf-8-sig"))
            except (OSError, ValueError) as error:
                why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
                problem = f"{quoted(file)} cannot be read: {why}"
                mistakes.append(Mistake("ACM045", (notice,), problem, "Use the path of a .kql file."))
    if mistakes or any(file is Reported for file in value.values()):
        raise InvalidArgument(*mistakes)
    return FrozenMap(found)


def _reader_scope(value: Any) -> str | ArmId:
    if isinstance(value, ArmId) or value in READER_WORDS or is_token(value):
        return value  # type: ignore[no-any-return]
    try:
        return ArmId.parse(str(value))
    except InvalidArgument as error:
        [mistake] = error.mistakes
        words = f"Or one of {', '.join(READER_WORDS)}."
        raise invalid(mistake.code, mistake.problem, f"{mistake.fix}\n{words}") from None


def _properties(value: FrozenMap[str]) -> FrozenMap[str]:
    mistakes = [
        Mistake("ACM044", (name,), "is already set for every rule", "Choose another name.")
        for name in value
        if name.lower() in OWN_PROPERTIES
    ]
    if mistakes:
        raise InvalidArgument(*mistakes)
    return value


def _made(model: type[Model]) -> Callable[[Any], Model]:
    def parse(value: Any) -> Model:
        if isinstance(value, model):
            return value
        if not isinstance(value, Mapping):
            raise invalid("ACM023", f"{shown((), value)} is not a mapping", "Write keys and values: {key: value}")
        return model(**value)

    return parse


class Options(Model):
    """What a `CommunicationManager` watches, who is notified, and how. Raises `InvalidArgument` with every mistake."""

    scopes: Annotated[tuple[Scope, ...], SkipValidation, entries(_scope), AfterValidator(_some_scope)] = Field(
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
    notices: Annotated[NoticeNames, AfterValidator(_some_notice)] = DEFAULT_NOTICES
    query: Annotated[Literal["hardened", "documented"], choice("hardened", "documented")] = "hardened"
    queries: Annotated[FrozenMap[Query], SkipValidation, BeforeValidator(_queries)] = FrozenMap()
    evaluation_frequency: Annotated[timedelta, BeforeValidator(_duration), BeforeValidator(_frequency)] = timedelta(
        minutes=30
    )
    ingestion_delay: Annotated[timedelta | None, BeforeValidator(_duration)] = None
    severity: Severity = 3
    rules: Annotated[Literal["per-scope", "shared"], choice("per-scope", "shared")] = "per-scope"
    identity: AnyIdentity = Identity.system_assigned()
    reader_scopes: (
        Annotated[
            tuple[str | ArmId, ...],
            SkipValidation,
            entries(_reader_scope, once="Remove it here: Azure rejects a second assignment of the same role."),
        ]
        | None
    ) = None
    routes: Annotated[tuple[Route, ...], SkipValidation, entries(_made(Route))] = ()
    name_prefix: RulePrefix = ""
    custom_properties: Annotated[FrozenMap[str], AfterValidator(_properties)] = FrozenMap()
    tags: Tags = FrozenMap()
    allow_overlap: bool = False
    adopt: Annotated[tuple[Adoption, ...], SkipValidation, entries(_made(Adoption))] = ()

    @property
    def delay(self) -> timedelta:
        """How late an event may show up and still be counted; the documented query knows none."""
        return delay(self.ingestion_delay, self.query)

    @property
    def watched(self) -> tuple[Notice, ...]:
        """The notices, in the order given."""
        return tuple(NOTICES[name] for name in self.notices)


def delay(given: timedelta | None, query: str) -> timedelta:
    """The ingestion delay, or its default for the query."""
    return given if given is not None else timedelta(minutes=0 if query == DOCUMENTED else 5)


class Arguments(Options):
    """The construct's arguments: the options, and where the resources are made."""

    resource_group_name: ResourceGroupName
    location: Text
