"""What every list does with its parameters, by the declaration alone (api.md, "The same on every list").

The answers are compared with a model: the same question, asked of the whole list in plain Python.
"""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from routy.clock import parse_iso
from routy.records.parameters import expandable, output_names
from routy.resource import OPERATORS, Field, Resource
from routy.resources import RESOURCES
from tests.house import House
from tests.resources.samples import NOBODY, Samples, having

Kind = type[Resource]
Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Samples]:
    """A house with some rows of everything, in which no test writes."""
    house = House(Path(tmp_path_factory.mktemp("house")))
    samples = Samples(house)
    for resource in RESOURCES.values():
        samples.some(resource, 9)
        samples.some(resource, 2, house.stranger)
    house.load()
    yield samples
    house.close()


@pytest.fixture
def house(samples: Samples) -> House:
    return samples.house


@pytest.fixture
def rows(samples: Samples, resource: Kind) -> Rows:
    found = samples.listed(resource)
    assert len(found) >= 9
    return found


def ask(house: House, resource: Kind, /, **query: str) -> Any:
    reply = house.call("GET", f"/{resource.path()}", **query)
    assert reply.status == 200, (query, reply.body)
    return reply.json


def refused(house: House, resource: Kind, /, *names: str, **query: str) -> bool:
    reply = house.call("GET", f"/{resource.path()}", **query)
    assert (reply.status, reply.fields) == (400, set(names)), (query, reply.body)
    return True


def ids(rows: Rows) -> list[str]:
    return [row["id"] for row in rows]


# ---- pages


@having("list")
def test_a_page_says_where_it_stands(house: House, rows: Rows, resource: Kind) -> None:
    answer = ask(house, resource, limit="4")
    page = answer["pagination"]
    assert answer["success"] is True
    assert ids(answer["data"]) == ids(rows)[:4]
    assert (page["limit"], page["has_more"], isinstance(page["next_cursor"], str)) == (4, True, True)
    if resource.store == "clicks":
        assert set(page) == {"limit", "has_more", "next_cursor"}
    else:
        assert (page["page"], page["total"]) == (1, len(rows))


@having("list")
def test_the_last_page_says_so(house: House, rows: Rows, resource: Kind) -> None:
    page = ask(house, resource, limit="1000")["pagination"]
    assert (page["has_more"], page["next_cursor"]) == (False, None)


@having("list")
def test_pages_follow_each_other(house: House, rows: Rows, resource: Kind) -> None:
    if resource.store == "clicks":
        assert refused(house, resource, "page", page="2")
        return
    pages = [ask(house, resource, limit="4", page=str(n)) for n in range(1, len(rows) // 4 + 2)]
    assert [one for answer in pages for one in ids(answer["data"])] == ids(rows)
    beyond = ask(house, resource, limit="4", page="1000000")
    assert (beyond["data"], beyond["pagination"]["total"]) == ([], len(rows))


@having("list")
@pytest.mark.parametrize("text", ["0", "1001", "-1", "x", "", "1.5", "1e2", " 1", "²", "9" * 30, "+5", "1\0"])
def test_a_limit_is_a_number_from_1_to_1000(house: House, resource: Kind, text: str) -> None:
    assert refused(house, resource, "limit", limit=text)
    assert refused(house, resource, "page", page=text if text != "1001" else "1000001")


# ---- sorts


def sortable(resource: Kind) -> list[Field]:
    return [*(field for field in resource.fields.values() if field.sort), resource.fields["id"]]


def key(field: Field, row: dict[str, Any]) -> tuple[int, Any]:
    value = row[field.name]
    return (0, 0) if value is None else (1, value)


def in_order(rows: Rows, resource: Kind, *sorts: str) -> list[str]:
    """The ids in this order: nothing is the least, and rows that are the same stand by id."""
    found = sorted(rows, key=lambda row: row["id"], reverse=sorts[-1].startswith("-"))
    for sort in reversed(sorts):
        field = resource.fields[sort.removeprefix("-")]
        found.sort(key=lambda row, field=field: key(field, row), reverse=sort.startswith("-"))
    return ids(found)


def every_sort(resource: Kind) -> list[tuple[str, ...]]:
    names = [field.name for field in sortable(resource)]
    single = [(f"{sign}{name}",) for name in names for sign in ("", "-")]
    mixed = [(f"-{a}", b) for a in names for b in names if a != b and "id" not in (a,)]
    return [*single, *mixed[:12], tuple(names), tuple(f"-{name}" for name in names)]


@having("list")
def test_each_sort_gives_its_order(house: House, rows: Rows, resource: Kind) -> None:
    for sorts in every_sort(resource):
        found = ask(house, resource, limit="1000", sort=",".join(sorts))["data"]
        if resource.store == "clicks" and {s.lstrip("-") for s in sorts} == {"created_at", "id"}:
            continue  # ids sort by time: the second of the two says nothing
        assert ids(found) == in_order(rows, resource, *sorts), sorts


@having("list")
def test_without_a_sort_the_newest_come_first(house: House, rows: Rows, resource: Kind) -> None:
    assert ids(rows) == in_order(rows, resource, "-created_at", "-id")


@having("list")
def test_a_walk_by_cursor_sees_each_row_once_in_each_sort(house: House, rows: Rows, resource: Kind) -> None:
    for sorts in every_sort(resource):
        whole = ids(ask(house, resource, limit="1000", sort=",".join(sorts))["data"])
        assert walk(house, resource, sort=",".join(sorts), limit=str(max(3, len(rows) // 5))) == whole, sorts
    assert walk(house, resource, limit="1", id=",".join(ids(rows)[:9])) == ids(rows)[:9]


def walk(house: House, resource: Kind, **query: str) -> list[str]:
    seen: list[str] = []
    while True:
        answer = ask(house, resource, **query)
        seen += ids(answer["data"])
        assert len(seen) < 5000, "it walks in circles"
        if not answer["pagination"]["has_more"]:
            assert answer["pagination"]["next_cursor"] is None
            return seen
        query["cursor"] = answer["pagination"]["next_cursor"]


@having("list")
def test_what_cannot_be_sorted_by_is_refused(house: House, resource: Kind) -> None:
    names = [f.name for f in resource.fields.values() if not f.sort and f.name != "id"]
    for wrong in (*names, "colour", "", ",", "-", "--id", "id,-id", "id,id", "id;DROP", "id desc", "1"):
        assert refused(house, resource, "sort", sort=wrong)


@having("list")
def test_a_cursor_is_good_for_its_own_list_only(house: House, rows: Rows, resource: Kind) -> None:
    cursor = ask(house, resource, limit="2")["pagination"]["next_cursor"]
    assert refused(house, resource, "cursor", cursor=cursor, sort="id")
    assert refused(house, resource, "cursor", cursor=cursor, id=rows[0]["id"])
    page = {"page": "1"} if resource.store == "records" else {}
    if page:
        assert refused(house, resource, "cursor", cursor=cursor, **page)
    for other in RESOURCES.values():
        if other is not resource:
            assert refused(house, other, "cursor", cursor=cursor)


@having("list")
def test_no_forged_cursor_is_a_fault(house: House, resource: Kind) -> None:
    cursor = ask(house, resource, limit="2")["pagination"]["next_cursor"]
    mark, position = json.loads(base64.urlsafe_b64decode(cursor + "=="))
    for forged in (*garbage(cursor), *misshapen(mark, position)):
        assert refused(house, resource, "cursor", cursor=forged), forged
    for forged in misplaced(mark, position):
        assert house.call("GET", f"/{resource.path()}", cursor=forged).status in (200, 400), forged


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def garbage(cursor: str) -> list[str]:
    return [
        "",
        "x",
        "äöü",
        "\0",
        cursor[:-3],
        cursor + "AAAA",
        cursor[::-1],
        "=" * 9,
        "A" * 5000,
        encoded("[" * 5000),
    ]


def misshapen(mark: str, position: list[Any]) -> list[str]:
    """JSON of other shapes, and positions of other types behind the right fingerprint."""
    shapes: list[Any] = [
        5,
        None,
        "ab",
        [],
        {},
        [1],
        [mark],
        {"a": 1, "b": 2},
        ["x" * 12, position],
        [None, position],
    ]
    rest = position[1:]
    places: list[Any] = [5, None, "ab", {"a": 1, "b": 2}, [], position[:1], [*position, "x"], [None] * 9]
    places += [["x", *rest], [True, *rest], [2**70, *rest], [[], *rest], [1.5, *rest]]
    places += [[*position[:-1], wrong] for wrong in (5, True, ["x"], {})]
    surrogate = f'["{mark}",[{json.dumps(position[0])},"\\ud800"]]'
    return [*map(encoded, (surrogate, *map(json.dumps, (*shapes, *([mark, place] for place in places)))))]


def misplaced(mark: str, position: list[Any]) -> list[str]:
    """Positions of the right types that no row has."""
    places: list[Any] = [[None] * len(position), [0, "x"], [-1, "\0"], [2**63 - 1, "ü"], [position[0], ""]]
    return [encoded(json.dumps([mark, place])) for place in places]


# ---- filters


def filtered(resource: Kind) -> list[tuple[Field, str]]:
    """Those whose answer can be seen in the rows."""
    return [(field, operator) for field in resource.fields.values() if field.shown for operator in field.operators]


def comparable(field: Field, value: Any) -> Any:
    return parse_iso(value) if field.kind == "time" and isinstance(value, str) else value


def lower(text: str) -> str:
    """Small letters, of a to z alone."""
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)


def lets_through(field: Field, operator: str, wanted: list[str], value: Any) -> bool:
    """The model: whether a row with this value passes."""
    if operator == "null":
        return (value in (None, [])) == (wanted == ["true"])
    if field.kind == "list":
        return bool(set(value) & set(wanted)) == (operator == "eq")
    if operator in ("eq", "ne"):
        return (as_text(value) in wanted) == (operator == "eq")
    if value is None:
        return False
    if operator == "prefix":
        return str(value).startswith(wanted[0])
    if operator == "contains":
        return lower(wanted[0]) in lower(str(value))
    mine, theirs = comparable(field, value), comparable(field, _typed(field, wanted[0]))
    return {"gt": mine > theirs, "gte": mine >= theirs, "lt": mine < theirs, "lte": mine <= theirs}[operator]


def as_text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def _typed(field: Field, text: str) -> Any:
    return int(text) if field.kind == "integer" else text


def questions(field: Field, operator: str, rows: Rows) -> list[list[str]]:
    """Values to ask with: those that are there, parts of them, and some that nothing has."""
    if operator == "null":
        return [["true"], ["false"]]
    there = [row[field.name] for row in rows if row[field.name] not in (None, [])]
    there = [one for value in there for one in (value if isinstance(value, list) else [value])]
    texts = list(dict.fromkeys(str(as_text(value)) for value in there))[:4]
    if operator in ("eq", "ne"):
        return [*([text] for text in texts if "," not in text), [t for t in texts if "," not in t] or ["7"]]
    if operator in ("prefix", "contains"):
        parts = [part for text in texts for part in (text[:3], text[2:5], text.swapcase()[:4], text, text[-2:])]
        return [[part] for part in dict.fromkeys((*parts[:12], "%", "_", "*", "?", "[", "]", "\\", "'", "nothing"))]
    return [[text] for text in texts]


@having("list")
def test_each_filter_lets_through_what_the_model_lets_through(house: House, rows: Rows, resource: Kind) -> None:
    for field, operator in filtered(resource):
        name = field.name if operator == "eq" else f"{field.name}[{operator}]"
        living = rows if field.name != "deleted_at" else in_trash(house, resource) + rows
        for wanted in questions(field, operator, living):
            if field.choices and any(text not in map(str, field.choices) for text in wanted):
                continue
            found = ask(house, resource, limit="1000", **{name: ",".join(wanted)})["data"]
            model = [row["id"] for row in living if lets_through(field, operator, wanted, row[field.name])]
            assert sorted(ids(found)) == sorted(model), (name, wanted)


def in_trash(house: House, resource: Kind) -> Rows:
    return list(ask(house, resource, limit="1000", **{"deleted_at[null]": "false"})["data"])


@having("list")
def test_filters_narrow_each_other(house: House, rows: Rows, resource: Kind) -> None:
    some = rows[1:6]
    query = {"id": ",".join(ids(some)), "created_at[gte]": some[-1]["created_at"], "created_at[lt]": "2100-01-01"}
    assert ids(ask(house, resource, **query)["data"]) == ids(some)
    assert walk(house, resource, limit="2", **query) == ids(some)
    assert ids(ask(house, resource, **{"id": rows[0]["id"], "created_at[gt]": "2100-01-01"})["data"]) == []


@having("list")
def test_what_is_no_filter_is_refused_by_name(house: House, resource: Kind) -> None:
    unfiltered = [field.name for field in resource.fields.values() if not field.filters]
    for name in (*unfiltered, "colour", "workspace_id", "key", "status ", "", "[", "]", "id[]", "id[eq", "1=1--"):
        assert refused(house, resource, name, **{name: "1"})
    for field in resource.fields.values():
        for operator in {*OPERATORS, "like", "GT", "eq "} - set(field.operators):
            plain = field.name if operator == "eq" else f"{field.name}[{operator}]"
            if field.name not in unfiltered:
                assert refused(house, resource, plain, **{plain: "1"})


WRONG = {
    "integer": ("x", "", "1.5", "9" * 30, "0x1", "²"),
    "boolean": ("x", "", "1", "True", "yes"),
    "time": ("soon", "", "1", "2026-02-30", "2026-13-01", "1969-12-31", "10000-01-01", "2026-01-01T25:00:00Z"),
}


@having("list")
def test_a_wrong_value_of_a_filter_is_refused_by_name(house: House, resource: Kind) -> None:
    for field, operator in filtered(resource):
        name = field.name if operator == "eq" else f"{field.name}[{operator}]"
        wrong = WRONG["boolean"] if operator == "null" else WRONG.get(field.kind, ())
        wrong = ("none of them", "", "1\0") if field.choices and operator != "null" else wrong
        for text in (*wrong, "NUL \0", *([",".join(["x"] * 201)] if operator in ("eq", "ne") else ())):
            assert refused(house, resource, name, **{name: text})


@having("list")
def test_wrong_parameters_are_all_named_at_once(house: House, resource: Kind) -> None:
    wrong = {"limit": "x", "sort": "colour", "fields": "colour", "expand": "colour", "colour": "1", "id[gt]": "1"}
    assert refused(house, resource, *wrong, "cursor", **wrong, cursor="x")


@having("list")
def test_an_absurdly_long_value_finds_nothing_and_breaks_nothing(house: House, resource: Kind) -> None:
    for field, operator in filtered(resource):
        if field.kind == "text" and not field.choices and operator in ("eq", "prefix", "contains"):
            name = field.name if operator == "eq" else f"{field.name}[{operator}]"
            assert ask(house, resource, **{name: "%[*_" * 1024})["data"] == []
            assert refused(house, resource, name, **{name: "x" * 4097})


# ---- q, fields, expand


@having("list")
def test_q_finds_text_in_the_fields_that_are_searched(house: House, rows: Rows, resource: Kind) -> None:
    searched = [field.name for field in resource.fields.values() if field.search]
    if not searched:
        assert refused(house, resource, "q", q="text")
        return
    texts = [str(row[name]) for name in searched for row in rows[:4] if row[name]]
    for text in {part for whole in texts for part in (whole, whole[1:4], lower(whole)[-3:])} | {"%", "_", "\\"}:
        found = ask(house, resource, limit="1000", q=text)["data"]
        model = [row["id"] for row in rows if any(lower(text) in lower(str(row[n] or "")) for n in searched)]
        assert ids(found) == model, text
        assert walk(house, resource, limit="2", q=text) == model
    for wrong in ("", "x" * 201, "a\0b"):
        assert refused(house, resource, "q", q=wrong)


@having("list", "get")
def test_fields_trims_what_is_shown(house: House, rows: Rows, resource: Kind) -> None:
    there = f"/{resource.path()}/{rows[0]['id']}"
    for name in output_names(resource):
        assert ask(house, resource, limit="1", fields=name)["data"] == [{name: rows[0][name]}]
        assert house.call("GET", there, fields=name).data == {name: rows[0][name]}
    both = ask(house, resource, limit="1", fields="created_at,id")["data"][0]
    assert both == {name: rows[0][name] for name in ("id", "created_at")}
    unshown = [field.name for field in resource.fields.values() if not field.shown]
    for wrong in (*unshown, "colour", "", ",", "id,colour", "*"):
        assert refused(house, resource, "fields", fields=wrong)
        assert house.call("GET", there, fields=wrong).fields == {"fields"}


@having("list", "get")
def test_expand_puts_in_the_records_that_are_referred_to(house: House, rows: Rows, resource: Kind) -> None:
    for name, field in expandable(resource).items():
        shown = ask(house, resource, limit="1000", expand=name)["data"]
        assert [{key: value for key, value in row.items() if key != name} for row in shown] == rows
        for row in shown:
            assert row[name] == referred(house, field, row[field.name])
        one = next(row for row in shown if row[name])
        there = f"/{resource.path()}/{one['id']}"
        assert house.call("GET", there, expand=name).data == one
        assert house.call("GET", there, expand=name, fields="id").data == {"id": one["id"], name: one[name]}
    for wrong in ("colour", "", "id", "created_by"):
        assert refused(house, resource, "expand", expand=wrong)


def referred(house: House, field: Field, value: Any) -> Any:
    if isinstance(value, list):
        return [referred(house, field, one) for one in value]
    if value is None:
        return None
    reply = house.call("GET", f"/{RESOURCES[str(field.refs)].path()}/{value}")
    return reply.data if reply.status == 200 else None


@having("get")
def test_a_single_record_takes_no_parameters_of_lists(house: House, rows: Rows, resource: Kind) -> None:
    wrong = {"limit": "1", "sort": "id", "id": "x", "colour": "red", "cursor": "x", "q": "x"}
    reply = house.call("GET", f"/{resource.path()}/{rows[0]['id']}", **wrong)
    assert (reply.status, reply.fields) == (400, set(wrong))


@having("get")
def test_a_row_is_the_same_alone_as_in_its_list(house: House, rows: Rows, resource: Kind) -> None:
    for row in rows[:5]:
        assert house.call("GET", f"/{resource.path()}/{row['id']}").data == row


@having("get")
def test_an_id_that_nothing_has_is_a_404(house: House, resource: Kind) -> None:
    others = [one.prefix for one in RESOURCES.values() if one is not resource]
    ends = (
        f"{resource.prefix}_{NOBODY}",
        f"{resource.prefix}_{'Z' * 26}",
        f"{resource.prefix}_",
        "x",
        "batch",
        "%00",
    )
    for one in (*ends, f"{others[0]}_{NOBODY}", "a\0b", "ü", "x" * 5000, "' OR 1=1 --"):
        reply = house.call("GET", f"/{resource.path()}/{one}")
        assert (reply.status, reply.error["code"]) == (404, "NOT_FOUND"), one


# ---- feeds


@having("list")
def test_only_a_feed_is_followed_with_after(house: House, resource: Kind) -> None:
    if not resource.feed:
        assert refused(house, resource, "after", after="0")
        return
    for wrong in ("-1", "x", "", "9" * 30, "1.5"):
        assert refused(house, resource, "after", after=wrong)
    for other in ({"page": "2"}, {"sort": "-id"}, {"cursor": "x"}):
        assert house.call("GET", f"/{resource.path()}", after="0", **other).status == 400, other
