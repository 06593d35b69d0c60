"""Conditions: the filters of a list, asked of one record as an event shows it. What a list would find holds."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from routy.clock import parse_iso
from routy.errors import Invalid
from routy.records.matching import matches
from routy.records.parameters import Filter, parse_filters
from routy.resource import Field, Resource

MOST_FILTERS = 20


def parse(text: str, resources: Iterable[type[Resource]]) -> dict[str, tuple[Filter, ...]]:
    """The filters for each kind of record, by its plural; ValueError names what is wrong for any of them."""
    try:
        pairs = parse_qsl(
            text, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=MOST_FILTERS
        )
    except ValueError:
        pairs = []
    if not pairs:
        raise ValueError(f"must be up to {MOST_FILTERS} filters such as status=active&clicks[gte]=100")
    return {resource.plural: _filters(resource, pairs) for resource in resources}


def _filters(resource: type[Resource], pairs: list[tuple[str, str]]) -> tuple[Filter, ...]:
    try:
        found = parse_filters(resource, pairs)
    except Invalid as error:
        first = "; ".join(f"{name} {text}" for name, text in error.fields.items())
        raise ValueError(f"of {resource.plural}: {first}"[:1000]) from None
    untold = [one.field.name for one in found if not one.field.shown]
    if untold:
        raise ValueError(f"of {resource.plural}: {', '.join(untold)} is not told in events")
    return found


def holds(filters: tuple[Filter, ...], record: Mapping[str, Any]) -> bool:
    fields = {one.field.name: one.field for one in filters}
    return matches(filters, {name: _stored(field, record.get(name)) for name, field in fields.items()})


def _stored(field: Field, value: Any) -> Any:
    """A shown value as filters compare it."""
    if field.kind == "time" and isinstance(value, str):
        return parse_iso(value)
    return int(value) if isinstance(value, bool) else value
