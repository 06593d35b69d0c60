"""Single rows of a stream: a page of a list, or one by its id.

A list is walked month by month, so that a page of new clicks never opens the old ones; an id holds its time, so
that one row is found in one month.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from routy.clock import LAST
from routy.errors import Invalid, NotFound
from routy.ids import is_id
from routy.records.parameters import Filter, Query, encode_cursor, walk_order
from routy.records.read import Page
from routy.reports import listed, names
from routy.reports.conditions import Place
from routy.reports.listed import Listing
from routy.resource import Actor, Resource, Row
from routy.resource import Reader as Records
from routy.store.cursors import Reader
from routy.store.duck import ClickStore, parts_of
from routy.store.months import Month

TIMES = {"clicks": "clicked_at", "api_requests": "requested_at"}


def page(store: ClickStore, records: Records, actor: Actor, resource: type[Resource], query: Query) -> Page:
    """One page of a stream, with the cursor that the next one begins at."""
    filters, orders, beyond = asked(records, actor, resource, query)
    of = listing(records, actor, resource)
    found: list[Row] = []
    with store.reading() as reader:
        for month in months_of(reader, filters, orders[0], beyond):
            wanted = query.limit + 1 - len(found)
            table = reader.source_of(resource.plural, month)
            found += reader.rows(*listed.page(table, of, filters, orders, beyond, wanted))
            if len(found) > query.limit:
                break
    rows = _named(records, found[: query.limit])
    has_more = len(found) > query.limit
    return Page(rows, has_more, encode_cursor(resource, query, rows[-1]) if has_more else None)


def find(store: ClickStore, records: Records, actor: Actor, resource: type[Resource], record_id: str) -> Row:
    """The row of an id, or NotFound."""
    places = _places(resource, [record_id])
    of = listing(records, actor, resource)
    wanted = [Filter(resource.fields["id"], "eq", tuple(places))]
    with store.glancing() as reader:
        for month in months_of(reader, wanted, True, None) if places else ():
            table = reader.source_of(resource.plural, month)
            found = reader.rows(*listed.page(table, of, wanted, (True, True), None, 1))
            if found:
                return _named(records, found)[0]
    raise NotFound(f"there is no {resource.singular} {record_id[:60]}")


def asked(
    records: Records, actor: Actor, resource: type[Resource], query: Query
) -> tuple[list[Filter], tuple[bool, bool], Place | None]:
    """The filters as the columns hold their values, the order of the walk, and where it goes on."""
    filters = stored(resource, names.by_keys(records, actor, query.filters))
    return filters, _orders(query), _position(resource, query)


def listing(records: Records, actor: Actor, resource: type[Resource]) -> Listing:
    time = TIMES[resource.plural]
    columns = listed.columns(resource, time)
    if resource.plural == "clicks":
        return Listing(columns, time, "workspace_key", names.workspace(records, actor).key)
    return Listing(columns, time, "workspace_id", actor.workspace_id)


def stored(resource: type[Resource], filters: Sequence[Filter]) -> list[Filter]:
    """Ids as the columns hold them."""
    return [
        replace(each, values=tuple(_places(resource, each.values))) if each.field.name == "id" else each
        for each in filters
    ]


def _places(resource: type[Resource], ids: Sequence[str]) -> list[Place]:
    """What is no id of this kind stands nowhere."""
    places = [Place(*parts_of(each)) for each in ids if is_id(resource.prefix, each)]
    return [place for place in places if place.at_ms <= LAST]


def _orders(query: Query) -> tuple[bool, bool]:
    """Whether time and id run backwards; ids sort by time, so that either can stand for both."""
    order = walk_order(query.sorts)
    last = next(sort.descending for sort in order if sort.field.name == "id")
    return (last if order[0].field.name == "id" else order[0].descending), last


def _position(resource: type[Resource], query: Query) -> Place | None:
    if query.position is None:
        return None
    order = walk_order(query.sorts)
    at = next(index for index, sort in enumerate(order) if sort.field.name == "id")
    places = _places(resource, [str(query.position[at])])
    if not places:
        raise Invalid({"cursor": "is not a cursor of this list"})
    return places[0]


def months_of(reader: Reader, filters: Sequence[Filter], backwards: bool, beyond: Place | None) -> list[Month]:
    """The months in which there can be rows, in the order of the walk."""
    from_ms, to_ms = _bounds(filters)
    if beyond is not None and backwards:
        to_ms = min(to_ms, beyond.at_ms + 1)
    elif beyond is not None:
        from_ms = max(from_ms, beyond.at_ms)
    months = reader.between(from_ms, to_ms) if from_ms < to_ms else []
    return months[::-1] if backwards else months


def _bounds(filters: Sequence[Filter]) -> tuple[int, int]:
    """The time that the filters leave, as [from, to)."""
    from_ms, to_ms = 0, LAST + 1
    for each in filters:
        if each.field.name == "id" and each.values:
            from_ms = max(from_ms, min(place.at_ms for place in each.values))
            to_ms = min(to_ms, 1 + max(place.at_ms for place in each.values))
        elif each.field.name == "created_at" and each.operator in ("gt", "gte"):
            from_ms = max(from_ms, each.values[0])
        elif each.field.name == "created_at":
            to_ms = min(to_ms, each.values[0] + (each.operator == "lte"))
    return from_ms, to_ms


def _named(records: Records, rows: list[Row]) -> list[Row]:
    """Keys back to the ids that clients know."""
    for field, kind in (("link_id", "link"), ("domain_id", "domain")):
        if rows and field in rows[0]:
            known: dict[Any, names.Name] = {**names.named(records, kind, (row[field] for row in rows))}
            for row in rows:
                row[field] = known[row[field]].id if row[field] in known else None
    return rows
