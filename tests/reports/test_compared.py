"""A report beside the time before it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from routy.clock import DAY, HOUR, iso, parse_iso
from routy.reports.buckets import Period, keys, shown
from routy.reports.compared import period_before
from routy.reports.params import parse
from tests.clicks.yard import Yard


def before(from_: str, to: str, zone: str, compare: str) -> tuple[str, str]:
    given = {"from": from_, "to": to, "timezone": zone, "compare": compare}
    period = period_before(parse(given.items(), parse_iso("2027-01-01"), "UTC"))
    return iso(period.from_ms)[:16], iso(period.to_ms)[:16]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (("2026-11-01", "2026-11-30", "UTC", "previous"), ("2026-10-02T00:00", "2026-11-01T00:00")),
        (("2026-10-26", "2026-10-27", "Europe/Berlin", "previous"), ("2026-10-23T22:00", "2026-10-25T23:00")),
        (("2026-11-21", "2026-11-21T09:30:00Z", "UTC", "previous"), ("2026-11-20T00:00", "2026-11-20T09:30")),
        (
            ("2026-11-21T06:00:00Z", "2026-11-21T09:30:00Z", "UTC", "previous"),
            ("2026-11-21T02:30", "2026-11-21T06:00"),
        ),
        (("2026-11-01", "2026-11-30", "Asia/Kolkata", "year"), ("2025-10-31T18:30", "2025-11-30T18:30")),
        (("2028-02-29", "2028-02-29", "UTC", "year"), ("2027-02-28T00:00", "2027-03-01T00:00")),
        (("1970-01-01", "1970-01-02", "UTC", "year"), ("1970-01-01T00:00", "1970-01-01T00:00")),
    ],
)
def test_days_are_compared_with_days(asked: tuple[str, str, str, str], expected: tuple[str, str]) -> None:
    assert before(*asked) == expected


@pytest.fixture
def visited(tmp_path: Path) -> Iterator[Yard]:
    """One click on the first of November, two on the second, and so on to the tenth, Berlin's noon."""
    yard = Yard(tmp_path, now=parse_iso("2026-11-01"))
    yard.add_link("summer")
    for day in range(10):
        for _ in range(day + 1):
            yard.now = parse_iso("2026-11-01T11:00:00Z") + day * DAY
            yard.visit("/summer", "utm_source=even" if day % 2 else "utm_source=odd")
    yard.now += DAY
    yard.load()
    yield yard
    yard.close()


GIVEN = {"from": "2026-11-06", "to": "2026-11-10", "timezone": "Europe/Berlin", "compare": "previous"}


def test_totals_and_days_stand_beside_those_before(visited: Yard) -> None:
    answer = visited.report(dimensions="day", **GIVEN)
    assert answer["compare"]["totals"] == {"clicks": {"before": 15, "delta": 25, "change": 1.6667}}
    assert answer["compare"]["from"] == "2026-10-31T23:00:00.000Z"
    assert [row["compare"]["clicks"]["before"] for row in answer["rows"]] == [1, 2, 3, 4, 5]


def test_groups_stand_beside_themselves(visited: Yard) -> None:
    rows = visited.report(dimensions="utm_source", sort="utm_source", **GIVEN)["rows"]
    assert [(row["utm_source"], row["clicks"], row["compare"]["clicks"]["before"]) for row in rows] == [
        ("even", 24, 6),
        ("odd", 16, 9),
    ]


@pytest.mark.parametrize("unit", ["hour", "quarter_hour", "week", "month", "weekday", "hour_of_day", "link", "tag"])
def test_every_kind_of_dimension_can_be_compared(visited: Yard, unit: str) -> None:
    answer = visited.report(dimensions=unit, **GIVEN)
    rows: list[dict[str, Any]] = answer["rows"]
    if unit not in ("week", "month"):  # whose parts may lie in one and the same before
        assert sum(row["compare"]["clicks"]["before"] for row in rows) == 15
    assert sum(row["compare"]["clicks"]["delta"] + row["compare"]["clicks"]["before"] for row in rows) == 40


def test_where_nothing_was_there_is_no_change_to_speak_of(visited: Yard) -> None:
    answer = visited.report(**{**GIVEN, "compare": "year"})
    assert answer["compare"]["totals"] == {"clicks": {"before": 0, "delta": 40, "change": None}}


# ---- rows of time without clicks


@pytest.mark.parametrize(
    ("unit", "hours", "zone", "expected"),
    [
        ("day", 49, "UTC", ["2026-10-24", "2026-10-25", "2026-10-26"]),
        ("week", 49, "UTC", ["2026-W43", "2026-W44"]),
        ("month", 24 * 10, "UTC", ["2026-10", "2026-11"]),
        ("quarter", 24 * 100, "UTC", ["2026-Q4", "2027-Q1"]),
        ("year", 24, "UTC", ["2026"]),
        ("hour_of_day", 1, "UTC", list(range(24))),
        ("hour", 2, "Asia/Kathmandu", [f"2026-10-24T{hour}:00:00+05:45" for hour in ("05", "06", "07")]),
        ("quarter_hour", 0.5, "Asia/Kolkata", ["2026-10-24T05:30:00+05:30", "2026-10-24T05:45:00+05:30"]),
    ],
)
def test_every_unit_that_has_a_part_in_a_time_is_named(
    unit: str, hours: float, zone: str, expected: list[str]
) -> None:
    begin = parse_iso("2026-10-24")
    period = Period(begin, begin + round(hours * HOUR), zone)
    assert [shown(unit, key, period) for key in keys(unit, period, 100) or []] == expected


def test_the_hour_that_comes_twice_has_two_names() -> None:
    begin = parse_iso("2026-10-25")
    period = Period(begin, begin + 3 * HOUR, "Europe/Berlin")
    assert [shown("hour", key, period) for key in keys("hour", period, 100) or []] == [
        "2026-10-25T02:00:00+02:00",
        "2026-10-25T02:00:00+01:00",
        "2026-10-25T03:00:00+01:00",
    ]


def test_what_would_be_too_many_rows_is_none(yard: Yard) -> None:
    period = Period(0, parse_iso("9999-12-01"), "Etc/GMT-14")
    assert keys("quarter_hour", period, 10_000) is keys("day", period, 10_000) is None
    assert len(keys("year", period, 10_000) or []) == 9999 - 1970 + 1
    answer = yard.report(dimensions="quarter_hour", **{"from": "1970-01-01", "to": "9999-12-01"})
    assert answer["rows"] == []
