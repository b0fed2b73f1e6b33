"""The reason for each code. docs/reference/errors.md is generated from this, with an example of each message.

Codes are stable: none is ever given to another rule. The reasons of rules that span several values are the docstrings of
their checks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from aks_communication_manager.checks import declared_variables, estate, plan_limits, registry
from aks_communication_manager.config.action_group import CreatedActionGroup
from aks_communication_manager.config.adoption import Adoption
from aks_communication_manager.config.checking import Checks, Kind
from aks_communication_manager.config.identity import Identity
from aks_communication_manager.config.route import Route

_FILE = {
    "ACM001": "A file that cannot be read has no stacks.",
    "ACM002": "YAML files are UTF-8 here, so that a name means the same on every machine.",
    "ACM003": "Invalid YAML has no defined meaning (YAML 1.2 specification).",
    "ACM004": "An empty file is nearly always the wrong file, and would remove all stacks.",
    "ACM005": "Most YAML parsers silently drop the first of two equal keys.",
    "ACM006": "A key without a value is probably unfinished, and its default would be used unnoticed.",
    "ACM007": "`<<` merges keys in an order that is easily misread, and YAML 1.2 has dropped it; `defaults` says the same openly.",
    "ACM008": "Aliases can expand a small file without end, and a large one takes minutes: the program stops before memory runs out.",
    "ACM009": "CDK for Terraform would replace such a text by a value of its own.",
    "ACM010": "Output is written completely or not at all, so its folder is checked first.",
    "ACM011": "A stack's name becomes a folder, which has to exist on Linux, macOS and Windows alike.",
    "ACM012": "Without a stack there is nothing to write.",
    "ACM013": "The folder of a stack that left the config would still be applied by a pipeline, and a state in it exists only once.",
    "ACM014": "Two configs that write the same folder share its state, and each apply would destroy what the other made.",
    "ACM015": "A placeholder that was not filled in would be used as a value.",
    "ACM016": "The result for a misspelled stack would be empty, and look like success.",
}
_VALUE = {
    "ACM020": "The key has no sensible default.",
    "ACM021": "A misspelled key would be ignored, and its default used unnoticed.",
    "ACM022": "A single value may be a list whose brackets or dashes were forgotten.",
    "ACM023": "The value has to be a mapping of keys to values.",
    "ACM024": "The value has the wrong type.",
    "ACM025": "The key accepts only these words.",
    "ACM026": "A repeated entry has no effect, so one of the two is probably a mistake.",
    "ACM027": "An empty value or list would watch nothing or name nothing, and nobody would notice.",
    "ACM030": "Only managed clusters, resource groups and subscriptions can be watched or read, each by its whole ARM id.",
    "ACM031": "Azure finds a resource by its whole ARM id, of the right type.",
    "ACM032": "Terraform imports a role assignment by its whole id, whose name is a UUID.",
    "ACM033": "Azure Monitor writes durations as ISO 8601 does, and queries need whole seconds.",
    "ACM034": "Azure Monitor runs log search alert rules at these frequencies only, and over Azure Resource Graph not every minute.",
    "ACM035": "Azure's ids of subscriptions, tenants, principals and roles are UUIDs; azurerm checks some of them only at apply.",
    "ACM036": "The URL carries a secret, which http would send unencrypted.",
    "ACM037": "Azure rejects other addresses, and only at apply (Azure Monitor service limits).",
    "ACM038": 'Azure rejects such names, and mostly only at apply ("Naming rules and restrictions for Azure resources").',
    "ACM039": 'Azure rejects such tags, and only at apply ("Use tags to organize your Azure resources").',
    "ACM040": "Azure rejects values of another form, and only at apply.",
    "ACM041": "Azure takes 1 to 12 characters, and azurerm counts bytes of UTF-8.",
    "ACM042": "azurerm checks only that it is JSON; Azure rejects the action group without `PayloadRevision` and `WorkItemType`.",
    "ACM043": "Azure Monitor has five severities, 0 to 4.",
    "ACM044": "Every notification carries these properties already, and one of the two values would be lost.",
    "ACM045": "A query of your own is a file, which has to be there when the config is read.",
    "ACM046": "Terraform would report this only at init.",
    "ACM047": "The stack writes the backend's block itself, so it has to know the backend.",
    "ACM048": "Azure Monitor needs one managed identity for each rule over Azure Resource Graph: a new one or an existing one.",
    "ACM049": "The value decides which resources there are or is written into a query, before Terraform runs.",
    "ACM050": "An action group is either described, and then created, or referred to by its id.",
    "ACM051": "Microsoft's how-to has queries for the two upgrade notices only.",
    "ACM054": "Asking for a rule that does not exist is a mistake in the program, which an empty result would hide.",
    "ACM069": "The Terraform JSON is for azurerm 4 and newer: the provider block of version 3 has other arguments.",
    "ACM070": "Text editors insert such quotes, and Azure would get them as part of the value.",
    "ACM055": "A referenced value has to exist when it is read; a secret has no fallback.",
    "ACM056": "The key no longer has a meaning, so it is rejected and not ignored.",
    "ACM139": "A stack with constructs of both CDK for Terraform and CDK Terrain cannot be synthesized.",
}
_COMMAND = {
    "ACM160": "A rehearsal needs alert rules and events, and says so instead of showing an empty result.",
    "ACM161": 'Alert rules are read from Terraform\'s JSON: a configuration, a plan or a state (Terraform, "JSON Output Format").',
    "ACM162": "A record that is left out would look like an event that nobody was notified of.",
    "ACM163": "A rehearsal evaluates each rule at every moment between the first record and the last, and has to come to an end.",
    "ACM164": "A query has to see each record as Resource Graph would show it, and not every value can be shown to it.",
    "ACM165": "A test of rules that were not evaluated would pass for whatever they do.",
    "ACM171": "A command that asks Azure has to come to an end, and an answer takes a second or more.",
}

CHECKS: tuple[Checks[Any], ...] = (
    *(model.checks for model in (CreatedActionGroup, Identity, Route, Adoption)),
    *(registry.OPTIONS, registry.ARGUMENTS, registry.STACK, registry.OPTION_WARNINGS),
    *(plan_limits.PLAN, estate.ESTATE, estate.BACKENDS, estate.WARNINGS, declared_variables.WRITTEN),
)
"""All checks."""


def _reasons() -> Iterator[tuple[str, Kind, str]]:
    tables: Mapping[Kind, Mapping[str, str]] = {"file": _FILE, "value": _VALUE, "command": _COMMAND}
    for kind, reasons in tables.items():
        yield from ((code, kind, reason) for code, reason in reasons.items())
    for checks in CHECKS:
        yield from ((check.code, checks.kind, check.reason) for check in checks.all if check.reason)


REASONS: Mapping[str, tuple[Kind, str]] = MappingProxyType(
    {code: (kind, reason) for code, kind, reason in sorted(_reasons())}
)
"""Section and reason of each code."""
