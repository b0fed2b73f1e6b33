"""Unresolved CDK for Terraform tokens: values that only Terraform knows.

Every check accepts them. The spellings are those of cdktf 0.21 and cdktn 0.24, class ``TokenMap``: a string holds
``${TfToken[…]}``, a list ``#{TfToken[…]}``, the key of a mapping ``&{TfToken[…]}``, and a number is a double whose first two
bytes are ``fdff`` (``fbff`` in a list of numbers). ``Token.is_unresolved`` is public, but a config and its checks need
neither the framework nor Node.js.
"""

from __future__ import annotations

import re
import struct
from urllib.parse import quote, unquote

_IN_TEXT = re.compile(r"\$\{TfToken\[[^\]]*\]\}")


_OURS = "acm:"
"""Start of this package's expressions within the brackets; cdktf's start with ``TOKEN.``."""

_EXPRESSION = re.compile(r"\$\{TfToken\[acm:([^\]]*)\]\}")


def is_token(value: object) -> bool:
    """Whether the value is or contains a token."""
    if isinstance(value, str):
        return "${TfToken[" in value or value.startswith("&{TfToken[")
    if isinstance(value, float):
        return struct.pack(">d", value)[:2] in (b"\xfd\xff", b"\xfb\xff")
    return False


def is_list_token(value: object) -> bool:
    """Whether the value is the single element of a list token."""
    return isinstance(value, str) and value.startswith("#{TfToken[")


RESERVED = ("count", "depends_on", "for_each", "lifecycle", "locals", "providers", "source", "version")
"""Arguments of module blocks, which Terraform rejects as names of variables."""

VARIABLE_NAME = re.compile(rf"(?!(?:{'|'.join(RESERVED)})$)[A-Za-z_][A-Za-z0-9_-]*")


def expression(terraform: str) -> str:
    """Wrap a Terraform expression in a token, which checks accept and `literal` writes."""
    return f"${{TfToken[{_OURS}{quote(terraform, safe='')}]}}"


def variable(name: str) -> str:
    """Token for the value of a Terraform variable."""
    return expression(f"var.{name}")


def written_expressions(text: str) -> list[str]:
    """This package's expressions in a text, such as ``var.callback_url``."""
    return [unquote(found) for found in _EXPRESSION.findall(text)]


def address(text: str) -> str:
    """The text with this package's expressions in Terraform's syntax: ``${var.callback_url}``."""
    return _EXPRESSION.sub(lambda match: f"${{{unquote(match[1])}}}", text)


def literal(text: str) -> str:
    """Escape a text so that it reaches Azure unchanged: Terraform reads ``${`` and ``%{`` as expressions.

    Tokens are kept.
    """
    if "${" not in text and "%{" not in text:
        return text
    parts = _IN_TEXT.split(text)
    escaped = [part.replace("${", "$${").replace("%{", "%%{") for part in parts]
    tokens = [*(address(token) for token in _IN_TEXT.findall(text)), ""]
    return "".join(part + token for part, token in zip(escaped, tokens, strict=True))
