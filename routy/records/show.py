"""Rows to JSON: what a client sees of a record, by its declaration."""

from collections.abc import Sequence
from typing import Any

from routy.clock import iso
from routy.resource import Resource, Row, remembered


def show(resource: type[Resource], row: Row, names: Sequence[str] = ()) -> dict[str, Any]:
    """The output fields of a row, in the order of the declaration; `names` trims them."""
    shown = {name: row[name] for name in _shown(resource)}
    for name in _times(resource):
        if shown[name] is not None:
            shown[name] = iso(shown[name])
    for extra in resource.computed:
        if not names or extra.name in names:
            shown[extra.name] = extra.run(row)
    return {name: shown[name] for name in names} if names else shown


@remembered
def _shown(resource: type[Resource]) -> list[str]:
    return [field.name for field in resource.fields.values() if field.shown]


@remembered
def _times(resource: type[Resource]) -> list[str]:
    return [field.name for field in resource.fields.values() if field.shown and field.kind == "time"]


def show_once(resource: type[Resource], row: Row) -> dict[str, Any]:
    """The secrets that the answer to a creation shows, and nothing ever again."""
    return {field.name: row[field.name] for field in resource.fields.values() if field.once and row.get(field.name)}
