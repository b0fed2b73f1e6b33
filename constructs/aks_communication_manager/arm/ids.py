"""ARM ids, parsed once at the border: values of these types are safe in queries and names.

Keywords are written in one spelling, names as given; comparisons ignore letter case, as Azure Resource Manager does.
Name rules: "Naming rules and restrictions for Azure resources" (Microsoft Learn).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote

from aks_communication_manager.errors import InvalidArgument, invalid
from aks_communication_manager.text import nearest, quoted

# The JSON Schema shows these patterns, except RESOURCE_GROUP, so they keep to what Python, ECMAScript and RE2 (Terraform) have in common.
UUID = re.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
RESOURCE_GROUP = re.compile(r"[\w\-.()]{0,89}[\w\-()]")
"""Azure takes letters and digits of all scripts."""
CLUSTER = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?")

ScopeKind = Literal["cluster", "resource-group", "subscription"]

_CLUSTER_TYPE = "Microsoft.ContainerService/managedClusters"
_SCOPE_FORMS = (
    "/subscriptions/<id>",
    "/subscriptions/<id>/resourceGroups/<name>",
    f"/subscriptions/<id>/resourceGroups/<name>/providers/{_CLUSTER_TYPE}/<name>",
)


@dataclass(frozen=True, slots=True, eq=False)
class ArmId:
    """The id of a managed cluster, a resource group or a subscription."""

    subscription_id: str
    resource_group: str | None = None
    cluster: str | None = None

    @classmethod
    def parse(cls, text: str) -> ArmId:
        """Parse an id. Raises `InvalidArgument`."""
        problem = f"{quoted(text)} is not the id of a cluster, a resource group or a subscription"
        names = next((found for form in _SCOPE_FORMS if (found := _names(text, form))), None)
        if names is None or text != text.strip():
            raise invalid("ACM030", problem, _scope_hint(text))
        for name, (pattern, what, fix) in zip(names, _NAMES, strict=False):
            if not pattern.fullmatch(name):
                raise invalid("ACM030", f"{problem}: {quoted(name)} {what}", fix)
        return cls(*names)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ArmId) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    @property
    def kind(self) -> ScopeKind:
        return "cluster" if self.cluster else "resource-group" if self.resource_group else "subscription"

    @property
    def key(self) -> str:
        """Equal for all spellings of an id."""
        return str(self).lower()

    def up_to(self, kind: ScopeKind) -> ArmId:
        """The enclosing resource group or subscription; the id itself if it is of that kind or wider."""
        if kind == "subscription":
            return ArmId(self.subscription_id)
        return ArmId(self.subscription_id, self.resource_group) if kind == "resource-group" else self

    @property
    def enclosing(self) -> frozenset[ArmId]:
        """The id itself, its resource group and its subscription."""
        return frozenset({self, self.up_to("resource-group"), self.up_to("subscription")})

    def contains(self, other: ArmId) -> bool:
        """Whether the other id is equal to this one or lies below it."""
        return f"{other.key}/".startswith(f"{self.key}/")

    def __str__(self) -> str:
        text = f"/subscriptions/{self.subscription_id}"
        if self.resource_group:
            text += f"/resourceGroups/{self.resource_group}"
        if self.cluster:
            text += f"/providers/{_CLUSTER_TYPE}/{self.cluster}"
        return text


_NAMES = (
    (UUID, "is not a subscription id", "A subscription id is a UUID: az account show --query id"),
    (
        RESOURCE_GROUP,
        "is not the name of a resource group",
        "1 to 90 letters, digits, - _ . ( ), no period at the end.",
    ),
    (
        CLUSTER,
        "is not the name of a cluster",
        "1 to 63 letters, digits, - and _, beginning and ending with a letter or digit.",
    ),
)


def _names(text: str, form: str) -> list[str] | None:
    """Segments in place of ``<id>`` and ``<name>``, or None if the id has another form."""
    parts = list(zip(text.split("/"), form.split("/"), strict=False))
    whole = text.count("/") == form.count("/")
    if whole and all(wanted[:1] == "<" or part.lower() == wanted.lower() for part, wanted in parts):
        return [part for part, wanted in parts if wanted[:1] == "<"]
    return None


def _scope_hint(text: str) -> str:
    if text.startswith("${"):
        return (
            "In a config write {variable: NAME}. In Python pass the attribute itself "
            "(cluster.id, variable.string_value) or Token.as_string(…)."
        )
    if "://" in text:
        return _in_url(text)
    if text != text.strip():
        return f"Remove the spaces around it: {text.strip()}"
    if UUID.fullmatch(text):
        return f"Write it in full: /subscriptions/{text}"
    if "/" not in text and CLUSTER.fullmatch(text):
        return f"Write it in full: {_SCOPE_FORMS[2].removesuffix('<name>')}{text}"
    if text.endswith("/") and text.strip("/"):
        return f"Remove the slash at the end: {text.rstrip('/')}"
    parts = text.split("/")
    if len(parts) == 9 and f"{parts[6]}/{parts[7]}".lower() != _CLUSTER_TYPE.lower():
        if nearest(parts[7], ["managedClusters"]):
            return f"Did you mean {'/'.join([*parts[:6], _CLUSTER_TYPE, parts[8]])}?"
        return f"It is the id of another type, {parts[6]}/{parts[7]}. Use the ids of clusters, or of their resource group or subscription."
    if (arm := _first_id(parts)) and arm.cluster:
        return f"Leave out what follows the name: {arm}"
    return "One of\n" + "\n".join(f"  {form}" for form in _SCOPE_FORMS)


def _in_url(text: str) -> str:
    """Suggest the ARM id contained in a portal URL."""
    path = unquote(text)
    if "/subscriptions/" not in path:
        return "Use the ARM id, which starts at /subscriptions/."
    if arm := _first_id(path[path.index("/subscriptions/") :].split("?")[0].split("/")):
        return f"Start at /subscriptions/, and leave out what follows the name: {arm}"
    return "Use the ARM id, which starts at /subscriptions/."


def _first_id(parts: list[str]) -> ArmId | None:
    """The longest id with which these segments begin."""
    for form in reversed(_SCOPE_FORMS):
        names = _names("/".join(parts[: form.count("/") + 1]), form)
        if names and all(pattern.fullmatch(name) for name, (pattern, _, _) in zip(names, _NAMES, strict=False)):
            return ArmId(*names)
    return None


@dataclass(frozen=True, slots=True)
class ResourceId:
    """The id of another resource: an action group, an identity, a logic app …"""

    subscription_id: str
    resource_group: str
    type: str
    """Namespace and type in azurerm's spelling, such as ``Microsoft.Insights/actionGroups``."""
    name: str

    @classmethod
    def parse(cls, text: str, type_: str) -> ResourceId:
        """Parse the id of a resource of one type. Raises `InvalidArgument`."""
        form = f"/subscriptions/<id>/resourceGroups/<name>/providers/{type_}/<name>"
        names = _names(text, form)
        patterns = (UUID, RESOURCE_GROUP, RESOURCE)
        if not names or not all(pattern.fullmatch(name) for pattern, name in zip(patterns, names, strict=True)):
            slash = text.endswith("/") and text.count("/") == form.count("/") + 1
            fix = f"Remove the slash at the end: {text[:-1]}" if slash else f"Write it in full: {form}"
            raise invalid("ACM031", f"{quoted(text)} is not the id of a {type_}", fix)
        subscription, group, name = names
        return cls(subscription, group, type_, name)

    @property
    def key(self) -> str:
        return str(self).lower()

    def __str__(self) -> str:
        group = f"/subscriptions/{self.subscription_id}/resourceGroups/{self.resource_group}"
        return f"{group}/providers/{self.type}/{self.name}"


RESOURCE = re.compile(r"[^\s/?#](?:[^/?#]*[^\s/?#])?")
"""Names of any type: none begins or ends with a space, and / ? # would end the id."""

_ROLE_ASSIGNMENT = re.compile(
    r"(?P<scope>/.+)/providers/Microsoft\.Authorization/roleAssignments/(?P<name>[^/]+)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class RoleAssignmentId:
    """The id of a role assignment on a cluster, a resource group or a subscription."""

    scope: ArmId
    name: str

    @classmethod
    def parse(cls, text: str) -> RoleAssignmentId:
        """Parse an id. Raises `InvalidArgument`."""
        match = _ROLE_ASSIGNMENT.fullmatch(text)
        try:
            if match and UUID.fullmatch(match["name"]):
                return cls(ArmId.parse(match["scope"]), match["name"])
        except InvalidArgument:
            pass
        raise invalid(
            "ACM032",
            f"{quoted(text)} is not the id of a role assignment on a cluster, a resource group or a subscription",
            "Write it in full, as `az role assignment list --scope <scope> --query [].id` shows it.",
        )

    @property
    def key(self) -> str:
        """Equal for all spellings of an id."""
        return str(self).lower()

    def __str__(self) -> str:
        return f"{self.scope}/providers/Microsoft.Authorization/roleAssignments/{self.name}"
