"""From options to the alert rules and Reader assignments that there will be: names, queries, texts. No framework, no provider.

What is planned here is all that the construct writes, so it can be checked before any Terraform is written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from aks_communication_manager.checks.relations import READER_WORDS, SHARED
from aks_communication_manager.config.action_group import ActionGroup
from aks_communication_manager.config.adoption import Adoption
from aks_communication_manager.config.fields import RULE_NAME_MAX
from aks_communication_manager.config.model import each_once
from aks_communication_manager.config.options import Options
from aks_communication_manager.config.routes import Part, parts
from aks_communication_manager.domain.arm_id import ArmId, ResourceId, ScopeKind, role_assignment_scope
from aks_communication_manager.domain.notices import CLUSTER_DIMENSIONS, Notice
from aks_communication_manager.domain.tokens import is_token
from aks_communication_manager.errors import Mistake, quoted
from aks_communication_manager.kql import queries
from aks_communication_manager.kql.queries import MAX_QUERY_BYTES
from aks_communication_manager.plan import texts


@dataclass(frozen=True, slots=True)
class Scope:
    """What is watched, with its parts as Terraform will see them: literals, or expressions for a token."""

    text: str
    """The ARM id, or the token."""
    key: str
    """The same for every spelling of the same scope: the id in lower case, or the address that a token resolves to."""
    label: str
    """What construct ids call it. Never its place in a list."""
    kind: ScopeKind
    subscription_id: str
    resource_group: str | None
    cluster: str | None
    arm: ArmId | None
    """None for a token, whose kind cannot be known; it is taken for a cluster."""
    readers: tuple[str, str]
    """Resource group and subscription as scopes of a role assignment."""

    @classmethod
    def literal(cls, text: str) -> Scope:
        """The scope that an ARM id names."""
        arm = ArmId.parse(text)
        return cls(
            text=text,
            key=arm.key,
            label=place(arm),
            kind=arm.kind,
            subscription_id=arm.subscription_id,
            resource_group=arm.resource_group,
            cluster=arm.cluster,
            arm=arm,
            readers=(str(arm.up_to("resource-group")), str(arm.up_to("subscription"))),
        )


def place(arm: ArmId) -> str:
    """``prod@rg-aks@<subscription>``: where something is, in lower case, from the inside out."""
    return "@".join(part for part in (arm.cluster, arm.resource_group, arm.subscription_id) if part).lower()


@dataclass(frozen=True, slots=True)
class Reader:
    """A scope on which an identity is made Reader."""

    text: str
    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One alert rule, whole but for the ids that only Terraform knows."""

    construct_id: str
    name: str
    resource_group: str | None
    """None for the manager's own; an adopted rule keeps the one it is in."""
    scope: str
    scopes: tuple[Scope, ...]
    notice: Notice
    query: str
    severity: int
    action_group: ActionGroup
    dimensions: tuple[str, ...]
    description: str
    custom_properties: dict[str, str]
    readers: tuple[Reader, ...]
    import_id: str | None
    reader_import_ids: dict[str, str]
    """Role assignments made by hand, by the key of their scope."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All alert rules of a manager."""

    rules: tuple[Rule, ...]
    mistakes: tuple[Mistake, ...]
    warnings: tuple[str, ...]
    """What is no mistake, and still worth a word: limits that are near."""


def plan(
    options: Options,
    scopes: Sequence[Scope],
    *,
    subscription_id: str | None,
    quote: Callable[[str], str] = queries.quote,
    address: Callable[[str], str] = str,
) -> Plan:
    """The rules for these options.

    `subscription_id` is the manager's own, None or a token where it is not known: names then say nothing of subscriptions.
    `quote` makes KQL literals of ids, `address` says what a token resolves to.
    """
    own_subscription = None if subscription_id is None or is_token(subscription_id) else subscription_id.lower()
    groups = [tuple(scopes)] if options.rules == SHARED else [(scope,) for scope in scopes]
    templates = {notice: text for notice, _, text in options.queries}
    rules: list[Rule] = []
    mistakes: list[Mistake] = []
    subscriptions = {scope.subscription_id.lower(): scope.subscription_id for scope in scopes if scope.arm}
    if options.rules == SHARED and subscription_id is None and len(subscriptions) != 1:
        mistakes.append(
            Mistake(
                "rules",
                "shared rules lie in the stack's subscription, which nothing here tells",
                "Say subscription_id on the stack's provider, and make the provider before the manager.",
            )
        )
    home = f"/subscriptions/{subscription_id or next(iter(subscriptions.values()), '')}"
    granted = _covering(options, scopes)
    frequency, delay = options.frequency, options.delay
    for notice in options.watched:
        template = templates.get(notice.name) or queries.load(notice.name, options.query)
        for part in parts(notice, options.routes):
            for group in groups:
                query = queries.render(
                    template,
                    scopes=[scope.text for scope in group],
                    evaluation_frequency=frequency,
                    ingestion_delay=delay,
                    selection=part.selection,
                    dimension=notice.dimension,
                    quote=quote,
                )
                readers = tuple(_readers(options, group, granted, address))
                rule = _rule(options, notice, part, group, query, own_subscription, home, readers, address)
                rules.append(rule)
                mistakes += _too_long(rule, options)
    mistakes += each_once(
        (
            ("scopes", f"{rule.resource_group or ''}/{rule.name}".lower(), rule.name)
            for rule in rules
            if not is_token(rule.name)
        ),
        lambda name, _: f"two of them would have the alert rule {quoted(name)}: they differ in the subscription only",
        "Say subscription_id on the stack's provider: rules for other subscriptions then carry theirs in the name.",
    )
    mistakes += _not_adopted(rules, options)
    mistakes += too_many_assignments(assignments(rules, options))
    return Plan(tuple(rules), tuple(dict.fromkeys(mistakes)), tuple(near_the_limit(assignments(rules, options))))


ASSIGNMENTS_MAX = 4000
"""Azure: role assignments in one subscription, those on its resource groups and resources counted in."""

FEWER_ASSIGNMENTS = (
    "Watch resource groups or the subscription instead of clusters, or say rules: shared, or reader_scopes: [scope]."
)


def assignments(rules: Iterable[Rule], options: Options) -> Counter[str]:
    """How many Reader assignments are made in each subscription."""
    if options.identity.kind == "existing" and options.identity.principal_id is None:
        return Counter()
    keys = [reader.key for rule in rules for reader in rule.readers]
    return Counter(key.split("/")[2] for key in (set(keys) if options.identity.is_shared else keys) if key[0] == "/")


def too_many_assignments(counts: Mapping[str, int], which: str = "") -> Iterable[Mistake]:
    """Where Azure would refuse some of them, and only at apply."""
    for subscription, count in counts.items():
        if count > ASSIGNMENTS_MAX:
            yield Mistake(
                "reader_scopes",
                f"{count:,} role assignments would be made in subscription {subscription}{which}; "
                f"Azure takes at most {ASSIGNMENTS_MAX:,} there",
                FEWER_ASSIGNMENTS,
            )


def near_the_limit(counts: Mapping[str, int]) -> Iterable[str]:
    """Where nine tenths of what a subscription takes are ours: others may have made the rest."""
    for subscription, count in counts.items():
        if 0.9 * ASSIGNMENTS_MAX <= count <= ASSIGNMENTS_MAX:
            yield (
                f"{count:,} role assignments are made in subscription {subscription}, and Azure takes at most "
                f"{ASSIGNMENTS_MAX:,} there, all others counted in. {FEWER_ASSIGNMENTS}"
            )


def _not_adopted(rules: Sequence[Rule], options: Options) -> Iterable[Mistake]:
    """An import that nothing asks for would be left out in silence, and made a second time or refused at apply."""
    imported = {rule.import_id for rule in rules}
    for index, entry in enumerate(options.adopt):
        if entry.rule and entry.rule not in imported and options.rules != SHARED and _is_watched(entry, options):
            yield Mistake(
                f"adopt[{index}].scope",
                "no alert rule is made for it, so there is none to adopt",
                "Give the same scope as in scopes. A rule for some statuses only is never an adopted one.",
            )
    entries = [(index, entry.role_assignment) for index, entry in enumerate(options.adopt) if entry.role_assignment]
    if not entries:
        return
    made = {
        (reader.key, None if options.identity.is_shared else text)
        for rule in rules
        for reader in rule.readers
        for text in (rule.reader_import_ids.get(reader.key),)
    }
    for index, text in entries:
        scope = role_assignment_scope(text)
        if (scope.lower(), None if options.identity.is_shared else text) not in made:
            yield Mistake(
                f"adopt[{index}].role_assignment",
                f"no Reader assignment is made on {quoted(scope)}, so there is none to adopt",
                "Leave it out, or say in reader_scopes that one is made there.",
            )


def _is_watched(entry: Adoption, options: Options) -> bool:
    """Whether nothing is wrong with the entry that is told elsewhere."""
    known = is_token(entry.scope) or str(entry.scope).lower() in {scope.lower() for scope in options.scopes}
    return known and entry.notice in options.notices


def _rule(
    options: Options,
    notice: Notice,
    part: Part,
    group: tuple[Scope, ...],
    query: str,
    own_subscription: str | None,
    home: str,
    readers: tuple[Reader, ...],
    address: Callable[[str], str],
) -> Rule:
    shared = options.rules == SHARED
    form, label = ("-shared", "-shared") if shared else _forms(group[0], own_subscription)
    route = None if part.route is None else options.routes[part.route]
    adopted = {} if part.suffix or shared else _adopted(options, group[0], notice, address)
    by_hand = ResourceId.parse(adopted["rule"], "Microsoft.Insights/scheduledQueryRules") if "rule" in adopted else None
    severity = options.severity if route is None or route.severity is None else route.severity
    many = shared or group[0].kind != "cluster"
    return Rule(
        construct_id=f"{notice.name}{label}{part.suffix}",
        name=by_hand.name if by_hand else f"{options.name_prefix}{notice.name}{form}{part.suffix}",
        resource_group=by_hand.resource_group if by_hand else None,
        scope=home if shared else group[0].text,
        scopes=group,
        notice=notice,
        query=query,
        severity=severity,
        action_group=(route and route.action_group) or options.action_group,
        dimensions=(notice.dimension, *(CLUSTER_DIMENSIONS if many else ())),
        description=texts.description(notice, group, part.selection),
        custom_properties=texts.custom_properties(notice, group, options.custom_properties),
        readers=readers,
        import_id=str(by_hand) if by_hand else None,
        reader_import_ids={key: text for key, text in adopted.items() if key != "rule"},
    )


def _forms(scope: Scope, own_subscription: str | None) -> tuple[str, str]:
    """Behind the notice: in the rule's name as given, in the construct id in lower case (a token by its address)."""
    if scope.arm is None:
        return f"-{scope.cluster}@{scope.resource_group}", f"-{scope.label}"
    match scope.kind:
        case "cluster":
            form = f"-{scope.cluster}@{scope.resource_group}"
        case "resource-group":
            form = f"@{scope.resource_group}"
        case "subscription":
            return f"@{scope.subscription_id}", f"@{scope.subscription_id}".lower()
    if own_subscription is not None and scope.subscription_id.lower() != own_subscription:
        form += f"@{scope.subscription_id}"
    return form, form.lower()


def _covering(options: Options, scopes: Sequence[Scope]) -> dict[str, ArmId]:
    """The given reader scopes that hold one of the scopes; what holds none is granted to all, for reasons of its own."""
    ids = [ArmId.parse(text) for text in options.reader_scopes or () if text not in READER_WORDS and not is_token(text)]
    return {arm.key: arm for arm in ids if any(scope.arm and arm.contains(scope.arm) for scope in scopes)}


def _readers(
    options: Options, group: Sequence[Scope], granted: Mapping[str, ArmId], address: Callable[[str], str]
) -> Iterable[Reader]:
    found: dict[str, Reader] = {}
    for scope in group:
        wanted = options.reader_scopes
        if wanted is None:  # the documented pair for a cluster; a wide scope holds all that is read
            wanted = ("resource-group", "subscription") if scope.kind == "cluster" else ("scope",)
        for word in wanted:
            holds = granted.get(word.lower())
            if holds and scope.arm and not holds.contains(scope.arm):
                continue  # it is for other scopes
            reader = _reader(scope, word, address)
            found.setdefault(reader.key, reader)
    return found.values()


def _reader(scope: Scope, word: str, address: Callable[[str], str]) -> Reader:
    text = {"scope": scope.text, "resource-group": scope.readers[0], "subscription": scope.readers[1]}.get(word, word)
    if is_token(text):
        label = address(text) if text == word else f"{scope.label}-{word}"
        return Reader(text, label, label)
    arm = ArmId.parse(text)
    return Reader(text, arm.key, place(arm))


def _adopted(options: Options, scope: Scope, notice: Notice, address: Callable[[str], str]) -> dict[str, str]:
    found = {}
    for entry in options.adopt:
        if entry.notice != notice.name or entry.scope is None:
            continue
        if (address(entry.scope) if is_token(entry.scope) else entry.scope.lower()) != scope.key:
            continue
        if entry.rule:
            found["rule"] = entry.rule
        if entry.role_assignment:
            found[role_assignment_scope(entry.role_assignment).lower()] = entry.role_assignment
    return found


def shared_reader_imports(options: Options) -> dict[str, str]:
    """Role assignments made by hand for the one identity of all rules, by the key of their scope."""
    return {
        role_assignment_scope(entry.role_assignment).lower(): entry.role_assignment
        for entry in options.adopt
        if entry.role_assignment and options.identity.is_shared
    }


def _too_long(rule: Rule, options: Options) -> Iterable[Mistake]:
    if not is_token(rule.name) and len(rule.name) > RULE_NAME_MAX:
        yield Mistake(
            "name_prefix",
            f"the alert rule {quoted(rule.name)} would have {len(rule.name)} characters in its name; Azure takes at most {RULE_NAME_MAX}",
            "Shorten name_prefix.",
        )
    size = len(rule.query.encode())
    if size > MAX_QUERY_BYTES:
        many = len(rule.scopes) > 1
        yield Mistake(
            "scopes" if many else f"queries.{rule.notice.name}",
            f"the query for {rule.notice.name} over {len(rule.scopes)} scopes has {size:,} bytes; Azure takes at most {MAX_QUERY_BYTES:,}"
            if many
            else f"the query has {size:,} bytes; Azure takes at most {MAX_QUERY_BYTES:,}",
            "Watch their resource groups or the subscription instead." if many else "Shorten it.",
        )
