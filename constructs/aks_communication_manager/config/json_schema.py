"""The JSON Schema of a config file, for editors and for checks without this package.

Generated from the models: forms and examples from their fields, descriptions from their docstrings. Every config that the loader
accepts is valid. Rules that only the loader can check, such as unique names and the limits of a plan, are not part of it.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from aks_communication_manager.arm import durations
from aks_communication_manager.config import forms
from aks_communication_manager.config.action_group import ActionGroup, CreatedActionGroup, ExistingActionGroup
from aks_communication_manager.config.forms import Form, any_case, listed, text
from aks_communication_manager.config.identity import Identity
from aks_communication_manager.config.loader import RESERVED, STACK_NAME
from aks_communication_manager.config.model import Model
from aks_communication_manager.config.receivers import KINDS, Receiver
from aks_communication_manager.config.stack_settings import StackSettings, TargetResourceGroup
from aks_communication_manager.config.watched_scope import WatchedScope

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def config_schema() -> dict[str, Any]:
    """The schema of a whole config, draft 2020-12."""
    models: list[type[Model]] = [
        StackSettings,
        TargetResourceGroup,
        CreatedActionGroup,
        ExistingActionGroup,
        WatchedScope,
        *KINDS.values(),
    ]
    _, generated = models_json_schema(
        [(model, "validation") for model in models], schema_generator=_Generator, ref_template="#/$defs/{model}"
    )
    definitions = generated["$defs"]
    for definition in [*definitions.values()]:
        for key, form in definition["properties"].items():
            if "title" in form:  # a model that was in use already is written in place
                definitions[form["title"]] = form
                words = {word: form[word] for word in ("description", "default", "examples") if word in form}
                definition["properties"][key] = {"$ref": f"#/$defs/{form['title']}", **words}
    for model in models:
        _refer(model, definitions[model.__name__]["properties"])
    keys = definitions[StackSettings.__name__]["properties"]
    keys["scopes"]["items"] = {"anyOf": [*forms.WATCHED["anyOf"], _ref(WatchedScope)]}
    required = definitions[StackSettings.__name__].pop("required")
    definitions |= {
        "Reference": forms.REFERENCE,
        ActionGroup.__name__: _described(ActionGroup, oneOf=[_ref(ExistingActionGroup), _ref(CreatedActionGroup)]),
        Receiver.__name__: _described(
            Receiver,
            type="object",
            required=["type"],
            properties={"type": {"enum": list(KINDS)}},
            oneOf=[_ref(model) for model in KINDS.values()],
        ),
        Identity.__name__: _described(
            Identity,
            oneOf=[
                {"enum": ["system-assigned", "user-assigned"]},
                _part(definitions[Identity.__name__], ("name",), required=("name",)),
                _part(definitions[Identity.__name__], ("id", "principal_id"), required=("id",)),
            ],
        ),
        TargetResourceGroup.__name__: _described(
            TargetResourceGroup,
            anyOf=[
                definitions[TargetResourceGroup.__name__]["properties"]["name"],
                _part(definitions[TargetResourceGroup.__name__], ("name", "create"), required=("name",)),
            ],
        ),
    }
    definitions = {name: form for name, form in definitions.items() if "description" in form}
    stack = _ref(StackSettings)
    name = {"pattern": f"^{STACK_NAME.pattern}$", "not": {"pattern": f"^(?:{any_case(RESERVED.pattern)})$"}}
    return {
        "$schema": DIALECT,
        "title": "AKS Communication Manager",
        "description": "Alert rules for the maintenance of Azure Kubernetes Service, one Terraform stack for each entry of `stacks`.",
        "type": "object",
        "properties": {
            "defaults": {
                "description": "Keys of every stack; a stack's own key replaces the default as a whole.",
                "examples": [{key: keys[key]["examples"][0] for key in ("location", "tags")}],
                **stack,
            },
            "stacks": {
                "description": "The stacks by name; their names become folders in `cdktf.out/stacks`.",
                "examples": [{"production": {key: keys[key]["examples"][0] for key in required}}],
                "type": "object",
                "minProperties": 1,
                "propertyNames": name,
                "additionalProperties": stack,
            },
        },
        "required": ["stacks"],
        "additionalProperties": False,
        "allOf": [
            {
                "if": {"properties": {"defaults": {"required": [key]}}, "required": ["defaults"]},
                "else": {"properties": {"stacks": {"additionalProperties": {"required": [key]}}}},
            }
            for key in required
        ],
        "$defs": dict(sorted(definitions.items())),
    }


def _refer(model: type[Model], properties: dict[str, Form]) -> None:
    """Allow references for the keys that take them."""
    for key, form in properties.items():
        if key in model.takes_variables:
            reference = forms.VARIABLE
        elif model.accepts_references and "const" not in form and "$ref" not in form:
            reference = {"$ref": "#/$defs/Reference"}
            if "anyOf" in form:  # a variable is text to Terraform, so it can give no boolean
                reference["not"] = {"required": ["variable"]}
        else:
            continue
        about: Form = {word: form.pop(word) for word in ("description", "default", "examples") if word in form}
        properties[key] = {**about, "anyOf": [form, reference]}


def _ref(model: type[Model]) -> Form:
    return {"$ref": f"#/$defs/{model.__name__}"}


def _described(model: type[Model], **form: Any) -> Form:
    return {"description": _summary(model), **form}


def _part(whole: Form, keys: tuple[str, ...], required: tuple[str, ...]) -> Form:
    """An object with some of the keys of another."""
    properties = {key: whole["properties"][key] for key in keys}
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


class _Generator(GenerateJsonSchema):
    """Generate the forms of values as YAML has them, before the models convert them."""

    schema_dialect = DIALECT

    def bool_schema(self, schema: core_schema.BoolSchema) -> JsonSchemaValue:
        return dict(forms.BOOLEAN)

    def str_schema(self, schema: core_schema.StringSchema) -> JsonSchemaValue:
        return text()

    def timedelta_schema(self, schema: core_schema.TimedeltaSchema) -> JsonSchemaValue:
        return dict(forms.DURATION)

    def tuple_schema(self, schema: core_schema.TupleSchema) -> JsonSchemaValue:
        return listed(self.generate_inner(schema["items_schema"][0]))

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])  # a key without a value is a mistake

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        inner = self.generate_inner(schema["schema"])
        default = _written(schema.get("default"))
        return inner if default is None else {**inner, "default": default}

    def dataclass_schema(self, schema: core_schema.DataclassSchema) -> JsonSchemaValue:
        return {"properties": {}}  # the value after conversion; the form of the written value is beside it

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        found = super().model_schema(schema)
        model = schema["cls"]
        docs = _field_docs(model)
        for key, form in found["properties"].items():
            if key == "type":
                form |= {"description": "The type of the receiver."}
                found["required"] = ["type", *found.get("required", [])]
                form.pop("default")
                continue
            form["description"] = docs[key]
            if "examples" not in form:
                form["examples"] = [_another_choice(form)]
        return {**found, "description": _summary(model)}


def _another_choice(form: Form) -> object:
    """Example of a key whose form has none: another choice than its default."""
    if form.get("anyOf") == forms.BOOLEAN["anyOf"]:
        return not form.get("default", False)
    choices = form.get("enum") or next((part["enum"] for part in form.get("anyOf", ()) if "enum" in part), None)
    assert choices, f"give the field examples: {form}"
    return next(choice for choice in choices if choice != form.get("default"))


def _written(value: object) -> object:
    """A default as a config writes it."""
    if isinstance(value, timedelta):
        return durations.iso(value)
    if isinstance(value, Identity):
        return value.kind
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, tuple) else value


def _summary(model: type[Model]) -> str:
    """First paragraph of a class's docstring, without the errors raised in Python."""
    return _plain(inspect.getdoc(model) or "").partition("\n\n")[0].partition(" Raises `")[0].replace("\n", " ")


def _field_docs(model: type[Model]) -> dict[str, str]:
    """Docstrings of a model's fields. Pydantic could read them too (`use_attribute_docstrings`), but at every start of a program."""
    found: dict[str, str] = {}
    for parent in reversed(model.__mro__):
        if not issubclass(parent, Model) or parent is Model:
            continue
        body = ast.parse(textwrap.dedent(inspect.getsource(parent))).body[0]
        assert isinstance(body, ast.ClassDef)
        for field, doc in zip(body.body, body.body[1:], strict=False):
            match field, doc:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(words))):
                    found[name] = _plain(inspect.cleandoc(words))
    return found


def _plain(docstring: str) -> str:
    return docstring.replace("``", "`")
