"""One small config, or one call, for each code: what docs/reference/errors.md shows, and proof that each can be reported."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Mapping
from contextlib import chdir
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from aks_communication_manager import ActionGroup, EmailReceiver, Identity, InvalidArgument
from aks_communication_manager.arm.scope import Scope
from aks_communication_manager.cli.rehearse import rehearse
from aks_communication_manager.cli.shared_options import parse_timeout
from aks_communication_manager.compiler import compile_arguments, compile_config
from aks_communication_manager.errors import Mistake
from aks_communication_manager.kql import templates
from aks_communication_manager.rehearse import event_records, rehearsal, terraform_json
from aks_communication_manager.rehearse.rule_set import RuleSet
from aks_communication_manager.terraform import output
from aks_communication_manager.terraform.stack_folders import RECORD, StackFolders
from aks_communication_manager.testing.event_factory import HAPPENED, event
from aks_communication_manager.testing.known_values import with_values
from tests.config.configs import CLUSTER, GROUP, MAIL, SUBSCRIPTION, config, group, receivers

FILE = "communication-manager.yaml"
OTHER = "22222222-2222-2222-2222-222222222222"
RULE = f"{GROUP}/providers/Microsoft.Insights/scheduledQueryRules/aks-prod"
READER = f"{GROUP}/providers/Microsoft.Authorization/roleAssignments/{OTHER}"
IDENTITY = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id"
OWN_QUERY = """arg("").containerserviceeventresources
| where id startswith "/subscriptions/11111111-1111-1111-1111-111111111111/" and <window>
| project status, description = "", eventName = name, plannedTime = ""
"""
CLUSTER_TOKEN = Scope(
    text="${TfToken[TOKEN.1]}",
    key="azurerm_kubernetes_cluster.prod.id",
    label="azurerm_kubernetes_cluster.prod.id",
    kind="cluster",
    subscription_id="${TfToken[TOKEN.2]}",
    resource_group="${TfToken[TOKEN.3]}",
    cluster="${TfToken[TOKEN.4]}",
    arm=None,
    readers=("${TfToken[TOKEN.5]}", "${TfToken[TOKEN.6]}"),
)


def _arguments(**given: Any) -> Callable[[], object]:
    """A construct's call with these arguments, in a stack whose subscription is not known."""
    mail = EmailReceiver(name="platform-team", email_address="platform@example.com")
    arguments = {
        "scopes": [CLUSTER],
        "resource_group_name": "rg-aks-notices",
        "location": "westeurope",
        "action_group": ActionGroup.create(name="ag-aks-notices", short_name="aksnotices", receivers=[mail]),
    }
    return lambda: compile_arguments(arguments | given, subscription_id=None)


def _file_in_the_way() -> None:
    Path("cdktf.out").touch()
    output.check(Path("cdktf.out"), [])


def _output_of(record: Mapping[str, list[str]], *files: str) -> StackFolders:
    """An output folder that other runs wrote, and this config's view of it."""
    for file in (FILE, "other.yaml", *files):
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        Path(file).touch()
    Path("cdktf.out", RECORD).write_text(json.dumps(record))
    return StackFolders(Path("cdktf.out"), Path(FILE), ["production"])


def _state_of_a_renamed_stack() -> None:
    folders = _output_of({f"../{FILE}": ["prod"]}, "cdktf.out/stacks/prod/terraform.tfstate")
    raise InvalidArgument(*folders.mistakes([]))


def _stack_of_another_config() -> None:
    folders = _output_of({"../other.yaml": ["production"]}, "cdktf.out/stacks/production/cdk.tf.json")
    raise InvalidArgument(*folders.mistakes(["production"]))


def _misspelled_stack() -> None:
    Path(FILE).write_text(config())
    compile_config(Path(FILE)).chosen("prod")


def _no_such_rule() -> None:
    from tests import conftest  # noqa: F401 (Node is started as the product starts it)
    from tests.synthesis import manager, stack

    manager(stack()).alert_rule(scope=CLUSTER, notice="end-of-support")


def _in_no_stack() -> None:
    from constructs import RootConstruct

    from aks_communication_manager.terraform.bindings import bindings_of
    from tests import conftest  # noqa: F401 (Node is started as the product starts it)

    bindings_of(RootConstruct("platform"))


def _clusters(count: int) -> str:
    return f"scopes: [{', '.join(f'{CLUSTER}-{number}' for number in range(count))}]"


def _adopt(**entry: str) -> str:
    return f"adopt: [{{{', '.join(f'{key}: {value}' for key, value in entry.items())}}}]"


OF_PROD = {"scope": CLUSTER, "notice": "cluster-auto-upgrade"}


def _records_of_many_years() -> None:
    started = event(CLUSTER, "cluster-auto-upgrade", "Started")
    late = event(CLUSTER, "cluster-auto-upgrade", "Completed", happened=HAPPENED + timedelta(days=4000))
    rehearsal.rehearse(RuleSet.from_deployments([]), [started, late])


def _late_record() -> None:
    row = {"id": f"{CLUSTER}/scheduledEvents/a", "properties": {"lastUpdateTime": "9999-12-31T23:59:59-14:00"}}
    Path("events.json").write_text(json.dumps([row]), encoding="utf-8")
    event_records.read(Path("events.json"))


_OTHERS: Mapping[str, str | bytes | Callable[[], object] | None] = {
    "ACM001": None,
    "ACM002": "location: Zürich".encode("latin-1"),
    "ACM003": "stacks: {production: [}",
    "ACM004": "",
    "ACM005": config("severity: 3\nseverity: 4"),
    "ACM006": config("severity:"),
    "ACM007": f"defaults: &base {{severity: 4}}\n{config()}    <<: *base\n",
    "ACM008": config("tags: &tags {owner: *tags}"),
    "ACM009": config("name_prefix: '${TfToken[TOKEN.1]}'"),
    "ACM010": _file_in_the_way,
    "ACM011": config(name="pro/duction"),
    "ACM012": "stacks: {}",
    "ACM013": _state_of_a_renamed_stack,
    "ACM014": _stack_of_another_config,
    "ACM015": config("tags: {owner: <fill in the owner>}"),
    "ACM016": _misspelled_stack,
    "ACM020": config(without="location"),
    "ACM021": config("severty: 2"),
    "ACM022": config("notices: end-of-support"),
    "ACM023": config("tags: platform"),
    "ACM024": config("allow_overlap: maybe"),
    "ACM025": config("notices: [cluster-upgrade]"),
    "ACM026": config("notices: [end-of-support, end-of-support]"),
    "ACM027": config("scopes: []"),
    "ACM030": config("scopes: [prod-2]"),
    "ACM031": config("action_group: {id: ag-aks-notices}"),
    "ACM032": config(_adopt(role_assignment=CLUSTER)),
    "ACM033": config("look_back: 5m"),
    "ACM034": config("evaluation_frequency: PT31M"),
    "ACM035": config(receivers("{type: arm_role, name: owners, role_id: Owner}")),
    "ACM036": config(receivers("{type: webhook, name: chat, service_uri: {file: http-url.txt}}")),
    "ACM037": config(receivers("{type: email, name: team, email_address: platform}")),
    "ACM038": config("resource_group: rg-aks."),
    "ACM039": config("tags: {'cost<center': '42'}"),
    "ACM040": config(receivers("{type: sms, name: on-call, country_code: +31, phone_number: '0612345678'}")),
    "ACM041": config(group(short_name="aks-notices-production")),
    "ACM042": config(
        receivers(
            f"{{type: itsm, name: tickets, workspace_id: {SUBSCRIPTION}|{OTHER}, connection_id: {OTHER}, "
            "ticket_configuration: '{}', region: westeurope}"
        )
    ),
    "ACM043": config("severity: 5"),
    "ACM044": config("custom_properties: {Cluster: prod}"),
    "ACM045": config("queries: {cluster-auto-upgrade: missing.kql}"),
    "ACM046": config("provider_version: newest"),
    "ACM047": config("backend: {azure: {key: notices.tfstate}}"),
    "ACM048": config("identity: none"),
    "ACM049": _arguments(scopes=["#{TfToken[TOKEN.0]}"]),
    "ACM050": config("action_group: ag-aks-notices"),
    "ACM051": lambda: templates.load("end-of-support", "documented"),
    "ACM054": _no_such_rule,
    "ACM055": config(receivers("{type: webhook, name: chat, service_uri: {env: NOTICES_HOOK}}")),
    "ACM056": config("overlap: PT1M"),
    "ACM063": lambda: Identity(kind="existing"),
    "ACM130": _arguments(scopes=[CLUSTER, CLUSTER.replace(SUBSCRIPTION, OTHER)], rules="shared"),
    "ACM137": config() + config("allow_overlap: true", name="test").removeprefix("stacks:\n"),
    "ACM138": config("backend: {azurerm: {key: notices.tfstate}}")
    + config(
        "backend: {azurerm: {key: notices.tfstate}}\nresource_group: rg-test\nallow_overlap: true", name="test"
    ).removeprefix("stacks:\n"),
    "ACM139": _in_no_stack,
    "ACM153": config() + config("resource_group: rg-other", name="test").removeprefix("stacks:\n"),
    "ACM069": config("provider_version: ~> 3.0"),
    "ACM070": config("location: “westeurope”"),
    "ACM160": lambda: rehearse(terraform=[Path("no-rules.tf.json")]),
    "ACM161": lambda: terraform_json.read(Path("missing.tf.json")),
    "ACM162": lambda: event_records.read(Path("http-url.txt")),
    "ACM163": _records_of_many_years,
    "ACM164": _late_record,
    "ACM165": lambda: with_values([{}], {"var.cluster": CLUSTER}),
    "ACM171": lambda: parse_timeout("PT0S"),
}
"""Of other codes: a config, a file's bytes, a call, or None for a file that is not there."""

_PLACEHOLDERS = {
    "$cluster": CLUSTER,
    "$group": GROUP,
    "$own_group": f"{GROUP}/providers/Microsoft.Insights/actionGroups/ag-on-call",
    "$other": CLUSTER.replace(SUBSCRIPTION, OTHER),
    "$mail": MAIL,
    "$action_group": f"{{name: ag-aks-notices, short_name: aksnotices, receivers: [{MAIL}]}}",
    "$rule": f"{GROUP}/providers/Microsoft.Insights/scheduledQueryRules/aks-prod",
    "$reader": f"{GROUP}/providers/Microsoft.Authorization/roleAssignments/{OTHER}",
}


def _filled(example: str) -> str:
    """The config of an example with its placeholders filled in: ``$clusters[26]`` is a list of as many."""

    def several(match: re.Match[str]) -> str:
        entry = {"clusters": "$cluster-{}", "roles": f"{{{{type: arm_role, name: owners-{{}}, role_id: {OTHER}}}}}"}
        return f"[{', '.join(entry[match[1]].format(number) for number in range(int(match[2])))}]"

    text = re.sub(r"\$(clusters|roles)\[(\d+)\]", several, example)
    for name, value in _PLACEHOLDERS.items():
        text = text.replace(name, value)
    return config(text)


_OF_CHECKS: Mapping[str, str] = {
    "ACM060": "action_group: {name: ag-aks, short_name: aks, receivers: []}",
    "ACM061": "action_group: {name: ag-aks, short_name: aks, receivers: [$mail, $mail]}",
    "ACM062": "action_group: {name: ag-aks, short_name: aks, receivers: $roles[11]}",
    "ACM064": "routes: [{severity: 1}]",
    "ACM065": "routes: [{statuses: [Failed], notices: [end-of-support], severity: 1}]\nnotices: [end-of-support]",
    "ACM066": "routes: [{statuses: [Failed]}]",
    "ACM067": "adopt: [{scope: $cluster, notice: cluster-auto-upgrade}]",
    "ACM068": "adopt: [{rule: $rule, scope: $cluster}]",
    "ACM100": "scopes: [$cluster, $cluster]",
    "ACM101": "scopes: [$group, $cluster]",
    "ACM102": "query: documented\nrules: shared",
    "ACM104": "queries: {end-of-support: own.kql}",
    "ACM105": "queries: {cluster-auto-upgrade: own.kql}\nscopes: [$cluster, $cluster-2]",
    "ACM106": "queries: {cluster-auto-upgrade: count.kql}",
    "ACM107": "look_back: PT48H",
    "ACM108": "identity: {id: $group/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id}",
    "ACM109": "reader_scopes: []",
    "ACM110": "scopes: [{variable: cluster_id}, $cluster]\nidentity: user-assigned",
    "ACM111": "reader_scopes: [$group-batch]",
    "ACM112": "routes: [{statuses: [Failed], severity: 1}, {statuses: [Failed], severity: 2}]",
    "ACM113": "routes: [{statuses: [Failed], action_group: {name: ag-aks-notices, short_name: oncall, receivers: [$mail]}}]",
    "ACM114": "adopt: [{rule: $rule, scope: $cluster-2, notice: cluster-auto-upgrade}]",
    "ACM115": "adopt: [{rule: $rule, scope: $cluster, notice: cluster-auto-upgrade}]\nrules: shared",
    "ACM116": "adopt: [{action_group: $group-notices/providers/Microsoft.Insights/actionGroups/ag-by-hand}]",
    "ACM117": "adopt: [{role_assignment: $reader}]",
    "ACM118": "adopt: [{rule: $rule, scope: $cluster, notice: cluster-auto-upgrade}, {rule: $rule-2, scope: $cluster, notice: cluster-auto-upgrade}]",
    "ACM119": "scopes: [/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/rg-aks]",
    "ACM120": "query: documented\nlook_back: PT6H",
    "ACM121": "scopes: $clusters[200]\nrules: shared\ngrouping: event",
    "ACM122": "variables: {hook: {description: the chat of the team}}",
    "ACM123": "adopt: [{rule: $rule, scope: $cluster, notice: cluster-auto-upgrade}]\nprovider: none\nbackend: none",
    "ACM124": "routes: [{statuses: [Failed], severity: 1, keep_default: true}]",
    "ACM125": "evaluation_frequency: P1D",
    "ACM126": "queries: {cluster-auto-upgrade: own.kql}\ngrouping: digest",
    "ACM127": "health_alert: true",
    "ACM128": "routes: [{statuses: [Failed], keep_default: true, action_group: $action_group}]",
    "ACM129": "location: usgovvirginia",
    "ACM131": "subscription_id: {variable: subscription}\nallow_other_subscriptions: true\nscopes: [$cluster, $other]",
    "ACM132": "scopes: $clusters[500]\nrules: shared",
    "ACM133": f"name_prefix: {'x' * 250}",
    "ACM134": "scopes: $clusters[26]\nidentity: user-assigned",
    "ACM135": "scopes: $clusters[1001]\naction_group: {id: $own_group}",
    "ACM136": "adopt: [{role_assignment: $reader, scope: $cluster, notice: cluster-auto-upgrade}]\nreader_scopes: [scope]",
    "ACM140": "action_group: {name: ag-aks, short_name: aks, receivers: [{type: webhook, name: chat, service_uri: {file: slack-url.txt}}]}",
    "ACM141": "scopes: [/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/MC_rg-aks_prod_westeurope]",
    "ACM150": "scopes: $clusters[900]\naction_group: {id: $own_group}",
    "ACM151": "scopes: [$group]\ngrouping: event",
    "ACM152": "scopes: [$other]\nallow_other_subscriptions: true",
    "ACM154": "action_group: {name: ag-aks, short_name: aks, receivers: [{type: webhook, name: chat, service_uri: 'https://example.com/hook'}]}",
    "ACM155": "scopes: $clusters[23]\nidentity: user-assigned",
    "ACM156": "location: chinanorth3",
    "ACM157": "location: {variable: azure-region}",
    "ACM158": "queries: {cluster-auto-upgrade: unproven.kql}",
    "ACM159": "scopes: $clusters[101]\nnotices: [cluster-auto-upgrade]\ngrouping: event",
}
"""Keys of a stack, by the code of a rule that spans values."""

MISTAKES: Mapping[str, str | bytes | Callable[[], object] | None] = {
    **{code: _filled(example) for code, example in _OF_CHECKS.items()},
    **_OTHERS,
}
"""An example of each mistake, by its code."""


@cache
def found(code: str) -> list[Mistake]:
    """All mistakes and warnings that the example of a code has."""
    example = MISTAKES[code]
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        Path("own.kql").write_text(OWN_QUERY)
        Path("unproven.kql").write_text(OWN_QUERY.replace("| project", '| extend short = trim("-", name)\n| project'))
        Path("http-url.txt").write_text("http://example.com/hook")
        Path("slack-url.txt").write_text("https://hooks.slack.com/services/T0/B0/example")
        Path("no-rules.tf.json").write_text('{"resource": {}}')
        Path("count.kql").write_text(f"{templates.load('cluster-auto-upgrade')}\n| count\n", encoding="utf-8")
        if callable(example):
            try:
                example()
            except InvalidArgument as error:
                return list(error.mistakes)
            return []
        if example is not None:
            Path(FILE).write_bytes(example.encode() if isinstance(example, str) else example)
        compiled = compile_config(Path(FILE))
        return [*compiled.mistakes, *compiled.warnings]
