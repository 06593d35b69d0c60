"""The rows of a list of records, one after the other, of one moment and however many."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from routy.exports.asked import MOST
from routy.records.parameters import Query
from routy.records.query import count, select
from routy.records.rows import from_columns
from routy.records.show import show
from routy.resource import Actor, Resource, Row
from routy.store.sqlite import Records

AT_ONCE = 1_000  # rows between two looks at how far it is

Advance = Callable[[int, int | None], None]


def total(records: Records, actor: Actor, resource: type[Resource], query: Query, limit: int | None) -> int:
    """How many rows there will be."""
    found = records.one(*count(resource, actor, query))
    counted = int(found["total"]) if found else 0
    return counted if limit is None else min(counted, limit)


def rows(
    records: Records, actor: Actor, resource: type[Resource], query: Query, limit: int | None, advance: Advance
) -> Iterator[Row]:
    """As the list shows them. `advance` is told how many there were so far, and how many there are."""
    sql, values = select(resource, actor, replace(query, limit=(limit or MOST) - 1))
    fields = [field.name for field in resource.fields.values() if not (field.once or field.transient)]
    names = ("key", "workspace_id", *fields)
    with records.snapshot():
        there = total(records, actor, resource, query, limit)
        advance(0, there)
        for number, found in enumerate(records.tuples(sql, values), 1):
            yield show(resource, from_columns(resource, dict(zip(names, found, strict=True))), query.fields)
            if number % AT_ONCE == 0:
                advance(number, there)
