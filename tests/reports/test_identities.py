"""Every report equals what Python counts over the raw rows, whatever is asked."""

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routy.clock import DAY, HOUR, iso, parse_iso
from tests.clicks.yard import FIREFOX, GOOGLEBOT, IPHONE, SLACK, Yard

BEGIN = parse_iso("2026-10-23")  # two changes of clocks lie ahead: Europe's and America's
DAYS = 16
CAIRO_FALLS_BACK = parse_iso("2026-10-29T21:00:00Z")  # from midnight to 23:00
ZONES = (
    "UTC",
    "Africa/Cairo",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
)
IPS = ("8.8.8.8", "8.8.4.4", "2001:4860:4860::8888", "91.0.0.1", "192.168.0.1")
QUERIES = ("", "utm_source=letter", "utm_source=ads&utm_medium=cpc", "qr=1")
AGENTS = (FIREFOX, FIREFOX, IPHONE, IPHONE, GOOGLEBOT, SLACK, "")
DIMENSIONS = ("day", "link", "country", "class", "browser", "os", "device", "utm_source", "source", "branch")


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Yard]:
    yard = Yard(tmp_path_factory.mktemp("yard"), now=BEGIN)
    for slug in ("one", "two", "three"):
        yard.add_link(slug)
    yard.add_link("paused", status="paused")
    chance = random.Random(7)
    for number in range(1_500):
        yard.now = BEGIN + chance.randrange(DAYS * DAY) if number else CAIRO_FALLS_BACK
        slug = chance.choice(("one", "one", "two", "three", "paused"))
        method = chance.choice(("GET", "GET", "GET", "HEAD"))
        agent, ip = chance.choice(AGENTS), chance.choice(IPS)
        yard.visit(f"/{slug}", chance.choice(QUERIES), agent, REMOTE_ADDR=ip, REQUEST_METHOD=method)
    yard.now = BEGIN + DAYS * DAY
    yard.load()
    yield yard
    yard.close()


@pytest.fixture(scope="module")
def raw(yard: Yard) -> list[dict[str, Any]]:
    rows = yard.rows("SELECT *, epoch_ms(clicked_at) AS at FROM clicks")
    assert len(rows) == 1_500
    slugs = {row["key"]: row for row in yard.records.rows("SELECT key, id, slug FROM links")}
    return [{**row, "link": slugs[row["link_key"]]["id"], "slug": slugs[row["link_key"]]["slug"]} for row in rows]


def figures(rows: list[dict[str, Any]]) -> dict[str, int]:
    return {"clicks": len(rows), "uniques": len({row["visitor"] for row in rows if row["class"] == "human"})}


def value(row: dict[str, Any], dimension: str, zone: str) -> Any:
    if dimension == "day":
        return datetime.fromtimestamp(row["at"] / 1000, UTC).astimezone(ZoneInfo(zone)).date().isoformat()
    return row[dimension]


moments = st.integers(-2 * 24, (DAYS + 2) * 24).map(lambda hour: BEGIN + hour * HOUR)
filters = st.fixed_dictionaries(
    {},
    optional={
        "country": st.sampled_from(["US", "DE", "US,DE", "FR"]),
        "country[null]": st.sampled_from(["true", "false"]),
        "browser[ne]": st.sampled_from(["Firefox", "Googlebot,Firefox"]),
        "utm_source": st.sampled_from(["letter", "letter,ads"]),
        "utm_source[prefix]": st.sampled_from(["l", "a"]),
        "source[null]": st.sampled_from(["true", "false"]),
        "device": st.sampled_from(["mobile", "mobile,desktop"]),
        "branch": st.sampled_from(["destination", "inactive"]),
    },
)
KEEPS = {
    "": lambda found, text: found in text.split(","),
    "ne": lambda found, text: found not in text.split(","),
    "null": lambda found, text: (found is None) == (text == "true"),
    "prefix": lambda found, text: found is not None and found.startswith(text),
}


def kept(row: dict[str, Any], asked: dict[str, str]) -> bool:
    for name, text in asked.items():
        field, _, operator = name.removesuffix("]").partition("[")
        if not KEEPS[operator](row[field], text):
            return False
    return True


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    span=st.tuples(moments, moments).filter(lambda pair: pair[0] < pair[1]),
    zone=st.sampled_from(ZONES),
    classes=st.sampled_from(["human", "any", "bot,preview", "head"]),
    dimensions=st.lists(st.sampled_from(DIMENSIONS), max_size=3, unique=True),
    asked=filters,
    limit=st.sampled_from([1, 2, 5, 1000]),
)
def test_a_report_is_what_the_rows_say(
    yard: Yard,
    raw: list[dict[str, Any]],
    span: tuple[int, int],
    zone: str,
    classes: str,
    dimensions: list[str],
    asked: dict[str, str],
    limit: int,
) -> None:
    given = {"from": iso(span[0]), "to": iso(span[1]), "timezone": zone, "class": classes, "limit": str(limit)}
    given |= {"dimensions": ",".join(dimensions)} if dimensions else {}
    answer = yard.report(metrics="clicks,uniques", **given, **asked)

    wanted = classes.split(",")
    rows = [row for row in raw if span[0] <= row["at"] < span[1] and kept(row, asked)]
    rows = [row for row in rows if classes == "any" or row["class"] in wanted]
    assert answer["totals"] == figures(rows)

    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in rows if dimensions else ():
        groups[tuple(value(row, name, zone) for name in dimensions)].append(row)
    shown = {tuple(row[name] for name in dimensions): row for row in answer["rows"]}
    assert len(shown) == len(answer["rows"]) == min(limit, len(groups))
    for place, row in shown.items():
        assert {"clicks": row["clicks"], "uniques": row["uniques"]} == figures(groups[place])

    beyond = [row for place, group in groups.items() if place not in shown for row in group]
    expected = {"rows": len(groups) - len(shown), **figures(beyond)} if len(groups) > limit else None
    assert answer["other"] == expected


def test_uniques_of_a_week_are_the_sum_of_its_days(yard: Yard) -> None:
    given = {"from": "2026-10-24", "to": "2026-10-30", "timezone": "UTC", "metrics": "uniques"}
    days = yard.report(**given, dimensions="day")["rows"]
    assert sum(row["uniques"] for row in days) == yard.report(**given)["totals"]["uniques"] > 7


@pytest.mark.parametrize("zone", ZONES)
def test_days_of_any_length_add_up(yard: Yard, raw: list[dict[str, Any]], zone: str) -> None:
    """A day of 23, 24 or 25 hours holds exactly the clicks between two local midnights."""
    answer = yard.report(
        dimensions="day", timezone=zone, class_="any", **{"from": "2026-10-24", "to": "2026-11-03"}
    )
    expected: dict[str, int] = defaultdict(int)
    for row in raw:
        expected[value(row, "day", zone)] += 1
    assert {row["day"]: row["clicks"] for row in answer["rows"]} == {
        day: clicks for day, clicks in expected.items() if "2026-10-24" <= day <= "2026-11-03"
    }
    assert len(answer["rows"]) == 11


def test_the_list_holds_what_the_report_counts(yard: Yard) -> None:
    given = {"country": "US", "class": "bot"}
    total = yard.report(**given)["totals"]["clicks"]
    assert total == len(yard.clicks(**given, limit="1000").rows) > 0
