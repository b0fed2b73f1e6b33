"""Parts of any ARM id, as text: for ids given by Azure or Terraform, which may be of any type.

No function raises: a part that an id does not have is empty. Comparisons ignore letter case, as Azure Resource Manager does.
"""

from __future__ import annotations


def name_of(identifier: str) -> str:
    """The last segment: the name of the resource, the resource group or the subscription."""
    return identifier.rpartition("/")[2]


def subscription_of(identifier: str) -> str:
    """The UUID of the subscription."""
    return _after(identifier, 1, "subscriptions")


def resource_group_of(identifier: str) -> str:
    """The name of the resource group."""
    return _after(identifier, 3, "resourcegroups")


def group_id_of(identifier: str) -> str:
    """The id of the resource group, or of the subscription where there is no group."""
    return "/".join(identifier.split("/")[: 5 if resource_group_of(identifier) else 3])


def type_of(identifier: str) -> str:
    """The type with its namespace, such as ``Microsoft.ContainerService/managedClusters``."""
    start = identifier.lower().rfind("/providers/")
    namespace, *segments = identifier[start:].split("/")[2:] if start >= 0 else [""]
    if segments:
        return "/".join([namespace, *segments[::2]])
    group = "/resourceGroups" if resource_group_of(identifier) else ""
    return f"Microsoft.Resources/subscriptions{group}"


def is_within(identifier: str, scope: str) -> bool:
    """Whether an id is `scope` or lies below it."""
    return f"{identifier}/".lower().startswith(f"{scope.rstrip('/')}/".lower())


def enclosing(identifier: str) -> frozenset[str]:
    """The id and everything that it can lie in, in lower case."""
    segments = identifier.lower().split("/")
    return frozenset("/".join(segments[:length]) for length in range(1, len(segments) + 1))


def _after(identifier: str, place: int, keyword: str) -> str:
    segments = identifier.split("/")
    return segments[place + 1] if len(segments) > place + 1 and segments[place].lower() == keyword else ""
