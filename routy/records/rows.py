"""Rows on their way to and from SQLite's columns."""

import json
from typing import Any

from routy.resource import Field, Kind, Resource, Row, remembered

_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


def to_columns(resource: type[Resource], values: Row) -> Row:
    """Only what the resource's own table holds, as SQLite keeps it."""
    own = _columns(resource)
    return {name: _stored(own[name], value) for name, value in values.items() if name in own}


def from_columns(resource: type[Resource], row: Row) -> Row:
    """A selected row with lists, maps and booleans made whole again; `key` and `seq` pass through."""
    for name, kind in _made_whole(resource):
        value = row.get(name)
        if value is not None:
            row[name] = bool(value) if kind == "boolean" else json.loads(value)
    return row


@remembered
def _columns(resource: type[Resource]) -> dict[str, Field]:
    return {name: field for name, field in resource.fields.items() if field.column}


@remembered
def _made_whole(resource: type[Resource]) -> list[tuple[str, Kind]]:
    return [
        (field.name, field.kind) for field in resource.fields.values() if field.kind in ("list", "map", "boolean")
    ]


def _stored(field: Field, value: Any) -> Any:
    if field.kind in ("list", "map") and value is not None:
        return _encode(value)
    return int(value) if isinstance(value, bool) else value
