"""Every check of what spans values. Importing this registers them."""

from aks_communication_manager.checks import (
    adoption,
    delivery,
    estate,
    plans,
    queries,
    readers,
    routes,
    scopes,
    variables,
)
from aks_communication_manager.checks.registry import ESTATE, OPTIONS, PLAN

__all__ = [
    "ESTATE",
    "OPTIONS",
    "PLAN",
    "adoption",
    "delivery",
    "estate",
    "plans",
    "queries",
    "readers",
    "routes",
    "scopes",
    "variables",
]
