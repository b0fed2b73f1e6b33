"""Microsoft.ResourceHealth: the availability of alert rules, which Azure reports up to a frequency of 15 minutes."""

from __future__ import annotations

from datetime import timedelta

from tests.stand_in.alert_rules import AlertRules, as_timedelta
from tests.stand_in.exchange import Answer
from tests.stand_in.refusal import Refusal
from tests.stand_in.store import Store

API_VERSIONS = frozenset({"2022-10-01", "2023-07-01-preview", "2025-05-01"})
SLOWEST = timedelta(minutes=15)


class ResourceHealth:
    """Every rule is available unless `summaries` says what is wrong with it."""

    def __init__(self, store: Store) -> None:
        self.summaries: dict[str, str] = {}
        """By the rule's id in lower case: why it is unavailable."""
        self._store = store

    def answer(self, identifier: str) -> Answer:
        resource = self._store.get(identifier)
        if resource is None or resource["type"] != AlertRules.type:
            raise Refusal(404, "ResourceNotFound", f"The resource '{identifier}' was not found.")
        summary = self.summaries.get(identifier.lower())
        state = "Unavailable" if summary else "Available"
        if as_timedelta(resource["properties"]["evaluationFrequency"]) > SLOWEST:
            state, summary = "Unknown", "Health is not reported for alert rules with a frequency above 15 minutes."
        return Answer(
            200,
            {
                "id": f"{resource['id']}/providers/Microsoft.ResourceHealth/availabilityStatuses/current",
                "name": "current",
                "type": "Microsoft.ResourceHealth/AvailabilityStatuses",
                "location": resource["location"],
                "properties": {
                    "availabilityState": state,
                    "title": state,
                    "summary": summary or "There are no known problems.",
                    "reasonType": "",
                    "occuredTime": "2026-06-15T12:00:00Z",
                    "reportedTime": "2026-06-15T12:00:00Z",
                },
            },
        )
