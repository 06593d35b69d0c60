"""Rows on their way to and from SQLite's columns."""

import json
from typing import Any

from routy.resource import Field, Resource, Row


def to_columns(resource: type[Resource], values: Row) -> Row:
    """Only what the resource's own table holds, as SQLite keeps it."""
    fields = resource.fields
    own = {name: value for name, value in values.items() if name in fields and fields[name].column}
    return {name: _stored(fields[name], value) for name, value in own.items()}


def from_columns(resource: type[Resource], row: Row) -> Row:
    """A selected row with lists, maps and booleans made whole again; `key` and `seq` pass through."""
    for field in resource.fields.values():
        value = row.get(field.name)
        if value is not None and field.kind in ("list", "map"):
            row[field.name] = json.loads(value)
        elif value is not None and field.kind == "boolean":
            row[field.name] = bool(value)
    return row


def _stored(field: Field, value: Any) -> Any:
    if field.kind in ("list", "map") and value is not None:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return int(value) if isinstance(value, bool) else value
