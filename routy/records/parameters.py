"""Lists, first half: from the parameters of a URL to a Query, for every resource, whichever store holds it."""

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from routy.clock import parse_iso
from routy.errors import Invalid
from routy.resource import Field, Resource, Row

DEFAULT_LIMIT = 20
MAX_LIMIT = 1000
MAX_PAGE = 1_000_000
MAX_VALUES = 200
MOST_PARAMETERS = 200
CONTROLS = ("page", "limit", "cursor", "after", "q", "sort", "fields", "expand")
LARGEST = 2**63 - 1


@dataclass(frozen=True)
class Filter:
    """`status=active,paused` → field status, operator eq, values ("active", "paused").

    Values are as stored: times in milliseconds, booleans as 0 and 1; for `null` one boolean.
    """

    field: Field
    operator: str
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Sort:
    field: Field
    descending: bool


@dataclass(frozen=True)
class Query:
    """One list, asked for. `position` is where a cursor stands: a value a sort, the id last."""

    filters: tuple[Filter, ...]
    sorts: tuple[Sort, ...]
    limit: int = DEFAULT_LIMIT
    page: int | None = 1
    position: tuple[Any, ...] | None = None
    after: int | None = None
    q: str = ""
    fields: tuple[str, ...] = ()
    expand: tuple[str, ...] = ()


def pairs(text: str, most: int = MOST_PARAMETERS) -> list[tuple[str, str]]:
    """The parameters of a query that is kept as it stands in a URL; Invalid({"query": …})."""
    try:
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=most)
    except ValueError:  # UnicodeDecodeError is one
        raise Invalid({"query": f"must be up to {most} parameters of a URL, in UTF-8"}) from None


def parse(resource: type[Resource], parameters: Iterable[tuple[str, str]]) -> Query:
    """Read a list's parameters; Invalid names every one that is wrong. Nothing unknown is passed over."""
    given, errors = _single(parameters)
    controls = {name: given.pop(name) for name in CONTROLS if name in given}
    parsed: dict[str, Any] = {}
    for name, run in _CONTROLS.items():
        if name in controls:
            try:
                parsed[name] = run(resource, controls[name])
            except ValueError as error:
                errors[name] = str(error)
    filters = _filters(resource, given, errors)
    sorts = parsed.get("sort") or parse_sort(resource, resource.default_sort)
    position = _position(resource, sorts, filters, controls, parsed, errors)
    if errors:
        raise Invalid(errors)
    return Query(
        filters=filters,
        sorts=sorts,
        limit=parsed.get("limit", DEFAULT_LIMIT),
        page=None if position or "after" in parsed or resource.store == "clicks" else parsed.get("page", 1),
        position=position,
        after=parsed.get("after"),
        q=parsed.get("q", ""),
        fields=parsed.get("fields", ()),
        expand=parsed.get("expand", ()),
    )


def parse_filters(resource: type[Resource], parameters: Iterable[tuple[str, str]]) -> tuple[Filter, ...]:
    """Filters alone, where nothing else is taken; Invalid names every one that is wrong."""
    given, errors = _single(parameters)
    filters = _filters(resource, given, errors)
    if errors:
        raise Invalid(errors)
    return filters


def _single(parameters: Iterable[tuple[str, str]]) -> tuple[dict[str, str], dict[str, str]]:
    given: dict[str, str] = {}
    errors: dict[str, str] = {}
    for name, text in parameters:
        if name in given:
            errors[name] = "is given twice; separate alternatives with commas"
        given[name] = text
    return given, errors


# ---- controls


def _limit(_: type[Resource], text: str) -> int:
    return whole(text, 1, MAX_LIMIT)


def _page(resource: type[Resource], text: str) -> int:
    if resource.store == "clicks":
        raise ValueError("this list is walked by cursor")
    return whole(text, 1, MAX_PAGE)


def _after(resource: type[Resource], text: str) -> int:
    if not resource.feed:
        raise ValueError("this list is not a feed: use cursor")
    return whole(text, 0, LARGEST)


def _q(resource: type[Resource], text: str) -> str:
    if not any(field.search for field in resource.fields.values()):
        raise ValueError("this list has no text to search")
    if not 1 <= len(text) <= 200 or "\0" in text:
        raise ValueError("must be 1 to 200 characters")
    return text


def parse_sort(resource: type[Resource], text: str) -> tuple[Sort, ...]:
    """`-created_at,name` → two sorts; ValueError says which name cannot be sorted by."""
    names = [name for name in text.split(",") if name]
    sortable = {field.name: field for field in resource.fields.values() if field.sort}
    known = {**sortable, "id": resource.fields["id"]}
    unknown = [name for name in names if name.removeprefix("-") not in known]
    bare = [name.removeprefix("-") for name in names]
    if not names or unknown or len(set(bare)) < len(bare):
        raise ValueError(f"must list some of {', '.join(known)}, each once, with - before it for descending")
    return tuple(Sort(known[name.removeprefix("-")], name.startswith("-")) for name in names)


def _fields(resource: type[Resource], text: str) -> tuple[str, ...]:
    known = output_names(resource)
    return _listed(text, known)


def _expand(resource: type[Resource], text: str) -> tuple[str, ...]:
    return _listed(text, expandable(resource))


def _listed(text: str, known: Iterable[str]) -> tuple[str, ...]:
    names = tuple(name for name in text.split(",") if name)
    allowed = list(known)
    if not names or any(name not in allowed for name in names):
        raise ValueError(f"must list some of {', '.join(allowed) or '(nothing here)'}")
    return names


_CONTROLS = {
    "limit": _limit, "page": _page, "after": _after, "q": _q,
    "sort": parse_sort, "fields": _fields, "expand": _expand,
}  # fmt: skip


def output_names(resource: type[Resource]) -> list[str]:
    shown = [field.name for field in resource.fields.values() if field.shown]
    return shown + [extra.name for extra in resource.computed]


def expandable(resource: type[Resource]) -> dict[str, Field]:
    """`domain` → the field domain_id; `tags` → the field tag_ids."""
    found = {}
    for field in resource.fields.values():
        if field.refs and field.shown:
            plain = field.name.removesuffix("_id")
            found[f"{field.name.removesuffix('_ids')}s" if field.name.endswith("_ids") else plain] = field
    return found


# ---- filters


def _filters(resource: type[Resource], given: Mapping[str, str], errors: dict[str, str]) -> tuple[Filter, ...]:
    found = []
    for name, text in given.items():
        try:
            found.append(_filter(resource, name, text))
        except ValueError as error:
            errors[name] = str(error)
    return tuple(found)


def _filter(resource: type[Resource], name: str, text: str) -> Filter:
    plain, bracket, rest = name.partition("[")
    operator = rest.removesuffix("]") if bracket else "eq"
    field = resource.fields.get(plain)
    if field is None or not field.filters or (bracket and not rest.endswith("]")):
        known = ", ".join(f.name for f in resource.fields.values() if f.filters)
        raise ValueError(f"is not a filter of this list; the filters are {known}")
    if operator not in field.operators:
        raise ValueError(f"cannot be used here; {plain} has {', '.join(field.operators)}")
    if operator == "null":
        return Filter(field, operator, (_boolean(text),))
    parts = text.split(",") if operator in ("eq", "ne") else [text]
    if len(parts) > MAX_VALUES:
        raise ValueError(f"takes at most {MAX_VALUES} values")
    return Filter(field, operator, tuple(parse_value(field, part) for part in parts))


def parse_value(field: Field, text: str) -> Any:
    """One value of a filter as it is stored; ValueError says what it should have been."""
    if "\0" in text or len(text) > 4096:
        raise ValueError("must be text of at most 4096 characters without NUL")
    if field.choices:
        return _choice(field, text)
    if field.kind == "integer":
        return whole(text, -LARGEST, LARGEST)
    if field.kind == "boolean":
        return int(_boolean(text))
    if field.kind == "time":
        return parse_iso(text)
    return text


def _choice(field: Field, text: str) -> Any:
    for choice in field.choices:
        if str(choice) == text:
            return choice
    raise ValueError(f"must be one of {', '.join(str(choice) for choice in field.choices)}")


def whole(text: str, least: int, most: int) -> int:
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 20 and least <= int(text) <= most):
        raise ValueError(f"must be a whole number from {least} to {most}")
    return int(text)


def _boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("must be true or false")
    return text == "true"


# ---- cursors


def encode_cursor(resource: type[Resource], query: Query, row: Row) -> str:
    """Where a walk stands after this row, which holds stored values; only good for the same list."""
    values = [row[sort.field.name] for sort in walk_order(query.sorts)]
    position = [int(value) if isinstance(value, bool) else value for value in values]
    text = json.dumps(
        [_fingerprint(resource, query.sorts, query.filters, query.q), position], separators=(",", ":")
    )
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _position(
    resource: type[Resource],
    sorts: tuple[Sort, ...],
    filters: tuple[Filter, ...],
    controls: Mapping[str, str],
    parsed: Mapping[str, Any],
    errors: dict[str, str],
) -> tuple[Any, ...] | None:
    for name in ("page", "cursor", "sort") if "after" in controls else ():
        if name in controls:
            errors[name] = "cannot be given together with after"
    if "cursor" not in controls or "cursor" in errors:
        return None
    if "page" in controls:
        errors["cursor"] = "cannot be given together with page"
        return None
    try:
        return _decode(resource, controls["cursor"], sorts, filters, parsed.get("q", ""))
    except (ValueError, binascii.Error, RecursionError):
        errors["cursor"] = "is not a cursor of this list with this sort and these filters"
        return None


def _decode(
    resource: type[Resource], text: str, sorts: tuple[Sort, ...], filters: tuple[Filter, ...], q: str
) -> tuple[Any, ...]:
    raw = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    order = walk_order(sorts)
    match json.loads(raw):
        case [str(fingerprint), [*position]] if len(position) == len(order):
            pass
        case _:
            raise ValueError
    if fingerprint != _fingerprint(resource, sorts, filters, q):
        raise ValueError
    for sort, value in zip(order, position, strict=True):
        if not isinstance(value, _STORED[sort.field.kind]) or isinstance(value, bool):
            raise ValueError
        if isinstance(value, int) and abs(value) > LARGEST:
            raise ValueError
        if isinstance(value, str):
            value.encode()  # a lone surrogate is no text
    return tuple(position)


_STORED: dict[str, Any] = {
    "text": str | None, "integer": int | None, "number": int | float | None, "boolean": int | None,
    "time": int | None,
}  # fmt: skip


def _fingerprint(resource: type[Resource], sorts: tuple[Sort, ...], filters: tuple[Filter, ...], q: str) -> str:
    asked = (
        resource.plural,
        [[s.field.name, s.descending] for s in sorts],
        [[f.field.name, f.operator, f.values] for f in filters],
        q,
    )
    return hashlib.sha256(json.dumps(asked, default=str).encode()).hexdigest()[:12]


def walk_order(sorts: tuple[Sort, ...]) -> tuple[Sort, ...]:
    """The sorts with the id behind them, so that no two rows stand in the same place."""
    if any(sort.field.name == "id" for sort in sorts):
        return sorts
    return (*sorts, Sort(Field(name="id", kind="text", sort=True), sorts[-1].descending))
