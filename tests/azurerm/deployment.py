"""A config of the product, deployed as a pipeline does it: synthesised by the program, applied by Terraform."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import yaml

from aks_communication_manager.compiler import compile_config
from aks_communication_manager.config.action_group import ExistingActionGroup
from aks_communication_manager.config.stack_settings import StackSettings
from aks_communication_manager.terraform.output import synthesize
from tests.azurerm.prepared import VERSION, for_version
from tests.stand_in.client import ask
from tests.stand_in.endpoint import AzureEndpoint
from tests.stand_in.reader import AzureReader, read_azure
from tests.stand_in.samples import IDENTITY_VERSION, identity
from tests.stand_in.terraform import Change, Terraform
from tests.synthesis import SUBSCRIPTION, cluster, resource_group

HOME = resource_group("rg-aks-notices")

SECRETS = {
    name: f"https://example.com/{name}?secret=1" for name in ("chat_url", "workflow_url", "function_url", "runbook_url")
}
"""What the Terraform variables of examples/every-receiver.yaml are set to."""

Config = dict[str, Any]
"""The keys of one stack."""


def config(**keys: Any) -> Config:
    """One cluster and one mail address; `keys` are a stack's own, None takes one away."""
    default = {
        "subscription_id": SUBSCRIPTION,
        "location": "westeurope",
        "resource_group": "rg-aks-notices",
        "scopes": [cluster()],
        "action_group": {
            "name": "ag-aks-notices",
            "short_name": "aksnotices",
            "receivers": [{"type": "email", "name": "platform-team", "email_address": "platform@example.com"}],
        },
    }
    return {key: value for key, value in (default | keys).items() if value is not None}


def read_only(name: str = "id-readers") -> Config:
    """An identity that exists and may read already: nothing waits for role assignments."""
    group = resource_group("rg-identities")
    made = f"{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}"
    return {"identity": {"id": made}, "reader_scopes": []}


class Deployment:
    """A stack called ``production`` in a project folder of its own, and the Azure that it is deployed to."""

    def __init__(self, azure: AzureEndpoint, folder: Path, cache: Path) -> None:
        self.azure = azure
        self.folder = folder
        self.settings: StackSettings
        self._cache = cache

    def write(self, keys: Config, change: Callable[[dict[str, Any]], object] | None = None) -> Terraform:
        """Synthesises the config as ``python main.py`` does; `change` may edit the JSON. Terraform can start then."""
        file = self.folder / "communication-manager.yaml"
        file.write_text(yaml.safe_dump({"stacks": {"production": keys}}, allow_unicode=True))
        return self.load(file, "production", change)

    def load(self, file: Path, stack: str, change: Callable[[dict[str, Any]], object] | None = None) -> Terraform:
        """The same for one stack of a config file."""
        [compiled] = [each for each in compile_config(file).checked() if each.name == stack]
        self.settings = compiled.settings
        synthesize([compiled], self.folder / "cdktf.out")
        directory = self.folder / "cdktf.out" / "stacks" / stack
        written = directory / "cdk.tf.json"
        document = for_version(json.loads(written.read_text()))
        if "azurerm" in document["terraform"].get("backend", {}):
            del document["terraform"]["backend"]  # state in a storage account: that is not what is tested here
        if change:
            change(document)
        written.write_text(json.dumps(document, indent=2))
        variables = {f"TF_VAR_{name}": value for name, value in SECRETS.items()}
        self.terraform = Terraform(directory, self.azure.environment(self.settings.subscription_id) | variables)
        self.terraform.init(VERSION, self._cache)
        return self.terraform

    def seed(self) -> list[str]:
        """Makes exist what the config takes for granted; everything that exists then."""
        settings = self.settings
        subscription = f"/subscriptions/{settings.subscription_id}"
        self.azure.seed(subscription, *(scope.text for scope in settings.scopes))
        if not settings.resource_group.create:
            self.azure.seed(f"{subscription}/resourceGroups/{settings.resource_group.name}")
        groups = [settings.action_group, *(route.action_group for route in settings.routes)]
        self.azure.seed(*(group.id for group in groups if isinstance(group, ExistingActionGroup)))
        if settings.identity.id:
            self.azure.seed(settings.identity.id.partition("/providers/")[0])
            answer = ask(self.azure, "PUT", settings.identity.id, identity(), api_version=IDENTITY_VERSION)
            assert answer.status in (200, 201), answer
        return list(self.azure.resources)

    def update(self, keys: Config) -> list[Change]:
        """Applies another config to what is deployed; what the plan changed, outputs aside."""
        self.write(keys)
        changes = self.terraform.apply_planned()
        assert self.terraform.plan() == []
        return [change for change in changes if change.type != "output"]

    def plan(self, keys: Config, change: Callable[[dict[str, Any]], object] | None = None) -> list[Change]:
        """What another config would change, outputs aside."""
        return [one for one in self.write(keys, change).plan() if one.type != "output"]

    def sdk(self) -> AbstractContextManager[AzureReader]:
        """Microsoft's own clients, to read back what is there."""
        return read_azure(self.azure, self.settings.subscription_id)


def settings_of(file: Path, stack: str) -> StackSettings:
    """What a config file says of one stack."""
    [compiled] = [each for each in compile_config(file).checked() if each.name == stack]
    return compiled.settings


def updated(changes: Iterable[Change]) -> set[str]:
    """The types of what changes, after a proof that all of it changes in place."""
    changes = list(changes)
    assert {change.actions for change in changes} <= {("update",)}, changes
    return {change.type for change in changes}
