"""Files that ``init`` writes. The pipelines are files beside the package's queries, in a checkout in examples/pipelines."""

from __future__ import annotations

from pathlib import Path

CONFIG = """\
# yaml-language-server: $schema=communication-manager.schema.json
# The line above lets editors complete keys and mark mistakes. After an upgrade of the package, write that file anew:
# aks-communication-manager schema > communication-manager.schema.json
defaults:
  # The state of each stack; without a backend it would be a file, which a pipeline's runner loses.
{backend}
stacks:
  production: # one entry for each stack, which becomes cdktf.out/stacks/production
    subscription_id: <fill in the id of the subscription for alert rules and action group>
    location: <fill in its region, such as westeurope>
    resource_group: <fill in the name of a resource group that exists>
    scopes: # what is watched
      - <fill in the id of a cluster, a resource group or a subscription>
    action_group:
      name: ag-aks-notices
      short_name: aksnotices
      receivers:
        - type: email
          name: platform-team
          email_address: <fill in the address of your team>
"""

AZURE_BACKEND = """\
  backend:
    azurerm:
      resource_group_name: <fill in the resource group of the storage account for Terraform states>
      storage_account_name: <fill in the name of the storage account>
      container_name: <fill in the name of the container>
      key: "aks-notices/{stack}.tfstate" # {stack} is the name of the stack
      use_azuread_auth: true"""

GITLAB_BACKEND = """\
  backend:
    http: {} # GitLab keeps the state: the pipeline sets TF_HTTP_ADDRESS for each stack"""


IGNORED = (".venv/", "cdktf.out/", ".cdktf.out-*/", ".terraform/", "*.tfstate", "*.tfstate.*", "*.tfplan")


def wheel(version: str) -> str:
    """File name of this package's wheel."""
    return f"aks_communication_manager-{version}-py3-none-any.whl"


def requirements(version: str) -> str:
    """Requirements of a pipeline: the wheel in the repository, because no public index has this package."""
    return f"""\
# No public index has this package: a name that pip finds there would be somebody else's. Keep the wheel in the repository,
# or name an index of your own (--index-url, never --extra-index-url) and aks-communication-manager[cli,node,rehearse]=={version}
./wheels/{wheel(version)}[cli,node,rehearse]
"""


def pipeline(name: str) -> str:
    """A pipeline that installs this package and runs it."""
    package = Path(__file__).parents[1]
    folders = (package / "pipelines", package.parents[1] / "examples" / "pipelines")
    folder = next(each for each in folders if each.is_dir())
    return (folder / name).read_text(encoding="utf-8")
