"""``rehearse``: play events through the alert rules and show the notifications."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aks_communication_manager.arm.id_parts import name_of
from aks_communication_manager.arm.resource_types import ALERT_RULE
from aks_communication_manager.cli import shared_options
from aks_communication_manager.cli.synthesized_stacks import read_stacks
from aks_communication_manager.cli.terminal import print_json
from aks_communication_manager.config.locations import config_file
from aks_communication_manager.errors import invalid
from aks_communication_manager.text import listed, quoted

if TYPE_CHECKING:
    from aks_communication_manager.notices.record import Record
    from aks_communication_manager.plan.resources import Receiver
    from aks_communication_manager.rehearse.deployment import Deployment
    from aks_communication_manager.rehearse.rehearsal import Rehearsal
    from aks_communication_manager.rehearse.rule_set import RuleSet


class Story(StrEnum):
    """Made-up events of each cluster."""

    upgrade = "upgrade"
    failure = "failure"
    cancellation = "cancellation"
    missed = "missed"
    end_of_support = "end-of-support"
    month = "month"


def rehearse(
    terraform: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="Read rules from this cdk.tf.json, or from what terraform show -json writes for a plan or a state."
            " Repeatable.  [default: all stacks of cdktf.out]",
        ),
    ] = None,
    events: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Play these records: JSON in the table's shape, the output of az graph query, or the portal's CSV; each with"
            " an optional visibleAt (when Resource Graph shows it).",
        ),
    ] = None,
    story: Annotated[
        list[Story] | None,
        typer.Option(
            help="Play made-up events for the clusters that the rules watch. Repeatable: one after the other."
            "  [default: the stories of what the rules watch, but for month]"
        ),
    ] = None,
    lag: Annotated[
        str,
        typer.Option(
            metavar="DURATION", help="Show each record at most this much after its own time, evenly spread (ISO 8601)."
        ),
    ] = "PT1M",
    jitter: Annotated[
        str, typer.Option(metavar="DURATION", help="Make each evaluation early or late by at most this much.")
    ] = "PT0S",
    skip: Annotated[
        float, typer.Option(metavar="SHARE", min=0, max=1, help="Leave out this share of evaluations, such as 0.1.")
    ] = 0.0,
    seed: Annotated[
        int, typer.Option(metavar="NUMBER", help="Choose lags, phases and skips; the same seed, the same result.")
    ] = 0,
    start: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="Begin here, such as 2026-12-01 or 2026-12-01T08:00Z.  [default: today; with --events, the first of them]",
        ),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Also write a page with a timeline of each cluster."),
    ] = None,
    config: shared_options.Config = None,
    stack: shared_options.Stack = None,
    json: shared_options.Json = False,
) -> None:
    """Play events through the alert rules: who is notified, and when.

    Reads Terraform's JSON, asks neither Azure nor Terraform, and runs each rule's own query at each of its evaluations.
    Exit status 1 when nobody was notified of an event that a rule watches.

    \b
    Examples:
      aks-communication-manager rehearse
      aks-communication-manager rehearse --story failure --html rehearsal.html
      terraform show -json plan.tfplan > plan.json
      aks-communication-manager rehearse --terraform plan.json --events events.json --json
    """
    from aks_communication_manager.cli.rehearse_timeline import show
    from aks_communication_manager.rehearse import rehearsal as room
    from aks_communication_manager.rehearse.rule_set import RuleSet
    from aks_communication_manager.rehearse.schedule import Schedule

    if events and story:
        raise invalid("ACM160", "--events and --story exclude each other", "Leave out one of them.")
    begin = _time(start) if start else None
    late = _duration("--lag", lag)
    schedule = Schedule(jitter=_duration("--jitter", jitter), skip=skip, seed=seed)
    deployments = _deployments(terraform, config, stack)
    rules = RuleSet.from_deployments(deployments)
    records, invented = _records(rules, events, story or (), begin, late, seed)
    result = replace(room.rehearse(rules, records, schedule, begin), invented=invented)
    if html:
        from aks_communication_manager.cli.rehearse_page import page

        try:
            html.write_text(page(result, _subject(terraform, config, deployments)), encoding="utf-8")
        except OSError as error:
            fix = "Name a file in a folder that exists."
            raise invalid("ACM160", f"--html {html}: {error.strerror}", fix) from None
    if json:
        print_json(document(result))
    else:
        show(result)
    if result.unheard or not rules.rules:
        raise typer.Exit(1)


def document(result: Rehearsal) -> dict[str, Any]:
    """Document for ``--json``, without suppressed notifications: they were not sent."""
    return {
        "notifications": [
            {
                "time": f"{one.time:%Y-%m-%dT%H:%M:%SZ}",
                "rule": one.rule,
                "stack": one.stack,
                "event": ", ".join(one.events),
                "dimensions": dict(one.dimensions),
                "severity": one.severity,
                "condition": one.condition,
                "action_group": one.action_group,
                "receivers": [_receiver(receiver, one.limited) for receiver in one.receivers or ()],
                **({} if one.reaches_somebody or not one.limited else {"not_sent": "rate limit"}),
            }
            for one in result.notifications
            if not one.suppressed_by
        ],
        "events": [
            {
                "name": one.name,
                "cluster": name_of(one.cluster),
                **({"invented": True} if one.cluster in result.invented else {}),
                "status": one.status,
                "notified": one.notified,
            }
            for one in result.events
        ],
        "not_evaluated": [{"rule": one.rule, "stack": one.stack, "reason": one.reason} for one in result.not_evaluated],
    }


def _receiver(receiver: Receiver, limited: Collection[Receiver]) -> dict[str, str]:
    found = {"type": receiver.kind, "name": receiver.name}
    return found | {"not_sent": "rate limit"} if receiver in limited else found


def _deployments(files: Sequence[Path] | None, config: Path | None, stack: str | None) -> list[Deployment]:
    from aks_communication_manager.rehearse import terraform_json

    found = [terraform_json.read(file) for file in files] if files else list(read_stacks(config))
    names = [one.stack for one in found]
    if stack and stack not in names:
        raise invalid("ACM160", f"--stack {quoted(stack)}: there is no such stack", f"One of {', '.join(names)}.")
    chosen = [one for one in found if not stack or one.stack == stack]
    if not any(one.alert_rules or one.not_evaluated for one in chosen):
        where = ", ".join(map(str, files)) if files else "cdktf.out"
        fix = f"Rules are resources of the type {ALERT_RULE.azurerm}."
        raise invalid("ACM160", f"{where}: there are no alert rules", fix)
    return chosen


def _records(
    rules: RuleSet, file: Path | None, chosen: Sequence[str], start: datetime | None, lag: timedelta, seed: int
) -> tuple[Sequence[Record], frozenset[str]]:
    """Records to play, and the ids of clusters invented for them."""
    from aks_communication_manager.rehearse import event_records, stories

    if file:
        return event_records.read(file, lag, seed), frozenset()
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    clusters = stories.clusters_of(rules.scopes)
    played = chosen or stories.watched_by(rules.families, rules.notices)
    return stories.sequence(played, clusters, start or today, lag, seed), frozenset(clusters) - frozenset(rules.scopes)


def _subject(files: Sequence[Path] | None, config: Path | None, deployments: Sequence[Deployment]) -> str:
    """Title of the page: files or config, and stacks."""
    source = config_file(config)
    named = [str(file) for file in files] if files else [str(source)] if source.exists() else []
    stacks = [one.stack for one in deployments]
    return f"{listed(named)}, " * bool(named) + f"stack{'s' * (len(stacks) > 1)} {listed(stacks)}"


_LONGEST = timedelta(days=30)
"""Longest lag and jitter: Resource Graph deletes old records at some point."""


def _duration(option: str, text: str) -> timedelta:
    duration = shared_options.parse_duration(option, text)
    if duration > _LONGEST:
        raise invalid("ACM160", f"{option}: {quoted(text)} is longer than 30 days", "Use at most P30D.")
    return duration


def _time(text: str) -> datetime:
    try:
        time = shared_options.parse_time(text)
    except ValueError:
        raise invalid(
            "ACM160", f"--start: {quoted(text)} is not a time", "Write it as 2026-12-01 or 2026-12-01T08:00Z."
        ) from None
    if not 1970 <= time.year < 3000:
        raise invalid("ACM160", f"--start: {quoted(text)} is out of range", "Use a year from 1970 to 2999.")
    return time
