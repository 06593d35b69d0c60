"""Lists of random rows, compared with what plain Python says of the same rows."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routy.clock import iso
from routy.records import write
from routy.resource import Field, Row
from routy.resources.links import Link
from routy.resources.tags import Tag
from tests.house import House
from tests.records.models import LINK, TEXT, add_links, ask, empty, filters_of, ids, insert, lower, passes

FEW = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
ROWS = st.lists(LINK, min_size=1, max_size=12)
SORTS = [field.name for field in Link.fields.values() if field.sort] + ["id"]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(Path(tmp_path_factory.mktemp("house")))
    yield house
    house.close()


@pytest.fixture(scope="module")
def tags(house: House) -> list[str]:
    return sorted(insert(house, Tag, {"name": name})["id"] for name in ("one", "two", "three"))


# ---- filters


@st.composite
def questions(draw: st.DrawFn) -> tuple[Field, str]:
    return draw(st.sampled_from(filters_of(Link)))


def asked(draw: st.DrawFn, field: Field, operator: str, rows: list[Row]) -> list[Any]:
    """Values to ask with: of the rows themselves, parts of them, or others."""
    if operator == "null":
        return [draw(st.booleans())]
    there = [row[field.name] for row in rows if row[field.name] not in (None, [])]
    there = [one for value in there for one in (value if isinstance(value, list) else [value])]
    others: Any = {
        "time": st.integers(0, 10**13),
        "boolean": st.booleans(),
        "integer": st.integers(0, 3),
    }.get(field.kind, TEXT)
    if field.choices:
        others = st.sampled_from(field.choices)
    mine = st.sampled_from(there) if there else others
    if operator in ("prefix", "contains"):
        cut = st.builds(lambda text, a, b: text[a:b], mine, st.integers(0, 3), st.integers(1, 9))
        return [draw(cut | TEXT)]
    some = st.lists(mine | others, min_size=1, max_size=3 if operator in ("eq", "ne") else 1)
    return [one for one in draw(some) if "," not in str(one)] or [there[0] if there else draw(others)]


def written(field: Field, operator: str, value: Any) -> str:
    if operator == "null" or field.kind == "boolean":
        return "true" if value else "false"
    return iso(value) if field.kind == "time" else str(value)


@FEW
@given(data=st.data(), rows=ROWS)
def test_filters_are_what_python_says(house: House, tags: list[str], data: st.DataObject, rows: list[Any]) -> None:
    empty(house)
    made = add_links(house, rows, tags)
    for _ in range(6):
        chosen = data.draw(
            st.lists(questions(), min_size=1, max_size=3, unique_by=lambda one: (one[0].name, one[1]))
        )
        query, wanted = {}, made
        for field, operator in chosen:
            values = asked(data.draw, field, operator, made)
            name = field.name if operator == "eq" else f"{field.name}[{operator}]"
            query[name] = ",".join(written(field, operator, value) for value in values)
            wanted = [row for row in wanted if passes(field, operator, values, row[field.name])]
        assert sorted(ids(house, Link, **query)) == sorted(row["id"] for row in wanted), query


@FEW
@given(rows=ROWS, text=TEXT)
def test_search_is_what_python_says(house: House, tags: list[str], rows: list[Any], text: str) -> None:
    empty(house)
    made = add_links(house, rows, tags)
    searched = [field.name for field in Link.fields.values() if field.search]
    wanted = {r["id"] for r in made if any(lower(text) in lower(r[name] or "") for name in searched)}
    assert set(ids(house, Link, q=text)) == wanted


# ---- sorts


def key(name: str, row: Row) -> tuple[Any, ...]:
    """Nothing is the least; of texts it is the same as the empty one."""
    value = row[name]
    if Link.fields[name].kind == "text":
        return (value or "",)
    return (value is not None, value or 0)


def in_order(rows: list[Row], sorts: list[str]) -> list[str]:
    found = sorted(rows, key=lambda row: row["id"], reverse=sorts[-1].startswith("-"))
    for sort in reversed(sorts):
        name = sort.removeprefix("-")
        found.sort(key=lambda row, name=name: key(name, row), reverse=sort.startswith("-"))
    return [row["id"] for row in found]


SOME_SORTS = st.lists(st.sampled_from(SORTS), min_size=1, max_size=4, unique=True).flatmap(
    lambda names: st.tuples(*(st.sampled_from([name, f"-{name}"]) for name in names))
)


@FEW
@given(rows=ROWS, sorts=SOME_SORTS, limit=st.integers(1, 5))
def test_every_order_and_every_walk_of_it_is_pythons(
    house: House, tags: list[str], rows: list[Any], sorts: tuple[str, ...], limit: int
) -> None:
    empty(house)
    wanted = in_order(add_links(house, rows, tags), list(sorts))
    assert ids(house, Link, sort=",".join(sorts)) == wanted
    assert walk(house, sort=",".join(sorts), limit=str(limit)) == wanted
    pages = [ask(house, Link, sort=",".join(sorts), limit=str(limit), page=str(n + 1)).rows for n in range(13)]
    assert [row["id"] for page in pages for row in page] == wanted


def walk(house: House, **query: str) -> list[str]:
    seen: list[str] = []
    while True:
        page = ask(house, Link, **query)
        seen += [row["id"] for row in page.rows]
        assert len(seen) <= 100, "it walks in circles"
        if page.cursor is None:
            return seen
        query["cursor"] = page.cursor


# ---- walks while others write


# What others do between two pages: some places of old rows to delete, and rows to add.
MEANWHILE = st.lists(
    st.tuples(st.lists(st.integers(0, 11), max_size=2, unique=True), st.lists(LINK, max_size=2)), max_size=8
)


@FEW
@given(
    rows=st.lists(LINK, min_size=3, max_size=12),
    limit=st.integers(1, 4),
    sort=st.sampled_from(["-created_at,-id", "created_at", "-id", "created_at,-id", "-created_at,id"]),
    meanwhile=MEANWHILE,
)
def test_a_walk_sees_each_surviving_row_once_whatever_others_do(
    house: House, tags: list[str], rows: list[Any], limit: int, sort: str, meanwhile: list[Any]
) -> None:
    empty(house)
    old = [row["id"] for row in add_links(house, rows, tags)]
    gone: set[str] = set()
    seen: list[str] = []
    doings = iter(meanwhile)
    query = {"limit": str(limit), "sort": sort}
    while True:
        page = ask(house, Link, **query)
        seen += [row["id"] for row in page.rows]
        assert len(seen) <= 200, "it walks in circles"
        if page.cursor is None:
            break
        query["cursor"] = page.cursor
        places, added = next(doings, ((), ()))
        for doomed in {old[place % len(old)] for place in places} - gone:
            delete(house, doomed)
            gone.add(doomed)
        add_links(house, list(added), tags)
    assert len(seen) == len(set(seen)), "one was seen twice"
    assert set(old) - gone <= set(seen), "one was not seen"
    positions = [old.index(one) for one in seen if one in old]
    if sort in ("-id", "-created_at,-id", "created_at"):
        assert positions == sorted(positions, reverse=sort.startswith("-")) or same_moment(house, old)


def delete(house: House, link_id: str) -> None:
    with house.records.transaction(house.now) as tx:
        write.delete(tx, house.owner.actor, Link, link_id)


def same_moment(house: House, made: list[str]) -> bool:
    """Ids of one millisecond are in any order."""
    times = [row["created_at"] for row in house.records.rows("SELECT created_at FROM links")]
    return len(set(times)) < len(times)
