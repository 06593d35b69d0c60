"""Random rows and random questions about them, straight at the records: no HTTP in between."""

from typing import Any

from hypothesis import strategies as st

from routy.records import parameters, parse, read, write
from routy.resource import Field, Resource, Row
from routy.resources.links import Link
from tests.house import House

LETTERS = "aAbB%_*?[]\\' .ßÄ日"
TEXT = st.text(LETTERS, min_size=1, max_size=6)
TIME = st.integers(0, 4) | st.integers(0, 253_402_300_799_999)

LINK = st.fixed_dictionaries(
    {
        "destination": st.builds("https://shop.example/{}".format, st.text("abAB01-_", max_size=4)),
        "title": st.none() | st.just("") | TEXT,
        "status": st.sampled_from(["active", "paused", "archived"]),
        "redirect_status": st.sampled_from([301, 302, 307, 308]),
        "pass_query": st.booleans(),
        "expires_at": st.none() | TIME,
        "tag_ids": st.sets(st.integers(0, 2), max_size=3),
    }
)


def ask(house: House, resource: type[Resource], **query: str) -> read.Page:
    """One page of a list, for the owner."""
    return read.page(house.records, house.owner.actor, resource, parameters.parse(resource, query.items()))


def ids(house: House, resource: type[Resource], **query: str) -> list[str]:
    return [row["id"] for row in ask(house, resource, limit="1000", **query).rows]


def insert(house: House, resource: type[Resource], values: Row) -> Row:
    with house.records.transaction(house.now) as tx:
        return write.create(tx, house.owner.actor, resource, {**parse.defaults(resource.fields), **values})


def add_links(house: House, rows: list[dict[str, Any]], tags: list[str]) -> list[Row]:
    """Links of these values, in the same millisecond or the next."""
    made = []
    for n, row in enumerate(rows):
        house.now += n % 2
        made.append(insert(house, Link, {**row, "tag_ids": sorted(tags[one] for one in row["tag_ids"])}))
    return made


def empty(house: House) -> None:
    """Forget all links, by hand: what an example made is not there in the next."""
    house.records.script("DELETE FROM link_tags; DELETE FROM links")


def filters_of(resource: type[Resource]) -> list[tuple[Field, str]]:
    return [(field, operator) for field in resource.fields.values() for operator in field.operators]


def lower(text: str) -> str:
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)


def passes(field: Field, operator: str, wanted: list[Any], value: Any) -> bool:
    """The model: whether a row with this stored value passes."""
    if operator == "null":
        return (value in (None, [])) == wanted[0]
    if field.kind == "list":
        return bool(set(value) & set(wanted)) == (operator == "eq")
    if operator in ("eq", "ne"):
        return (value in wanted) == (operator == "eq")
    if value is None:
        return False
    if operator == "prefix":
        return bool(value.startswith(wanted[0]))
    if operator == "contains":
        return lower(wanted[0]) in lower(value)
    left, right = value, wanted[0]
    return bool({"gt": left > right, "gte": left >= right, "lt": left < right, "lte": left <= right}[operator])
