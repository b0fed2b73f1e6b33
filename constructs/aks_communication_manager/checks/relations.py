"""What is wrong between options that are right in themselves.

Each check is called with the options that are right, also where others are not, so that all mistakes are told together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Literal

from aks_communication_manager.config.action_group import CreatedActionGroup
from aks_communication_manager.config.adoption import Adoption
from aks_communication_manager.config.identity import RULES_PER_IDENTITY, Identity
from aks_communication_manager.config.model import Values, each_once
from aks_communication_manager.config.routes import END_OF_SUPPORT, Route, parts, unreachable
from aks_communication_manager.domain import durations
from aks_communication_manager.domain.arm_id import ArmId
from aks_communication_manager.domain.notices import NOTICES
from aks_communication_manager.domain.tokens import is_token
from aks_communication_manager.errors import Mistake, quoted
from aks_communication_manager.kql.own_query import check_own_query
from aks_communication_manager.kql.queries import pieces

HARDENED: Literal["hardened"] = "hardened"
DOCUMENTED: Literal["documented"] = "documented"
PER_SCOPE: Literal["per-scope"] = "per-scope"
SHARED: Literal["shared"] = "shared"

READER_WORDS = ("scope", "resource-group", "subscription")


def relations(valid: Values) -> Iterable[Mistake]:
    """Everything that is wrong between these options."""
    for check in (
        _about_scopes,
        _about_queries,
        _about_window,
        _about_identity,
        _about_readers,
        _about_routes,
        _about_adoption,
    ):
        yield from check(valid)


def delay_of(delay: str | None, query: str) -> timedelta:
    return durations.parse(delay or ("PT0S" if query == DOCUMENTED else "PT5M"))


def _arm_ids(scopes: Sequence[str]) -> list[tuple[int, ArmId]]:
    return [(index, ArmId.parse(scope)) for index, scope in enumerate(scopes) if not is_token(scope)]


def _about_scopes(valid: Values) -> Iterable[Mistake]:
    if "scopes" not in valid:
        return
    ids = _arm_ids(valid["scopes"])
    yield from each_once(
        ((f"scopes[{index}]", arm.key, arm) for index, arm in ids),
        lambda arm, first: f"{quoted(arm)} is listed twice, first as {first}",
        "Leave it out here: everybody would be told twice. Azure ignores letter case in ids.",
    )
    if valid.get("allow_overlap", True):
        return
    wide = {arm.key: (index, arm) for index, arm in ids if arm.kind != "cluster"}
    for index, arm in ids:
        for kind in ("resource-group", "subscription"):
            outer = arm.up_to(kind)
            if outer.key in wide and outer.key != arm.key:
                place, other = wide[outer.key]
                yield Mistake(
                    f"scopes[{index}]",
                    f"{quoted(arm)} lies in scopes[{place}], {quoted(other)}: everybody would be told twice",
                    "Leave one of them out, or say allow_overlap: true.",
                )


def _about_queries(valid: Values) -> Iterable[Mistake]:
    own = {notice: (file, text) for notice, file, text in valid.get("queries", ())}
    if valid.get("query") == DOCUMENTED:
        why = "the documented query names one cluster and shows none"
        fix = "Leave query out, or say query: hardened."
        wide = [index for index, arm in _arm_ids(valid.get("scopes", ())) if arm.kind != "cluster"]
        if wide:
            yield Mistake("query", f"{why}, but scopes[{wide[0]}] covers many", fix)
        if valid.get("rules") == SHARED:
            yield Mistake("query", f"{why}, but rules: shared puts many into one rule", fix)
        if valid.get("routes"):
            yield Mistake("query", "the documented query cannot choose rows for routes", fix)
        if END_OF_SUPPORT in valid.get("notices", ()) and END_OF_SUPPORT not in own:
            yield Mistake("query", "there is no documented query for end-of-support in the how-to", fix)
        if valid.get("ingestion_delay") and durations.parse(valid["ingestion_delay"]):
            yield Mistake(
                "ingestion_delay",
                f"{quoted(valid['ingestion_delay'])} cannot be: the documented query knows no delay",
                "Leave it out, say PT0S, or say query: hardened.",
            )
    if not {"scopes", "rules", "routes", "notices", "evaluation_frequency", "ingestion_delay", "query"} <= valid.keys():
        return
    ids = _arm_ids(valid["scopes"])
    many = valid["rules"] == SHARED or any(arm.kind != "cluster" for _, arm in ids)
    for notice, (file, text) in own.items():
        if notice not in valid["notices"]:
            yield Mistake(
                f"queries.{notice}", f"{notice} is not among the notices", "Add it there, or leave the query out."
            )
        placeholders = {piece.text for piece in pieces(text) if piece.kind == "placeholder"}
        if len(valid["scopes"]) > 1 and not placeholders & {"<scopes>", "<scope>"}:
            yield Mistake(
                f"queries.{notice}",
                f"{file}: it names its clusters itself, but there are {len(valid['scopes'])} scopes: "
                "the rule of each would tell of the same events",
                "Filter by <scopes>: | where <scopes>",
            )
        for mistake in check_own_query(
            text,
            notice=NOTICES[notice],
            evaluation_frequency=durations.parse(valid["evaluation_frequency"]),
            ingestion_delay=delay_of(valid["ingestion_delay"], valid["query"]),
            many_clusters=many,
            routed=len(parts(NOTICES[notice], valid["routes"])) > 1,
        ):
            yield Mistake(f"queries.{notice}", f"{file}: {mistake}".partition("\n")[0], mistake.fix)


def _about_window(valid: Values) -> Iterable[Mistake]:
    if not {"evaluation_frequency", "ingestion_delay", "query"} <= valid.keys():
        return
    frequency = durations.parse(valid["evaluation_frequency"])
    if frequency + delay_of(valid["ingestion_delay"], valid["query"]) > durations.MAX_LOOK_BACK:
        yield Mistake(
            "ingestion_delay",
            f"{quoted(valid['ingestion_delay'])} and the evaluation frequency {valid['evaluation_frequency']} "
            "are more than 48 hours together, the longest that Azure lets a rule look back",
            "Make one of them shorter.",
        )


def rule_count(valid: Values) -> int:
    """How many alert rules there will be."""
    per_group = sum(len(parts(NOTICES[name], valid["routes"])) for name in valid["notices"])
    return per_group * (1 if valid["rules"] == SHARED else len(valid["scopes"]))


def _about_identity(valid: Values) -> Iterable[Mistake]:
    identity: Identity | None = valid.get("identity")
    if identity is None:
        return
    if identity.kind == "existing" and identity.principal_id is None and valid.get("reader_scopes", ()) != ():
        yield Mistake(
            "identity.principal_id",
            "missing: the Reader assignments are made for it",
            "Add it (az identity show --query principalId), or say reader_scopes: [] if it may read already.",
        )
    if identity.is_shared and {"scopes", "notices", "rules", "routes"} <= valid.keys():
        count = rule_count(valid)
        if count > RULES_PER_IDENTITY:
            yield too_many_rules(count)


def too_many_rules(count: int, which: str = "") -> Mistake:
    """More than 50 alert rules for one identity."""
    return Mistake(
        "identity",
        f"{count} alert rules would have one identity{which and f', {which}'}; Azure takes at most {RULES_PER_IDENTITY}",
        "Watch resource groups or a subscription instead of clusters, say rules: shared, "
        "or use several stacks or managers, each with an identity of its own.",
    )


def _about_readers(valid: Values) -> Iterable[Mistake]:
    if not {"identity", "reader_scopes", "scopes"} <= valid.keys():
        return
    identity, readers, scopes = valid["identity"], valid["reader_scopes"], valid["scopes"]
    if readers == () and identity.kind != "existing":
        yield Mistake(
            "reader_scopes",
            "is empty, but the identity is made here: it could read nothing, and the alerts would be silent",
            "Leave it out, or say reader_scopes: [scope].",
        )
    computed = readers is None or "resource-group" in readers or "subscription" in readers
    one_reads_for_many = (identity.is_shared or valid.get("rules") == SHARED) and len(scopes) > 1
    if one_reads_for_many and computed and any(is_token(scope) for scope in scopes):
        yield Mistake(
            "reader_scopes",
            "one identity reads for a scope that only Terraform knows beside others: "
            "the same resource group could be written as two expressions, and Azure refuses the second assignment (409)",
            "Say reader_scopes: [scope], or list the ids.",
        )
    if readers and not set(readers) & set(READER_WORDS) and not any(is_token(reader) for reader in readers):
        granted = [ArmId.parse(reader) for reader in readers]
        for index, arm in _arm_ids(scopes):
            if not any(reader.contains(arm) for reader in granted):
                yield Mistake(
                    "reader_scopes",
                    f"none of them covers scopes[{index}], {quoted(arm)}: its alerts would be silent",
                    "Add its resource group or its subscription.",
                )


def _about_routes(valid: Values) -> Iterable[Mistake]:
    if not {"routes", "notices"} <= valid.keys():
        return
    routes: tuple[Route, ...] = valid["routes"]
    yield from unreachable([NOTICES[name] for name in valid["notices"]], routes)
    made: dict[str, tuple[str, CreatedActionGroup]] = {}
    groups = [("action_group", valid.get("action_group"))]
    groups += [(f"routes[{index}].action_group", route.action_group) for index, route in enumerate(routes)]
    for path, group in groups:
        if isinstance(group, CreatedActionGroup):
            first = made.setdefault(group.key, (path, group))
            if first[1] != group:
                yield Mistake(
                    f"{path}.name",
                    f"{quoted(group.name)} is the name of {first[0]} already, which has another short name or other receivers",
                    "Use the same receivers, or another name.",
                )


def _home(valid: Values) -> str | None:
    """The resource group in which everything is made, where it is known here."""
    home = valid.get("resource_group_name", valid.get("resource_group"))
    name = home if home is None or isinstance(home, str) else str(home.name)
    return None if is_token(name) else name


def _about_adoption(valid: Values) -> Iterable[Mistake]:
    adopt: tuple[Adoption, ...] = valid.get("adopt", ())
    for index, entry in enumerate(adopt):
        path = f"adopt[{index}]"
        if "scopes" in valid and entry.scope is not None and not is_token(entry.scope):
            known = {scope.lower() for scope in valid["scopes"]}
            if entry.scope.lower() not in known:
                yield Mistake(
                    f"{path}.scope", f"{quoted(entry.scope)} is not among scopes", "Add it there, or mend it here."
                )
        if entry.notice is not None and entry.notice not in valid.get("notices", (entry.notice,)):
            yield Mistake(f"{path}.notice", f"{entry.notice} is not among notices", "Add it there, or leave this out.")
        if entry.rule and valid.get("rules") == SHARED:
            yield Mistake(
                f"{path}.rule",
                "a rule made by hand watches one cluster, not all",
                "Adopt it with rules: per-scope, or delete it.",
            )
        group = valid.get("action_group")
        if entry.action_group and group is not None:
            name = entry.action_group.rsplit("/", 1)[-1]
            if not isinstance(group, CreatedActionGroup):
                yield Mistake(
                    f"{path}.action_group",
                    "the action group exists and is only referred to",
                    "Describe it under action_group.",
                )
            elif not is_token(group.name) and group.name.lower() != name.lower():
                yield Mistake(
                    f"{path}.action_group",
                    f"is called {quoted(name)}, the one described here {quoted(group.name)}: adopting it would replace it",
                    "Write its name under action_group.name.",
                )
            home = _home(valid)
            its_group = entry.action_group.split("/")[4:5]
            if home is not None and its_group and its_group[0].lower() != home.lower():
                yield Mistake(
                    f"{path}.action_group",
                    f"is in resource group {quoted(its_group[0])}, and would be made in {quoted(home)}: adopting it would replace it",
                    "Make everything in its resource group, or refer to it with action_group: {id: …}.",
                )
        identity = valid.get("identity")
        if (
            entry.role_assignment
            and identity is not None
            and not identity.is_shared
            and not (entry.scope and entry.notice)
        ):
            yield Mistake(
                f"{path}.role_assignment",
                "each rule has an identity of its own",
                "Say whose it is, with scope and notice.",
            )
    yield from each_once(
        (
            (f"adopt[{index}].rule", f"{entry.scope} {entry.notice}".lower(), entry.rule)
            for index, entry in enumerate(adopt)
            if entry.rule
        ),
        lambda rule, first: f"{quoted(rule)} would become the same alert rule as {first}",
        "Delete one of the two in Azure, or mend scope or notice.",
    )
    yield from each_once(
        (
            (f"adopt[{index}].{kind}", str(value).lower(), value)
            for index, entry in enumerate(adopt)
            for kind in ("rule", "action_group", "role_assignment")
            if (value := getattr(entry, kind)) is not None
        ),
        lambda value, first: f"{quoted(value)} is adopted already by {first}",
        "Leave it out here.",
    )
