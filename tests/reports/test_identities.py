"""Every report equals what Python counts over the exported clicks, whatever is asked: links with several tags,
prefetches before people, days that were judged again, zones of every kind."""

import json
import random
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routy.clicks.reclassify import reclassify
from routy.clicks.storing import Rules
from routy.clock import DAY, HOUR, MINUTE, iso, parse_iso
from routy.records.parameters import parse as parse_query
from routy.reports import files
from routy.reports.dimensions import DIMENSIONS
from routy.reports.metrics import METRICS
from routy.resources.clicks import Click
from routy.resources.folders import Folder
from routy.resources.links import Link
from routy.resources.tags import Tag
from routy.store.cursors import Writer
from tests.clicks.yard import FIREFOX, GOOGLEBOT, IPHONE, SLACK, Yard
from tests.reports.model import CLASSED, TIMED, Model, figures, scanned, with_moments

BEGIN = parse_iso("2026-10-23")  # two changes of clocks lie ahead: Europe's and America's
DAYS = 16
CLICKS = 1_500
CAIRO_FALLS_BACK = parse_iso("2026-10-29T21:00:00Z")  # from midnight to 23:00
ZONES = (
    "UTC", "Africa/Cairo", "Africa/Abidjan", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Asia/Kolkata",
    "Australia/Lord_Howe", "America/St_Johns",
)  # fmt: skip
IPS = ("73.8.8.8", "73.8.4.4", "2001:4860:4860::8888", "91.0.0.1", "192.168.0.1")
QUERIES = ("", "utm_source=letter", "utm_source=ads&utm_medium=cpc&sub1=a,b", "qr=1", "s=friend&sub7=x")
AGENTS = (FIREFOX, FIREFOX, IPHONE, IPHONE, GOOGLEBOT, SLACK, "")
COLUMNS = ("country", "class", "class_reason", "browser", "os", "device", "utm_source", "source", "branch", "sub1",
           "sub7", "referrer_host")  # fmt: skip
ASKED = (*TIMED, "link", "slug", "domain", "tag", "folder", *COLUMNS)

_AGENTS = """CREATE OR REPLACE TEMP TABLE agents AS SELECT DISTINCT coalesce(agent, '') AS agent, '' AS browser,
'' AS os, '' AS device, CASE WHEN contains(agent, 'Firefox') THEN 'human' ELSE 'bot' END AS class, 'again' AS reason
FROM clicks"""


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Yard]:
    yard = Yard(tmp_path_factory.mktemp("yard"), now=BEGIN, rules=Rules(600, 120))
    tags = [yard.add(Tag, name=name)["id"] for name in ("red", "green", "blue")]
    folder = yard.add(Folder, name="Shop")["id"]
    second = yard.add_domain("second.example")["id"]
    yard.add_link("one", tag_ids=tags[:2])
    yard.add_link("two", tag_ids=tags[1:], folder_id=folder)
    yard.add_link("three", folder_id=folder)
    yard.add_link("paused", status="paused", tag_ids=tags)
    yard.add_link("one", domain_id=second)
    visit_all(yard)
    reclassify(yard.store, Rules(7_200, 3), 3, judged_anew, BEGIN + 9 * DAY, yard.now)
    yield yard
    yard.close()


def visit_all(yard: Yard) -> None:
    chance = random.Random(7)
    for number in range(CLICKS):
        yard.now = BEGIN + chance.randrange(DAYS * DAY) if number else CAIRO_FALLS_BACK
        slug = chance.choice(("one", "one", "two", "three", "paused"))
        agent, ip = chance.choice(AGENTS), chance.choice(IPS)
        host = chance.choice(("go.example", "go.example", "second.example")) if slug == "one" else "go.example"
        environ = {
            "REMOTE_ADDR": ip, "REQUEST_METHOD": chance.choice(("GET", "GET", "GET", "HEAD")), "HTTP_HOST": host,
            "HTTP_REFERER": chance.choice(("", "https://www.news.example/a", "https://mail.example/")),
        }  # fmt: skip
        query = chance.choice(QUERIES)
        if number % 5 == 0:  # a browser's prefetch, and its person a moment later
            yard.visit(f"/{slug}", query, agent, **environ, HTTP_SEC_PURPOSE="prefetch")
            yard.now += 300
        yard.visit(f"/{slug}", query, agent, **environ)
    yard.now = BEGIN + DAYS * DAY
    yard.load()


def judged_anew(writer: Writer, agents: list[str]) -> None:
    """Rules by which only Firefox is a person's."""
    writer.run(_AGENTS)


@pytest.fixture(scope="module")
def model(yard: Yard) -> Model:
    query = parse_query(Click, [])
    file = files.single_rows(yard.store, yard.records, yard.actor, Click, query, None, yard.now, "ndjson")
    clicks = with_moments(json.loads(line) for line in file.read_text().splitlines())
    assert len(clicks) == CLICKS * 6 // 5
    assert {"human", "bot", "prefetch", "duplicate", "head", "preview"} <= {click["class"] for click in clicks}
    rows = yard.records.rows("SELECT id, slug, folder_id FROM links")
    tagged = yard.records.rows("SELECT link_id, tag_id FROM link_tags")
    tags = {row["id"]: [one["tag_id"] for one in tagged if one["link_id"] == row["id"]] for row in rows}
    return Model(clicks, {row["id"]: {**row, "tag_ids": tags[row["id"]]} for row in rows})


def ids(yard: Yard, table: str) -> list[str]:
    return [row["id"] for row in yard.records.rows(f"SELECT id FROM {table} ORDER BY key")]


def spans(step: int) -> st.SearchStrategy[tuple[int, int]]:
    """Times whose ends lie on such boundaries, or beyond all clicks."""
    moments = st.integers(-2 * DAY // step, (DAYS + 2) * DAY // step).map(lambda number: BEGIN + number * step)
    return st.tuples(moments, moments).filter(lambda pair: pair[0] < pair[1])


FILTERS: dict[str, list[str]] = {
    "country": ["US", "DE", "US,DE", "FR"],
    "country[null]": ["true", "false"],
    "browser[ne]": ["Firefox", "Googlebot,Firefox"],
    "utm_source": ["letter", "letter,ads"],
    "utm_source[prefix]": ["l", "a"],
    "source[null]": ["true", "false"],
    "device": ["mobile", "mobile,desktop"],
    "branch": ["destination", "inactive"],
    "class[ne]": ["bot", "human", "bot,prefetch"],
    "referrer_host[contains]": ["NEWS"],
    "sub7": ["x"],
    "is_unique": ["true", "false"],
    "slug": ["one", "two,three"],
    "slug[ne]": ["one"],
    "slug[prefix]": ["t"],
    "slug[contains]": ["O"],
    "folder_id[null]": ["true", "false"],
    "tag_ids[null]": ["true", "false"],
    "link_id": ["@links:0", "@links:1", "@links:0,1"],
    "link_id[ne]": ["@links:0"],
    "domain_id": ["@domains:0", "@domains:1"],
    "tag_ids": ["@tags:0", "@tags:0,2"],
    "tag_ids[ne]": ["@tags:1"],
    "folder_id": ["@folders:0"],
}  # fmt: skip
ROLLED = [name for name in FILTERS if name.partition("[")[0] in ("class", "slug", "folder_id", "tag_ids", "link_id",
                                                                 "domain_id")]  # fmt: skip


def filters(names: list[str], most: int) -> st.SearchStrategy[dict[str, str]]:
    pairs = st.sampled_from(names).flatmap(lambda name: st.tuples(st.just(name), st.sampled_from(FILTERS[name])))
    return st.lists(pairs, max_size=most, unique_by=lambda pair: pair[0]).map(dict)


def meant(yard: Yard, asked: dict[str, str]) -> dict[str, str]:
    """`@links:0,1` → the ids of the first two links."""
    found = {}
    for name, text in asked.items():
        table, _, numbers = text.removeprefix("@").partition(":")
        listed = [ids(yard, table)[int(number)] for number in numbers.split(",")] if text[0] == "@" else []
        found[name] = ",".join(listed) or text
    return found


def compare(yard: Yard, model: Model, given: dict[str, str], asked: dict[str, str], **more: Any) -> None:
    """One report against the model: totals, rows, their order, what lies beyond the limit."""
    dimensions, metrics = more["dimensions"], more["metrics"]
    classes = None if given["class"] == "any" else given["class"].split(",")
    asked = meant(yard, asked)
    answer = yard.report(metrics=",".join(metrics), dimensions=",".join(dimensions), fill="false", **given, **asked)
    rows = model.chosen(parse_iso(given["from"]), parse_iso(given["to"]), asked)
    rows = scanned(rows, classes, metrics)
    assert answer["totals"] == figures(rows, classes, metrics)
    if not dimensions:
        return
    groups = model.groups(rows, dimensions, given["timezone"])
    limit = int(given["limit"])
    shown = {tuple(row[name] for name in dimensions): row for row in answer["rows"]}
    assert len(shown) == len(answer["rows"]) == min(limit, len(groups))
    for place, row in shown.items():
        assert {name: row[name] for name in metrics} == figures(groups[place], classes, metrics)
    beyond = {click["id"]: click for place, group in groups.items() if place not in shown for click in group}
    left = {"rows": len(groups) - len(shown), **figures(list(beyond.values()), classes, metrics)}
    assert answer["other"] == (left if len(groups) > limit else None)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    span=st.one_of(spans(DAY), spans(15 * MINUTE), spans(7919)),
    zone=st.sampled_from(ZONES),
    classes=st.sampled_from(["human", "human", "any", "bot,preview", "head", "human,duplicate"]),
    dimensions=st.lists(st.sampled_from(ASKED), max_size=3, unique=True),
    asked=filters(list(FILTERS), 3),
    metrics=st.lists(st.sampled_from(["clicks", "uniques", "new", "links", *CLASSED]), min_size=1, max_size=4,
                     unique=True),
    limit=st.sampled_from([1, 2, 5, 10_000]),
)  # fmt: skip
def test_a_report_is_what_the_clicks_say(
    yard: Yard, model: Model, span: tuple[int, int], zone: str, classes: str, dimensions: list[str],
    asked: dict[str, str], metrics: list[str], limit: int,
) -> None:  # fmt: skip
    given = {"from": iso(span[0]), "to": iso(span[1]), "timezone": zone, "class": classes, "limit": str(limit)}
    compare(yard, model, given, asked, dimensions=dimensions, metrics=metrics)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    span=st.one_of(spans(DAY), spans(15 * MINUTE)),
    zone=st.sampled_from(["UTC", "UTC", "Africa/Abidjan", "Asia/Kathmandu", "Europe/Berlin"]),
    classes=st.sampled_from(["human", "any", "bot,duplicate"]),
    dimensions=st.lists(
        st.sampled_from([*TIMED, "link", "link", "slug", "tag", "folder", "class", "domain"]),
        max_size=2,
        unique=True,
    ),
    asked=filters(ROLLED, 2),
    limit=st.sampled_from([1, 3, 10_000]),
)
def test_what_roll_ups_can_answer_is_what_the_clicks_say(
    yard: Yard, model: Model, span: tuple[int, int], zone: str, classes: str, dimensions: list[str],
    asked: dict[str, str], limit: int,
) -> None:  # fmt: skip
    given = {"from": iso(span[0]), "to": iso(span[1]), "timezone": zone, "class": classes, "limit": str(limit)}
    metrics = ["clicks", "uniques", "new", "links", "bots"]
    compare(yard, model, given, asked, dimensions=dimensions, metrics=metrics)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    dimensions=st.lists(st.sampled_from(["day", "link", "tag", "country", "browser"]), min_size=1, max_size=2,
                        unique=True),
    having=st.dictionaries(
        st.sampled_from(["clicks[gte]", "uniques[lt]", "bots[ne]", "clicks"]), st.integers(0, 40), min_size=1
    ),
    limit=st.sampled_from([1, 3, 10_000]),
)  # fmt: skip
def test_metrics_pick_groups_and_leave_the_totals(
    yard: Yard, model: Model, dimensions: list[str], having: dict[str, int], limit: int
) -> None:
    metrics = ["clicks", "uniques", "bots"]
    asked = {name: str(value) for name, value in having.items()}
    answer = yard.report(
        metrics=",".join(metrics), dimensions=",".join(dimensions), class_="any", timezone="Asia/Kolkata",
        fill="false", limit=str(limit), **asked,
    )  # fmt: skip
    counted = {
        place: figures(group, None, metrics)
        for place, group in model.groups(model.clicks, dimensions, "Asia/Kolkata").items()
    }
    kept = {place for place, found in counted.items() if all(holds(found, *pair) for pair in having.items())}
    assert answer["totals"] == figures(model.clicks, None, metrics)
    shown = {tuple(row[name] for name in dimensions): row for row in answer["rows"]}
    assert set(shown) <= kept and len(shown) == min(limit, len(kept))
    assert all({name: row[name] for name in metrics} == counted[place] for place, row in shown.items())
    assert (answer["other"] or {"rows": 0})["rows"] == max(len(kept) - limit, 0)
    if answer["other"] and "tag" not in dimensions:
        assert answer["other"]["clicks"] == sum(counted[place]["clicks"] for place in kept - set(shown))


def holds(found: dict[str, int], name: str, value: int) -> bool:
    metric, _, operator = name.removesuffix("]").partition("[")
    figure = found[metric]
    return {"": figure == value, "gte": figure >= value, "lt": figure < value, "ne": figure != value}[operator]


def test_every_dimension_and_metric_is_compared() -> None:
    assert {"clicks", "uniques", "new", "links", *CLASSED} == set(METRICS)
    others = {
        "region",
        "city",
        "asn",
        "language",
        "utm_medium",
        "utm_campaign",
        "utm_term",
        "utm_content",
        "sub_id",
    }
    assert {*ASKED, *others, *(f"sub{n}" for n in range(2, 11))} == set(DIMENSIONS)


def test_totals_count_a_click_once_whatever_tags_its_link_has(yard: Yard, model: Model) -> None:
    answer = yard.report(class_="any", dimensions="tag", metrics="clicks,uniques", limit="1")
    assert answer["totals"]["clicks"] == len(model.clicks)
    rows = yard.report(class_="any", dimensions="tag")["rows"]
    assert sum(row["clicks"] for row in rows) > len(model.clicks)
    assert {row["tag_name"] for row in rows} == {"red", "green", "blue", None}


def test_uniques_of_a_week_are_the_sum_of_its_days(yard: Yard) -> None:
    given = {"from": "2026-10-24", "to": "2026-10-30", "timezone": "UTC", "metrics": "uniques"}
    days = yard.report(**given, dimensions="day")["rows"]
    assert sum(row["uniques"] for row in days) == yard.report(**given)["totals"]["uniques"] > 7


def test_uniques_of_a_campaign_of_two_links_are_no_sum_of_theirs(yard: Yard, model: Model) -> None:
    given = {"metrics": "uniques", "utm_source": "letter", "from": "2026-10-23", "to": "2026-10-31"}
    links = yard.report(**given, dimensions="link")["rows"]
    people = [c for c in model.chosen(BEGIN, BEGIN + 9 * DAY, {"utm_source": "letter"}) if c["class"] == "human"]
    assert yard.report(**given)["totals"]["uniques"] == len({click["visitor"] for click in people})
    assert sum(row["uniques"] for row in links) > len({click["visitor"] for click in people})


def test_a_person_behind_a_prefetch_is_unique_and_the_prefetch_is_not(model: Model) -> None:
    ahead = [click for click in model.clicks if click["class"] == "prefetch"]
    assert ahead and not any(click["is_unique"] or click["is_new"] for click in ahead)
    visitors = {click["visitor"] for click in ahead}
    assert any(click["is_new"] for click in model.clicks if click["visitor"] in visitors)


def test_days_judged_again_are_reported_as_they_are_judged_now(yard: Yard, model: Model) -> None:
    again = [click for click in model.clicks if click["class_version"] == 3]
    assert {click["browser"] for click in again if click["class"] == "human"} <= {"Firefox"}
    given = {"from": iso(BEGIN + 9 * DAY), "to": iso(BEGIN + 12 * DAY)}
    rows = model.chosen(BEGIN + 9 * DAY, BEGIN + 12 * DAY, {"class": "human"})
    assert yard.report(**given, metrics="clicks,uniques")["totals"] == {
        "clicks": len(rows), "uniques": len({click["visitor"] for click in rows}),
    }  # fmt: skip


@pytest.mark.parametrize("zone", ZONES)
def test_days_of_any_length_add_up(yard: Yard, model: Model, zone: str) -> None:
    """A day of 23, 24 or 25 hours holds exactly the clicks between two local midnights; an empty one has a row."""
    given = {"from": "2026-10-20", "to": "2026-11-03", "timezone": zone, "class": "any"}
    answer = yard.report(dimensions="day", **given)
    groups = model.groups(model.clicks, ["day"], zone)
    assert [row["day"] for row in answer["rows"]][:2] == ["2026-10-20", "2026-10-21"]
    assert len(answer["rows"]) == 15
    assert {row["day"]: row["clicks"] for row in answer["rows"]} == {
        row["day"]: len(groups.get((row["day"],), ())) for row in answer["rows"]
    }


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("unit", ["hour", "quarter_hour"])
def test_no_two_parts_of_a_day_have_one_name(yard: Yard, zone: str, unit: str) -> None:
    given = {"from": "2026-10-24", "to": "2026-11-02", "timezone": zone, "class": "any", "dimensions": unit}
    rows = yard.report(**given)["rows"]
    names = [row[unit] for row in rows]
    assert len(set(names)) == len(names)
    assert sum(row["clicks"] for row in rows) == yard.report(**given, limit="1")["totals"]["clicks"]
    moments = [parse_iso(name) for name in names]
    assert moments == sorted(moments)
    step = HOUR if unit == "hour" else 15 * MINUTE
    assert all(0 < later - earlier <= step for earlier, later in pairwise(moments))


def test_the_list_holds_what_the_report_counts(yard: Yard) -> None:
    given = {"country": "US", "class": "bot"}
    total = yard.report(**given)["totals"]["clicks"]
    assert total == len(yard.clicks(**given, limit="1000").rows) > 0


def test_names_follow_when_a_link_is_renamed(yard: Yard) -> None:
    link = ids(yard, "links")[2]
    yard.change(Link, link, slug="third")
    assert "third" in {row["slug"] for row in yard.report(dimensions="slug", class_="any")["rows"]}
    yard.change(Link, link, slug="three")
