"""Every check of what spans values. Importing this registers them."""

from aks_communication_manager.checks import adoption, estate, plans, queries, readers, routes, scopes
from aks_communication_manager.checks.registry import ESTATE, OPTIONS, PLAN

__all__ = ["ESTATE", "OPTIONS", "PLAN", "adoption", "estate", "plans", "queries", "readers", "routes", "scopes"]
