"""Options of a manager, which the construct's arguments and a stack's keys share, with their defaults and checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SkipValidation, WithJsonSchema

from aks_communication_manager import errors
from aks_communication_manager.arm import durations
from aks_communication_manager.arm.ids import ArmId
from aks_communication_manager.arm.resource_types import ALERT_RULE
from aks_communication_manager.arm.scope import Scope
from aks_communication_manager.config import forms
from aks_communication_manager.config.action_group import ActionGroup, AnyActionGroup, CreatedActionGroup
from aks_communication_manager.config.adoption import Adoption
from aks_communication_manager.config.checking import Indexed
from aks_communication_manager.config.fields import ResourceGroupName, RulePrefix, Tags, Text
from aks_communication_manager.config.frozen import FrozenMap
from aks_communication_manager.config.identity import AnyIdentity, Identity
from aks_communication_manager.config.model import Model, entries, parse_all
from aks_communication_manager.config.references import file_text
from aks_communication_manager.config.route import Grouping, Route
from aks_communication_manager.config.validation_errors import shown
from aks_communication_manager.config.watched_scope import watched_scope
from aks_communication_manager.config.words import NOTICE, NoticeNames, Severity, choice
from aks_communication_manager.errors import InvalidArgument, invalid
from aks_communication_manager.notices.catalog import DEFAULT_NOTICES, NOTICES
from aks_communication_manager.notices.notice import Notice
from aks_communication_manager.text import did_you_mean, listed, quoted
from aks_communication_manager.tokens import is_token

SHARED: Literal["shared"] = "shared"
DOCUMENTED: Literal["documented"] = "documented"

SLOWEST_WITH_HEALTH = timedelta(minutes=15)
"""Azure reports the resource health of log search alert rules up to this frequency ("Monitor the health of log search alert rules")."""

OWN_PROPERTIES = ("cluster", "scope", "notice")
"""Custom properties of every notification; a team's own are added to them."""

READER_WORDS = ("scope", "resource-group", "subscription")
"""Reader scopes relative to a watched scope."""


@dataclass(frozen=True, slots=True)
class Query:
    """A team's own query."""

    file: str
    text: str


def _not_empty(fix: str) -> AfterValidator:
    def check(value: tuple[object, ...]) -> tuple[object, ...]:
        if not value:
            raise invalid("ACM027", "is empty: nothing would be watched", fix)
        return value

    return AfterValidator(check)


def _duration(value: Any) -> Any:
    if is_token(value):
        raise invalid(
            "ACM049", "is known only to Terraform, but the query needs it as a literal", "Use a literal such as PT30M."
        )
    if value is None:
        return value
    if isinstance(value, timedelta):
        if value.days < 0 or value.microseconds:
            raise invalid("ACM033", f"{quoted(value)} is not a duration", "Use whole seconds, 0 or more.")
        value = durations.iso(value)
    if not isinstance(value, str):  # pydantic reads a number as seconds
        raise invalid("ACM033", f"{shown((), value)} is not a duration", durations.FORM)
    return durations.parse(value)


def _frequency(value: Any) -> Any:
    written = durations.iso(value) if isinstance(value, timedelta) else value
    if not is_token(written) and written not in durations.FREQUENCIES:
        choices = ", ".join(durations.FREQUENCIES)
        raise invalid("ACM034", f"{shown((), value)} is not a frequency that Azure supports", f"One of {choices}.")
    return value


def _queries(value: Any) -> FrozenMap[Query]:
    if isinstance(value, FrozenMap):
        return value
    if not isinstance(value, Mapping):
        raise invalid("ACM023", f"{shown((), value)} is not a mapping", "Write <notice>: <file>.")
    found: dict[str, Query] = {}

    def query(key: str, file: Any) -> Query:
        if key.lower() not in NOTICES:
            raise invalid("ACM025", "is not a notice", did_you_mean(key, NOTICES))
        if key.lower() in map(str.lower, found):
            raise invalid("ACM026", f"{key.lower()} is listed twice, in different letter case", "Remove one of them.")
        fix = "Use the path of a .kql file."
        if not isinstance(file, str | Path):
            raise invalid("ACM045", f"{shown((), file)} is not a file path", fix)
        return Query(str(file), file_text(file, "ACM045", fix))

    parse_all(((str(key), file) for key, file in value.items()), query, found)
    return FrozenMap({key.lower(): own for key, own in found.items()})


def _reader_scope(value: Any) -> str | ArmId:
    if isinstance(value, ArmId) or value in READER_WORDS or is_token(value):
        return value  # type: ignore[no-any-return]
    word = did_you_mean(str(value), READER_WORDS)
    if not isinstance(value, str):
        raise invalid("ACM030", f"{shown((), value)} is not an id", f"{word} Or write an ARM id in quotes.")
    try:
        return ArmId.parse(value)
    except InvalidArgument as error:
        [mistake] = error.mistakes
        fix = word if word.startswith("Did") else f"{mistake.fix}\nOr {word[:1].lower()}{word[1:]}"
        raise invalid(mistake.code, mistake.problem, fix) from None


def _properties(value: FrozenMap[str]) -> FrozenMap[str]:
    if any(name.startswith("&{TfToken[") for name in value):
        raise invalid(
            "ACM049",
            f"the mapping is known only to Terraform, so {listed(OWN_PROPERTIES)} cannot be added to it",
            'Write its names here, and a token for each value: {"runbook": Fn.lookup(variable.value, "runbook")}.',
        )

    def not_ours(name: str, _: str) -> None:
        if name.lower() in OWN_PROPERTIES:
            raise invalid("ACM044", "is already set for every rule", "Choose another name.")

    parse_all(value.items(), not_ours)
    return value


_ONCE = "every rule looks back over `look_back` (PT6H), and Azure keeps an alert for each event"


class Options(Model):
    """Options of a `CommunicationManager`: watched scopes, receivers and delivery. Raises `InvalidArgument` with every mistake."""

    removed = {  # noqa: RUF012
        "delivery": f"Remove it: {_ONCE}. For many clusters set `grouping` (event or digest), or leave it to the default.",
        "ingestion_delay": f"Remove it: {_ONCE}. Set `look_back` if events show up later.",
        "overlap": f"Remove it: {_ONCE}, so no event is sent twice.",
    }

    scopes: Annotated[
        tuple[Scope, ...],
        SkipValidation,
        entries(watched_scope),
        _not_empty("Add the id of a cluster, a resource group or a subscription: az aks list --query [].id"),
        WithJsonSchema(forms.listed(forms.WATCHED, minItems=1)),
    ] = Field(examples=[[forms.EXAMPLE_CLUSTER]])
    """ARM ids of clusters, or of resource groups and subscriptions with all their clusters; `{id: …, notices: […]}` gives one its own notices."""

    action_group: AnyActionGroup
    """The action group that is notified: created here, or ``{id: …}`` of an existing one."""

    notices: Annotated[NoticeNames, _not_empty(f"One or more of {listed(NOTICES)}.")] = Field(
        DEFAULT_NOTICES, json_schema_extra={"minItems": 1}
    )
    """The notices to send. A scope can have its own."""

    query: Annotated[Literal["hardened", "documented"], choice("hardened", "documented")] = "hardened"
    """The hardened query of this package, or the documented one of Microsoft's how-to."""

    queries: Annotated[
        FrozenMap[Query],
        SkipValidation,
        BeforeValidator(_queries),
        WithJsonSchema({"type": "object", "propertyNames": NOTICE, "additionalProperties": forms.text()}),
    ] = Field(FrozenMap(), examples=[{"cluster-auto-upgrade": "own.kql"}])
    """Query files of your own, by notice; paths are relative to this file."""

    evaluation_frequency: Annotated[timedelta, BeforeValidator(_duration), BeforeValidator(_frequency)] = Field(
        timedelta(minutes=30), json_schema_extra={"enum": list(durations.FREQUENCIES)}
    )
    """How often the rules run, as an ISO 8601 duration; the window follows it. PT15M costs the same as the default."""

    grouping: Grouping | None = None
    """One notification for each event, or a digest of all events of one status in one hour. Default: event for a rule over clusters that
    surely fit Azure's limit, digest for a rule over a resource group, a subscription or more clusters."""

    look_back: Annotated[timedelta | None, BeforeValidator(_duration)] = None
    """How late an event may show up and still be reported, as an ISO 8601 duration. Default: PT6H, or twice the frequency."""

    resolved_messages: bool = False
    """Whether Azure's "Resolved" notifications are sent too."""

    health_alert: bool | None = None
    """An alert about alert rules that stop working. Default: true where the frequency is at most PT15M, as Azure reports health only there."""

    severity: Severity = 3
    """0 (critical), 1 (error), 2 (warning), 3 (informational) or 4 (verbose)."""

    rules: Annotated[Literal["per-scope", "shared"], choice("per-scope", "shared")] = "per-scope"
    """One rule for each notice and scope, or one for each notice over all scopes."""

    identity: AnyIdentity = Field(Identity.system_assigned(), examples=["user-assigned"])
    """The managed identity with which the rules read Azure Resource Graph."""

    reader_scopes: (
        Annotated[
            tuple[str | ArmId, ...],
            SkipValidation,
            entries(_reader_scope, once="Remove it here: Azure rejects a second assignment of the same role."),
            WithJsonSchema(forms.listed({"anyOf": [{"enum": list(READER_WORDS)}, forms.SCOPE]})),
        ]
        | None
    ) = Field(None, examples=[["scope"]])
    """Where the identities are Reader: words or ARM ids. Default: [resource-group, subscription] for clusters, [scope] for wide scopes."""

    routes: Annotated[tuple[Route, ...], SkipValidation, entries(Route.parse)] = Field(
        (), examples=[[{"statuses": ["Failed", "Canceled"], "severity": 1}]]
    )
    """Another severity, action group or grouping for some of the events. The first match wins; all other events use the defaults."""

    name_prefix: RulePrefix = ""
    """Prefix of every rule's name."""

    custom_properties: Annotated[FrozenMap[str], AfterValidator(_properties)] = Field(
        FrozenMap(),
        examples=[{"runbook": "https://example.com/aks"}],
        json_schema_extra={
            "propertyNames": {"not": {"pattern": f"^(?:{'|'.join(map(forms.any_case, OWN_PROPERTIES))})$"}}
        },
    )
    """Sent with every notification, besides cluster, scope and notice."""

    tags: Tags = FrozenMap()
    """Tags of all resources that take tags; at most 50."""

    allow_overlap: bool = False
    """Whether two scopes may watch the same cluster."""

    adopt: Annotated[tuple[Adoption, ...], SkipValidation, entries(Adoption.parse)] = Field(
        (),
        examples=[
            [
                {
                    "scope": forms.EXAMPLE_CLUSTER,
                    "notice": "cluster-auto-upgrade",
                    "rule": forms.resource(ALERT_RULE.arm)["examples"][0],
                }
            ]
        ],
    )
    """Existing resources that are imported instead of created a second time."""

    @property
    def valid_scopes(self) -> Indexed[Scope]:
        """The valid scopes with their indices: all of them, unless the options are partial."""
        return self.valid_entries("scopes")

    @property
    def has_health_alert(self) -> bool:
        """`health_alert`, or its default."""
        return self.evaluation_frequency <= SLOWEST_WITH_HEALTH if self.health_alert is None else self.health_alert

    def scopes_of(self, notice: str) -> tuple[Scope, ...]:
        """Scopes that are watched for a notice."""
        return tuple(scope for scope in self.scopes if notice in (scope.notices or self.notices))

    @property
    def watched_notices(self) -> tuple[Notice, ...]:
        """Notices with at least one scope: the manager's in their order, then those of single scopes."""
        names = dict.fromkeys((*self.notices, *(name for scope in self.scopes for name in scope.notices)))
        return tuple(NOTICES[name] for name in names if self.scopes_of(name))

    @property
    def created_groups(self) -> tuple[tuple[errors.Path, CreatedActionGroup], ...]:
        """The action groups that are described here, each with its path."""
        groups: list[tuple[errors.Path, ActionGroup | None]] = [(("action_group",), self.action_group)]
        groups += [(("routes", index, "action_group"), route.action_group) for index, route in enumerate(self.routes)]
        return tuple((path, group) for path, group in groups if isinstance(group, CreatedActionGroup))


class Arguments(Options):
    """The construct's arguments: the options, and the place of the resources."""

    resource_group_name: ResourceGroupName
    location: Text
