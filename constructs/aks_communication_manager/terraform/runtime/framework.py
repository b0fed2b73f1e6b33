"""Which of the two frameworks is used: CDK for Terraform, or CDK Terrain, the fork that goes on with it.

Both have the same classes and write the same Terraform JSON, so one construct serves both. Their names are here and
nowhere else. Standard library only: this runs before either is loaded.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from importlib.util import find_spec

from aks_communication_manager.errors import FrameworkNotFound

VARIABLE = "AKS_COMMUNICATION_MANAGER_FRAMEWORK"
"""Environment variable that decides where both frameworks are installed."""


@dataclass(frozen=True)
class Framework:
    """The names by which Python and Node know a framework and its bindings for azurerm."""

    module: str
    """The framework's package: of Python, of npm, and for jsii."""

    bindings: str
    """The Python package with the bindings for azurerm."""

    assembly: str
    """The npm package with the same bindings, which is their name for jsii too."""

    requirement: str
    """What to give to ``pip install``."""

    @property
    def is_installed(self) -> bool:
        """Whether framework and bindings can be imported, without importing them."""
        return all(name in sys.modules or find_spec(name) for name in (self.module, self.bindings))


CDKTF = Framework(
    module="cdktf",
    bindings="cdktf_cdktf_provider_azurerm",
    assembly="@cdktf/provider-azurerm",
    requirement="aks-communication-manager",
)
CDKTN = Framework(
    module="cdktn",
    bindings="cdktn_provider_azurerm",
    assembly="@cdktn/provider-azurerm",
    requirement='"aks-communication-manager[cdktn]"',
)
FRAMEWORKS = (CDKTF, CDKTN)
"""The first one that is installed is the default."""


def chosen() -> Framework:
    """The one that the program has imported already; else the one that VARIABLE names; else the first that is installed.

    The framework that the program uses comes first, because a construct of one cannot be put into a stack of the other.
    Raises `FrameworkNotFound`.
    """
    named = _named()
    imported = [framework for framework in FRAMEWORKS if framework.module in sys.modules]
    wanted = imported[0] if len(imported) == 1 else named
    if wanted is None:
        wanted = next((framework for framework in FRAMEWORKS if framework.is_installed), None)
    if wanted is None:
        raise FrameworkNotFound(
            "Neither CDK for Terraform (cdktf) nor CDK Terrain (cdktn) is installed with its bindings for azurerm.\n"
            f"Install one: {' or '.join(f'pip install {framework.requirement}' for framework in FRAMEWORKS)}."
        )
    if not wanted.is_installed:
        why = f"{VARIABLE} is" if wanted is named else "The program imports"
        raise FrameworkNotFound(
            f'{why} "{wanted.module}", which is not installed with its bindings for azurerm, {wanted.bindings}.\n'
            f"Install both: pip install {wanted.requirement}."
        )
    return wanted


def _named() -> Framework | None:
    """The framework that VARIABLE names. Empty is the same as not set."""
    name = os.environ.get(VARIABLE)
    if not name:
        return None
    for framework in FRAMEWORKS:
        if name == framework.module:
            return framework
    allowed = " or ".join(f'"{framework.module}"' for framework in FRAMEWORKS)
    raise FrameworkNotFound(f'{VARIABLE} is "{name}", which is not a framework.\nSet it to {allowed}, or unset it.')
