"""Every check of what spans values. Importing this registers them."""

from aks_communication_manager.checks import (
    adopted_resources,
    declared_variables,
    delivery_limits,
    estate,
    own_queries,
    plan_limits,
    reader_access,
    route_order,
    watched_scopes,
)
from aks_communication_manager.checks.registry import ESTATE, OPTIONS, PLAN

__all__ = [
    "ESTATE",
    "OPTIONS",
    "PLAN",
    "adopted_resources",
    "declared_variables",
    "delivery_limits",
    "estate",
    "own_queries",
    "plan_limits",
    "reader_access",
    "route_order",
    "watched_scopes",
]
