"""Reports and lists as files: the same rows as JSON shows, all of them."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from routy.clock import DAY, iso, parse_iso
from routy.errors import Invalid
from routy.records.parameters import parse as parse_query
from routy.reports import files
from routy.reports.dimensions import DIMENSIONS
from routy.resource import Resource
from routy.resources.api_requests import ApiRequest
from routy.resources.clicks import Click
from routy.resources.tags import Tag
from routy.store.cursors import Format
from tests.clicks.yard import FIREFOX, GOOGLEBOT, Yard
from tests.reports.model import stranger

BEGIN = parse_iso("2026-10-30")


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Yard]:
    """1,200 clicks in two months: more than any page."""
    yard = Yard(tmp_path_factory.mktemp("yard"), now=BEGIN)
    yard.add_link("one", tag_ids=[yard.add(Tag, name=name)["id"] for name in ("red", "=1+1")])
    yard.add_link("größe", domain_id=yard.default_domain())
    for number in range(1_200):
        yard.now = BEGIN + number * DAY // 300
        query = f"sub1={number % 7}&utm_source=%3DHYPERLINK(1)&utm_term=a%2Cb%22c%0Ad"
        path = ("/one" if number % 3 else "/größe").encode().decode("latin-1")
        yard.visit(path, query, GOOGLEBOT if number % 7 == 0 else FIREFOX)
    yard.load()
    yield yard
    yard.close()


def exported(
    yard: Yard, form: Format, resource: type[Resource] = Click, limit: int | None = None, **given: str
) -> Any:
    query = parse_query(resource, given.items())
    return read(
        files.single_rows(yard.store, yard.records, yard.actor, resource, query, limit, yard.now, form), form
    )


def reported(yard: Yard, form: Format, **given: str) -> Any:
    asked = {"from": "2026-01-01", **{name.rstrip("_"): text for name, text in given.items()}}
    args = (yard.store, yard.records, yard.actor, asked.items(), yard.now + 1, yard.loader.watermark)
    return read(files.report(*args, form), form)


def read(file: Path, form: Format) -> list[dict[str, Any]]:
    if form == "parquet":
        found = duckdb.execute(f"FROM '{file}'")
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    text = file.read_text()
    if form == "csv":
        return list(csv.DictReader(io.StringIO(text, newline="")))
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("form", ["csv", "ndjson", "parquet"])
@pytest.mark.parametrize("sort", ["-created_at", "id"])
@pytest.mark.parametrize("limit", [None, 333])
def test_parts_of_months_add_up_to_all_of_them(
    yard: Yard, form: Format, sort: str, limit: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = exported(yard, form, limit=limit, sort=sort)
    monkeypatch.setattr(files, "AT_ONCE", 100)
    told: list[tuple[int, int | None]] = []
    query = parse_query(Click, [("sort", sort)])
    args = (yard.store, yard.records, yard.actor, Click, query, limit, yard.now, form)
    found = read(files.single_rows(*args, advance=lambda rows, total: told.append((rows, total))), form)
    assert found == whole
    assert len(told) > 4
    assert told[-1] == (limit or 1_200, limit or 1_200)
    assert {total for _, total in told} == {limit or 1_200}


FORMS: tuple[Format, ...] = ("csv", "ndjson", "parquet")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("sort", ["-created_at", "id"])
def test_every_click_is_in_the_file_once_and_in_order(yard: Yard, form: Format, sort: str) -> None:
    rows = exported(yard, form, sort=sort)
    ids = [row["id"] for row in rows]
    assert len(set(ids)) == len(ids) == 1_200
    assert ids == sorted(ids, reverse=sort[0] == "-")


def test_a_file_of_clicks_holds_what_the_list_shows(yard: Yard) -> None:
    wanted = {row["id"]: row for row in yard.clicks(limit="1000", **{"class": "bot"}).rows}
    rows = exported(yard, "ndjson", **{"class": "bot"})
    assert len(rows) == len(wanted) > 100
    for row in rows:
        assert row == {**wanted[row["id"]], "created_at": iso(wanted[row["id"]]["created_at"])}


def test_filters_fields_and_limits_hold_for_files(yard: Yard) -> None:
    link = yard.records.rows("SELECT id FROM links WHERE slug = 'one'")[0]["id"]
    rows = exported(yard, "ndjson", link_id=link, fields="id,sub1,link_id")
    assert len(rows) == 800
    assert rows[0].keys() == {"id", "sub1", "link_id"}
    assert len(exported(yard, "csv", limit=7)) == 7
    assert exported(yard, "ndjson", sub1="none") == exported(yard, "csv", sub1="none") == []
    assert exported(yard, "parquet", **{"created_at[gte]": "2030-01-01"}) == []


def test_what_python_computes_is_no_column(yard: Yard) -> None:
    for given in ({"fields": "id,class_explained"}, {"expand": "link"}):
        with pytest.raises(Invalid):
            exported(yard, "csv", **given)


def test_api_requests_can_be_had_as_files(yard: Yard) -> None:
    assert exported(yard, "csv", ApiRequest) == exported(yard, "ndjson", ApiRequest) == []


def test_no_text_begins_as_a_formula_in_csv_alone(yard: Yard) -> None:
    row = exported(yard, "csv")[0]
    assert (row["utm_source"], row["utm_term"]) == ("'=HYPERLINK(1)", 'a,b"c\nd')
    assert exported(yard, "ndjson")[0]["utm_source"] == "=HYPERLINK(1)"
    assert {row["tag_name"] for row in reported(yard, "csv", dimensions="tag")} == {"red", "'=1+1", ""}
    assert {row["utm_source"] for row in reported(yard, "csv", dimensions="utm_source")} == {"'=HYPERLINK(1)"}


def test_times_are_moments_in_parquet(yard: Yard) -> None:
    row = exported(yard, "parquet", sort="created_at")[0]
    assert row["created_at"].isoformat() == "2026-10-30T00:00:00"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("dimensions", ["day", "hour", "week", "link", "link,slug", "tag,day", "country,class", ""])
def test_a_report_is_the_same_in_every_form(yard: Yard, form: Format, dimensions: str) -> None:
    given = {"dimensions": dimensions, "metrics": "clicks,uniques", "timezone": "Asia/Kathmandu", "class_": "any"}
    given["from"] = "2026-10-29"
    shown = yard.report(**given, limit="10000")
    rows = shown["rows"] if dimensions else [shown["totals"]]
    expected = [{name: "" if value is None else str(value) for name, value in row.items()} for row in rows]
    found = [
        {name: "" if value is None else str(value).removeprefix("'") for name, value in row.items()}
        for row in reported(yard, form, **given)
    ]
    assert found == expected


@pytest.mark.parametrize("name", DIMENSIONS)
def test_every_dimension_can_be_written(yard: Yard, name: str) -> None:
    assert len(reported(yard, "csv", dimensions=name, **{"from": "2026-10-29"})) >= 1


def test_metrics_pick_rows_and_limits_hold(yard: Yard) -> None:
    rows = reported(yard, "ndjson", dimensions="sub1", **{"clicks[gte]": "1"}, sort="-clicks,sub1", limit="3")
    assert [row["sub1"] for row in rows] == ["1", "2", "3"]
    with pytest.raises(Invalid):
        reported(yard, "csv", dimensions="day", compare="year")


def test_a_stranger_gets_an_empty_file(yard: Yard) -> None:
    query = parse_query(Click, [])
    file = files.single_rows(yard.store, yard.records, stranger(yard), Click, query, None, yard.now, "ndjson")
    assert file.read_text() == ""
