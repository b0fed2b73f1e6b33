"""Programs that the tests of the runtime run in a process of their own, for the framework that is tested."""

from importlib.util import find_spec
from pathlib import Path

from aks_communication_manager import fast_start
from aks_communication_manager.terraform.runtime.framework import CDKTF, chosen

SOURCES = Path(fast_start.__file__).parents[3]
FRAMEWORK = chosen()
BINDINGS = Path(find_spec(FRAMEWORK.bindings).submodule_search_locations[0])


def of_framework(program: str) -> str:
    """A program for CDK for Terraform, with the names of the framework that is tested."""
    for ours, theirs in [(CDKTF.bindings, FRAMEWORK.bindings), (CDKTF.assembly, FRAMEWORK.assembly)]:
        program = program.replace(ours, theirs)
    return program.replace(CDKTF.module, FRAMEWORK.module)


FAST = "from aks_communication_manager import fast_start; fast_start.enable()"
PRELOAD = "fast_start.preload().join()"
NO_GARBAGE_COLLECTION = "import atexit, gc; gc.disable(); atexit.register(gc.freeze)"  # half the time of loading all
SYNTH = """
import json, os, sys
import cdktf
from cdktf_cdktf_provider_azurerm.monitor_action_group import MonitorActionGroup, MonitorActionGroupEmailReceiver
from cdktf_cdktf_provider_azurerm.provider import AzurermProvider
from cdktf_cdktf_provider_azurerm.user_assigned_identity import UserAssignedIdentity

app = cdktf.App(outdir=sys.argv[1])
stack = cdktf.TerraformStack(app, "estate")
AzurermProvider(stack, "azurerm", features=[{}], subscription_id="11111111-1111-1111-1111-111111111111")
identity = UserAssignedIdentity(stack, "identity", name="id", location="westeurope", resource_group_name="rg")
group = MonitorActionGroup(
    stack, "group", name="ag", short_name="ag", resource_group_name="rg",
    email_receiver=[MonitorActionGroupEmailReceiver(name="team", email_address="platform@example.com")],
)
cdktf.TerraformOutput(stack, "principal", value=identity.principal_id)
app.synth()
bindings = [name for name in sys.modules if name.startswith("cdktf_cdktf_provider_azurerm.") and name.count(".") == 1]
print(json.dumps({"modules": len(bindings), "NODE_OPTIONS": os.environ.get("NODE_OPTIONS")}))
"""


def packages(folder: Path, **sources: str) -> None:
    """Stand-ins for installed packages, by their dotted names with ``__`` for a dot."""
    for name, source in sources.items():
        package = folder.joinpath(*of_framework(name).split("__"))
        package.mkdir(parents=True, exist_ok=True)
        (package / "__init__.py").write_text(of_framework(source))
