"""Operators and functions that are known to work through ``arg("")``.

Azure publishes which ones ``arg("")`` does not support, but no list of those it does, and an unsupported one returns nothing
and shows no error in an alert rule. So each has its evidence here; docs/evidence/queries.md shows the table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from aks_communication_manager.kql.lexer import code

Class: TypeAlias = Literal["A", "A'", "C", "B"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Best known evidence for an item, with its source."""

    kind: Class
    """``A``: in a query over ``arg("")`` that Microsoft publishes. ``A'``: in one of Azure's own portal, as copied by others.
    ``C``: in a deployed ``arg("")`` alert or a workbook of a third party. ``B``: only in Microsoft's queries of Resource
    Graph itself, which does not show that ``arg("")`` passes it on."""

    source: str


_LEARN = "https://learn.microsoft.com/azure/"
_NOTICES = Evidence("A", f"{_LEARN}aks/aks-communication-manager")
_END_OF_SUPPORT = Evidence("A", f"{_LEARN}aks/aks-end-of-support-notifications")
_FLEET = Evidence("A", f"{_LEARN}kubernetes-fleet/howto-monitor-update-runs")
_QUOTAS = Evidence("A", f"{_LEARN}quotas/how-to-guide-monitoring-alerting")
_BASELINE = Evidence("A", "https://github.com/Azure/azure-monitor-baseline-alerts")
_SAMPLES = Evidence("A", f"{_LEARN}governance/resource-graph/samples/alerts-samples")
_PROXY = Evidence("A", f"{_LEARN}azure-monitor/logs/azure-monitor-data-explorer-proxy")
_UPDATES = Evidence("A'", "https://github.com/ThojoUno/aumAccelerator")
_ARC = Evidence("C", "https://emrgcl.github.io, Monitoring Azure Arc SQL Server Upload Health")
_ALERTING = Evidence("C", "https://github.com/scautomation/AzureResourceGraph-Examples")
_WORKBOOK = Evidence("C", "AzLabBuilder, a workbook over arg()")
_KQL_CAFE = Evidence("C", "KQL Cafe, over strings")

EVIDENCE = {
    # Operators
    **dict.fromkeys(("where", "extend", "project", "order by"), _NOTICES),
    "summarize": _SAMPLES,
    **dict.fromkeys(("mv-expand", "project-away"), _QUOTAS),
    **dict.fromkeys(("distinct", "parse"), _UPDATES),
    # Comparison and logic
    **dict.fromkeys(("==", "!=", ">=", "contains", "has", "+", "-"), _NOTICES),
    **dict.fromkeys(("=~", "in~"), _QUOTAS),
    **dict.fromkeys(("<=", "!in~", "and"), _BASELINE),
    "<": _SAMPLES,
    ">": _UPDATES,
    "startswith": _PROXY,
    "between": _PROXY,
    "or": _FLEET,
    "in": _ARC,
    "!has": _ALERTING,
    # Functions of one row
    **dict.fromkeys(("ago", "case", "indexof", "parse_json", "strlen", "substring"), _NOTICES),
    **dict.fromkeys(("todatetime", "tostring"), _END_OF_SUPPORT),
    "isnotempty": _QUOTAS,
    **dict.fromkeys(("isempty", "not", "totimespan", "iif"), _BASELINE),
    **dict.fromkeys(("isnull", "make_datetime", "now"), _SAMPLES),
    "tolower": _PROXY,
    **dict.fromkeys(("iff", "split", "toint"), _UPDATES),
    "strcat": Evidence("C", f"{_ARC.source}; 651 queries of Resource Graph"),
    **dict.fromkeys(("extract", "startofday"), _ARC),
    "hash": _WORKBOOK,
    "coalesce": _KQL_CAFE,
    # Functions of many rows
    "max": _SAMPLES,
    **dict.fromkeys(("count", "make_set"), _ALERTING),
    **dict.fromkeys(("dcount", "strcat_array"), _ARC),
    **dict.fromkeys(("make_list", "sum"), _WORKBOOK),
    "array_sort_asc": Evidence("B", "https://github.com/microsoft/Application-Insights-Workbooks, Containers Security"),
}
"""By item. Functions are known for the types of their evidence: `coalesce` for strings alone, and `tostring` of a datetime only
in four queries of Resource Graph (class B), where it has no replacement."""

_ITEMS = re.compile(
    r"""<[A-Za-z][\w-]*>
      | \|\s*(?P<operator>(?:order|sort)\s+by|[a-z][a-z-]*)
      | (?<![\w.])(?<!kind=)(?P<function>(?!(?:and|or|by|in|between|has_any|has_all)\b)[A-Za-z_]\w*)(?=\s*\()
      | (?<![\w.!])(?P<word>and|or|between|matches\s+regex
                   |!?(?:contains|startswith|endswith|hasprefix|hassuffix|has_any|has_all|has|in)(?:_cs)?~?)(?![\w~])
      | (?P<symbol>[=!]~|[=!<>]=|[<>]|(?<=\s)[-+/%*](?=\s))""",
    re.VERBOSE,
)


def items(text: str) -> Iterator[tuple[str, int]]:
    """Operators and functions of a query, with their offsets in `code(text)`."""
    found = code(text)
    for match in _ITEMS.finditer(found):
        if kind := match.lastgroup:
            item = re.sub(r"\s+", " ", match[kind])
            if item != "arg":
                yield item, match.start(kind)
