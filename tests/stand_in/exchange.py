"""One request and its answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Request:
    """What a client asked, and how it was answered."""

    method: str
    path: str
    """Decoded, without the query."""
    query: dict[str, str]
    headers: dict[str, str]
    """Names in lower case."""
    body: Any = None
    """Parsed JSON; the form of a token request as a dictionary."""
    status: int = 0
    """0: the connection was dropped."""
    fault: str = ""
    """The name of the fault that answered instead of Azure."""

    @property
    def api_version(self) -> str:
        return self.query.get("api-version", "")

    def __str__(self) -> str:
        return f"{self.method} {self.path} -> {self.status}{f' ({self.fault})' if self.fault else ''}"


@dataclass
class Answer:
    """A status with a JSON body; `dropped` closes the connection without a word."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    dropped: bool = False
