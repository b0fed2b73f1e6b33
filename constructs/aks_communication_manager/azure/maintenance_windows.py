"""Check whether a maintenance window ever opens.

Source: "Use planned maintenance to schedule and control upgrades for your AKS clusters".
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from aks_communication_manager.azure.answers import MaintenanceConfiguration, MaintenanceWindow, Recurrence

LEAD_TIME = "at least 24 hours before its first start, as Microsoft asks"
"""Lead time for creating or changing a window, as the end of a sentence."""

_LOOK_AHEAD = timedelta(days=366)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKS = {"first": (1, 7), "second": (8, 14), "third": (15, 21), "fourth": (22, 28), "last": (22, 31)}


def problem_of(configuration: MaintenanceConfiguration, today: date) -> str:
    """Reason why no upgrade can take place in the window, as the end of a sentence; empty if one can."""
    window = configuration.maintenance_window
    if window is None:
        # API 2026-08-02-preview: the schedule can be a separate resource.
        return "" if configuration.maintenance_window_id else "has no schedule, so no upgrade starts in it"
    if window.start_date and window.start_date > today:
        return f"applies from {window.start_date} only"
    opening = next(_openings(window, today), None)
    if opening is None:
        return "does not open within a year: `notAllowedDates` covers every day of its schedule"
    return ""


def _openings(window: MaintenanceWindow, today: date) -> Iterator[date]:
    """Days of the schedule that are not excluded. Ignores intervals of weeks and months, whose first one is unknown."""
    for offset in range(_LOOK_AHEAD.days):
        day = today + timedelta(days=offset)
        excluded = any(span.start <= day <= span.end for span in window.not_allowed_dates)
        if not excluded and any(recurrence and _falls_on(recurrence, day) for recurrence in window.schedule.values()):
            yield day


def _falls_on(recurrence: Recurrence, day: date) -> bool:
    if recurrence.day_of_month and recurrence.day_of_month != day.day:
        return False
    if recurrence.day_of_week and recurrence.day_of_week.lower() != _WEEKDAYS[day.weekday()]:
        return False
    first, last = _WEEKS.get((recurrence.week_index or "").lower(), (1, 31))
    return first <= day.day <= last
