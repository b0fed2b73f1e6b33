"""Reads back what exists with Microsoft's own SDKs, so that a test asserts on models Terraform had no part in."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from azure.core.credentials import AccessToken
from azure.core.pipeline.transport import RequestsTransport
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.authorization.models import RoleAssignment
from azure.mgmt.monitor import MonitorManagementClient
from azure.mgmt.monitor.models import ActionGroupResource, ScheduledQueryRuleResource
from azure.mgmt.msi import ManagedServiceIdentityClient
from azure.mgmt.msi.models import Identity
from azure.mgmt.resource.resources import ResourceManagementClient
from azure.mgmt.resource.resources.models import ResourceGroup

from tests.stand_in.endpoint import AzureEndpoint


@dataclass(frozen=True)
class AzureReader:
    """The SDK clients of one subscription, and what is read most."""

    monitor: MonitorManagementClient
    authorization: AuthorizationManagementClient
    msi: ManagedServiceIdentityClient
    groups: ResourceManagementClient

    def rules(self) -> list[ScheduledQueryRuleResource]:
        """Every log search alert rule, by name."""
        return sorted(self.monitor.scheduled_query_rules.list_by_subscription(), key=_name)

    def action_groups(self) -> list[ActionGroupResource]:
        """Every action group, by name."""
        return sorted(self.monitor.action_groups.list_by_subscription_id(), key=_name)

    def identities(self) -> list[Identity]:
        """Every user-assigned identity, by name."""
        return sorted(self.msi.user_assigned_identities.list_by_subscription(), key=_name)

    def role_assignments(self) -> list[RoleAssignment]:
        """Every role assignment at the subscription or below, by scope and principal."""
        found = self.authorization.role_assignments.list_for_subscription()
        return sorted(found, key=lambda one: (one.scope.lower(), one.principal_id))

    def resource_groups(self) -> list[ResourceGroup]:
        """Every resource group, by name."""
        return sorted(self.groups.resource_groups.list(), key=_name)


@contextmanager
def read_azure(azure: AzureEndpoint, subscription_id: str) -> Iterator[AzureReader]:
    """SDK clients that talk to `azure`; it need not know the subscription yet."""
    azure.seed(f"/subscriptions/{subscription_id}")
    with ExitStack() as stack:
        yield AzureReader(
            *(
                stack.enter_context(sdk_client(azure, kind, subscription_id))
                for kind in (
                    MonitorManagementClient,
                    AuthorizationManagementClient,
                    ManagedServiceIdentityClient,
                    ResourceManagementClient,
                )
            )
        )


def sdk_client(azure: AzureEndpoint, kind: Any, *arguments: Any) -> Any:
    """One of Microsoft's clients, for `azure`."""
    # The environment may name a proxy or other certificates; neither concerns 127.0.0.1.
    transport = RequestsTransport(connection_verify=str(azure.ca_file), use_env_settings=False)
    options = {"base_url": azure.url, "credential_scopes": [f"{azure.url}/.default"], "transport": transport}
    return kind(_Credential(azure), *arguments, retry_backoff_factor=0, **options)


class _Credential:
    """What azure-identity would be."""

    def __init__(self, azure: AzureEndpoint) -> None:
        self._azure = azure

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        return AccessToken(self._azure.token(), int(time.time()) + 3600)


def _name(resource: Any) -> str:
    return str(resource.name)
