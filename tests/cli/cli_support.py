"""Runs the command line in this process, as its console script does."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from dataclasses import dataclass
from unittest import mock

from aks_communication_manager.cli import main


@dataclass(frozen=True)
class Outcome:
    status: int
    out: str
    err: str


def run(*words: object, columns: int = 120) -> Outcome:
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.dict(os.environ, {"COLUMNS": str(columns)}),
        mock.patch.object(sys, "argv", ["aks-communication-manager", *map(str, words)]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main.main()
        except SystemExit as left:
            status = left.code if isinstance(left.code, int) else int(left.code is not None)
        else:
            status = 0
    return Outcome(status, out.getvalue(), err.getvalue())
