"""Bounds on the work that one query may cause, and the exception that says why a query is left out."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from types import FrameType
from typing import Any

TRANSLATION_SECONDS = 20.0
"""Reading a query and translating it to SQL; a query of 64 KB takes a few seconds."""

SQL_CHARACTERS = 4_000_000
"""The translator repeats arguments, so the length of SQL grows exponentially with nesting; shipped queries need 100,000."""

STATEMENT_SECONDS = 60.0
"""One run of a query."""

RULE_SECONDS = 600.0
"""All runs of one rule's query."""

MEMORY = "1GB"
"""Memory of DuckDB, which writes nothing to disk."""


class CannotBeEvaluated(Exception):
    """Why a query cannot be run here."""


class _Stopped(BaseException):
    """Raised within the translator, past its ``except Exception``."""


@contextmanager
def bounded_translation() -> Iterator[None]:
    """Raise `CannotBeEvaluated` when the calls in the block take too long, make too long a text or nest too deeply."""
    end = monotonic() + TRANSLATION_SECONDS

    def watch(_frame: FrameType, event: str, value: Any) -> None:
        if event == "call":
            if monotonic() > end:
                raise _Stopped(f"translating its query takes more than {TRANSLATION_SECONDS:.0f} seconds")
        elif event == "return" and type(value) is str and len(value) > SQL_CHARACTERS:
            raise _Stopped(f"its query becomes more than {SQL_CHARACTERS:,} characters of SQL")

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        yield
    except _Stopped as error:
        raise CannotBeEvaluated(str(error)) from None
    except RecursionError:
        raise CannotBeEvaluated("its query is nested too deeply for the KQL engine") from None
    finally:
        sys.setprofile(before)
