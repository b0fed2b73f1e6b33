"""The construct's arguments: the options, and where the resources are made."""

from __future__ import annotations

from aks_communication_manager.config.fields import ResourceGroupName, Text
from aks_communication_manager.config.options import Options


class Arguments(Options):
    """The options, and where the resources are made."""

    resource_group_name: ResourceGroupName
    location: Text
