"""Azure's rate limits of action groups: what is above one reaches nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest
from rule_samples import GROUP, HOUR, MINUTE, START, STATEFUL, group, notified, play, record, rule

from aks_communication_manager.config.receivers import EmailReceiver, SmsReceiver, WebhookReceiver, address_key
from aks_communication_manager.plan.resources import Dimension, NamedReceiver
from aks_communication_manager.rehearse.rate_limits import RateLimiter

SECOND = timedelta(seconds=1)


def sent(receivers, times, subscription="one"):
    limiter = RateLimiter()
    return [
        limiter.sends(receiver, subscription, START + time) for receiver, time in zip(receivers, times, strict=True)
    ]


@pytest.mark.parametrize(
    ("kind", "most", "span"),
    [("email", 100, HOUR), ("sms", 1, 5 * MINUTE), ("voice", 1, 5 * MINUTE), ("webhook", 1500, MINUTE)],
)
def test_so_many_are_sent_in_a_span_of_time_and_the_next_when_it_is_over(kind, most, span):
    one = NamedReceiver(kind, "on-call", "a")
    times = [*(0 * SECOND for _ in range(most)), span - SECOND, span]
    assert sent([one] * (most + 2), times) == [True] * most + [False, True]


def test_receivers_without_a_limit_get_everything():
    assert all(sent([NamedReceiver("logic_app", "flow", "a")] * 5000, [0 * SECOND] * 5000))


def test_an_address_is_counted_whatever_the_receiver_is_called():
    here, there = NamedReceiver("sms", "on-call", "a"), NamedReceiver("sms", "night", "a")
    assert sent([here, there, NamedReceiver("voice", "on-call", "a")], [0 * SECOND] * 3) == [True, False, True]


def test_calls_of_webhooks_are_counted_for_each_subscription():
    limiter = RateLimiter()
    one, other = NamedReceiver("webhook", "one", "a"), NamedReceiver("webhook", "other", "b")
    for _ in range(1500):
        assert limiter.sends(one, "s", START)
    assert not limiter.sends(other, "s", START)
    assert limiter.sends(other, "t", START)


def test_address_key_is_equal_for_equal_addresses_and_reveals_nothing():
    mail = EmailReceiver(name="a", email_address="Team@example.com")
    assert mail.address_key == address_key("email", {"name": "b", "email_address": "team@example.com "})
    sms = SmsReceiver(name="a", country_code="31", phone_number="0612345678")
    assert sms.address_key == address_key("sms", {"country_code": 31, "phone_number": "612345678"})
    assert sms.address_key != address_key("voice", {"country_code": 31, "phone_number": "612345678"})
    hook = WebhookReceiver(name="a", service_uri="https://example.com/?code=SECRET")
    assert "SECRET" not in hook.address_key
    assert len({mail.address_key, sms.address_key, hook.address_key}) == 3


def test_an_alert_that_reaches_one_of_two_receivers_is_heard():
    mail, sms = NamedReceiver("email", "team", "a"), NamedReceiver("sms", "on-call", "b")
    result = play(
        rule(), [record("a", HOUR), record("b", HOUR, status="Failed")], groups=(group("ag-aks-notices", mail, sms),)
    )
    assert notified(result) == {"a": 1, "b": 1}
    assert [one.limited for one in result.notifications] == [(), (sms,)]
    assert result.unheard == ()


def fleet(count: int):
    """The clusters of a resource group, each with one event in the same night."""
    clusters = [f"{GROUP}/providers/Microsoft.ContainerService/managedClusters/c{number:03}" for number in range(count)]
    return [record(f"e{number:03}", HOUR + number * 10 * SECOND, cluster=one) for number, one in enumerate(clusters)]


WIDE = STATEFUL.replace(f"{GROUP}/providers/Microsoft.ContainerService/managedClusters/prod/", f"{GROUP}/")
DIGEST = (
    WIDE.replace(" | project eventTime, status, eventName", "").replace(
        "eventTime >= ago(6h)", "bin(eventTime, 1h) >= ago(8h)"
    )
    + ' | extend hour = tostring(bin(eventTime, 1h)), item = tostring(split(id, "/")[8]) | where bin(eventTime, 1h) < ago(75m)'
    + ' | summarize events = tostring(count()), names = make_set(item) by status, hour | extend clusters = strcat_array(array_sort_asc(names), ", ")'
)


@pytest.mark.long
def test_400_clusters_in_one_night_exceed_the_limit_only_event_by_event():
    dimensions = tuple(map(Dimension, ("status", "eventName")))
    by_event = rule(
        WIDE, dimensions=dimensions, auto_mitigation_enabled=True, evaluation_frequency=15 * MINUTE, scopes=(GROUP,)
    )
    result = play(by_event, fleet(400))
    heard = sum(notified(result).values())
    assert (len(result.events), heard, len(result.unheard)) == (400, 200, 200)
    assert {event.limited for event in result.unheard} == {1}
    digest = rule(
        DIGEST,
        dimensions=tuple(map(Dimension, ("status", "hour", "events", "clusters"))),
        auto_mitigation_enabled=True,
        evaluation_frequency=15 * MINUTE,
        scopes=(GROUP,),
    )
    result = play(digest, fleet(400))
    assert set(notified(result).values()) == {1}
    assert len([one for one in result.notifications if one.condition == "Fired"]) <= 4
