"""One small config, or one call, for each code: what docs/errors.md shows, and proof that each can be reported."""

from __future__ import annotations

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
from aks_communication_manager.compiler import compile_arguments, compile_config
from aks_communication_manager.errors import Mistake
from aks_communication_manager.kql import templates
from aks_communication_manager.rehearse import events, rehearsal, terraform_json
from aks_communication_manager.terraform import output
from aks_communication_manager.testing.event_factory import HAPPENED, event
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
    """What the construct does with its arguments, in a stack whose subscription is not known."""
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


def _no_such_rule() -> None:
    from tests import conftest  # noqa: F401 (Node is started as the product starts it)
    from tests.synthesis import manager, stack

    manager(stack()).alert_rule(scope=CLUSTER, notice="end-of-support")


def _clusters(count: int) -> str:
    return f"scopes: [{', '.join(f'{CLUSTER}-{number}' for number in range(count))}]"


def _adopt(**entry: str) -> str:
    return f"adopt: [{{{', '.join(f'{key}: {value}' for key, value in entry.items())}}}]"


OF_PROD = {"scope": CLUSTER, "notice": "cluster-auto-upgrade"}


def _records_of_many_years() -> None:
    started = event(CLUSTER, "cluster-auto-upgrade", "Started")
    late = event(CLUSTER, "cluster-auto-upgrade", "Completed", happened=HAPPENED + timedelta(days=4000))
    rehearsal.rehearse(rehearsal.Cast.of([]), [started, late])


MISTAKES: Mapping[str, str | bytes | Callable[[], object] | None] = {
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
    "ACM033": config("ingestion_delay: 5m"),
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
    "ACM060": config(group(receivers="[]")),
    "ACM061": config(receivers(MAIL, MAIL)),
    "ACM062": config(
        receivers(*(f"{{type: arm_role, name: owners-{number}, role_id: {OTHER}}}" for number in range(11)))
    ),
    "ACM063": lambda: Identity(kind="existing"),
    "ACM064": config("routes: [{severity: 1}]"),
    "ACM065": config(
        "routes: [{statuses: [Failed], notices: [end-of-support], severity: 1}]\nnotices: [end-of-support]"
    ),
    "ACM066": config("routes: [{statuses: [Failed]}]"),
    "ACM067": config(_adopt(**OF_PROD)),
    "ACM068": config(_adopt(rule=RULE, scope=CLUSTER)),
    "ACM100": config(f"scopes: [{CLUSTER}, {CLUSTER}]"),
    "ACM101": config(f"scopes: [{GROUP}, {CLUSTER}]"),
    "ACM102": config("query: documented\nrules: shared"),
    "ACM103": config("query: documented\ndelivery: stateful"),
    "ACM104": config("queries: {end-of-support: own.kql}"),
    "ACM105": config(f"queries: {{cluster-auto-upgrade: own.kql}}\nscopes: [{CLUSTER}, {CLUSTER}-2]"),
    "ACM106": config("queries: {cluster-auto-upgrade: count.kql}"),
    "ACM107": config("look_back: PT48H"),
    "ACM108": config(f"identity: {{id: {IDENTITY}}}"),
    "ACM109": config("reader_scopes: []"),
    "ACM110": _arguments(scopes=[CLUSTER_TOKEN, CLUSTER], identity=Identity.user_assigned()),
    "ACM111": config(f"reader_scopes: [{GROUP}-batch]"),
    "ACM112": config("routes: [{statuses: [Failed], severity: 1}, {statuses: [Failed], severity: 2}]"),
    "ACM113": config(
        f"routes: [{{statuses: [Failed], action_group: {{name: ag-aks-notices, short_name: oncall, receivers: [{MAIL}]}}}}]"
    ),
    "ACM114": config(_adopt(rule=RULE, scope=f"{CLUSTER}-2", notice="cluster-auto-upgrade")),
    "ACM115": config(f"{_adopt(rule=RULE, **OF_PROD)}\nrules: shared"),
    "ACM116": config(
        _adopt(action_group=f"{GROUP}-notices/providers/Microsoft.Insights/actionGroups/ag-by-hand"),
    ),
    "ACM117": config(_adopt(role_assignment=READER)),
    "ACM118": config(f"{_adopt(rule=RULE, **OF_PROD)[:-1]}, {_adopt(rule=f'{RULE}-2', **OF_PROD)[8:]}"),
    "ACM119": config(f"scopes: [/subscriptions/{OTHER}/resourceGroups/rg-aks]"),
    "ACM120": config("overlap: PT5M"),
    "ACM121": config(f"{_clusters(200)}\nrules: shared\ndelivery: stateful"),
    "ACM122": config("variables: {hook: {description: the chat of the team}}"),
    "ACM123": config(f"{_adopt(rule=RULE, **OF_PROD)}\nprovider: none\nbackend: none"),
    "ACM130": _arguments(scopes=[CLUSTER, CLUSTER.replace(SUBSCRIPTION, OTHER)], rules="shared"),
    "ACM131": _arguments(scopes=[CLUSTER, CLUSTER.replace(SUBSCRIPTION, OTHER)]),
    "ACM132": config(f"{_clusters(500)}\nrules: shared"),
    "ACM133": config(f"name_prefix: {'x' * 250}"),
    "ACM134": config(f"{_clusters(26)}\nidentity: user-assigned"),
    "ACM135": config(_clusters(1001)),
    "ACM136": config(f"{_adopt(role_assignment=READER, **OF_PROD)}\nreader_scopes: [scope]"),
    "ACM137": config() + config("allow_overlap: true", name="test").removeprefix("stacks:\n"),
    "ACM150": config(_clusters(900)),
    "ACM151": config(f"scopes: [{GROUP}]\ndelivery: stateful"),
    "ACM152": config(f"scopes: [{CLUSTER.replace(SUBSCRIPTION, OTHER)}]\nallow_other_subscriptions: true"),
    "ACM153": config() + config("resource_group: rg-other", name="test").removeprefix("stacks:\n"),
    "ACM155": config(f"{_clusters(23)}\nidentity: user-assigned"),
    "ACM160": lambda: rehearse(terraform=[Path("no-rules.tf.json")]),
    "ACM161": lambda: terraform_json.read(Path("missing.tf.json")),
    "ACM162": lambda: events.read(Path("http-url.txt")),
    "ACM163": _records_of_many_years,
    "ACM154": config(receivers("{type: webhook, name: chat, service_uri: 'https://example.com/hook'}")),
}
"""What is wrong: a config, a file's bytes, a call, or None for a file that is not there."""


@cache
def found(code: str) -> list[Mistake]:
    """All mistakes and warnings that the example of a code has."""
    example = MISTAKES[code]
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        Path("own.kql").write_text(OWN_QUERY)
        Path("http-url.txt").write_text("http://example.com/hook")
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
