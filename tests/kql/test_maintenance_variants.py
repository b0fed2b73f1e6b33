"""The courses of a maintenance are what their names say."""

from __future__ import annotations

from datetime import timedelta

import pytest

from aks_communication_manager.rehearse.event_records import states
from tests.kql.kql_table import NOW, PROD
from tests.kql.maintenance_variants import DAY, VARIANTS, records

PLANNED = NOW - 3 * DAY


@pytest.mark.parametrize("name", VARIANTS)
def test_one_maintenance_has_one_event_id(name):
    found = states(records(VARIANTS[name], PROD, PLANNED))
    assert {record.properties["eventId"] for record in found} == {"m"}
    assert {record.families for record in found} == {("K8sVersionUpgrade",)}
    assert len({record.id for record in found}) == (1 if VARIANTS[name].in_place else len(found))
    assert all(record.updated is not None and record.visible_from > record.updated for record in found)


@pytest.mark.parametrize("name", VARIANTS)
def test_a_missed_maintenance_has_announcements_alone(name):
    found = [record for record in states(records(VARIANTS[name], PROD, PLANNED)) if not record.visible_until]
    assert ({record.status for record in found} == {"Scheduled"}) is VARIANTS[name].missed
    latest = max(record.planned for record in found if record.planned)
    assert latest in (PLANNED, PLANNED + timedelta(days=2))
