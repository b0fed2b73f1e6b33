"""What goes wrong on the way: the same apply gets through, or the next one converges, and nothing is left double."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping

import pytest

from tests.azurerm.deployment import Config, Deployment, config, read_only
from tests.azurerm.readback import assert_is_as_configured
from tests.stand_in.exchange import Request
from tests.stand_in.faults import (
    Fault,
    dropped_connection,
    forbidden,
    long_running,
    principal_unknown,
    server_error,
    too_many_requests,
)
from tests.stand_in.terraform import TerraformError, kill
from tests.synthesis import cluster

pytestmark = pytest.mark.azurerm

RULES = {f"{notice}-prod@rg-aks": cluster() for notice in ("cluster-auto-upgrade", "node-os-auto-upgrade")}


def assert_converged(deployment: Deployment, rules: Mapping[str, str] = RULES) -> None:
    """No change is planned, and each thing is there once."""
    assert deployment.terraform.plan() == []
    assert_is_as_configured(deployment.azure, deployment.settings, rules)


def test_one_apply_gets_through_throttling_errors_and_a_slow_directory(deployment: Deployment):
    terraform = deployment.write(config())
    before, azure = deployment.seed(), deployment.azure
    planned = [
        azure.fail("PUT", "/actionGroups/", too_many_requests(retry_after=1), times=2),
        azure.fail("GET", "/actionGroups/", server_error(503), skip=1),
        azure.fail("PUT", "/scheduledQueryRules/", too_many_requests(retry_after=1)),
        azure.fail("PUT", "/scheduledQueryRules/", server_error(), times=2, skip=1),
        azure.fail("PUT", "/rg-aks/.*/roleAssignments/", principal_unknown(), times=2),
        azure.fail("DELETE", "/scheduledQueryRules/", too_many_requests(retry_after=1)),
        azure.fail("DELETE", "/roleAssignments/", server_error()),
    ]
    terraform.apply()
    assert_converged(deployment)
    terraform.destroy()
    assert [fault.hits for fault in planned] == [2, 1, 1, 2, 2, 1, 1]
    assert (terraform.state(), list(azure.resources)) == ([], before)


@pytest.mark.parametrize("header", ["Location", "Azure-AsyncOperation"])
def test_a_resource_group_that_takes_its_time_to_go_is_waited_for(header: str, deployment: Deployment):
    keys: Config = {"resource_group": {"name": "rg-aks-notices", "create": True}, **read_only()}
    terraform = deployment.write(config(**keys))
    before = deployment.seed()
    terraform.apply()
    planned = deployment.azure.fail("DELETE", "/resourceGroups/rg-aks-notices$", long_running(3, header))
    terraform.destroy()
    assert (planned.hits, terraform.state(), list(deployment.azure.resources)) == (1, [], before)


@pytest.mark.parametrize("path", ["/actionGroups/", "/scheduledQueryRules/", "/roleAssignments/"])
def test_after_a_connection_that_dropped_the_next_apply_makes_what_is_missing(path: str, deployment: Deployment):
    terraform = deployment.write(config())
    deployment.seed()
    planned = deployment.azure.fail("PUT", path, dropped_connection(), times=None)
    with pytest.raises(TerraformError, match=r"EOF|connection may have been reset"):
        terraform.apply()
    assert planned.hits
    deployment.azure.recover()
    terraform.apply()
    assert_converged(deployment)


def test_after_a_refused_role_assignment_the_next_apply_makes_it_and_keeps_the_rules(deployment: Deployment):
    terraform = deployment.write(config())
    deployment.seed()
    deployment.azure.fail("PUT", "/roleAssignments/", forbidden(), times=None)
    with pytest.raises(TerraformError, match="AuthorizationFailed"):
        terraform.apply()
    with deployment.sdk() as sdk:
        principals = {rule.name: rule.identity.principal_id for rule in sdk.rules()}
    deployment.azure.recover()
    terraform.apply()
    assert_converged(deployment)
    with deployment.sdk() as sdk:
        assert {rule.name: rule.identity.principal_id for rule in sdk.rules()} == principals


def test_terraform_killed_between_rule_and_role_assignment_is_mended_by_the_next_apply(deployment: Deployment):
    """Terraform and the provider die together, as when a pipeline's machine goes, before Azure hears of an assignment.

    One rule alone, so that no other is on its way then: what Azure has and the state has not is for `adopt`.
    """
    notice = "cluster-auto-upgrade"
    terraform = deployment.write(config(notices=[notice]))
    deployment.seed()
    running: list[subprocess.Popen[str]] = []

    def die(request: Request) -> Fault | None:
        if request.method != "PUT" or "/roleAssignments/" not in request.path or buried:
            return None
        if running[0].poll() is None:
            kill(running[0])
        return dropped_connection()  # what was on its way when it died does not arrive either

    buried: list[bool] = []
    deployment.azure.on_request(die)
    running.append(terraform.start("apply", "-auto-approve", "-no-color", "-parallelism=50"))
    running[0].communicate()
    buried.append(True)
    assert running[0].returncode < 0
    with deployment.sdk() as sdk:
        assert (len(sdk.rules()), sdk.role_assignments()) == (1, [])
    terraform.apply()
    assert_converged(deployment, {f"{notice}-prod@rg-aks": cluster()})
