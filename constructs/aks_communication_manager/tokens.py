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
"""What our own expressions begin with within the brackets; cdktf's begin with ``TOKEN.``."""

_EXPRESSION = re.compile(r"\$\{TfToken\[acm:([^\]]*)\]\}")


def is_token(value: object) -> bool:
    """Whether the value is, or holds, something that only Terraform will know."""
    if isinstance(value, str):
        return "${TfToken[" in value or value.startswith("&{TfToken[")
    if isinstance(value, float):
        return struct.pack(">d", value)[:2] in (b"\xfd\xff", b"\xfb\xff")
    return False


def is_list_token(value: object) -> bool:
    """Whether the value is the one element in place of a list that only Terraform knows."""
    return isinstance(value, str) and value.startswith("#{TfToken[")


RESERVED = ("count", "depends_on", "for_each", "lifecycle", "locals", "providers", "source", "version")
"""Terraform takes them for arguments of a module, so no variable can have such a name."""

VARIABLE_NAME = re.compile(rf"(?!(?:{'|'.join(RESERVED)})$)[A-Za-z_][A-Za-z0-9_-]*")


def expression(terraform: str) -> str:
    """A Terraform expression in the form of a token, so that checks let it through, and `literal` writes it."""
    return f"${{TfToken[{_OURS}{quote(terraform, safe='')}]}}"


def variable(name: str) -> str:
    """The value of a Terraform variable."""
    return expression(f"var.{name}")


def written_expressions(text: str) -> list[str]:
    """The expressions of ours in a text, such as ``var.callback_url``."""
    return [unquote(found) for found in _EXPRESSION.findall(text)]


def address(text: str) -> str:
    """The text with our expressions as Terraform writes them: ``${var.callback_url}``."""
    return _EXPRESSION.sub(lambda match: f"${{{unquote(match[1])}}}", text)


def literal(text: str) -> str:
    """The text such that it reaches Azure as it is: Terraform reads ``${`` and ``%{`` in a string as expressions.

    Tokens stay what they are.
    """
    if "${" not in text and "%{" not in text:
        return text
    parts = _IN_TEXT.split(text)
    escaped = [part.replace("${", "$${").replace("%{", "%%{") for part in parts]
    tokens = [*(address(token) for token in _IN_TEXT.findall(text)), ""]
    return "".join(part + token for part, token in zip(escaped, tokens, strict=True))
