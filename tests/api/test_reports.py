"""The door to reports: forms by Accept, what has not changed, many at once, and everything that is wrong."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from routy.api.media import accepted
from routy.errors import NotAcceptable
from routy.resources.tags import Tag
from tests.house import FIREFOX, House


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("house"))
    house.link("summer", tag_ids=[house.make(Tag, name="sale")["id"]])
    for number in range(30):
        house.now += 60_000
        house.ask("GET", "/summer", f"utm_source=letter-{number % 3}", headers={"User-Agent": FIREFOX})
    house.load()
    yield house
    house.close()


def leftovers(house: House) -> list[Path]:
    return list(house.path.rglob("download-*"))


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", "json"),
        ("*/*", "json"),
        ("application/json", "json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "json"),
        ("text/csv", "csv"),
        ("text/*", "csv"),
        ("application/x-ndjson;q=0.5, text/csv;q=0.9", "csv"),
        ("text/csv;q=0, */*", "json"),
        ("application/vnd.apache.parquet, application/json;q=0.1", "parquet"),
        ("TEXT/CSV; charset=utf-8", "csv"),
        ("text/csv;q=x, application/x-ndjson;q=0.1", "ndjson"),
    ],
)
def test_accept_is_read_as_http_means_it(accept: str, form: str) -> None:
    assert accepted(accept) == form


@pytest.mark.parametrize("accept", ["image/png", "text/html", "application/json;q=0", "text/csv;q=banana", ";;;"])
def test_what_there_is_not_is_refused(house: House, accept: str) -> None:
    with pytest.raises(NotAcceptable):
        accepted(accept)
    for path in ("/reports", "/clicks"):
        reply = house.call("GET", path, headers={"Accept": accept})
        assert (reply.status, reply.error["code"]) == (406, "NOT_ACCEPTABLE")


def test_other_answers_do_not_mind_accept(house: House) -> None:
    assert house.call("GET", "/links", headers={"Accept": "text/html"}).status == 200


@pytest.mark.parametrize(
    ("form", "kind", "begins"),
    [
        ("csv", "text/csv; charset=utf-8", b"utm_source,clicks\n"),
        ("ndjson", "application/x-ndjson", b'{"utm_source":"letter-0","clicks":10}\n'),
        ("parquet", "application/vnd.apache.parquet", b"PAR1"),
    ],
)
def test_a_report_comes_as_a_file_that_is_gone_afterwards(
    house: House, form: str, kind: str, begins: bytes
) -> None:
    by_accept = house.call("GET", "/reports", headers={"Accept": kind}, dimensions="utm_source")
    by_name = house.call("GET", "/reports", dimensions="utm_source", format=form)
    for reply in (by_accept, by_name):
        assert (reply.status, reply.headers["Content-Type"]) == (200, kind)
        assert reply.headers["Content-Disposition"] == f'attachment; filename="report-2026-11-21.{form}"'
        assert int(reply.headers["Content-Length"]) == len(reply.body)
        assert reply.body.startswith(begins)
    assert leftovers(house) == []


def test_all_clicks_come_as_lines_of_json(house: House) -> None:
    reply = house.call("GET", "/clicks", headers={"Accept": "application/x-ndjson"}, utm_source="letter-1")
    rows = [json.loads(line) for line in reply.body.splitlines()]
    listed = house.call("GET", "/clicks", utm_source="letter-1").data
    assert len(rows) == 10
    for row, shown in zip(rows, listed, strict=True):
        assert row == {name: value for name, value in shown.items() if name != "class_explained"}
    assert leftovers(house) == []
    assert house.call("GET", "/clicks", format="csv", limit="3").body.count(b"\n") == 4


def test_a_head_request_leaves_no_file(house: House) -> None:
    reply = house.call("HEAD", "/clicks", format="csv")
    assert (reply.status, leftovers(house)) == (200, [])


def test_what_is_wrong_with_a_list_as_a_file_is_told_at_once(house: House) -> None:
    reply = house.call("GET", "/clicks", format="csv", limit="0", weather="fine", page="2")
    assert (reply.status, reply.fields) == (400, {"limit", "weather", "page"})
    reply = house.call("GET", "/clicks", format="csv", expand="link", fields="id,class_explained")
    assert (reply.status, reply.fields) == (400, {"expand", "fields"})
    assert house.call("GET", "/clicks", format="xls").fields == {"format"}
    assert house.call("GET", "/reports", format="xls").fields == {"format"}
    assert leftovers(house) == []


# ---- what has not changed


def asked(house: House, etag: str = "", **query: str) -> Any:
    return house.call("GET", "/reports", headers={"If-None-Match": etag} if etag else {}, **query)


def test_what_has_not_changed_is_not_sent_again(house: House) -> None:
    first = asked(house, dimensions="link")
    etag = first.headers["ETag"]
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = asked(house, f'"other", {etag}', dimensions="link")
    assert (again.status, again.body, again.headers["ETag"]) == (304, b"", etag)
    assert "Content-Type" not in again.headers
    assert asked(house, "*", dimensions="link").status == 304
    assert asked(house, '"other"', dimensions="link").status == 200


def test_whatever_changes_the_answer_changes_its_tag(house: House) -> None:
    etag = asked(house, dimensions="link").headers["ETag"]
    for query in (
        {"dimensions": "link", "limit": "1"},
        {"dimensions": "day"},
        {"dimensions": "link", "format": "csv"},
    ):
        assert asked(house, etag, **query).status == 200
    house.ask("GET", "/summer", headers={"User-Agent": FIREFOX})
    house.load()
    loaded = asked(house, etag, dimensions="link")
    assert loaded.status == 200
    link = house.call("GET", "/links").data[0]["id"]
    house.call("PATCH", f"/links/{link}", {"slug": "summer-sale"})
    renamed = asked(house, loaded.headers["ETag"], dimensions="link")
    assert renamed.data["rows"][0]["slug"] == "summer-sale"
    house.now += 3_600_000
    assert asked(house, renamed.headers["ETag"], dimensions="link").status == 200  # `to` is now


# ---- bodies


def test_a_body_asks_the_same_as_a_url(house: House) -> None:
    link = house.call("GET", "/links").data[0]["id"]
    body = {
        "metrics": ["clicks", "uniques"], "dimensions": "utm_source", "link_id": [link], "class": "any", "limit": 2,
        "utm_source": ["letter-0", "letter-2"], "other": False, "clicks[gte]": 1,
    }  # fmt: skip
    url = {
        "metrics": "clicks,uniques", "dimensions": "utm_source", "link_id": link, "class": "any", "limit": "2",
        "utm_source": "letter-0,letter-2", "other": "false", "clicks[gte]": "1",
    }  # fmt: skip
    by_body, by_url = house.call("POST", "/reports", body), house.call("GET", "/reports", **url)
    assert by_body.status == by_url.status == 200
    assert by_body.data == by_url.data
    assert len(by_body.data["rows"]) == 2
    assert house.call("POST", "/reports", body, headers={"Accept": "text/csv"}).body.startswith(
        b"utm_source,clicks"
    )


def test_a_value_of_a_body_may_hold_a_comma(house: House) -> None:
    house.ask("GET", "/summer-sale", "sub1=a,b", headers={"User-Agent": FIREFOX})
    house.link("comma")
    house.ask("GET", "/comma", "sub1=a,b", headers={"User-Agent": FIREFOX})
    house.load()
    found = house.call("POST", "/reports", {"sub1": ["a,b"]}).data["totals"]["clicks"]
    assert found >= 1
    assert house.call("GET", "/reports", sub1="a,b").data["totals"]["clicks"] == 0


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ([], {"body"}),
        ({"limit": 1.5, "class": None, "from": {}}, {"limit", "class", "from"}),
        ({"dimensions": [["day"]]}, {"dimensions"}),
        ({"country": [str(n) for n in range(201)]}, {"country"}),
        ({"weather": "fine", "metrics": []}, {"weather", "metrics"}),
        ({"sub1": "\ud83d"}, {"body"}),
    ],
)
def test_every_wrong_field_of_a_body_is_named(house: House, body: Any, fields: set[str]) -> None:
    raw = json.dumps(body).encode()
    reply = house.call("POST", "/reports", raw, headers={"Content-Type": "application/json"})
    assert (reply.status, reply.fields) == (400, fields)


# ---- many at once


def test_panels_are_answered_in_order_each_for_itself(house: House) -> None:
    body = {
        "timezone": "Asia/Kolkata",
        "metrics": "clicks,uniques",
        "panels": [
            {},
            {"dimensions": ["day"]},
            {"dimensions": ["shoe_size"], "limit": 0},
            {"dimensions": "utm_source", "metrics": ["clicks"], "limit": 1, "timezone": "UTC"},
        ],
    }
    results = house.call("POST", "/reports/batch", body).data
    assert [(each["index"], each["status"]) for each in results] == [(0, 200), (1, 200), (2, 400), (3, 200)]
    assert {detail["field"] for detail in results[2]["error"]["details"]} == {"dimensions", "limit"}
    alone = house.call("GET", "/reports", dimensions="utm_source", metrics="clicks", limit="1", timezone="UTC").data
    assert results[3]["data"] == alone
    assert results[1]["data"]["timezone"] == "Asia/Kolkata"
    assert results[0]["data"]["totals"] == results[1]["data"]["totals"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], "body"),
        ({}, "panels"),
        ({"panels": []}, "panels"),
        ({"panels": [{}] * 51}, "panels"),
        ({"panels": "day"}, "panels"),
        ({"panels": [{}, 7]}, "panels[1]"),
    ],
)
def test_what_is_no_batch_is_refused(house: House, body: Any, field: str) -> None:
    reply = house.call("POST", "/reports/batch", body)
    assert (reply.status, reply.fields) == (400, {field})


def test_a_panel_that_is_no_question_fails_alone(house: House) -> None:
    results = house.call("POST", "/reports/batch", {"panels": [{"metrics": 1.5}, {"format": "csv"}, {}]}).data
    assert [each["status"] for each in results] == [400, 400, 200]
    results = house.call("POST", "/reports/batch", {"panels": [{"metrics": "x"}]}).data
    assert [each["status"] for each in results] == [400]


def test_a_stranger_counts_nothing(house: House) -> None:
    for reply in (
        house.call("GET", "/reports", as_=house.stranger, **{"class": "any"}),
        house.call("POST", "/reports", {"class": "any"}, house.stranger),
    ):
        assert reply.data["totals"] == {"clicks": 0}
    assert house.call("GET", "/clicks", as_=house.stranger, format="ndjson").body == b""


def test_two_at_a_time_and_the_third_is_told_when_to_come_again(house: House) -> None:
    heavy = house.app.clicks._heavy
    house.app.clicks._wait_seconds = 0.01
    with heavy.turn(1), heavy.turn(1):
        for method, path, body in (("GET", "/reports", None), ("POST", "/reports/batch", {"panels": [{}]})):
            reply = house.call(method, path, body)
            assert (reply.status, reply.error["code"], reply.headers["Retry-After"]) == (503, "UNAVAILABLE", "5")
        assert house.call("GET", "/clicks", format="csv").status == 503
    assert leftovers(house) == []


@pytest.mark.parametrize(
    "query",
    [
        {"from": "1970-01-01", "to": "9999-12-30", "dimensions": "quarter_hour", "timezone": "Etc/GMT-14"},
        {"from": "1970-01-01", "to": "9999-12-31T23:59:59Z", "dimensions": "day", "timezone": "Pacific/Kiritimati"},
        {"from": "1970-01-01", "to": "9999-12-31T23:59:59Z", "compare": "previous", "dimensions": "week"},
        {"to": "9999-12-31T23:59:59Z", "compare": "year", "timezone": "Etc/GMT+12", "dimensions": "hour"},
        {"from": "1970-01-01T00:00:00Z", "to": "1970-01-01T00:00:00.001Z", "compare": "previous"},
        {
            "country": ",".join(["Ünïcödé-🦊"] * 200),
            "slug[contains]": "%_'\"\\",
            "dimensions": "slug,tag,folder,sub_id",
        },
        {"tag_ids": ",".join(["tag_nobody"] * 200), "dimensions": "tag", "limit": "1"},
        {"dimensions": "asn,city,region,class_reason,visitor"},
        {"sub10[prefix]": "\u202e", "referrer_host[null]": "true", "asn": "9223372036854775807"},
        {"timezone": "\u0000"},
    ],
)
def test_odd_questions_have_answers_or_refusals(house: House, query: dict[str, str]) -> None:
    for form in ("json", "ndjson"):
        assert house.call("GET", "/reports", format=form, **query).status in (200, 400)
