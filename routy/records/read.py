"""Reading records: one by its id, a page of a list, and the records that others refer to."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from routy.errors import NotFound
from routy.records.parameters import Query, encode_cursor, expandable
from routy.records.query import belongs, columns, count, matching, select
from routy.records.rows import from_columns
from routy.records.show import show
from routy.resource import Actor, Reader, Resource, Row

Resources = Mapping[str, type[Resource]]


@dataclass(frozen=True)
class Page:
    """Rows of a list. `total` is None when the list is walked by cursor; `cursor` is None at its end."""

    rows: list[Row]
    has_more: bool
    cursor: str | None
    total: int | None = None


def find(reader: Reader, actor: Actor, resource: type[Resource], record_id: str, trashed: bool = False) -> Row:
    """The row of an id, or NotFound: for a stranger's row, and for a trashed one unless asked for."""
    condition, values = belongs(resource, actor)
    row = reader.one(
        f"/* {resource.plural}.by_id */ SELECT {columns(resource)} FROM {resource.plural} t"
        f" WHERE t.id = ? AND {condition}",
        (record_id, *values),
    )
    if row is None or (not trashed and row.get("deleted_at") is not None):
        where = " (it is in the trash)" if row else ""
        raise NotFound(f"there is no {resource.singular} {record_id[:60]}{where}")
    return from_columns(resource, row)


def page(reader: Reader, actor: Actor, resource: type[Resource], query: Query) -> Page:
    """One page of a list. A feed always gives a cursor: the place to go on from, now or later."""
    found = [from_columns(resource, row) for row in reader.rows(*select(resource, actor, query))]
    rows, has_more = found[: query.limit], len(found) > query.limit
    total = None
    if query.page == 1 and not has_more:
        total = len(rows)
    elif query.page is not None:
        counted = reader.one(*count(resource, actor, query))
        total = counted["total"] if counted else 0
    return Page(rows, has_more, _cursor(resource, query, rows, has_more), total)


def _cursor(resource: type[Resource], query: Query, rows: list[Row], has_more: bool) -> str | None:
    if query.after is not None:
        return str(rows[-1]["seq"] if rows else query.after)
    return encode_cursor(resource, query, rows[-1]) if has_more else None


def ids(reader: Reader, actor: Actor, resource: type[Resource], query: Query) -> list[str]:
    """The ids of all rows that the filters let through, oldest first."""
    return [row["id"] for row in reader.rows(*matching(resource, actor, query))]


def embed(
    reader: Reader, actor: Actor, resources: Resources, resource: type[Resource], query: Query, shown: list[Row]
) -> None:
    """Put the referred-to records into the shown ones (`expand=domain,tags`), one look-up a reference."""
    for name in query.expand:
        field = expandable(resource)[name]
        target = resources[str(field.refs)]
        wanted = {one for row in shown for one in _referred(row.get(field.name))}
        found = {one: show(target, row) for one, row in _by_ids(reader, actor, target, wanted).items()}
        for row in shown:
            if field.kind == "list":
                row[name] = [found[one] for one in row.get(field.name) or () if one in found]
            else:
                row[name] = found.get(str(row.get(field.name)))


def _referred(value: Any) -> Sequence[str]:
    return value if isinstance(value, list) else [value] if value else []


def _by_ids(reader: Reader, actor: Actor, resource: type[Resource], wanted: Iterable[str]) -> dict[str, Row]:
    condition, values = belongs(resource, actor)
    rows = reader.rows(
        f"/* {resource.plural}.by_ids */ SELECT {columns(resource)} FROM {resource.plural} t"
        f" WHERE t.id IN (SELECT value FROM json_each(?)) AND {condition}",
        (json.dumps(sorted(wanted)), *values),
    )
    return {row["id"]: from_columns(resource, row) for row in rows}
