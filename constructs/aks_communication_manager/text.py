"""Values in messages: quoted, shortened, on one line and without secrets; lists in words; suggestions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

_SHOWN = 300
"""Characters of a value in a message: more than any ARM id has, because ids differ at their ends."""

_SECRET_NAME = re.compile(
    r"""(?x) (^|_) ( pass(word|wd|phrase)? | pwd | secret | sensitive | protected | secure | token | sas | signature | credential
      | private_key | connection_string | conn_str | pfx | custom_data | user_data | app_setting )s?(_|$)
      | [a-z0-9]_key\d?s?(_(value|data|base64|content))*$ | (^|_)(ur[il]|certificate)s?(_(data|base64|content))*$
      | (^|_)[a-z]*(password|secret|token)s?$""",
)
_NOT_SECRET = re.compile(
    r"(^|_)(id|name|path|version|type|enabled|days|public_key|kms_encryption_key|oidc_request_url)s?$"
)


def can_be_secret(name: str) -> bool:
    """Whether a key of this name, in a config or in Terraform, often has a secret as its value."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+", "_", name).lower()
    return bool(_SECRET_NAME.search(words)) and not _NOT_SECRET.search(words)


def without_secrets(text: str, hide: Callable[[str], str] = lambda _: "…") -> str:
    """Remove credentials, and everything after the scheme of a URL, which can carry a secret and appear anywhere.

    `hide` returns the replacement of a secret.
    """
    return _without_credentials(re.sub(r"(?<=://)\S+", lambda match: hide(match[0]), text), hide)


def quoted(value: object) -> str:
    """Format a value for messages: quoted, shortened, on one line and without secrets. Lists and mappings are not shown."""
    if isinstance(value, Mapping | list | tuple | set | frozenset):
        return "a mapping" if isinstance(value, Mapping) else "a list"
    return f'"{_readable(str(value))}"'


def format_path(path: Sequence[str | int]) -> str:
    """``stacks.production.scopes[1]``."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{_readable(part)}" for part in path).removeprefix(".")


def _readable(text: str) -> str:
    text = without_secrets(text)
    return printable(text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "...")


def printable(text: str) -> str:
    """Make a text safe for terminals and logs: one line, without secrets.

    Control characters, line breaks, bidirectional and zero-width characters become escapes such as ``\\x1b``. Tokens, keys
    and passwords become an ellipsis.
    """
    text = _without_credentials(text)
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


_CREDENTIAL_NAMES = (
    "sig|code|pwd|[a-z_]*(?:password|secret|token|assertion)|(?:account|access|api|shared_?access|subscription)[-_]?key"
)
_CREDENTIALS = (
    re.compile(r"()(eyJ[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*)*)"),  # a JSON Web Token
    re.compile(
        rf"(?i)(\b(?:{_CREDENTIAL_NAMES})\s?=\s?(?!=))([^\s&;,'\"]+)"
    ),  # a query string, a connection string, a form
    re.compile(rf"(?i)(\"(?:{_CREDENTIAL_NAMES})\"\s*:\s*\")([^\"]+)"),  # JSON
    re.compile(r"(?i)(\b(?:SharedAccessSignature|Bearer)\s+)(\S+)"),
    re.compile(r"(://)([^/@\s]+)(?=@)"),  # user and password of a URL
    re.compile(r"(-----BEGIN [A-Z ]*PRIVATE KEY-----)([^-]+)"),
)

_LONG = re.compile(r"[A-Za-z0-9+/_-]{40,}={0,2}")
"""Base64 of 30 bytes and more. Names and ids of Azure are as long, but `_looks_random` tells them apart."""

_RUN = re.compile(r"[A-Z]+|[a-z]+|[0-9]+")


def _looks_random(text: str) -> bool:
    """Whether upper case, lower case and digits alternate as in a random key, and not as in words, versions and UUIDs."""
    text = re.sub(r"(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "", text)
    return len(text) >= 40 and len(_RUN.findall(text)) > 0.4 * len(text)


def _without_credentials(text: str, hide: Callable[[str], str] = lambda _: "…") -> str:
    for pattern in _CREDENTIALS:
        text = pattern.sub(lambda match: f"{match[1]}{hide(match[2])}", text)
    return _LONG.sub(lambda match: hide(match[0]) if _looks_random(match[0]) else match[0], text)


def listed(values: Iterable[object], word: str = "and") -> str:
    """``a, b and c``."""
    *head, last = [str(value) for value in values]
    return f"{', '.join(head)} {word} {last}" if head else last


def counted(number: int, noun: str) -> str:
    """``1 cluster``, ``1,000 clusters``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


_LONGEST_WORD = 200
"""Longer words are not compared: no known word is nearly as long, and comparing them takes time."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The most similar known word, or None."""
    if len(word) > _LONGEST_WORD:
        return None
    import difflib  # only errors need it

    spellings = {name.lower(): name for name in reversed([*known])}
    near = difflib.get_close_matches(word.lower(), spellings, n=1, cutoff=0.6)
    if not near and len(word) > 2:
        near = [name for name in spellings if name.startswith(word.lower())]
    return spellings[near[0]] if near else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``Did you mean severity?``, or all known words where none is near."""
    known = list(known)
    near = nearest(word, known)
    return f"Did you mean {near}?" if near else f"One of {', '.join(known)}."
