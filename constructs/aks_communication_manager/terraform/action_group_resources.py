"""Action groups as Terraform: made once each, however many routes name them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aks_communication_manager.config.action_group import ActionGroup, CreatedActionGroup, ExistingActionGroup
from aks_communication_manager.config.adoption import Adoption
from aks_communication_manager.config.receivers import Receiver
from aks_communication_manager.domain.tokens import literal
from aks_communication_manager.terraform.bindings import Construct, MonitorActionGroup, action_groups
from aks_communication_manager.terraform.expressions import address

_STRUCTS: Mapping[str, Any] = {
    "email": action_groups.MonitorActionGroupEmailReceiver,
    "sms": action_groups.MonitorActionGroupSmsReceiver,
    "voice": action_groups.MonitorActionGroupVoiceReceiver,
    "azure_app_push": action_groups.MonitorActionGroupAzureAppPushReceiver,
    "webhook": action_groups.MonitorActionGroupWebhookReceiver,
    "logic_app": action_groups.MonitorActionGroupLogicAppReceiver,
    "azure_function": action_groups.MonitorActionGroupAzureFunctionReceiver,
    "automation_runbook": action_groups.MonitorActionGroupAutomationRunbookReceiver,
    "arm_role": action_groups.MonitorActionGroupArmRoleReceiver,
    "event_hub": action_groups.MonitorActionGroupEventHubReceiver,
    "itsm": action_groups.MonitorActionGroupItsmReceiver,
}


class ActionGroupResources:
    """The action groups of one manager, and the ids of those that exist already."""

    def __init__(
        self,
        parent: Construct,
        default: ActionGroup,
        *,
        resource_group_name: str,
        tags: Mapping[str, str] | None,
        adopt: Sequence[Adoption],
    ) -> None:
        self.made: dict[str, MonitorActionGroup] = {}
        self._parent = parent
        self._resource_group_name = resource_group_name
        self._tags = tags
        self._ids: dict[str, str] = {}
        self._default_key = self._key(default) if isinstance(default, CreatedActionGroup) else None
        self.default_id = self.id_of(default)
        self.default = self.made.get(self._default_key or "")
        for entry in adopt:
            if entry.action_group and self.default:
                self.default.import_from(literal(entry.action_group))

    def id_of(self, group: ActionGroup) -> str:
        """The ARM id of a group, which is made when it is first asked for."""
        if isinstance(group, ExistingActionGroup):
            return literal(group.id)
        if not isinstance(group, CreatedActionGroup):
            raise TypeError(f"no kind of action group: {type(group).__name__}")
        key = self._key(group)
        if key not in self._ids:
            self.made[key] = resource = self._make(group, key)
            self._ids[key] = resource.id
        return self._ids[key]

    def _key(self, group: CreatedActionGroup) -> str:
        return address(group.name, self._parent).lower()

    def _make(self, group: CreatedActionGroup, key: str) -> MonitorActionGroup:
        receivers: dict[str, Any] = {}
        for receiver in group.receivers:
            receivers.setdefault(f"{receiver.kind}_receiver", []).append(_struct(receiver))
        return MonitorActionGroup(
            self._parent,
            "action-group" if key == self._default_key else f"action-group-{key}",
            name=literal(group.name),
            short_name=literal(group.short_name),
            resource_group_name=self._resource_group_name,
            tags=self._tags,
            **receivers,
        )


def _struct(receiver: Receiver) -> Any:
    values: dict[str, Any] = _escaped(receiver.model_dump(exclude={"type"}, exclude_none=True))
    if "aad_auth" in values:
        values["aad_auth"] = action_groups.MonitorActionGroupWebhookReceiverAadAuth(**values["aad_auth"])
    return _STRUCTS[receiver.kind](**values)


def _escaped(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _escaped(entry) for name, entry in value.items()}
    return literal(value) if isinstance(value, str) else value
