"""What newcomers stumble over: names that are nearly right, rules that are asked for, people who are notified twice."""

from __future__ import annotations

import pytest

from aks_communication_manager import CommunicationManager, InvalidArgument, Route
from aks_communication_manager.compiler import compile_config
from tests.synthesis import SUBSCRIPTION, action_group, cluster, manager, resource_group, stack

STACK = """\
  {name}:
    subscription_id: 11111111-1111-1111-1111-111111111111
    location: westeurope
    resource_group: rg-{name}
    scopes: [{scopes}]
    {more}
    action_group:
      name: ag
      short_name: aks
      receivers: [{receivers}]
"""
MAIL = "{type: email, name: team, email_address: team@example.com}"


def compiled(folder, *stacks, text=None, **values):
    given = {"name": "production", "scopes": cluster(), "more": "", "receivers": MAIL} | values
    file = folder / "config.yaml"
    file.write_text(text or "stacks:\n" + "".join(STACK.format(**(given | each)) for each in stacks or [{}]))
    return compile_config(file)


def fixes(folder, **values):
    return [mistake.fix for mistake in compiled(folder, **values).mistakes]


@pytest.mark.parametrize(
    ("values", "fix"),
    [
        ({"receivers": "{type: webhook, name: w, url: 'https://a.example'}"}, "Did you mean service_uri?"),
        ({"receivers": "{type: email, name: w, email: a@b.example}"}, "Did you mean email_address?"),
        ({"more": "frequency: PT15M"}, "Did you mean evaluation_frequency?"),
        (
            {"more": "routes: [{statuses: [Failed], action_group: {name: ag}}]"},
            "In a route, remove action_group to use the one of the stack. "
            "Use {id: …} for one that exists; a new one needs short_name and receivers.",
        ),
        (
            {"scopes": cluster().replace("ContainerService/", "ContainerServices/")},
            f"Did you mean {cluster()}?",
        ),
        (
            {"scopes": f"'https://portal.azure.com/#@contoso/resource{cluster()}/overview'"},
            f"Start at /subscriptions/, and leave out what follows the name: {cluster()}",
        ),
        (
            {"receivers": "{type: webhook, name: w, service_uri: '${WEBHOOK_URL}'}"},
            "Environment variables are not read there. Write {variable: WEBHOOK_URL}: Terraform is given its value as "
            "TF_VAR_WEBHOOK_URL. Or write {env: WEBHOOK_URL} to read it where the program runs.",
        ),
        (
            {"receivers": "{type: webhook, name: w, service_uri: {secret: WEBHOOK_URL}}"},
            "Write {variable: NAME}: Terraform is given its value as TF_VAR_NAME.",
        ),
        *(
            (
                {"receivers": f"{{type: webhook, name: w, service_uri: '{value}'}}"},
                "Write {variable: WEBHOOK_URL}: Terraform is given its value as TF_VAR_WEBHOOK_URL.",
            )
            for value in ("${{ secrets.WEBHOOK_URL }}", "$(WEBHOOK_URL)", "${{ parameters.WEBHOOK_URL }}")
        ),
        (
            {"receivers": "{type: webhook, name: w}"},
            "Write it, for example service_uri: {variable: service_uri}",
        ),
    ],
)
def test_a_message_says_what_was_probably_meant(values, fix, tmp_path):
    assert fix in fixes(tmp_path, **values)


def test_bad_indentation_is_named_by_its_line(tmp_path):
    [fix] = fixes(tmp_path, text="stacks:\n  production:\n    location: westeurope\n   severity: 3\n")
    assert fix == "Check the indentation of line 4: keys of one mapping start in the same column."


def test_an_argument_of_another_name_is_one_mistake_with_the_right_name():
    with pytest.raises(InvalidArgument) as error:
        CommunicationManager(
            stack(),
            "notices",
            scopes=[cluster()],
            resource_group="rg",
            location="westeurope",
            action_group=action_group(),
        )
    assert {mistake.where: (mistake.code, mistake.fix) for mistake in error.value.mistakes} == {
        "resource_group": ("ACM021", "Did you mean resource_group_name?"),
    }


def test_two_stacks_with_one_cluster_and_one_group_bring_a_warning(tmp_path):
    found = compiled(tmp_path, {"name": "one"}, {"name": "two", "scopes": resource_group()})
    assert not found.mistakes
    [warning] = found.warnings
    assert (warning.code, warning.where) == ("ACM153", "stacks.two.scopes")
    assert warning.problem == (
        f'"{resource_group()}" is also watched by stacks.one for cluster-auto-upgrade, with the same receivers: '
        "every notification would be sent twice"
    )
    assert not compiled(tmp_path, {"name": "one"}, {"name": "two", "more": "allow_overlap: true"}).warnings
    other = MAIL.replace("team@", "others@")
    assert not compiled(tmp_path, {"name": "one"}, {"name": "two", "receivers": other}).warnings


def test_a_rule_is_found_by_scope_notice_and_route():
    route = Route(statuses=("Failed",), severity=1)
    made = manager(stack(), scopes=[cluster("dev"), cluster()], routes=[route])
    found = made.alert_rule(scope=cluster().upper(), notice="node-os-auto-upgrade")
    assert found.name_input == "node-os-auto-upgrade-prod@rg-aks"
    assert made.alert_rule(scope=cluster(), notice="node-os-auto-upgrade", route=route).severity_input == 1
    with pytest.raises(InvalidArgument) as error:
        made.alert_rule(scope=cluster("test"), notice="node-os-auto-upgrade")
    [mistake] = error.value.mistakes
    assert mistake.problem == f'there is no alert rule for scope="{cluster("test")}", notice=node-os-auto-upgrade'
    assert f"  scope={cluster().lower()}, notice=node-os-auto-upgrade, route=0" in mistake.fix.splitlines()


def test_each_manager_suppresses_resolved_for_its_own_rules_only():
    made = stack()
    managers = [
        manager(made, "one", resource_group_name="rg"),
        manager(
            made,
            "two",
            resource_group_name="rg",
            name_prefix="a",
            scopes=[cluster("dev")],
            action_group=action_group("ag-2"),
        ),
        manager(made, "three", resource_group_name="rg-2", scopes=[cluster("test")]),
    ]
    for each in managers:
        [value] = each.processing_rule.condition_input.description.values
        assert SUBSCRIPTION in value
        for other in managers:
            matched = [value in rule.description for rule in other.plan.alert_rules]
            assert matched == [other is each] * 2
    assert manager(made, "four", resource_group_name="rg-3", resolved_messages=True).processing_rule is None


def test_wrong_argument_names_are_the_only_mistakes_beside_none_values():
    with pytest.raises(InvalidArgument) as error:
        CommunicationManager(
            stack(),
            "notices",
            resource_group_name="rg",
            location="westeurope",
            action_group=action_group(),
            tags=None,
            identity=None,
            queries=None,
            custom_properties=None,
            severty=2,
        )
    assert str(error.value) == (
        "scopes: missing [ACM020]\n"
        "    Write it, for example scopes: [/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg-aks/providers/Microsoft.ContainerService/managedClusters/prod]\n"
        "severty: unknown key [ACM021]\n"
        "    Did you mean severity?"
    )
