"""Client for Azure Resource Manager: resources, paged lists and Resource Graph queries, parsed into models.

One client serves every resource type and every subscription. The azure-mgmt-* packages bring one client for each
service and subscription, 30 MB together, and the one for alert processing rules does not know their current form.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, as_completed
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, TypeAlias, TypeVar
from urllib.parse import quote, unquote, urlsplit

from pydantic import TypeAdapter, ValidationError

from aks_communication_manager.arm.durations import iso
from aks_communication_manager.azure.answers import Answer, ErrorAnswer, GraphPage, Page
from aks_communication_manager.azure.failures import (
    NO_ACCESS,
    AzureFailure,
    Stalled,
    Unexpected,
    from_answer,
    unexpected,
)

PARALLEL = 8
"""Concurrent requests. Azure allows 250 reads a second and more, but the proxy of a laptop may not."""

MOST_PAGES = 10_000
"""Pages of one list. Azure puts a hundred entries or more on each."""

_GRAPH = "/providers/Microsoft.ResourceGraph/resources"

Progress = Callable[[str], None]
Item = TypeVar("Item")
Result = TypeVar("Result")
Model = TypeVar("Model", bound=Answer)


@dataclass(frozen=True, slots=True)
class Reply:
    """An unparsed answer."""

    status: int
    body: bytes
    retry_after: float | None = None
    """Seconds."""


Exchange: TypeAlias = Callable[[str, str, Mapping[str, str], Any], Reply]
"""Method, URL, query and JSON body of a request to its reply. Raises `AzureFailure`."""


class Arm:
    """Reads from Azure Resource Manager. Every failure is an `AzureFailure`."""

    def __init__(self, url: str, exchange: Exchange, progress: Progress, timeout: timedelta) -> None:
        self.url = url
        self.progress = progress
        """Progress callback; receives one status line."""
        self._exchange = exchange
        self._timeout = timeout

    def get(self, path: str, model: type[Model], api_version: str = "") -> Model:
        """Read one resource, given by its id or another path."""
        return self._ask("GET", path, {"api-version": api_version or model.api_version}, None, model)

    def entries(self, path: str, model: type[Model], **query: str) -> Iterator[Model]:
        """Read every entry of a list, page by page."""
        pages = _Pages(path, self._timeout)
        dollar = {f"${name}": value for name, value in query.items()}
        page = self._ask("GET", path, {"api-version": model.api_version, **dollar}, None, Page)
        while True:
            try:
                entries = TypeAdapter(list[model]).validate_python(page.value)  # type: ignore[valid-type]
            except ValidationError as error:
                raise unexpected(path, f"a list, each entry {model.called}", error) from None
            yield from entries
            if not page.next_link:
                return
            pages.turn(page.next_link, page.value)
            if urlsplit(page.next_link).netloc.lower() != urlsplit(self.url).netloc.lower():
                host = urlsplit(page.next_link).netloc  # the token is for our host only
                raise AzureFailure(f"Azure sent a link to another host, {host}", "Run it again.")
            page = self._ask("GET", page.next_link, {}, None, Page)

    def find(self, path: str, model: type[Model], api_version: str = "") -> Model | None:
        """Read one resource; None if it does not exist or the login may not read it."""
        with suppress(*NO_ACCESS):
            return self.get(path, model, api_version)
        return None

    def find_entries(self, path: str, model: type[Model], **query: str) -> list[Model] | None:
        """Read every entry of a list; None if the login may not read it."""
        with suppress(*NO_ACCESS):
            return list(self.entries(path, model, **query))
        return None

    def query(self, text: str, subscriptions: Iterable[str], model: type[Model], called: str) -> list[Model]:
        """Read every row of a Resource Graph query, a thousand rows a page."""
        pages = _Pages("Azure Resource Graph", self._timeout)
        rows: list[Model] = []
        token = None
        while True:
            options = {"resultFormat": "objectArray", "$top": 1000, **({"$skipToken": token} if token else {})}
            body = {"subscriptions": sorted(subscriptions), "query": text, "options": options}
            page = self._ask("POST", _GRAPH, {"api-version": GraphPage.api_version}, body, GraphPage)
            try:
                rows += TypeAdapter(list[model]).validate_python(page.data)  # type: ignore[valid-type]
            except ValidationError as error:
                raise unexpected(_GRAPH, f"a list, each entry {model.called}", error) from None
            self.progress(f"{called}: {len(rows):,} of {page.total_records:,}")
            if not page.skip_token:
                return rows
            pages.turn(token := page.skip_token, page.data)

    def map(self, called: str, read: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
        """Apply `read` to every item concurrently; results in the order of the items. The first failure is raised."""
        waiting: deque[tuple[Item, Future[Result]]] = deque((item, Future()) for item in items)
        futures = [future for _, future in waiting]

        def work() -> None:
            with suppress(IndexError):  # no items left
                while True:
                    item, future = waiting.popleft()
                    complete(future, partial(read, item))
                    if future.exception():
                        return

        for _ in futures[:PARALLEL]:
            # Daemon threads, so that Ctrl-C does not wait for answers.
            threading.Thread(target=work, daemon=True).start()
        try:
            for count, future in enumerate(as_completed(futures), 1):
                future.result()
                self.progress(f"{called}: {count} of {len(futures)}")
        finally:
            waiting.clear()
        return [future.result() for future in futures]

    def _ask(self, method: str, path: str, query: Mapping[str, str], body: Any, model: type[Model]) -> Model:
        url = path if path.startswith("https://") else f"{self.url.rstrip('/')}{quote(path)}"
        place = unquote(urlsplit(path).path)
        reply = self._exchange(method, url, query, body)
        if reply.status >= 300:
            raise from_answer(reply.status, ErrorAnswer.read(reply.body), place, reply.retry_after)
        if reply.status != 200:
            raise Unexpected(f"Azure answered {reply.status}, without {model.called}, to a request for {place}")
        try:
            return model.model_validate_json(reply.body)
        except ValidationError as error:
            raise unexpected(place, model.called, error) from None


def complete(future: Future[Result], call: Callable[[], Result]) -> None:
    """Run a call in this thread and store its result or exception in the future."""
    try:
        future.set_result(call())
    except BaseException as error:
        future.set_exception(error)


class _Pages:
    """Guard against lists that repeat a page or continue without entries."""

    def __init__(self, called: str, timeout: timedelta) -> None:
        self._called = called
        self._timeout = timeout
        self._seen: set[str] = set()
        self._last: list[Any] = []
        self._count = 0
        self._progress = time.monotonic()

    def turn(self, link: str, entries: list[Any]) -> None:
        """Raise if the next page was seen already, the last two are equal, or pages stay empty for too long."""
        self._count += 1
        if link in self._seen or (entries and entries == self._last) or self._count > MOST_PAGES:
            problem = f"Azure sent the same page of {self._called} again, so its list never ends"
            raise Unexpected(problem)
        self._seen.add(link)
        if entries:
            self._progress, self._last = time.monotonic(), entries
        elif time.monotonic() - self._progress > self._timeout.total_seconds():
            raise Stalled(f"{self._called} had no entry for {iso(self._timeout)}", "Run it again.")
