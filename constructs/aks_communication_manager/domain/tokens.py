"""Unresolved CDK for Terraform tokens: values that Terraform, not we, will know.

Every check lets them through. The spellings are those of cdktf's ``TokenMap``: a string holds ``${TfToken[…]}``, a list
``#{TfToken[…]}``, the key of a mapping ``&{TfToken[…]}``, and a number is a double whose first two bytes are ``fdff``
(``fbff`` in a list of numbers).
"""

from __future__ import annotations

import re
import struct

_IN_TEXT = re.compile(r"\$\{TfToken\[[^\]]*\]\}")


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


def literal(text: str) -> str:
    """The text such that it reaches Azure as it is: Terraform reads ``${`` and ``%{`` in a string as expressions.

    Tokens stay what they are.
    """
    if "${" not in text and "%{" not in text:
        return text
    parts = _IN_TEXT.split(text)
    escaped = [part.replace("${", "$${").replace("%{", "%%{") for part in parts]
    tokens = [*_IN_TEXT.findall(text), ""]
    return "".join(part + token for part, token in zip(escaped, tokens, strict=True))
