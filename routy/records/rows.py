"""Rows on their way to and from SQLite's columns."""

from typing import Any

import msgspec

from routy.resource import Kind, Resource, Row, remembered


def to_columns(resource: type[Resource], values: Row) -> Row:
    """Only what the resource's own table holds, as SQLite keeps it."""
    own = _columns(resource)
    row = {name: value for name, value in values.items() if name in own}
    for name, kind in _made_whole(resource):
        value = row.get(name)
        if value is not None:
            row[name] = int(value) if kind == "boolean" else json_text(value)
    return row


def json_text(value: Any) -> str:
    """JSON as the record store keeps it."""
    return msgspec.json.encode(value).decode()


def from_columns(resource: type[Resource], row: Row) -> Row:
    """A selected row with lists, maps and booleans made whole again; `key` and `seq` pass through."""
    for name, kind in _made_whole(resource):
        value = row.get(name)
        if value is not None:
            row[name] = bool(value) if kind == "boolean" else msgspec.json.decode(value)
    return row


@remembered
def _columns(resource: type[Resource]) -> frozenset[str]:
    return frozenset(name for name, field in resource.fields.items() if field.column)


@remembered
def _made_whole(resource: type[Resource]) -> list[tuple[str, Kind]]:
    return [
        (field.name, field.kind) for field in resource.fields.values() if field.kind in ("list", "map", "boolean")
    ]
