"""The two frameworks: CDK for Terraform, and CDK Terrain, its maintained fork.

Both have the same classes and write the same Terraform JSON, so one construct serves both. Standard library only: this runs
before either is loaded.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from importlib.util import find_spec

from aks_communication_manager.errors import FrameworkNotFound

VARIABLE = "AKS_COMMUNICATION_MANAGER_FRAMEWORK"
"""Environment variable with the framework for writing a config. The construct uses the framework of its scope."""


@dataclass(frozen=True)
class Framework:
    """A framework and its azurerm bindings, by their names in Python and Node.js."""

    module: str
    """Name of the framework's package in Python, npm and jsii."""

    bindings: str
    """The Python package with the bindings for azurerm."""

    assembly: str
    """The npm package with the same bindings, also their name in jsii."""

    requirement: str
    """Argument for ``pip install``, in words."""

    @property
    def is_installed(self) -> bool:
        """Whether framework and bindings can be imported. Does not import them."""
        return all(name in sys.modules or find_spec(name) for name in (self.module, self.bindings))

    def require_installed(self, reason: str) -> None:
        """Raise `FrameworkNotFound` if framework or bindings are missing. `reason`: beginning of the message."""
        if not self.is_installed:
            raise FrameworkNotFound(
                f'{reason} "{self.module}", which is not installed with its bindings for azurerm, {self.bindings}.\n'
                f"Install {self.requirement}."
            )


CDKTF = Framework(
    module="cdktf",
    bindings="cdktf_cdktf_provider_azurerm",
    assembly="@cdktf/provider-azurerm",
    requirement="this package",
)
CDKTN = Framework(
    module="cdktn",
    bindings="cdktn_provider_azurerm",
    assembly="@cdktn/provider-azurerm",
    requirement="this package with its extra [cdktn]",
)
FRAMEWORKS = (CDKTF, CDKTN)
"""Supported frameworks. The first installed one is the default."""


def framework_of(construct: object) -> Framework | None:
    """Framework that defines the class of a construct or one of its base classes."""
    packages = {base.__module__.partition(".")[0] for base in type(construct).__mro__}
    return next((each for each in FRAMEWORKS if packages & {each.module, each.bindings}), None)


def chosen() -> Framework:
    """Framework for writing a config: the one named by VARIABLE, else the first installed one.

    Raises `FrameworkNotFound`.
    """
    name = os.environ.get(VARIABLE)  # empty is the same as not set
    if not name:
        installed = next((framework for framework in FRAMEWORKS if framework.is_installed), None)
        if installed is None:
            raise FrameworkNotFound(
                "Neither CDK for Terraform (cdktf) nor CDK Terrain (cdktn) is installed with its bindings for azurerm.\n"
                f"Install {' or '.join(framework.requirement for framework in FRAMEWORKS)}."
            )
        return installed
    named = next((framework for framework in FRAMEWORKS if framework.module == name), None)
    if named is None:
        allowed = " or ".join(f'"{framework.module}"' for framework in FRAMEWORKS)
        raise FrameworkNotFound(f'{VARIABLE} is "{name}", which is not a framework.\nSet it to {allowed}, or unset it.')
    named.require_installed(f"{VARIABLE} is")
    return named
