"""From a question to DuckDB's SQL, out of registries and bound values. The only place that builds it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from routy.records.parameters import Filter
from routy.reports.dimensions import DIMENSIONS
from routy.reports.metrics import METRICS
from routy.reports.params import Ask
from routy.reports.zones import local

Values = list[Any]
MOMENT = "make_timestamp_ms(?)::TIMESTAMP_MS"  # of the columns' own type, so that whole row groups are passed over

# Fields of Click and ApiRequest whose column has another name.
_COLUMNS = {"link_id": "link_key", "domain_id": "domain_key", "visitor": "format('{:012x}', visitor)"}


# ---- reports


@dataclass(frozen=True)
class Scope:
    """The rows that a report is about, with its dimensions as d0, d1 …"""

    sql: str
    values: Values


def scope(source: str, workspace_key: int, ask: Ask, filters: Sequence[Filter], span: tuple[int, int]) -> Scope:
    """`span` is the part of the asked time in which there can be rows: it bounds the zone's rules."""
    conditions = ["workspace_key = ?", f"clicked_at >= {MOMENT}", f"clicked_at < {MOMENT}"]
    values: Values = [workspace_key, ask.from_ms, ask.to_ms]
    if ask.classes is not None:
        conditions.append(f"class IN ({_marks(ask.classes)})")
        values += ask.classes
    for wanted in filters:
        sql, more = condition(wanted)
        conditions.append(sql)
        values += more
    moment = local("clicked_at", ask.timezone, *span)
    shown = [f"{DIMENSIONS[name].sql.format(local=moment)} AS d{at}" for at, name in enumerate(ask.dimensions)]
    return Scope(f"SELECT {', '.join(['*', *shown])} FROM {source} WHERE {' AND '.join(conditions)}", values)


def totals(ask: Ask, of: Scope) -> tuple[str, Values]:
    """One row: m0, m1 …"""
    return f"/* reports.totals */ SELECT {_metrics(ask)} FROM ({of.sql})", of.values


def rows(ask: Ask, of: Scope) -> tuple[str, Values]:
    """d0, d1 …, m0, m1 …: one row more than the limit, which shows whether there is more."""
    return f"/* reports.rows */ {_grouped(ask, f'({of.sql})', ask.limit + 1)}", of.values


def other(ask: Ask, of: Scope) -> tuple[str, Values]:
    """One row of metrics over what lies beyond the limit, taken from its rows because uniques do not subtract; and
    `groups`, how many rows it would have been."""
    names = _groups(ask)
    same = " AND ".join(f"top.{name} IS NOT DISTINCT FROM rest.{name}" for name in names)
    sql = (
        f"/* reports.other */ WITH scoped AS ({of.sql}), top AS ({_grouped(ask, 'scoped', ask.limit)})"
        f" SELECT {_metrics(ask)}, count(DISTINCT row({', '.join(names)})) AS groups FROM scoped rest"
        f" WHERE NOT EXISTS (SELECT 1 FROM top WHERE {same})"
    )
    return sql, of.values


def _grouped(ask: Ask, source: str, limit: int) -> str:
    names = ", ".join(_groups(ask))
    return f"SELECT {names}, {_metrics(ask)} FROM {source} GROUP BY {names} ORDER BY {_order(ask)} LIMIT {limit}"


def _groups(ask: Ask) -> list[str]:
    return [f"d{at}" for at in range(len(ask.dimensions))]


def _metrics(ask: Ask) -> str:
    return ", ".join(f"{METRICS[name].sql} AS m{at}" for at, name in enumerate(ask.metrics))


def _order(ask: Ask) -> str:
    """As asked, then by the dimensions, so that the same question has the same answer."""
    places = {name: f"d{at}" for at, name in enumerate(ask.dimensions)}
    places |= {name: f"m{at}" for at, name in enumerate(ask.metrics)}
    asked = [f"{places[sort.name]} {'DESC' if sort.descending else 'ASC'} NULLS LAST" for sort in ask.sorts]
    return ", ".join([*asked, *(f"{name} ASC NULLS LAST" for name in _groups(ask))])


# ---- single rows


@dataclass(frozen=True)
class Place:
    """Where a row stands in time: its moment and the two parts of its id's random bits."""

    at_ms: int
    high: int
    low: int


@dataclass(frozen=True)
class Listing:
    """What a list of single rows selects: columns by field, the time's column and the tenant's with its value."""

    columns: dict[str, str]
    time: str
    owner: str
    tenant: Any


def listed(
    table: str,
    of: Listing,
    filters: Sequence[Filter],
    orders: tuple[bool, bool],
    beyond: Place | None,
    limit: int,
) -> tuple[str, Values]:
    """One page out of one month. `orders` says whether time and id run backwards."""
    conditions, values = [f"{of.owner} = ?"], [of.tenant]
    for wanted in filters:
        sql, more = condition(wanted, of)
        conditions.append(sql)
        values += more
    if beyond is not None:
        sql, more = _beyond(of, orders, beyond)
        conditions.append(sql)
        values += more
    time_, id_ = ("DESC" if order else "ASC" for order in orders)
    shown = ", ".join(f'{column} AS "{name}"' for name, column in of.columns.items())
    return (
        f"/* rows.list */ SELECT {shown} FROM {table} WHERE {' AND '.join(conditions)}"
        f" ORDER BY {of.time} {time_}, id_high {id_}, id_low {id_} LIMIT {limit}"
    ), values


def _beyond(of: Listing, orders: tuple[bool, bool], at: Place) -> tuple[str, Values]:
    later, further = ("<" if order else ">" for order in orders)
    sql = (
        f"({of.time} {later} {MOMENT} OR ({of.time} = {MOMENT}"
        f" AND (id_high, id_low) {further} (?::USMALLINT, ?::UBIGINT)))"
    )
    return sql, [at.at_ms, at.at_ms, at.high, at.low]


# ---- conditions


_COMPARE = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def condition(wanted: Filter, of: Listing | None = None) -> tuple[str, Values]:
    """One filter. Times and ids are found by the columns that hold them."""
    name, operator, values = wanted.field.name, wanted.operator, list(wanted.values)
    time = of.time if of else "clicked_at"
    if name == "id":
        return _identities(time, values)
    if wanted.field.kind == "time":
        return f"{time} {_COMPARE[operator]} {MOMENT}", values
    column = _COLUMNS.get(name, name)
    if operator == "eq":
        return (f"{column} IN ({_marks(values)})", values) if values else ("false", [])
    if operator == "ne":
        return (f"({column} NOT IN ({_marks(values)}) OR {column} IS NULL)", values) if values else ("true", [])
    if operator == "null":
        return f"{column} IS {'' if values[0] else 'NOT '}NULL", []
    if operator == "prefix":
        return f"starts_with({column}, ?)", values
    if operator == "contains":
        return f"contains(lower({column}), lower(?))", values
    return f"{column} {_COMPARE[operator]} ?", values


def _identities(time: str, places: Sequence[Place]) -> tuple[str, Values]:
    one = f"({time} = {MOMENT} AND id_high = ?::USMALLINT AND id_low = ?::UBIGINT)"
    values = [value for place in places for value in (place.at_ms, place.high, place.low)]
    return (f"({' OR '.join([one] * len(places))})" if places else "false"), values


def columns(fields: Sequence[str], time: str, prefix: str) -> dict[str, str]:
    """What to select for each field of a resource; references stay keys, times become milliseconds."""
    special = {"id": f"'{prefix}_' || ulid({time}, id_high, id_low)", "created_at": f"epoch_ms({time})"}
    return {name: special.get(name) or _COLUMNS.get(name, name) for name in fields}


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))
