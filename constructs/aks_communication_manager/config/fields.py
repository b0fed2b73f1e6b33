"""Texts of a certain form: UUIDs, ids, names, addresses. Unresolved tokens pass all checks."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, WithJsonSchema

from aks_communication_manager.arm import ids, limits
from aks_communication_manager.arm.ids import ResourceId
from aks_communication_manager.arm.resource_types import ACTION_GROUP, IDENTITY
from aks_communication_manager.arm.scope import Scope
from aks_communication_manager.config import forms
from aks_communication_manager.config.checking import Finding
from aks_communication_manager.config.forms import Checked, string, text
from aks_communication_manager.config.frozen import FrozenMap
from aks_communication_manager.config.references import dereferenced
from aks_communication_manager.config.validation_errors import shown
from aks_communication_manager.errors import InvalidArgument, Mistake, invalid
from aks_communication_manager.text import quoted
from aks_communication_manager.tokens import address, is_list_token, is_token, written_expressions


def matching(pattern: str, problem: str, fix: str, code: str = "ACM040", *, example: str) -> Checked:
    """Check that a pattern matches the whole text."""
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            raise invalid(code, f"{quoted(value)} {problem}", fix)
        return value

    return Checked(check, text(pattern, examples=[example]))


def arm_resource(type_: str) -> Checked:
    """Check that a text is the id of a resource of one type; keywords get azurerm's spelling."""
    return Checked(lambda value: str(ResourceId.parse(value, type_)), forms.resource(type_))


def scope(value: Any) -> Scope:
    """Parse a watched scope: an ARM id, or the id of a cluster in a Terraform variable. Raises `InvalidArgument`."""
    if isinstance(value, Scope):
        return value
    if is_list_token(value):
        raise invalid(
            "ACM049",
            "the list is known only to Terraform, so its clusters cannot get a rule each",
            "Pass each id (scopes=[a.id, b.id]), or a resource group or a subscription, which covers all of its clusters.",
        )
    value = dereferenced(value, only_variables=True)
    if isinstance(value, str) and written_expressions(value):
        return Scope.unknown(value, address(value))
    if not isinstance(value, str):
        raise invalid("ACM030", f"{shown((), value)} is not an id", "Write its ARM id in quotes, or pass cluster.id.")
    return Scope.parse(value)


def _uuid(value: str) -> str:
    if not ids.UUID.fullmatch(value):
        raise invalid("ACM035", f"{quoted(value)} is not a UUID", "It looks like 11111111-2222-3333-4444-555555555555.")
    return value.lower()


# The syntax of Go's url.Parse, with which azurerm checks URLs: its message would show the URL, with its secret.
_ESCAPE = "%[0-9a-fA-F]{2}"
AUTHORITY_AND_REST = (
    rf"(?:(?:[A-Za-z0-9\-._:~!$&'()*+,;=@]|{_ESCAPE})*@)?"
    r"(?:\[(?=[^\]]*:[^\]]*:)[0-9A-Fa-f:.]+\]|(?:[A-Za-z0-9\-._~!$&'()*+,;=<>\x22]|[^\x00-\x7f\s]|%25|%[89a-fA-F][0-9a-fA-F])+)(?::[0-9]*)?"
    rf"(?:\/(?:[^%?#\s\x00-\x1f\x7f]|{_ESCAPE})*)?(?:\?[^#\s\x00-\x1f\x7f]*)?(?:#(?:[^%\s\x00-\x1f\x7f]|{_ESCAPE})*)?"
)
_HTTPS = f"{forms.any_case('https:')}\\/\\/{AUTHORITY_AND_REST}"


def _https(value: str) -> str:
    # The value is never shown: webhook and callback URLs carry their secret in them.
    if not re.fullmatch(_HTTPS, value):
        fix = "Write the whole URL, with https:// in front. http would send its secret unencrypted."
        if re.search("%(?![0-9a-fA-F]{2})", value):
            fix = "Write %25 for the character %, or two hexadecimal digits behind it."
        raise invalid("ACM036", "the value (hidden, it may be a secret) is not an https URL", fix)
    return value


_EMAIL = r'[^@\s,;<>"]+@[^@\s,;<>".]+(?:\.[^@\s,;<>".]+)+'


def _email(value: str) -> str:
    if len(value) > limits.EMAIL:
        raise invalid(
            "ACM037",
            f"{quoted(value)} has {len(value)} characters; Azure takes at most {limits.EMAIL}",
            "Use a shorter address, a distribution list for instance.",
        )
    if not re.fullmatch(_EMAIL, value):
        raise invalid("ACM037", f"{quoted(value)} is not an e-mail address", "It looks like platform@example.com.")
    return value


def _not_empty(value: str) -> str:
    if not value.strip():
        raise invalid("ACM027", "is empty", "Write a text.")
    return value


def _text_without(forbidden: str, what: str, *, longest: int, example: str, last: str = "") -> Checked:
    """Check a text for characters that Azure rejects. `last`: those rejected at the end; the text then cannot be empty.

    Source: "Naming rules and restrictions for Azure resources", Microsoft.Insights.
    """

    def check(value: str) -> str:
        if last:
            _not_empty(value)
        bad = sorted({char for char in value if char in forbidden or ord(char) < 32 or ord(char) == 127})
        if bad:
            problem = f"contains {' '.join(repr(char)[1:-1] for char in bad)}, which Azure rejects in {what}"
            fix = f"Remove {' '.join(forbidden)} and control characters."
        elif len(value) > longest:
            problem, fix = f"has {len(value)} characters; Azure takes at most {longest} in {what}", "Shorten it."
        elif value[-1:] and value[-1] in last:
            problem, fix = f"ends with a space or a period, which Azure rejects in {what}", "Remove it."
        else:
            return value
        raise invalid("ACM038", f"{quoted(value)} {problem}", fix)

    characters = re.sub(r"[\\\]^-]", r"\\\g<0>", forbidden) + r"\x00-\x1f\x7f"
    pattern = f"[^{characters}]*" + (f"[^{characters}{last}]" if last else "")
    return Checked(check, text(pattern, maxLength=longest, examples=[example]))


def _tags(value: FrozenMap[str]) -> FrozenMap[str]:
    found: list[Finding] = []
    # "Use tags to organize your Azure resources": limits of tags.
    if len(value) > 50:
        found.append(((), f"there are {len(value)} tags; Azure takes at most 50 on a resource", "Remove some."))
    first: dict[str, str] = {}
    for name, entry in value.items():
        if is_token(name):
            continue
        same = first.setdefault(name.lower(), name)
        if same != name:
            problem = f"{quoted(name)} and {quoted(same)} are the same tag: Azure ignores letter case there"
            found.append(((name,), problem, "Remove one of them."))
        if not name.strip() or byte_length(name) > 512 or any(char in "<>%&\\?/" for char in name):
            problem = f"{quoted(name)} is not the name of a tag"
            found.append(((name,), problem, "1 to 512 characters, none of < > % & \\ ? /"))
        if not is_token(entry) and byte_length(entry) > 256:
            problem = f"{describe_length(entry)}; Azure takes at most 256 in the value of a tag"
            found.append(((name,), problem, "Shorten it."))
    if found:
        raise InvalidArgument(*(Mistake("ACM039", *finding) for finding in found))
    return value


def byte_length(text: str) -> int:
    """The length as azurerm counts where it checks one: in bytes of UTF-8."""
    return len(text.encode(errors="replace"))


def describe_length(text: str) -> str:
    """``has 13 characters``, or bytes where that differs."""
    return (
        f"has {len(text)} characters" if byte_length(text) == len(text) else f"has {byte_length(text)} bytes in UTF-8"
    )


Uuid = Annotated[str, Checked(_uuid, string(ids.UUID.pattern, examples=[forms.EXAMPLE_UUID]))]
HttpsUrl = Annotated[
    str,
    Checked(_https, string(_HTTPS, examples=["https://example.com/hooks/aks"])),
]
Email = Annotated[
    str, Checked(_email, string(_EMAIL, maxLength=limits.EMAIL, examples=["platform@example.com"], format="email"))
]
Text = Annotated[str, Checked(_not_empty, text(r"[\s\S]*\S[\s\S]*"))]
CountryCode = Annotated[
    str,
    matching(
        r"[1-9][0-9]{0,3}", "is not a country code", 'Digits only, without + or zeros in front: "31".', example="31"
    ),
]
PhoneNumber = Annotated[
    str,
    matching(
        r"[0-9]{4,15}",
        "is not a phone number",
        'Digits only, without the country code: "0612345678".',
        example="0612345678",
    ),
]
ActionGroupName = Annotated[
    str,
    _text_without(
        ":<>+/&%\\?", "the name of an action group", longest=limits.RULE_NAME, example="ag-aks-notices", last=" ."
    ),
]
IdentityName = Annotated[
    str,
    matching(
        r"[A-Za-z0-9][A-Za-z0-9_\-]{2,127}",
        "is not the name of an identity",
        "3 to 128 letters, digits, - and _, beginning with a letter or a digit.",
        "ACM038",
        example="id-aks-notices",
    ),
]
ResourceGroupName = Annotated[
    str,
    matching(
        # azurerm's check, narrower than Azure's: it rejects letters of other scripts.
        r"[A-Za-z0-9_\-.()]{0,89}[A-Za-z0-9_\-()]",
        "is not the name of a resource group",
        "1 to 90 letters (a to z), digits, - _ . ( ), no period at the end.",
        "ACM038",
        example="rg-aks-notices",
    ),
]
RulePrefix = Annotated[
    str,  # Azure rejects ; where the rule has an identity
    _text_without("*<>%{}&:\\?/#;", "the name of an alert rule", longest=limits.RULE_NAME, example="contoso-"),
]
Tags = Annotated[
    FrozenMap[str],
    AfterValidator(_tags),
    WithJsonSchema(
        {
            "type": "object",
            "maxProperties": 50,
            "propertyNames": {"pattern": r"^[^<>%&\\?\/]*$", "minLength": 1, "maxLength": 512},
            "additionalProperties": text(maxLength=256),
            "examples": [{"owner": "platform"}],
        }
    ),
]
ActionGroupId = Annotated[str, arm_resource(ACTION_GROUP.arm)]
IdentityId = Annotated[str, arm_resource(IDENTITY.arm)]
