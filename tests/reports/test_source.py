"""Roll-ups answer where they are provably equal to the rows, and nowhere else."""

from typing import Any

import pytest

from routy.clock import DAY, SECOND, iso, parse_iso
from routy.records.parameters import Filter
from routy.reports.params import Ask, parse
from routy.reports.source import ROWS, Source, choose, step_of, summable
from routy.resources.clicks import Click
from tests.clicks.yard import Yard

FROM, TO = parse_iso("2026-10-20"), parse_iso("2026-11-10")
NEW, UNIQUES = Source("rollups", "new"), Source("rollups", "uniques")


def ask(**given: str) -> Ask:
    base = {"metrics": "uniques", "timezone": "UTC", "from": iso(FROM), "to": iso(TO)}
    return parse({**base, **given}.items(), TO, "UTC")


def chosen(filters: dict[str, Any] | None = None, step: int = DAY, **given: str) -> Source:
    asked = ask(**given)
    keyed = [Filter(Click.fields[name], "eq", tuple(values)) for name, values in (filters or {}).items()]
    return choose(asked, asked.dimensions, keyed, (FROM, TO), step)


@pytest.mark.parametrize("dimensions", ["day", "week", "month", "quarter", "year", "weekday", "class", "day,class"])
def test_uniques_of_the_workspace_add_up_by_days(dimensions: str) -> None:
    assert chosen(dimensions=dimensions) == NEW


@pytest.mark.parametrize("dimensions", ["link", "link,day", "link,tag", "slug,link", "folder,link,class"])
def test_uniques_of_each_link_add_up_by_days(dimensions: str) -> None:
    assert chosen(dimensions=dimensions) == UNIQUES


def test_uniques_of_one_link_add_up_by_days() -> None:
    assert chosen({"link_id": [7]}) == chosen({"link_id": [7]}, dimensions="day,class") == UNIQUES


@pytest.mark.parametrize(
    "dimensions", ["hour", "quarter_hour", "hour_of_day", "slug", "tag", "folder", "domain", "link,domain",
                   "country", "link,hour", "link,browser"],
)  # fmt: skip
def test_uniques_do_not_add_up_by_anything_else(dimensions: str) -> None:
    assert chosen(dimensions=dimensions) == ROWS


def test_uniques_of_several_links_or_of_one_on_a_domain_do_not_add_up() -> None:
    assert chosen({"link_id": [7, 8]}) == chosen({"domain_id": [1]}) == ROWS
    assert chosen({"link_id": [7], "domain_id": [1]}) == chosen({"link_id": [7], "country": ["DE"]}) == ROWS


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kathmandu"])
def test_days_of_other_zones_are_no_days_of_visitors(zone: str) -> None:
    assert chosen(timezone=zone, dimensions="day") == ROWS
    assert chosen(timezone=zone) == NEW  # the ends are midnights of UTC, whatever the zone
    assert chosen(timezone=zone, dimensions="day", metrics="clicks,new,bots") == Source("rollups")


def test_what_is_counted_adds_up_by_quarter_hours() -> None:
    quarter = 15 * 60 * SECOND
    for dimensions in ("hour", "tag,domain", "slug", "quarter_hour,class"):
        assert chosen(metrics="clicks,links,new", dimensions=dimensions, step=quarter) == Source("rollups")
    assert chosen(metrics="clicks", step=0) == chosen(metrics="uniques", step=quarter) == ROWS
    assert chosen(metrics="clicks", dimensions="city") == ROWS


def test_uniques_of_days_add_up_and_of_links_do_not() -> None:
    one = [Filter(Click.fields["link_id"], "eq", (7,))]
    assert summable(NEW, []) and summable(UNIQUES, one)
    assert not summable(UNIQUES, [])


@pytest.fixture
def filled(yard: Yard) -> Yard:
    """One click on 21 November at noon."""
    yard.add_link("summer")
    yard.visit("/summer")
    yard.load()
    return yard


@pytest.mark.parametrize(
    ("from_", "to", "step"),
    [
        ("2026-11-20", "2026-11-21T00:00:00Z", DAY),
        ("2026-11-21T12:15:00Z", "2026-11-23T00:00:00Z", 15 * 60 * SECOND),
        ("2026-11-21T12:15:01Z", "2026-11-23T00:00:00Z", 0),
        ("2026-10-31T12:15:01Z", "2026-11-23T00:00:00Z", DAY),
        ("2026-11-01", "2026-11-21T12:00:00Z", 15 * 60 * SECOND),
        ("2026-11-01", "2026-11-21T12:00:03Z", DAY),
    ],
)
def test_an_end_beyond_all_clicks_lies_on_every_boundary(filled: Yard, from_: str, to: str, step: int) -> None:
    with filled.store.reading() as reader:
        asked = ask(**{"from": from_, "to": to})
        assert step_of(reader, asked, filled.loader.watermark) == step


def test_an_end_before_the_watermark_is_not_beyond_all_clicks(filled: Yard) -> None:
    """Retention may have taken the rows that would have shown it."""
    with filled.store.reading() as reader:
        asked = ask(**{"from": "2026-11-01", "to": "2026-11-21T12:00:03Z"})
        assert step_of(reader, asked, asked.to_ms + SECOND) == 0
