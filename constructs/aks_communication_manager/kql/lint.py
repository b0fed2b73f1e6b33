"""Find mistakes in a team's own query before Azure runs it.

Azure discards errors of queries over Resource Graph, so an undetected mistake means silence. Only code is checked, not
comments and strings. This is not a full parser: queries it cannot judge are accepted. The rules are those of
"Query Azure Resource Graph data from Azure Monitor" and of the alert rule that runs the query.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import TypeAlias

from aks_communication_manager.arm.durations import kql
from aks_communication_manager.arm.limits import QUERY_BYTES
from aks_communication_manager.kql.evidence import EVIDENCE, items
from aks_communication_manager.kql.lexer import Piece, code, pieces
from aks_communication_manager.kql.templates import OWN_PLACEHOLDERS
from aks_communication_manager.text import did_you_mean, listed

Problem: TypeAlias = tuple[str, str]
"""The problem, and its fix."""


def check_own_query(text: str, *, routed: bool) -> list[Problem]:
    """Mistakes in the query itself. `routed` says that a route selects among its rows."""
    parts = list(pieces(text))
    placeholders = _used_placeholders(parts)
    return [
        *_beginning(parts),
        *_strings(text, parts),
        *_placeholders(text, parts),
        *_scope(parts, placeholders),
        *_selection(placeholders, routed),
        *_forbidden(code(text)),
        *_one_statement(code(text)),
        *_size(text),
    ]


def check_own_query_of_rule(text: str, *, look_back: timedelta, columns: tuple[str, ...]) -> list[Problem]:
    """Mistakes in the query's window and in the columns that the rule splits by."""
    structure = code(text)
    return [*_window(structure, _used_placeholders(pieces(text)), look_back), *_columns(structure, columns)]


def unproven(text: str) -> Iterator[Problem]:
    """Operators and functions of the query for which no evidence is known, each at its first use."""
    offsets: dict[str, int] = {}
    for item, offset in items(text):
        offsets.setdefault(item, offset)
    unsupported = {match[1] for match, _ in _unsupported(code(text))}
    for item, offset in offsets.items():
        if item not in EVIDENCE and item not in unsupported:
            yield (
                f'{_line(text, offset)}nothing is known about {item} through arg("")',
                "Run the query in the Logs blade of Azure Monitor, where errors show; in an alert rule they do not. "
                "docs/evidence/queries.md lists what is known to work.",
            )


def _used_placeholders(parts: Iterable[Piece]) -> set[str]:
    return {piece.text for piece in parts if piece.kind == "placeholder"}


def _line(text: str, offset: int) -> str:
    return f"line {text.count(chr(10), 0, offset) + 1}: "


def _beginning(parts: list[Piece]) -> Iterator[Problem]:
    text = "".join(piece.text for piece in parts if piece.kind != "comment")
    if re.match(r"\s*let\b", text):
        yield (
            'the query begins with let, and this package takes only queries that begin with arg("")',
            "Write the value where it is used. (Azure itself takes let.)",
        )
    elif not re.match(r"""\s*arg\s*\(\s*(""|'')\s*\)\s*\.""", text):
        yield (
            'the query does not start with arg("")',
            'Start it with arg("").containerserviceeventresources: '
            "otherwise Azure Monitor looks for the table in a workspace.",
        )


def _strings(text: str, parts: list[Piece]) -> Iterator[Problem]:
    for piece in parts:
        if piece.kind == "code" and (quote := re.search(r"[\"'`]|~~~", piece.text)):
            yield (
                f"{_line(text, piece.start + quote.start())}a string is not closed",
                "Close it with the same quote, on the same line.",
            )
            return


_REMOVED = "<ingestion-delay>"


def _placeholders(text: str, parts: list[Piece]) -> Iterator[Problem]:
    for piece in parts:
        line = _line(text, piece.start)
        if piece.text == _REMOVED:
            yield (
                f"{line}{_REMOVED} is no longer a placeholder",
                "Remove the condition: a rule looks back `look_back`, and Azure keeps an alert for each event.",
            )
        elif piece.kind == "placeholder" and piece.text not in OWN_PLACEHOLDERS:
            yield (f"{line}{piece.text} is not a placeholder", did_you_mean(piece.text, OWN_PLACEHOLDERS))
        if piece.kind == "string":
            for name in re.findall(r"<[A-Za-z][A-Za-z0-9_-]*>", piece.text):
                if name in OWN_PLACEHOLDERS or "/subscriptions/" in piece.text.lower():
                    yield (
                        f"{line}{name} is inside a string, where placeholders are not replaced",
                        "Write the placeholder without quotes (| where <scopes>), or the value itself.",
                    )


def _scope(parts: list[Piece], placeholders: set[str]) -> Iterator[Problem]:
    ids = any(piece.kind == "string" and "/subscriptions/" in piece.text.lower() for piece in parts)
    if not ids and "<scopes>" not in placeholders:
        yield (
            "the query does not filter by cluster",
            'arg("") returns the rows of every cluster that the identity may read. Add a line: | where <scopes>',
        )


def _window(structure: str, placeholders: set[str], look_back: timedelta) -> Iterator[Problem]:
    if "<window>" in placeholders:
        return
    fix = f"Write: | where <window>\nFor this rule that is: eventTime >= ago({kql(look_back)})"
    found = [match for match in re.finditer(r"\bago\s*\(\s*([^()]*?)\s*\)", structure) if match[1] != _REMOVED]
    for match in found:
        span = look_back if match[1] == "<window-start>" else _timespan(match[1])
        if span != look_back:
            why = (
                "is not a literal, and Resource Graph accepts nothing else"
                if span is None
                else f"is not the look-back of the rule, {kql(look_back)}"
            )
            yield f"{_line(structure, match.start())}ago({match[1]}) {why}", fix
    if not found:
        yield "the query has no ago(), so it returns old events again and again", fix


_SECONDS = {
    **dict.fromkeys(("d", "day", "days"), 86400),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3600),
    **dict.fromkeys(("m", "min", "minute", "minutes"), 60),
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1),
    **dict.fromkeys(("ms", "milli", "millis", "millisecond", "milliseconds"), 0.001),
}


def _timespan(text: str) -> timedelta | None:
    """A timespan literal of KQL, such as 30m, 0.5h or 1hour; None for anything else."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([a-z]+)", text)
    if not match or match[2] not in _SECONDS:
        return None
    try:
        return timedelta(seconds=float(match[1]) * _SECONDS[match[2]])
    except OverflowError:
        return timedelta.max


def _selection(placeholders: set[str], routed: bool) -> Iterator[Problem]:
    if routed and "<selection>" not in placeholders:
        yield (
            "the query has no <selection>, so routes cannot select their rows",
            "Add a line, after the dimension is made: | where <selection>",
        )


_UNSUPPORTED = (
    (r"\|\s*(take|limit|count)\b", "Azure Monitor counts the rows itself: remove it."),
    (r"\|\s*(s?mv-apply)\b", "Use mv-expand, and filter what it returns with where."),
    (r"\b(bag_unpack|pivot|narrow)\s*\(", "Make each column with extend: status = tostring(properties.eventStatus)."),
    (r"\b(bin_at)\s*\(", "Compare with literals instead."),
    (
        r"\b(arg_max|arg_min|avg|avg_?if|countif|sumif|percentiles?\w*|stdev\w*|variance\w*|rand)\s*\(",
        "Select the rows with where, and return one for each event: Azure Monitor counts them.",
    ),
)
"""Not supported through arg(): "Query Azure Resource Graph data from Azure Monitor", and its page on troubleshooting alerts."""


def _unsupported(structure: str) -> list[tuple[re.Match[str], str]]:
    found = [(match, fix) for pattern, fix in _UNSUPPORTED for match in re.finditer(pattern, structure)]
    return sorted(found, key=lambda each: each[0].start(1))


def _forbidden(structure: str) -> Iterator[Problem]:
    for match, fix in _unsupported(structure):
        yield f"{_line(structure, match.start(1))}{match[1]} is not supported through arg()", fix
    for match in list(re.finditer(r"\barg\s*\(", structure))[1:]:
        yield (
            f'{_line(structure, match.start())}arg("") is used a second time',
            "Azure Monitor does not join two tables of Resource Graph.",
        )


def _one_statement(structure: str) -> Iterator[Problem]:
    if second := re.search(r";\s*(?=\S)", structure):
        yield (
            f"{_line(structure, second.end())}a second statement after `;`: the query has to be one statement",
            "Write a single pipeline without let, set or declare; one ; at its end is allowed.",
        )


_KEEP_ONLY = ("project", "project-keep", "distinct", "summarize")
_ADD_UNSEEN = ("join", "lookup", "parse", "parse-where", "parse-kv", "evaluate", "invoke", "union", "mv-expand")


def may_return(text: str, column: str) -> bool:
    """Whether the query returns the column, as far as this parser can tell."""
    structure = code(text)
    returned = _returned(structure)
    return re.search(rf"\b{column}\b", structure) is not None if returned is None else column in returned


def _returned(structure: str) -> set[str] | None:
    """Columns that the query creates or names; None if some cannot be determined."""
    returned: set[str] | None = set()
    for step in _split(structure.rstrip().removesuffix(";"), "|")[1:]:
        operator, arguments = [*step.split(maxsplit=1), "", ""][:2]
        named = _names(arguments)
        matched = {column for column in returned or () if any(fnmatchcase(column, name) for name in named)}
        if operator in _ADD_UNSEEN or (returned is None and operator in _KEEP_ONLY and "*" in "".join(named)):
            returned = None
        elif operator in _KEEP_ONLY:
            returned = named | matched
        elif returned is not None and operator == "extend":
            returned |= named
        elif returned is not None and operator == "project-rename":
            returned = returned - set(re.findall(r"=\s*(\w+)", arguments)) | named
        elif returned is not None and operator == "project-away":
            returned -= matched
    return returned


def _columns(structure: str, wanted: tuple[str, ...]) -> Iterator[Problem]:
    returned = _returned(structure)
    if returned is None:
        return
    if "TimeGenerated" in returned:
        yield (
            "the query returns a column TimeGenerated, and Azure Monitor would filter the rows by it a second time",
            "Give the column another name.",
        )
    for name in wanted:
        if name not in returned:
            yield (
                f"the query does not return a column {name}, and the rule splits by it",
                f"Return at least {listed(wanted)}, as strings: without them a notification does not say what happened.",
            )


def _names(arguments: str) -> set[str]:
    """The columns that a list of expressions makes: of ``a = f(x), b by c`` a, b and c."""
    items = [item for part in re.split(r"\bby\b", arguments) for item in _split(part, ",")]
    return {item.split("=", 1)[0].strip() for item in items}


def _split(text: str, separator: str) -> list[str]:
    """The text cut at each separator outside of brackets."""
    depth, found = 0, [""]
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        if character == separator and depth == 0:
            found.append("")
        else:
            found[-1] += character
    return found


def _size(text: str) -> Iterator[Problem]:
    size = len(text.encode())
    if size > QUERY_BYTES:
        yield (
            f"the query has {size:,} bytes; Azure Monitor takes at most {QUERY_BYTES:,} for a whole rule",
            "Shorten it.",
        )
