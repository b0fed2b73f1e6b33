"""What Microsoft's SDKs read back after an apply, held against what the config said. Terraform has no part in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from azure.mgmt.monitor.models import ActionGroupResource, ScheduledQueryRuleResource

from aks_communication_manager.config.action_group import CreatedActionGroup
from aks_communication_manager.config.receivers import Receiver
from aks_communication_manager.config.stack_settings import StackSettings
from aks_communication_manager.tokens import literal
from tests.azurerm.deployment import SECRETS
from tests.stand_in.endpoint import AzureEndpoint
from tests.stand_in.reader import AzureReader, read_azure
from tests.synthesis import resource_group

READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
"""The role definition of Reader, the same in every subscription."""

VARIABLES = {f"${{var.{name}}}": value for name, value in SECRETS.items()}
"""What the variables of an example are set to, by their expressions."""

_SPELLED_OTHERWISE = {"event_hub_namespace": "event_hub_name_space"}
"""Names of azurerm's arguments, and through them of the config's keys, that are not the SDK's."""


def assert_is_as_configured(azure: AzureEndpoint, settings: StackSettings, rules: Mapping[str, str]) -> None:
    """Everything of a stack but what its routes change. `rules`: the scope of each rule, by name."""
    with read_azure(azure, settings.subscription_id) as sdk:
        _assert_resources(sdk, settings, rules)
        wanted = _readers(sdk, settings)
    found = []
    for subscription in {
        scope.split("/")[2] for scope in (*map(str, settings.scopes), f"/subscriptions/{settings.subscription_id}")
    }:
        with read_azure(azure, subscription) as sdk:
            found += sdk.role_assignments()
    # Each identity may read where it must, once, and nowhere else.
    assert sorted((one.principal_id, one.scope) for one in found) == sorted(wanted)
    assert {one.role_definition_id.rpartition("/")[2] for one in found} <= {READER}
    assert {one.principal_type for one in found} <= {"ServicePrincipal"}


def _assert_resources(sdk: AzureReader, settings: StackSettings, rules: Mapping[str, str]) -> None:
    found = sdk.rules()
    assert {rule.name: rule.scopes for rule in found} == {name: [scope] for name, scope in rules.items()}
    for rule in found:
        _assert_rule(rule, settings)
    made = [settings.action_group, *(route.action_group for route in settings.routes)]
    groups = {group.name: group for group in sdk.action_groups()}
    for group in made:
        if isinstance(group, CreatedActionGroup):
            _assert_group(groups[group.name], group, settings)


def _assert_rule(rule: ScheduledQueryRuleResource, settings: StackSettings) -> None:
    assert rule.evaluation_frequency == rule.window_size == settings.evaluation_frequency
    keeps_state = settings.query != "documented"
    assert (rule.enabled, rule.auto_mitigate, rule.mute_actions_duration) == (True, keeps_state, None)
    assert rule.location == settings.location
    assert (rule.tags or {}) == settings.tags
    assert rule.description.startswith(("AKS announces or reports", "AKS announced", "The Kubernetes version of"))
    assert settings.custom_properties.items() <= rule.actions.custom_properties.items()
    assert {"scope", "notice"} <= rule.actions.custom_properties.keys()
    (condition,) = rule.criteria.all_of
    assert (condition.time_aggregation, condition.operator, condition.threshold) == ("Count", "GreaterThan", 0)
    assert {(one.operator, tuple(one.values)) for one in condition.dimensions} == {("Include", ("*",))}
    assert condition.query.lstrip().startswith("//") or 'arg("").containerserviceeventresources' in condition.query
    if settings.identity.is_shared:
        identity = settings.identity.id or (
            f"{_group(settings)}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{settings.identity.name}"
        )
        assert rule.identity.type == "UserAssigned"
        assert [one.lower() for one in rule.identity.user_assigned_identities] == [identity.lower()]
    else:
        assert rule.identity.type == "SystemAssigned"


def _assert_group(found: ActionGroupResource, group: CreatedActionGroup, settings: StackSettings) -> None:
    assert (found.group_short_name, found.enabled, found.location) == (group.short_name, True, "global")
    assert (found.tags or {}) == settings.tags
    for kind in {receiver.kind for receiver in group.receivers}:
        wanted = [receiver for receiver in group.receivers if receiver.kind == kind]
        for receiver, one in zip(wanted, getattr(found, f"{kind}_receivers"), strict=True):
            wanted_values = _as_the_sdk_says(receiver)
            assert {name: getattr(one, name) for name in wanted_values} == wanted_values
    all_found = [one for name, lists in vars(found).items() if name.endswith("_receivers") for one in lists or []]
    assert len(all_found) == len(group.receivers)


def _as_the_sdk_says(receiver: Receiver) -> dict[str, Any]:
    values = receiver.model_dump(exclude={"type", "aad_auth"}, exclude_none=True)
    if auth := getattr(receiver, "aad_auth", None):
        values |= auth.model_dump(exclude_none=True) | {"use_aad_auth": True}
    return {_SPELLED_OTHERWISE.get(name, name): _given(value) for name, value in values.items()}


def _given(value: Any) -> Any:
    """The value, or what a Terraform variable is set to."""
    return VARIABLES.get(literal(value), value) if isinstance(value, str) else value


def _readers(sdk: AzureReader, settings: StackSettings) -> set[tuple[str, str]]:
    """Principal and scope of each assignment that there should be."""
    shared = [identity.principal_id for identity in sdk.identities()]
    return {
        (principal, scope)
        for rule in sdk.rules()
        for principal in shared or [rule.identity.principal_id]
        for one in (map(str, settings.scopes) if settings.rules == "shared" else rule.scopes)
        for scope in _read(one, settings)
    }


def _read(scope: str, settings: StackSettings) -> list[str]:
    """As documented: resource group and subscription of a cluster. A wide scope holds all that is read."""
    if settings.reader_scopes == ():
        return []
    assert settings.reader_scopes is None
    parts = scope.split("/")
    return [scope] if len(parts) < 9 else ["/".join(parts[:5]), "/".join(parts[:3])]


def _group(settings: StackSettings) -> str:
    return resource_group(settings.resource_group.name, settings.subscription_id)
