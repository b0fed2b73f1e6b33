"""Checks between values that are right in themselves. Importing this fills the registries."""

from aks_communication_manager.checks import (  # noqa: F401
    adopted_resources,
    chat_webhooks,
    clouds,
    declared_variables,
    delivery_limits,
    estate,
    notification_rates,
    own_queries,
    plan_limits,
    reader_access,
    route_order,
    watched_scopes,
)
