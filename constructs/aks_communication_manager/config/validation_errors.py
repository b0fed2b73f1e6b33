"""Translate the errors of pydantic into mistakes."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from aks_communication_manager.config.checking import INVALID
from aks_communication_manager.config.forms import Checked
from aks_communication_manager.config.references import KINDS, is_reference
from aks_communication_manager.errors import InvalidArgument, Mistake, Path
from aks_communication_manager.text import can_be_secret, did_you_mean, nearest, quoted, without_secrets
from aks_communication_manager.tokens import is_token


def mistakes_of(
    error: ValidationError,
    fields: Mapping[str, FieldInfo],
    *,
    removed: Mapping[str, str],
    reported: Collection[str],
    references: Callable[[str], Collection[str]],
) -> Iterator[Mistake]:
    """The mistakes of a model with these fields, apart from those that have been reported already.

    `removed`: former keys, with what to do instead. `references`: the kinds of references that a field accepts.
    """
    for detail in error.errors(include_url=False):
        # "[key]" is pydantic's mark for a mapping's key, which is the part before it.
        path = tuple(part for part in detail["loc"] if part != "[key]")
        accepted = references(str(path[0])) if len(path) == 1 else ()
        cause = detail.get("ctx", {}).get("error")
        if detail["input"] is INVALID:
            continue
        if isinstance(cause, InvalidArgument):
            yield from (
                suggest_reference(mistake, detail["input"], accepted).under(*path) for mistake in cause.mistakes
            )
        elif detail["type"] == "missing":
            key = str(path[-1])
            if key not in reported:
                secret = "variable" in accepted and can_be_secret(key)
                example = f"{{variable: {key}}}" if secret else _example(fields[key])
                fix = f"Write it, for example {key}: {example}" if example else "Write it."
                yield Mistake("ACM020", path, "missing", fix)
        elif detail["type"] == "extra_forbidden":
            key = str(path[-1])
            if key in removed:
                yield Mistake("ACM056", path, "was removed in 0.3", removed[key])
            else:
                yield Mistake("ACM021", path, "unknown key", suggested(key, fields))
        elif detail["type"] == "literal_error":
            choices = detail["ctx"]["expected"].replace("'", "")
            yield Mistake("ACM025", path, f"{shown(path, detail['input'])} is not a valid value", f"Write {choices}.")
        else:
            code, says, fix = _WORDS.get(detail["type"], ("ACM024", detail["msg"][:1].lower() + detail["msg"][1:], ""))
            what = shown(path, detail["input"])
            if is_token(detail["input"]) or is_reference(detail["input"]):
                says, fix = "cannot be used here", "Write the value itself." if says == _TEXT[1] else fix
                what = "a value that only Terraform knows" if is_token(detail["input"]) else what
            yield suggest_reference(Mistake(code, (), f"{what} {says}", fix), detail["input"], accepted).under(*path)


def _example(field: FieldInfo) -> object:
    """The example of a field, or else of its form."""
    forms = [{"examples": field.examples}, *(entry.form for entry in field.metadata if isinstance(entry, Checked))]
    example = next((form["examples"][0] for form in forms if form.get("examples")), None)
    if isinstance(example, dict | list):
        import yaml  # only such a mistake needs it

        return yaml.safe_dump(example, default_flow_style=True, sort_keys=False, width=math.inf).strip()
    return example


HIDDEN = "the value (hidden, it may be a secret)"


def hide_value(mistake: Mistake, hidden: Mapping[str, str]) -> Mistake:
    """Hide a value that comes from the environment or a file, where it is kept because it is secret. `hidden`: by field."""
    value = hidden.get(str(mistake.path[0])) if mistake.path else None
    if value is None:
        return mistake
    parts = {value, *(part for part in re.split(r"\W", value.rpartition("://")[2]) if len(part) > 3)}
    problem, fix = mistake.problem.replace(quoted(value), HIDDEN), mistake.fix
    if any(part in problem.replace(HIDDEN, "") for part in parts):
        problem = f"{HIDDEN} is not valid"
    if any(part in fix for part in parts):
        fix = "Check what the environment variable or the file holds."
    return replace(mistake, problem=problem, fix=fix)


_VARIABLE = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?")


def suggest_reference(mistake: Mistake, value: object, accepted: Collection[str] = ()) -> Mistake:
    """Suggest a reference where the value is a misspelt one, or written like an environment variable in a shell.

    `accepted`: the kinds of references that may be in its place.
    """
    if mistake.path:
        return mistake
    if isinstance(value, Mapping) and len(value) == 1 and not is_reference(value):
        near = nearest(str(next(iter(value))), KINDS)
        if near:
            return replace(mistake, fix=f"Did you mean {{{near}: NAME}}?")
        return replace(mistake, fix=variable_fix("NAME")) if accepted and mistake.fix == _TEXT[2] else mistake
    match = _VARIABLE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return mistake
    if accepted:
        fix = f"Environment variables are not read there. {variable_fix(match[1])}"
        if "env" in accepted:
            fix += f" Or write {{env: {match[1]}}} to read it where the program runs."
        return replace(mistake, fix=fix)
    fix = (
        "Environment variables are not read there. Replace it before the file is read (envsubst), "
        f"or, for what can be secret, write {{env: {match[1]}}}."
    )
    return replace(mistake, fix=fix)


def variable_fix(name: str) -> str:
    """How to give a value with a Terraform variable."""
    return f"Write {{variable: {name}}}: Terraform is given its value as TF_VAR_{name}."


_SYNONYMS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ("url", "uri", "endpoint", "webhook", "webhook_url"), ("service_uri", "callback_url", "http_trigger_url")
    ),
    **dict.fromkeys(("email", "mail", "address", "e_mail"), ("email_address",)),
    **dict.fromkeys(("phone", "number", "tel", "mobile"), ("phone_number",)),
    **dict.fromkeys(("country", "prefix_code"), ("country_code",)),
    **dict.fromkeys(("kind",), ("type",)),
    **dict.fromkeys(("role", "role_definition_id"), ("role_id",)),
    **dict.fromkeys(("workflow_id", "logic_app_id"), ("resource_id",)),
    **dict.fromkeys(("function", "function_app_id"), ("function_name", "function_app_resource_id")),
    **dict.fromkeys(("namespace",), ("event_hub_namespace",)),
    **dict.fromkeys(("frequency", "interval", "window", "window_duration"), ("evaluation_frequency",)),
    **dict.fromkeys(("cluster", "clusters", "cluster_id", "cluster_ids", "scope", "ids"), ("scopes",)),
    **dict.fromkeys(("subscription",), ("subscription_id",)),
    **dict.fromkeys(("region",), ("location",)),
    **dict.fromkeys(("resource_group", "rg"), ("resource_group_name", "resource_group")),
    **dict.fromkeys(("resource_group_name",), ("resource_group",)),
    **dict.fromkeys(("action_groups", "receivers", "group"), ("action_group",)),
    **dict.fromkeys(("events", "notifications"), ("notices",)),
    **dict.fromkeys(("prefix", "rule_prefix"), ("name_prefix",)),
    **dict.fromkeys(("properties",), ("custom_properties",)),
    **dict.fromkeys(("reader", "readers", "roles"), ("reader_scopes",)),
    **dict.fromkeys(("principal", "object_id"), ("principal_id",)),
}
"""Keys by words that people use for them and that are not similar."""


def meant(key: str, known: Collection[str]) -> str | None:
    """Suggest the known key that an unknown one probably means."""
    return next((word for word in _SYNONYMS.get(key.lower(), ()) if word in known), None) or nearest(key, known)


def suggested(key: str, known: Collection[str]) -> str:
    """``Did you mean service_uri?``, or all known keys."""
    near = meant(key, known)
    return f"Did you mean {near}?" if near else did_you_mean(key, known)


NO_LIST = ("ACM022", "is not a list", "Write a list, also for a single one: [ … ]")
_MAPPING = ("ACM023", "is not a mapping", "Write keys and values: {key: value}")
_TEXT = ("ACM024", "is not text", "Write it in quotes.")
_YES_NO = ("ACM024", "is neither true nor false", "Write true or false.")
_WORDS = {
    "tuple_type": NO_LIST,
    "list_type": NO_LIST,
    "dict_type": _MAPPING,
    "mapping_type": _MAPPING,
    "model_type": _MAPPING,
    "model_attributes_type": _MAPPING,
    "string_type": _TEXT,
    "bool_type": _YES_NO,
    "bool_parsing": _YES_NO,
}


def shown(path: Path, value: object) -> str:
    """Format a value for messages, without secrets: URLs and keys can carry some, and so can values in mappings."""
    if is_reference(value):
        return f"{{{next(iter(value))}: …}}"
    if isinstance(value, Mapping | list | tuple | set | frozenset):
        return quoted(value)
    if isinstance(value, BaseModel):
        return f"{type(value).__name__}(…)"
    text = str(value)
    if (path and can_be_secret(str(path[-1]))) or without_secrets(text) != text:
        return HIDDEN
    return "None" if value is None else quoted(value)
