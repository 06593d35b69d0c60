"""Filters of a list over one row that is in memory: what the lists' SQL says, said in Python."""

from collections.abc import Callable, Sequence
from typing import Any

from routy.records.parameters import Filter
from routy.resource import Row


def matches(filters: Sequence[Filter], row: Row) -> bool:
    """Whether all of them let the row through, whose values are as stored: times in milliseconds."""
    return all(_TESTS[wanted.operator](row.get(wanted.field.name), wanted.values) for wanted in filters)


def _is_one_of(value: Any, values: Sequence[Any]) -> bool:
    """A list, such as the tags of a link, is let through by any of its members."""
    found = value if isinstance(value, list | tuple) else [value]
    return any(each in values for each in found if each is not None)


def _is_null(value: Any, values: Sequence[Any]) -> bool:
    return (value is None or value == []) == bool(values[0])


def _begins(value: Any, values: Sequence[Any]) -> bool:
    return value is not None and str(value).startswith(values[0])


def _contains(value: Any, values: Sequence[Any]) -> bool:
    return value is not None and _small(values[0]) in _small(value)


def _small(text: Any) -> bytes:
    """With small letters, of a to z alone: what bytes call lower."""
    return str(text).encode().lower()


_TESTS: dict[str, Callable[[Any, Sequence[Any]], bool]] = {
    "eq": _is_one_of,
    "ne": lambda value, values: not _is_one_of(value, values),
    "null": _is_null,
    "prefix": _begins,
    "contains": _contains,
    "gt": lambda value, values: value is not None and value > values[0],
    "gte": lambda value, values: value is not None and value >= values[0],
    "lt": lambda value, values: value is not None and value < values[0],
    "lte": lambda value, values: value is not None and value <= values[0],
}
