"""Limits on the work of one query, and the exceptions for queries that cannot be evaluated."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread, get_ident
from time import process_time
from types import FrameType
from typing import Any

READING_SECONDS = 20
"""Reading a query, in CPU time like the others; the longest that Azure Monitor takes, 64 KB, needs a few seconds."""

SQL_CHARACTERS = 4_000_000
"""The translator repeats arguments, so the length of SQL grows exponentially with nesting; shipped queries need 100,000."""

STATEMENT_SECONDS = 60
"""One run of a query."""

RULE_SECONDS = 600
"""All runs of one rule's query."""

MEMORY_MB = 1000
"""Memory of DuckDB, which writes nothing to disk."""


class CannotBeEvaluated(Exception):
    """The query cannot be run here; the message gives the reason."""


class TooMuchWork(CannotBeEvaluated):
    """The query exceeds one of these limits."""


class _Late(BaseException):
    """Raised within the parser, past its ``except Exception``."""


class _TooLong(BaseException):
    """Raised within the translator."""


@contextmanager
def bounded_time(seconds: float, stop: Callable[[], object]) -> Iterator[None]:
    """Call `stop` from another thread when the block takes more seconds of CPU time, and again until the block ends.

    Once is not enough: an exception raised in a callback of the garbage collector is lost.
    """
    began, done = process_time(), Event()

    def watch() -> None:
        # CPU time, so that a busy machine does not decide whether a query is evaluated.
        while not done.wait(max(0.1, (seconds - (process_time() - began)) / 2)):
            if process_time() - began > seconds:
                stop()

    thread = Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        try:
            done.set()
        finally:  # the exception of a repeated stop can arrive just here, and the thread must not go on
            done.set()
            thread.join()


@contextmanager
def bounded_reading() -> Iterator[None]:
    """Raise `TooMuchWork` when the block takes too long or recurses too deeply."""
    # Counting in a trace function would make the parser four times slower.
    reader = ctypes.c_ulong(get_ident())
    late = ctypes.py_object(_Late)
    try:
        with bounded_time(READING_SECONDS, lambda: ctypes.pythonapi.PyThreadState_SetAsyncExc(reader, late)):
            yield
    except _Late:
        raise TooMuchWork(f"reading its query takes more than {READING_SECONDS} seconds of CPU time") from None
    except RecursionError:
        raise TooMuchWork("its query is nested too deeply for the KQL engine") from None


@contextmanager
def bounded_text() -> Iterator[None]:
    """Raise `TooMuchWork` when a function called in the block returns too long a string."""

    def watch(_frame: FrameType, event: str, value: Any) -> None:
        if event == "return" and type(value) is str and len(value) > SQL_CHARACTERS:
            raise _TooLong

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        yield
    except _TooLong:
        raise TooMuchWork(f"its query becomes more than {SQL_CHARACTERS:,} characters of SQL") from None
    finally:
        sys.setprofile(before)
