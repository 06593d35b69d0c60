"""Rows of a list as a Parquet file: through NDJSON, which DuckDB reads by the types of the declaration."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from routy.exports.written import write_ndjson
from routy.resource import Kind, Resource, Row
from routy.store.cursors import in_sql
from routy.store.duck import ClickStore

TYPES: dict[Kind, str] = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "time": "TIMESTAMP",
    "list": "VARCHAR[]",
    "map": "VARCHAR",
}
_PLAIN: dict[Any, str] = {int: "BIGINT", float: "DOUBLE", bool: "BOOLEAN", list[str]: "VARCHAR[]"}

_READ = """/* tables.read */ SELECT * FROM read_json({file}, format = 'newline_delimited', columns = {columns},
  maximum_object_size = 67108864)"""


def write_parquet(
    store: ClickStore, resource: type[Resource], rows: Iterable[Row], names: Sequence[str], file: Path
) -> int:
    """How many rows there were. Maps, and lists of more than texts, are JSON texts in it."""
    types = types_of(resource, names)
    lines = file.with_suffix(".lines")
    try:
        number = write_ndjson((_flat(row, types) for row in rows), names, lines)
        with store.reading() as reader:
            listed = ", ".join(f"'{name}': '{type_}'" for name, type_ in types.items())
            reader.copy_out(_READ.format(file=in_sql(lines), columns=f"{{{listed}}}"), (), file, "parquet")
    finally:
        lines.unlink(missing_ok=True)
    return number


def types_of(resource: type[Resource], names: Sequence[str]) -> dict[str, str]:
    """DuckDB's types of output fields."""
    computed = {extra.name: _PLAIN.get(extra.type, "VARCHAR") for extra in resource.computed}
    fields = {name: TYPES[field.kind] for name, field in resource.fields.items()}
    return {name: computed.get(name) or fields[name] for name in names}


def _flat(row: Row, types: dict[str, str]) -> Row:
    return {name: _text(row[name]) if type_ == "VARCHAR" else row[name] for name, type_ in types.items()}


def _text(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
