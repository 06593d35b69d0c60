"""One filter as DuckDB's SQL, with bound values: for reports and for lists of single rows alike."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from routy.records.parameters import Filter

Values = list[Any]
MOMENT = "make_timestamp_ms(?)::TIMESTAMP_MS"  # of the columns' own type, so that whole row groups are passed over
FEW = 200  # values that are bound one by one; more come as one JSON text

# Fields of Click and ApiRequest whose column has another name.
COLUMNS = {"link_id": "link_key", "domain_id": "domain_key", "visitor": "format('{:012x}', visitor)"}

_COMPARE = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


@dataclass(frozen=True)
class Place:
    """Where a row stands in time: its moment and the two parts of its id's random bits."""

    at_ms: int
    high: int
    low: int


def condition(wanted: Filter, time: str = "clicked_at") -> tuple[str, Values]:
    """Times and ids are found by the columns that hold them; `time` is the stream's."""
    name, operator, values = wanted.field.name, wanted.operator, list(wanted.values)
    if name == "id":
        return _identities(time, values)
    if wanted.field.kind == "time":
        return f"{time} {_COMPARE[operator]} {MOMENT}", values
    column = COLUMNS.get(name, name)
    if operator == "eq":
        return _among(column, values)
    if operator == "ne":
        sql, bound = _among(column, values)
        return f"({sql}) IS NOT TRUE", bound
    if operator == "null":
        return f"{column} IS {'' if values[0] else 'NOT '}NULL", []
    if operator == "prefix":
        return f"starts_with({column}, ?)", values
    if operator == "contains":
        return f"contains(lower({column}), lower(?))", values
    return f"{column} {_COMPARE[operator]} ?", values


def _among(column: str, values: Values) -> tuple[str, Values]:
    if not values:
        return "false", []
    if len(values) > FEW:  # only keys come in such numbers
        return f"{column} IN (SELECT unnest(from_json(?::JSON, '[\"INTEGER\"]')))", [json.dumps(values)]
    return f"{column} IN ({marks(values)})", values


def _identities(time: str, places: Sequence[Place]) -> tuple[str, Values]:
    one = f"({time} = {MOMENT} AND id_high = ?::USMALLINT AND id_low = ?::UBIGINT)"
    values = [value for place in places for value in (place.at_ms, place.high, place.low)]
    return (f"({' OR '.join([one] * len(places))})" if places else "false"), values


def marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))
