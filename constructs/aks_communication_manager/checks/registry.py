"""Where checks are registered, by what they look at. `compiler` runs them in this order."""

from __future__ import annotations

from aks_communication_manager.config.checking import Checks

OPTIONS = Checks()
"""Between the options of one manager. Inputs are named after the options; see `config.checking.Known`."""

PLAN = Checks()
"""About one finished plan. Inputs: `plan`, `options`."""

ESTATE = Checks()
"""About all plans of one program. Inputs: `plans`, by what makes them, each finding at the later of two."""
