from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from routy.clock import DAY, SECOND, iso, parse_iso
from routy.days import start_of
from routy.errors import Invalid
from routy.records import write
from routy.reports.dimensions import DIMENSIONS
from routy.reports.metrics import METRICS
from routy.reports.run import report
from routy.reports.schema import schema
from routy.reports.zones import offset_at, offsets
from routy.resources.links import Link
from tests.clicks.yard import GOOGLEBOT, Yard
from tests.reports.model import stranger


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("metrics", "conversions"),
        ("metrics", ""),
        ("metrics", "clicks,clicks"),
        ("dimensions", "shoe_size"),
        ("from", "yesterday"),
        ("from", "2026-02-30"),
        ("from", "2026-12-01"),
        ("to", "2026-01-01T00:00"),
        ("to", "9999-12-31"),
        ("timezone", "Mars/Olympus"),
        ("timezone", "../../etc/passwd"),
        ("class", "alien"),
        ("class", "human,any"),
        ("sort", "country"),
        ("sort", "-"),
        ("limit", "0"),
        ("limit", "10001"),
        ("limit", "ten"),
        ("weather", "fine"),
        ("country[like]", "D%"),
        ("asn", "x"),
        ("class[ne]", "alien"),
        ("created_at[gte]", "now"),
        ("clicks[gte]", "many"),
        ("clicks[like]", "1"),
        ("clicks[gte]", "1"),
        ("clicks[gte]", "-1"),
        ("clicks[gte]", "9" * 30),
        ("other", "perhaps"),
        ("fill", "true"),
        ("compare", "tomorrow"),
        ("dimensions", ",".join(list(DIMENSIONS)[:9])),
        ("sort", "clicks,-clicks"),
        ("timezone", "x" * 5000),
        ("timezone", "Europe/\0Berlin"),
        ("country", ",".join(["DE"] * 201)),
        ("folder_id[prefix]", "fold"),
        ("tag_ids", "a\0b"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(yard: Yard, name: str, text: str) -> None:
    with pytest.raises(Invalid) as refused:
        report(yard.store, yard.records, yard.actor, [(name, text)], yard.now, 0)
    assert name in refused.value.fields


def test_all_errors_come_at_once(yard: Yard) -> None:
    given = [("metrics", "x"), ("limit", "0"), ("os[like]", "x"), ("to", "x"), ("class", "any"), ("class", "bot")]
    with pytest.raises(Invalid) as refused:
        report(yard.store, yard.records, yard.actor, given, yard.now, 0)
    assert refused.value.fields.keys() == {"metrics", "limit", "os[like]", "to", "class"}


def test_an_empty_store_has_zeros(yard: Yard) -> None:
    answer = yard.report(metrics="clicks,uniques", dimensions="country")
    assert (answer["rows"], answer["totals"], answer["other"]) == ([], {"clicks": 0, "uniques": 0}, None)
    days = yard.report(dimensions="day", **{"from": "2026-11-20"})["rows"]
    assert days == [{"day": "2026-11-20", "clicks": 0}, {"day": "2026-11-21", "clicks": 0}]


def test_a_report_says_what_it_covers(yard: Yard) -> None:
    yard.load()
    given = {"timezone": "Europe/Berlin", "from": "2026-11-01", "to": "2026-11-20"}
    answer = yard.report(**given)
    assert (answer["from"], answer["to"]) == ("2026-10-31T23:00:00.000Z", "2026-11-20T23:00:00.000Z")
    assert (answer["timezone"], answer["complete"]) == ("Europe/Berlin", True)
    assert answer["watermark"] == iso(yard.now - SECOND)
    assert yard.report(**{**given, "to": "2026-11-21"})["complete"] is False


def test_thirty_days_are_the_default(yard: Yard) -> None:
    now = parse_iso("2026-11-21T12:00:00Z")
    answer = report(yard.store, yard.records, yard.actor, [], now, 0)
    assert (answer["from"], answer["to"]) == ("2026-10-23T00:00:00.000Z", iso(now))


def test_all_classes_stand_side_by_side_when_they_are_asked_for(yard: Yard) -> None:
    yard.add_link("summer")
    yard.visit("/summer")
    yard.visit("/summer", agent=GOOGLEBOT)
    yard.load()
    rows = yard.report(metrics="clicks,uniques", dimensions="class")["rows"]
    assert rows == [
        {"class": "bot", "clicks": 1, "uniques": 0},
        {"class": "human", "clicks": 1, "uniques": 1},
    ]


def test_rows_are_sorted_as_asked(yard: Yard) -> None:
    for slug, clicks in (("a", 1), ("b", 3), ("c", 2)):
        yard.add_link(slug)
        for _ in range(clicks):
            yard.visit(f"/{slug}")
    yard.load()
    assert [row["slug"] for row in yard.report(dimensions="link")["rows"]] == ["b", "c", "a"]
    assert [row["slug"] for row in yard.report(dimensions="link", sort="clicks")["rows"]] == ["a", "c", "b"]
    assert [row["slug"] for row in yard.report(dimensions="link", sort="-link")["rows"]] == ["c", "b", "a"]


def test_a_strangers_clicks_and_links_are_nothing(yard: Yard) -> None:
    link = yard.add_link("summer")
    yard.visit("/summer")
    yard.load()
    assert yard.report(link_id=link["id"])["totals"] == {"clicks": 1}
    other = stranger(yard)
    for given in ([], [("link_id", link["id"])], [("link_id[ne]", link["id"])]):
        answer = report(yard.store, yard.records, other, [*given, ("class", "any")], yard.now, 0)
        assert answer["totals"] == {"clicks": 0}


def test_a_link_that_was_deleted_for_good_still_counts(yard: Yard) -> None:
    link = yard.add_link("summer")
    yard.visit("/summer")
    yard.load()
    with yard.records.transaction(yard.now) as tx:
        write.purge(tx, yard.actor, Link, link["id"])
    assert yard.report(dimensions="link")["rows"] == [{"link": None, "slug": None, "clicks": 1}]


def test_domains_are_shown_by_host(yard: Yard) -> None:
    yard.add_link("summer")
    yard.visit("/summer")
    yard.load()
    row = yard.report(dimensions="domain")["rows"][0]
    assert (row["domain"], row["host"]) == (yard.default_domain(), "go.example")


def test_the_schema_lists_both_registries() -> None:
    listed = schema()
    assert [metric["name"] for metric in listed["metrics"]] == list(METRICS)
    assert [dimension["name"] for dimension in listed["dimensions"]] == list(DIMENSIONS)
    assert {each["name"] for each in listed["filters"]} >= {
        "link_id",
        "tag_ids",
        "folder_id",
        "slug",
        "sub10",
        "sub_id",
    }
    assert all(each["doc"] for kind in ("metrics", "dimensions", "filters") for each in listed[kind])


@pytest.mark.parametrize("name", DIMENSIONS)
def test_every_dimension_can_be_asked(yard: Yard, name: str) -> None:
    yard.add_link("summer")
    yard.visit("/summer", "utm_source=x")
    yard.load()
    assert len(yard.report(dimensions=name, fill="false")["rows"]) == 1


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Africa/Casablanca"])
def test_offsets_are_those_of_the_zone_at_every_quarter_hour(zone: str) -> None:
    begin, end = parse_iso("2026-01-01"), parse_iso("2027-01-01")
    first, changes = offsets(zone, begin // DAY, end // DAY)
    assert changes
    for at in range(begin, end, 15 * 60 * SECOND):
        offset = next((after for moment, after in reversed(changes) if moment <= at), first)
        assert offset == offset_at(ZoneInfo(zone), at)


def test_a_day_without_midnight_begins_at_its_first_moment() -> None:
    day = datetime(2026, 4, 24, tzinfo=UTC).date()  # Cairo's clocks go from 00:00 to 01:00
    assert iso(start_of(day, "Africa/Cairo")) == "2026-04-23T22:00:00.000Z"


def test_a_report_says_since_when_single_clicks_are_there(yard: Yard) -> None:
    yard.add_link("summer")
    yard.visit("/summer")
    yard.load()
    assert yard.report()["detail_from"] is None
    with yard.store.writing() as writer, writer.transaction("2026-11"):
        for cause, class_ in (("retention", "bot"), ("erasure", "human")):
            writer.run("INSERT INTO erased VALUES ('clicks', ?, ?, 7, TIMESTAMP '2026-11-21')", [cause, class_])
    yard.store.reopen()  # a month is looked at when it is attached, as each generation is
    assert yard.report()["detail_from"] is None
    assert yard.report(class_="any")["detail_from"] == "2026-12-01T00:00:00.000Z"
    assert yard.report(class_="any", to="2026-10-31")["detail_from"] is None


def test_a_report_of_one_click_is_found_by_its_id(yard: Yard) -> None:
    yard.add_link("summer")
    yard.visit("/summer")
    yard.visit("/summer")
    yard.load()
    click = yard.clicks(limit="1").rows[0]
    assert yard.report(id=click["id"])["totals"] == {"clicks": 1}
    assert yard.report(id="nonsense")["totals"] == {"clicks": 0}
