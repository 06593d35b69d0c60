"""From a list of single rows to DuckDB's SQL: one page of it, or all of it as a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from routy.formats import FORMULA_SIGNS
from routy.records.parameters import Filter
from routy.reports.conditions import COLUMNS, MOMENT, Place, Values, condition
from routy.resource import Field, Resource
from routy.store.cursors import in_sql

MOST_PARTS = 50  # of a month: where rows do not lie by time, each part looks at all of them

_PARTS = """/* rows.parts */ WITH
minutes AS (SELECT epoch_ms({time}) // 60000 AS minute, count(*) AS rows FROM {table} c WHERE {where} GROUP BY ALL),
size AS (SELECT greatest({most}, sum(rows) // {parts})::BIGINT FROM minutes),
placed AS (SELECT minute, rows, (sum(rows) OVER (ORDER BY minute) - 1) // (FROM size) AS part FROM minutes)
SELECT min(minute) AS minute, sum(rows)::BIGINT AS rows FROM placed GROUP BY part ORDER BY part
"""


@dataclass(frozen=True)
class Listing:
    """What a list of single rows selects: columns by field, the time's column and the tenant's with its value."""

    columns: dict[str, str]
    time: str
    owner: str
    tenant: Any


def page(
    table: str,
    of: Listing,
    filters: Sequence[Filter],
    orders: tuple[bool, bool],
    beyond: Place | None,
    limit: int,
) -> tuple[str, Values]:
    """One page out of one month. `orders` says whether time and id run backwards."""
    where, values = _where(of, filters, orders, beyond)
    shown = ", ".join(f'{column} AS "{name}"' for name, column in of.columns.items())
    return (
        f"/* rows.list */ SELECT {shown} FROM {table} WHERE {where} ORDER BY {_order(of, orders)} LIMIT {limit}"
    ), values


def month(
    table: str,
    of: Listing,
    columns: dict[str, str],
    named: Mapping[str, Path],
    filters: Sequence[Filter],
    orders: tuple[bool, bool],
    beyond: Place | None,
) -> tuple[str, Values]:
    """All of one month, in order, for a file. `named`: of link and domain, the tables of their ids by key, which
    are `link_id` and `domain_id` here. What is shown is made behind the sort, which then has less to carry."""
    where, values = _where(of, filters, orders, beyond)
    shown = ", ".join(f'{column} AS "{name}"' for name, column in columns.items())
    joins = "".join(
        f" LEFT JOIN read_parquet({in_sql(file)}) {kind}s ON {kind}s.key = c.{kind}_key"
        for kind, file in named.items()
    )
    ids = "".join(f", {kind}s.id AS {kind}_id" for kind in named)
    return (
        f"/* rows.month */ SELECT {shown} FROM (SELECT c.*{ids} FROM {table} c{joins} WHERE {where}"
        f" ORDER BY {_order(of, orders)})"
    ), values


def parts(
    table: str,
    of: Listing,
    filters: Sequence[Filter],
    orders: tuple[bool, bool],
    beyond: Place | None,
    most: int,
) -> tuple[str, Values]:
    """One month in parts of about so many rows, or larger ones where those would be too many; oldest first: the
    minute that each begins with, and its rows."""
    where, values = _where(of, filters, orders, beyond)
    return _PARTS.format(time=of.time, table=table, where=where, most=most, parts=MOST_PARTS), values


def count(
    table: str, of: Listing, filters: Sequence[Filter], orders: tuple[bool, bool], beyond: Place | None
) -> tuple[str, Values]:
    """How many rows of one month there are."""
    where, values = _where(of, filters, orders, beyond)
    return f"/* rows.count */ SELECT count(*) FROM {table} c WHERE {where}", values


def columns(resource: type[Resource], time: str) -> dict[str, str]:
    """What to select for each field of a resource; references stay keys, times become milliseconds."""
    special = {"id": f"'{resource.prefix}_' || ulid({time}, id_high, id_low)", "created_at": f"epoch_ms({time})"}
    return {
        field.name: special.get(field.name) or COLUMNS.get(field.name, field.name)
        for field in resource.fields.values()
        if field.shown
    }


def in_file(of: Listing, fields: Sequence[Field], for_people: bool, dated: bool) -> dict[str, str]:
    """The same for a file, where ids stand beside the rows (see `month`): references become ids, and times texts,
    or moments where the file's format has them (`dated`). `for_people`: a spreadsheet may open it."""
    special = {
        "link_id": "link_id",
        "domain_id": "domain_id",
        "created_at": of.time if dated else f"strftime({of.time}, '%Y-%m-%dT%H:%M:%S.%gZ')",
    }
    found = {field.name: special.get(field.name, of.columns[field.name]) for field in fields}
    texts = {field.name for field in fields if field.kind == "text" and not field.choices}
    texts -= {"id", *special}
    return {name: harmless(sql) if for_people and name in texts else sql for name, sql in found.items()}


def harmless(sql: str) -> str:
    """A text that no spreadsheet takes for a formula: what could begin one gets an apostrophe before it."""
    begins = " OR ".join(f"starts_with({sql}, '{sign}')" for sign in FORMULA_SIGNS)  # three times as fast as IN
    return f"CASE WHEN {begins} THEN '''' || {sql} ELSE {sql} END"


def _where(
    of: Listing, filters: Sequence[Filter], orders: tuple[bool, bool], beyond: Place | None
) -> tuple[str, Values]:
    conditions, values = [f"{of.owner} = ?"], [of.tenant]
    for wanted in filters:
        sql, more = condition(wanted, of.time)
        conditions.append(sql)
        values += more
    if beyond is not None:
        sql, more = _beyond(of, orders, beyond)
        conditions.append(sql)
        values += more
    return " AND ".join(conditions), values


def _order(of: Listing, orders: tuple[bool, bool]) -> str:
    time_, id_ = ("DESC" if order else "ASC" for order in orders)
    return f"{of.time} {time_}, id_high {id_}, id_low {id_}"


def _beyond(of: Listing, orders: tuple[bool, bool], at: Place) -> tuple[str, Values]:
    later, further = ("<" if order else ">" for order in orders)
    sql = (
        f"({of.time} {later} {MOMENT} OR ({of.time} = {MOMENT}"
        f" AND (id_high, id_low) {further} (?::USMALLINT, ?::UBIGINT)))"
    )
    return sql, [at.at_ms, at.at_ms, at.high, at.low]
