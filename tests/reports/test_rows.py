from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routy.clock import DAY, iso, parse_iso
from routy.errors import Invalid, NotFound
from routy.reports import rows
from routy.resources.clicks import Click
from tests.clicks.yard import FIREFOX, GOOGLEBOT, Yard
from tests.reports.model import stranger

BEGIN = parse_iso("2026-10-30")
EXAMPLE = "clk_01M651PC00VYS5V2ZRYEZHM676"


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Yard]:
    """Five clicks at each of 40 moments, in two months."""
    yard = Yard(tmp_path_factory.mktemp("yard"), now=BEGIN)
    yard.add_link("one")
    yard.add_link("two")
    for number in range(200):
        yard.now = BEGIN + number // 5 * DAY // 8
        yard.visit("/one" if number % 3 else "/two", f"sub1={number}", GOOGLEBOT if number % 7 == 0 else FIREFOX)
    yard.load()
    yield yard
    yard.close()


def walk(yard: Yard, **given: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    page = yard.clicks(**given)
    while True:
        found += page.rows
        assert page.has_more == (page.cursor is not None)
        if page.cursor is None:
            return found
        page = yard.clicks(**given, cursor=page.cursor)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    limit=st.integers(1, 90),
    sort=st.sampled_from(["", "created_at", "-created_at", "id", "-id", "created_at,-id", "-created_at,id"]),
    asked=st.fixed_dictionaries(
        {},
        optional={
            "class": st.sampled_from(["bot", "human"]),
            "created_at[gte]": st.integers(0, 40).map(lambda n: iso(BEGIN + n * DAY // 8)),
            "created_at[lt]": st.integers(0, 40).map(lambda n: iso(BEGIN + n * DAY // 8)),
            "sub1[prefix]": st.sampled_from(["1", "19", "x"]),
        },
    ),
)
def test_a_walk_by_cursor_sees_every_row_once_and_in_order(
    yard: Yard, limit: int, sort: str, asked: dict[str, str]
) -> None:
    given = {**asked, "limit": str(limit), **({"sort": sort} if sort else {})}
    found = walk(yard, **given)
    everything = yard.clicks(limit="1000").rows
    expected = [row for row in everything if _kept(row, asked)]
    assert sorted(row["id"] for row in found) == sorted(row["id"] for row in expected)
    assert [_place(row, sort) for row in found] == sorted(_place(row, sort) for row in found)


def _kept(row: dict[str, Any], asked: dict[str, str]) -> bool:
    return (
        asked.get("class") in (None, row["class"])
        and row["sub1"].startswith(asked.get("sub1[prefix]", ""))
        and parse_iso(asked.get("created_at[gte]", "1970-01-01")) <= row["created_at"]
        and row["created_at"] < parse_iso(asked.get("created_at[lt]", "9999-01-01"))
    )


def _place(row: dict[str, Any], sort: str) -> tuple[int, int]:
    number = int.from_bytes(row["id"].encode(), "big")
    sort = sort or "-created_at,-id"
    time, _, last = sort.partition(",")
    if "id" in time:
        time = last = time
    at = -row["created_at"] if time.startswith("-") else row["created_at"]
    return at, (-number if (last or time).startswith("-") else number)


def test_one_click_is_found_by_its_id(yard: Yard) -> None:
    click = yard.clicks(limit="1").rows[0]
    assert rows.find(yard.store, yard.records, yard.actor, Click, click["id"]) == click


@pytest.mark.parametrize("record_id", ["", "clk_", "x", "clk_ZZZZZZZZZZZZZZZZZZZZZZZZZZ", EXAMPLE])
def test_an_id_that_nobody_has_is_not_found(yard: Yard, record_id: str) -> None:
    with pytest.raises(NotFound):
        rows.find(yard.store, yard.records, yard.actor, Click, record_id)
    assert yard.clicks(id=record_id).rows == []


def test_another_workspace_finds_nothing(yard: Yard) -> None:
    click = yard.clicks(limit="1").rows[0]
    other = stranger(yard)
    with pytest.raises(NotFound):
        rows.find(yard.store, yard.records, other, Click, click["id"])


def test_links_are_filtered_by_their_ids(yard: Yard) -> None:
    link = yard.records.one("SELECT id FROM links WHERE slug = 'two'")
    assert link is not None
    found = yard.clicks(link_id=link["id"], limit="1000").rows
    assert len(found) == 67
    assert {row["link_id"] for row in found} == {link["id"]}
    assert len(yard.clicks(**{"link_id[ne]": link["id"]}, limit="1000").rows) == 133
    assert yard.clicks(link_id="link_nobody").rows == []


@pytest.mark.parametrize("field", [field.name for field in Click.fields.values() if field.filters])
def test_every_filter_of_clicks_can_be_used(yard: Yard, field: str) -> None:
    declared = Click.fields[field]
    text = str(declared.choices[0] if declared.choices else declared.example or "x")
    text = {"time": iso(BEGIN), "boolean": "true"}.get(declared.kind, text)
    for operator in declared.operators:
        given = "true" if operator == "null" else text
        yard.clicks(**{f"{field}[{operator}]" if operator != "eq" else field: given})


def test_a_cursor_that_was_forged_is_refused(yard: Yard) -> None:
    page = yard.clicks(limit="1")
    with pytest.raises(Invalid):
        yard.clicks(limit="1", cursor=page.cursor[:-4] + "AAAA")
    with pytest.raises(Invalid):
        yard.clicks(limit="1", page="2")
