"""Why each mistake is reported. docs/errors.md shows this table, with an example of each message.

A code is stable: it is never given to another rule, so programs and people can rely on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

REASONS: Mapping[str, str] = MappingProxyType(
    {
        # The file
        "ACM001": "Nothing can be made from a file that cannot be read.",
        "ACM002": "YAML files are UTF-8 here, so that a name means the same on every machine.",
        "ACM003": "What is not YAML cannot be guessed at (YAML 1.2 specification).",
        "ACM004": "An empty file is nearly always the wrong file, and would delete what was made before.",
        "ACM005": "YAML parsers keep the last of two equal keys without a word, and the first one is lost.",
        "ACM006": "A key without a value is a value that was forgotten: the default would take its place unnoticed.",
        "ACM007": "`<<` merges keys in an order that is easily misread, and YAML 1.2 has dropped it; `defaults` says the same openly.",
        "ACM008": "Aliases can make a small file endless: such a file must end with a message, not with a full memory.",
        "ACM009": "CDK for Terraform would replace such a text by a value of its own.",
        "ACM010": "Output is written whole or not at all, so this is found out before anything else is done.",
        "ACM011": "A stack's name becomes a folder, which has to exist on Linux, macOS and Windows alike.",
        "ACM012": "Without a stack there is nothing to make.",
        # The form of a value
        "ACM020": "The value has no sensible default.",
        "ACM021": "A misspelled key would be ignored, and its default would take its place unnoticed.",
        "ACM022": "A single value may be a list whose brackets or dashes were forgotten.",
        "ACM023": "Keys were expected here, so what is written cannot be read.",
        "ACM024": "The value has another type than what it is for.",
        "ACM025": "Only these words mean something here.",
        "ACM026": "The same entry twice has no second meaning, so one of the two is probably a slip.",
        "ACM027": "An empty value or list would watch nothing or name nothing, and nobody would notice.",
        "ACM030": "Only managed clusters, resource groups and subscriptions can be watched or read, each by its whole ARM id.",
        "ACM031": "Azure finds a resource by its whole ARM id, of the right type.",
        "ACM032": "Terraform imports a role assignment by its whole id, whose name is a UUID.",
        "ACM033": "Azure Monitor writes durations as ISO 8601 does, and queries need whole seconds.",
        "ACM034": "Azure Monitor runs log search alert rules at these frequencies only, and over Azure Resource Graph not every minute.",
        "ACM035": "Azure's ids of subscriptions, tenants, principals and roles are UUIDs; azurerm checks some of them only at apply.",
        "ACM036": "The URL carries a secret in it, which http would send unencrypted.",
        "ACM037": "Azure rejects other addresses, and only at apply (Azure Monitor service limits).",
        "ACM038": 'Azure rejects such names, and mostly only at apply ("Naming rules and restrictions for Azure resources").',
        "ACM039": 'Azure rejects such tags, and only at apply ("Use tags to organize your Azure resources").',
        "ACM040": "Azure rejects what has another form, and only at apply.",
        "ACM041": "Azure takes 1 to 12 characters, and azurerm counts bytes of UTF-8.",
        "ACM042": "azurerm checks only that it is JSON; Azure rejects the action group without `PayloadRevision` and `WorkItemType`.",
        "ACM043": "Azure Monitor has five severities, 0 to 4.",
        "ACM044": "Every notification carries these properties already, and one of the two values would be lost.",
        "ACM045": "A query of your own is a file, which has to be there when the config is read.",
        "ACM046": "Terraform would find this only at init.",
        "ACM047": "The stack writes the backend's block itself, so it has to know the backend.",
        "ACM048": "Azure Monitor needs one managed identity for each rule over Azure Resource Graph: a new one or an existing one.",
        "ACM049": "The value decides which resources there are or is written into a query, before Terraform runs.",
        "ACM050": "An action group is either described, and then made here, or referred to by its id.",
        "ACM051": "Microsoft's how-to has queries for the two upgrade notices only.",
        "ACM060": "An action group without receivers is valid in Azure, and its alerts would notify nobody.",
        "ACM061": "Azure rejects an action group in which two receivers have the same name, whatever its letter case.",
        "ACM062": 'Azure rejects more receivers of one type (Azure Monitor service limits, "Action groups").',
        "ACM063": "Each kind of identity has its own arguments; another one would be ignored.",
        "ACM064": "A route that matches nothing has no effect.",
        "ACM065": "Upgrades have statuses and the end of support has stages, so this route would never match.",
        "ACM066": "A route that changes nothing only splits a rule in two, at twice the price.",
        "ACM067": "One import block is for one resource.",
        "ACM068": "An adopted rule takes the place of one that would be made, which its scope and notice identify.",
        # Between the options of one manager
        "ACM100": "Two rules for the same scope would send every notification twice.",
        "ACM101": "A cluster that is watched by itself and by its resource group or subscription would send every notification twice.",
        "ACM102": "The documented query filters by the name of one cluster and returns none, so it fits one cluster and no routes.",
        "ACM103": "The documented query looks back from now and cannot wait for late events.",
        "ACM104": "A query that no rule uses is a mistake in `notices` or in its own key.",
        "ACM105": "Such a query returns the same rows for every scope, so every notification would be sent once for each scope.",
        "ACM106": "Azure swallows the errors of queries over Azure Resource Graph, so a wrong one would be silent "
        '("Query Azure Resource Graph data from Azure Monitor").',
        "ACM107": "Azure lets one evaluation of a rule look back 48 hours at most (Azure Monitor service limits).",
        "ACM108": "A Reader assignment is for a principal, which cannot be computed from the identity's ARM id.",
        "ACM109": "Azure Resource Graph returns only what the identity may read, so the alerts would be silent.",
        "ACM110": "Azure rejects a second assignment of the same role (409), and Terraform cannot know that two expressions are equal.",
        "ACM111": "Azure Resource Graph returns only what the identity may read, so the alerts for this scope would be silent.",
        "ACM112": "The first route that matches wins, so this one would have no effect.",
        "ACM113": "Two descriptions of the same action group would overwrite each other at every apply.",
        "ACM114": "An adopted resource takes the place of one that would be made, and none is made for this.",
        "ACM115": "A rule made by hand is about one scope, which cannot be changed without replacing it.",
        "ACM116": "Terraform would replace the adopted action group, because its name and its resource group cannot change.",
        "ACM117": "Each rule has its own identity, and each identity has its own assignments.",
        "ACM118": "Terraform imports one resource to one address.",
        "ACM119": "A subscription id that was copied from another place would watch the wrong clusters, or name them in the wrong way.",
        # One finished plan
        "ACM130": "A rule over many scopes is itself in a subscription, which has to be known to write its scope.",
        "ACM131": "Two alert rules of one name in one resource group would be the same one to Azure.",
        "ACM132": "Azure rejects larger rules, and only at apply (Azure Monitor service limits).",
        "ACM133": 'Azure rejects longer names, and only at apply ("Naming rules and restrictions for Azure resources").',
        "ACM134": "Azure Monitor takes 50 alert rules over Azure Resource Graph for one managed identity.",
        "ACM135": "Azure takes 4,000 role assignments in one subscription (Azure RBAC limits).",
        "ACM136": "An import that nothing asks for would be left out without a word, and the resource would be made a second time.",
        "ACM137": "Two stacks that make the same resource would overwrite each other, or fail at apply.",
        "ACM150": "A warning: role assignments that others made count too, so the limit of 4,000 may be exceeded at apply.",
    }
)
"""Why each rule exists, with its source where there is one, by its code."""
