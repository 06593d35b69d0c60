"""Rows to JSON: what a client sees of a record, by its declaration."""

from collections.abc import Sequence
from typing import Any

from routy.clock import iso
from routy.resource import Field, Resource, Row, remembered


def show(resource: type[Resource], row: Row, names: Sequence[str] = ()) -> dict[str, Any]:
    """The output fields of a row, in the order of the declaration; `names` trims them."""
    shown = {field.name: show_value(field, row[field.name]) for field in _shown(resource)}
    for extra in resource.computed:
        shown[extra.name] = extra.run(row)
    return {name: shown[name] for name in names} if names else shown


@remembered
def _shown(resource: type[Resource]) -> list[Field]:
    return [field for field in resource.fields.values() if field.shown]


def show_once(resource: type[Resource], row: Row) -> dict[str, Any]:
    """The secrets that the answer to a creation shows, and nothing ever again."""
    return {field.name: row[field.name] for field in resource.fields.values() if field.once and row.get(field.name)}


def show_value(field: Field, value: Any) -> Any:
    if field.kind == "time" and value is not None:
        return iso(value)
    return value
