"""ISO 8601 durations, and the KQL literals they become."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aks_communication_manager.arm.durations import FREQUENCIES, iso, kql, parse
from aks_communication_manager.arm.limits import MAX_LOOK_BACK
from aks_communication_manager.errors import InvalidArgument


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PT0S", timedelta()),
        ("PT5M", timedelta(minutes=5)),
        ("PT1H30M", timedelta(minutes=90)),
        ("P1D", timedelta(days=1)),
        ("P1DT2H3M4S", timedelta(days=1, hours=2, minutes=3, seconds=4)),
        ("PT90S", timedelta(seconds=90)),
    ],
)
def test_a_duration_is_read(text, expected):
    assert parse(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "P", "PT", "P1DT", "5M", "pt5m", "PT5", "PT5M ", " PT5M", "PT1.5H", "PT-5M", "P1W", "P1M", "PT5M\n", "PT٥M", "30m", "PT1M1H"],
)  # fmt: skip
def test_what_is_not_a_duration_is_reported_with_examples(text):
    with pytest.raises(InvalidArgument) as error:
        parse(text)
    assert str(error.value) == (
        f'"{text}" is not a duration [ACM033]\n    Use ISO 8601: PT5M is five minutes, PT0S is zero, P1D is one day.'
    ).replace('\n"', '\\n"')


@pytest.mark.parametrize("text", ["P9999999D", "PT9999999999M", f"PT{'9' * 5000}S"])
def test_one_that_no_clock_counts_is_refused_whatever_its_length(text):
    with pytest.raises(InvalidArgument, match=r"is too long \[ACM033\]\n    Write a shorter one, such as PT5M."):
        parse(text)


def test_the_longest_that_is_taken_can_still_be_added_to():
    assert parse("P999999DT999999999H999999999M999999999S") + MAX_LOOK_BACK > MAX_LOOK_BACK


def test_frequencies_are_azures_without_one_minute():
    assert [parse(text) / timedelta(minutes=1) for text in FREQUENCIES] == [
        *(5, 10, 15, 30, 45, 60, 120, 180, 240, 300, 360, 1440)
    ]


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        (timedelta(), "0s"),
        (timedelta(seconds=90), "90s"),
        (timedelta(minutes=35), "35m"),
        (timedelta(minutes=60), "1h"),
        (timedelta(minutes=65), "65m"),
        (timedelta(hours=24), "1d"),
        (timedelta(hours=24, minutes=5), "1445m"),
    ],
)
def test_duration_becomes_one_kql_literal_in_the_largest_unit(duration, expected):
    assert kql(duration) == expected


@settings(deadline=None)
@given(st.integers(min_value=0, max_value=10**9))
def test_no_second_is_lost_in_the_literal(seconds):
    literal = kql(timedelta(seconds=seconds))
    assert int(literal[:-1]) * {"d": 86400, "h": 3600, "m": 60, "s": 1}[literal[-1]] == seconds


@settings(deadline=None)
@given(st.integers(min_value=0, max_value=10**9))
def test_a_duration_is_written_such_that_it_is_read_as_the_same(seconds):
    assert parse(iso(timedelta(seconds=seconds))) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", [*FREQUENCIES, "PT0S", "PT1H30M", "P1DT1S", "P2D"])
def test_a_duration_in_its_shortest_form_is_written_as_it_was_read(text):
    assert iso(parse(text)) == text
