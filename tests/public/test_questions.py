"""The days of a share's ranges, and what its reports are asked."""

from typing import Any

import pytest

from routy.clock import parse_iso
from routy.public.questions import AT_LEAST, days, parts, ranges
from routy.public.shared import Shared
from routy.resources.shares import RANGES, unshareable

LEAP = parse_iso("2028-02-29T12:00:00Z")


def shared(**given: Any) -> Shared:
    row = {
        "id": "share_1", "subject_id": "tag_1", "version": 1, "range": "30d", "ranges": [], "first_day": None,
        "last_day": None, "timezone": None, "workspace_timezone": "UTC", "report": None, "metrics": ["clicks"],
        "dimensions": ["time", "city"],
    }  # fmt: skip
    return Shared({**row, **given})


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("today", "2028-02-29", "2028-02-29"),
        ("yesterday", "2028-02-28", "2028-02-28"),
        ("7d", "2028-02-23", "2028-02-29"),
        ("30d", "2028-01-31", "2028-02-29"),
        ("90d", "2027-12-02", "2028-02-29"),
        ("12m", "2027-03-02", "2028-02-29"),
        ("month", "2028-02-01", "2028-02-29"),
        ("last-month", "2028-01-01", "2028-01-31"),
        ("all", "1970-01-02", "2028-02-29"),
    ],
)
def test_a_range_has_its_days(name: str, first: str, last: str) -> None:
    found = days(shared(), name, LEAP)
    assert (str(found.first), str(found.last)) == (first, last)


def test_every_range_has_days() -> None:
    assert all(days(shared(), name, LEAP).first <= days(shared(), name, LEAP).last for name in RANGES)


def test_days_are_those_of_the_zone() -> None:
    found = {zone: str(days(shared(timezone=zone), "today", LEAP).last)
             for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago", None)}  # fmt: skip
    assert found == {"Pacific/Kiritimati": "2028-03-01", "Pacific/Pago_Pago": "2028-02-29", None: "2028-02-29"}


@pytest.mark.parametrize("name", RANGES)
def test_no_range_reaches_beyond_the_bounds(name: str) -> None:
    found = days(shared(first_day="2028-02-10", last_day="2028-02-20"), name, LEAP)
    assert "2028-02-10" <= str(found.first) <= str(found.last) <= "2028-02-20" or name == "last-month"
    past = days(shared(last_day="2028-02-20"), name, LEAP)
    assert str(past.last) <= "2028-02-20"


def test_what_lies_before_the_first_day_stays_out_even_of_last_month() -> None:
    found = days(shared(first_day="2028-02-10", last_day="2028-02-20"), "last-month", LEAP)
    assert (str(found.first), str(found.last)) == ("2028-02-10", "2028-02-10")


def test_ranges_are_offered_in_the_order_of_their_length() -> None:
    assert ranges(shared(range="90d", ranges=["all", "today", "90d"])) == ["today", "90d", "all"]


def test_the_unit_of_time_goes_with_the_range() -> None:
    wanted = ("today", "7d", "12m", "all")
    units = {name: parts(shared(), days(shared(), name, LEAP))[1].dimensions[0] for name in wanted}
    assert units == {"today": "hour", "7d": "day", "12m": "week", "all": "month"}


def test_every_question_of_a_share_is_about_its_subject() -> None:
    made = parts(shared(), days(shared(), "7d", LEAP))
    assert {part.question["tag_ids"] for part in made} == {"tag_1"}
    assert {part.question["from"] for part in made} == {"2028-02-23"}
    assert made[2].question[AT_LEAST] == "5"


def test_a_reports_own_time_and_size_are_the_shares() -> None:
    query = "dimensions=city&from=1999-01-01&to=1999-01-02&timezone=Asia/Tokyo&limit=999&clicks[gte]=1&country=DE"
    made = parts(shared(subject_id="rep_1", report=query), days(shared(), "7d", LEAP))
    whole, split = made[0].question, made[1].question
    assert (whole["from"], whole["timezone"], whole["country"]) == ("2028-02-23", "UTC", "DE")
    assert AT_LEAST not in whole and "limit" not in whole
    assert (split[AT_LEAST], split["limit"], split["other"]) == ("5", "100", "false")


def test_a_higher_bar_of_the_report_stays() -> None:
    made = parts(shared(subject_id="rep_1", report="dimensions=city&clicks[gte]=50"), days(shared(), "7d", LEAP))
    assert made[1].question[AT_LEAST] == "50"


@pytest.mark.parametrize(
    ("query", "told"),
    [("dimensions=country&country[ne]=DE&class=any&sort=-clicks&limit=5", ""), ("metrics=clicks&clicks[gte]=3", ""),
     ("dimensions=sub3", "sub3"), ("sub_id=7", "sub_id"), ("metrics=clicks,new", "new"), ("asn=1", "asn"),
     ("dimensions=day,country,device", "more than 2"), ("ip[eq]=x", "ip"),
     ("created_at[gte]=2026-01-01", "created_at")],
)  # fmt: skip
def test_it_says_why_a_report_cannot_be_shared(query: str, told: str) -> None:
    assert told in unshareable(query) and bool(unshareable(query)) == bool(told)
