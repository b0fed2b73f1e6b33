"""Checks between values that are right in themselves. Importing this fills the registries."""

from aks_communication_manager.checks import (
    adopted_resources,
    clouds,
    declared_variables,
    delivery_limits,
    estate,
    own_queries,
    plan_limits,
    rate_limits,
    reader_access,
    route_order,
    watched_scopes,
)

__all__ = [
    "adopted_resources",
    "clouds",
    "declared_variables",
    "delivery_limits",
    "estate",
    "own_queries",
    "plan_limits",
    "rate_limits",
    "reader_access",
    "route_order",
    "watched_scopes",
]
