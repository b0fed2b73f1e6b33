# ruff: noqa: T201 (what is printed is looked at)
"""Answers of Azure that are nearly right: those of the stand-in for `preflight`, `status` and `events`, with some changed."""

from __future__ import annotations

import contextlib
import copy
import functools
import io
import json
import os
import random
import signal
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any, TypeAlias

from aks_communication_manager.azure.client import Arm, Reply
from aks_communication_manager.azure.connection import connect
from aks_communication_manager.azure.failures import AzureFailure
from aks_communication_manager.azure.liveness import status
from aks_communication_manager.azure.readiness import preflight
from aks_communication_manager.azure.scheduled_events import as_json, explain_silence, scheduled_events
from aks_communication_manager.azure.stack_ids import StackIds
from aks_communication_manager.cli import events as events_command
from aks_communication_manager.cli import findings_table
from aks_communication_manager.cli.terminal import console, print_json
from aks_communication_manager.compiler import CompiledStack
from tests.azure_room.stack import deploy, stack
from tests.fuzz.hostile import SECRET
from tests.fuzz.inputs import Chance, change_values
from tests.fuzz.trial import SECONDS, Finding, Outcome, TooSlow, limits
from tests.stand_in.endpoint import AzureEndpoint
from tests.stand_in.records import END_OF_SUPPORT, STARTED, upgrade
from tests.stand_in.samples import CLUSTER, CLUSTER_GROUP, GROUP, SUBSCRIPTION

Question: TypeAlias = tuple[str, str, str]
"""Method, URL and query with body, as texts."""

TOKEN = f"eyJhbGciOiJSUzI1NiJ9.{SECRET.replace('-', '')}abcdef.c2ln"

BODIES = (
    *(
        b"",
        b"null",
        b"[]",
        b"{}",
        b"0",
        b'""',
        b"true",
        b"<html><title>Sign in</title></html>",
        b"\xff\xfe",
        b"[" * 5000,
    ),
    *(
        b'{"value": null}',
        b'{"value": {}}',
        b'{"value": [null]}',
        b'{"value": "x"}',
        b'{"data": [1], "totalRecords": 1}',
    ),
    b'{"value": [], "nextLink": "https://elsewhere.example/"}',
    json.dumps({"error": {"code": "X\x1b[2J", "message": f"{TOKEN} sig={SECRET}"}}).encode(),
    json.dumps({"error": [TOKEN]}).encode(),
)
STATUSES = (200, 200, 200, 201, 202, 204, 206, 302, 400, 401, 403, 404, 409, 429, 500, 503)

VALUES: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        -1,
        3.5,
        10**30,
        1e308,
        "",
        " ",
        "x",
        [],
        {},
        [[]],
        [None],
        {"": None},
        [{}],
        {"a": {"b": []}},
    ),
    *(
        "\x1b[2J",
        "a\nb",
        "\u202e",
        "\u200b",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59-01:00",
        "2026-02-30",
        "P999999999D",
    ),
    *(
        "PT0S",
        "none",
        "/subscriptions/x",
        CLUSTER,
        CLUSTER.upper(),
        "*",
        TOKEN,
        f"https://x/?sig={SECRET}",
        "a" * 10_000,
    ),
)


@functools.cache
def recorded() -> tuple[tuple[CompiledStack, Mapping[Question, bytes]], ...]:
    """Stacks, and what the stand-in answers to the commands about each."""
    wide = stack(CLUSTER_GROUP, identity="user-assigned", notices=["cluster-auto-upgrade", "end-of-support"])
    with contextlib.redirect_stdout(io.StringIO()):
        return tuple((compiled, _recorded(compiled)) for compiled in (stack(), wide))


def _recorded(compiled: CompiledStack) -> Mapping[Question, bytes]:
    answers: dict[Question, bytes] = {}
    before = dict(os.environ)
    with AzureEndpoint(retry_after=0) as azure:
        for name in [name for name in os.environ if name.startswith(("ARM_", "AZURE_"))]:
            del os.environ[name]
        os.environ.update(azure.environment(SUBSCRIPTION))
        azure.seed(GROUP)
        azure.seed_cluster(CLUSTER)
        for number, properties in enumerate((upgrade(), STARTED, END_OF_SUPPORT)):
            azure.graph.publish(CLUSTER, str(number), properties)
        deploy(azure, compiled)
        with connect() as arm:
            ask = arm._exchange

            def remember(*question: Any) -> Reply:
                reply = ask(*question)
                answers[_key(*question)] = reply.body
                return reply

            for _ in _commands(Arm(arm.url, remember, lambda line: None, timedelta(seconds=60)), compiled):
                pass
    os.environ.clear()
    os.environ.update(before)
    return answers


def _key(method: str, url: str, query: Mapping[str, str], body: Any) -> Question:
    path = "/" + url.partition("://")[2].partition("/")[2]
    return method, path, json.dumps([sorted(query.items()), body], sort_keys=True)


def _commands(arm: Arm, compiled: CompiledStack) -> Iterator[None]:
    """What the commands do and print, one after the other; a failure of Azure is an end like any other."""
    scopes = tuple(StackIds(compiled).watched)

    def table(check: Any) -> None:
        findings = check(arm, compiled)
        findings_table._show(console(), "production", findings)
        print_json(list(map(asdict, findings)))

    def events() -> None:
        found = scheduled_events(arm, scopes)
        console().print(events_command._table(found, 120))
        print_json([as_json(event) for event in found])

    for command in (
        lambda: table(preflight),
        lambda: table(status),
        events,
        lambda: print(explain_silence(arm, scopes)),
    ):
        try:
            command()
        except AzureFailure as failure:
            print(f"Azure: {failure}")
        yield


def made(seed: int, number: int) -> tuple[CompiledStack, dict[Question, Reply]]:
    """A stack, and the answers to the commands about it, some of them changed."""
    chance = random.Random(f"{seed}/{number}")
    compiled, answers = recorded()[number % len(recorded())]
    replies = {question: Reply(200, body) for question, body in answers.items()}
    for question in chance.sample(sorted(replies), min(len(replies), chance.choice((1, 1, 1, 2, 3, 100)))):
        replies[question] = _changed(chance, answers[question])
    return compiled, replies


def _changed(chance: Chance, body: bytes) -> Reply:
    way = chance.random()
    if way < 0.15:
        return Reply(chance.choice(STATUSES), chance.choice(BODIES), chance.choice((None, 0.0, 3600.0)))
    if way < 0.25:
        cut = chance.randrange(len(body) + 1)
        return Reply(200, body[:cut] + chance.choice((b"", b"\x00", b"}", chance.randbytes(3))))
    tree = [copy.deepcopy(json.loads(body))]
    for _ in range(chance.choice((1, 1, 1, 2, 5))):
        change_values(chance, tree, VALUES)
    return Reply(200, json.dumps(tree[0] if tree else None).encode())


def run(seed: int, numbers: range) -> Outcome:
    """Try these answers, one after the other."""
    outcome = Outcome()
    recorded()
    with limits():
        for number in numbers:
            _try(outcome, seed, number)
    return outcome


def _try(outcome: Outcome, seed: int, number: int) -> None:
    compiled, replies = made(seed, number)
    missing = Reply(404, b"{}")
    arm = Arm(
        "https://arm.example",
        lambda *question: replies.get(_key(*question), missing),
        lambda line: None,
        timedelta(seconds=SECONDS),
    )
    begin = time.process_time()
    printed = io.StringIO()
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        with contextlib.redirect_stdout(printed):
            for _ in _commands(arm, compiled):
                pass
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    except (Exception, TooSlow) as error:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        outcome.crashed(number, error, _content(replies))
        return
    outcome.slowest = max(outcome.slowest, time.process_time() - begin)
    text = printed.getvalue()
    outcome.ends["a failure" if "\nAzure: " in f"\n{text}" else "rows"] += 1
    for problem, broken in (
        ("the output shows a secret", TOKEN in text or f"sig={SECRET}" in text),
        ("the output has characters that do not show", not text.replace("\n", "").isprintable()),
    ):
        if broken:
            outcome.findings.append(Finding(number, problem, text[:5000], _content(replies)))


def _content(replies: Mapping[Question, Reply]) -> bytes:
    return json.dumps([[*question, reply.status, repr(reply.body)] for question, reply in replies.items()]).encode()
