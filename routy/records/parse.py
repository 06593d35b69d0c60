"""Bodies: from JSON to the values of a row, with every wrong field named at once.

Values of a row are plain Python: text, int, bool, list, dict, None; a time is an integer of milliseconds.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from routy.clock import LAST
from routy.errors import Invalid
from routy.formats import FORMATS, line
from routy.resource import Field, Row

Fields = Mapping[str, Field]
LARGEST = 2**63 - 1


def decode(body: bytes) -> Any:
    """JSON from the wire; Invalid({"body": …}) where it is none."""
    try:
        return msgspec.json.decode(body)
    except RecursionError:
        raise Invalid({"body": "is nested too deeply"}) from None
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise Invalid({"body": f"is not valid JSON: {error}"}) from None


def defaults(fields: Fields) -> Row:
    """What a creation puts where nothing is given, as far as there is a default."""
    return {field.name: field.default for field in fields.values() if field.taken and not field.required}


def creation(fields: Fields, body: Any) -> Row:
    """A whole row of what a client may send: what is given, and the default of what is not."""
    row, errors = _given(fields, body)
    for field in fields.values():
        if field.required and field.name not in row and field.name not in errors:
            errors[field.name] = "is required"
    if errors:
        raise Invalid(errors)
    return {**defaults(fields), **row}


def patch(fields: Fields, body: Any) -> Row:
    """Only the fields given (a merge patch, RFC 7396). A map holds only the keys to change, None for those
    to remove: `merged` lays it over the one that is there."""
    body, removed = _without_removed_keys(fields, body)
    row, errors = _given(fields, body)
    for name, keys in removed.items():
        row[name] = {**row.get(name, {}), **dict.fromkeys(keys)}
    for name in row:
        if fields[name].create_only:
            errors[name] = "cannot be changed"
        elif fields[name].filled and row[name] is None:
            errors[name] = "cannot be null here; leave it out to keep it"
    if errors:
        raise Invalid(errors)
    return row


def merged(fields: Fields, before: Row, values: Row) -> Row:
    """The values of a patch with its maps laid over those of the row; Invalid when one grows too large."""
    whole = dict(values)
    for name, value in values.items():
        if fields[name].kind == "map":
            over = {**before[name], **value}
            whole[name] = {key: text for key, text in over.items() if text is not None}
            if len(whole[name]) > (fields[name].max_length or len(whole[name])):
                raise Invalid({name: expectation(fields[name])})
    return whole


def _without_removed_keys(fields: Fields, body: Any) -> tuple[Any, dict[str, list[str]]]:
    if not isinstance(body, dict):
        return body, {}
    maps = {n: v for n, v in body.items() if isinstance(v, dict) and n in fields and fields[n].kind == "map"}
    kept = {name: {key: text for key, text in value.items() if text is not None} for name, value in maps.items()}
    removed = {name: [key for key, text in value.items() if text is None] for name, value in maps.items()}
    return {**body, **kept}, {name: keys for name, keys in removed.items() if keys}


def _given(fields: Fields, body: Any) -> tuple[Row, dict[str, str]]:
    if not isinstance(body, dict):
        raise Invalid({"body": "must be a JSON object"})
    row: Row = {}
    errors: dict[str, str] = {}
    for name, value in body.items():
        try:
            row[name] = parse_field(_known(fields, name), value)
        except ValueError as error:
            errors[name[:100]] = str(error)
    return row, errors


def _known(fields: Fields, name: str) -> Field:
    field = fields.get(name)
    if field is None or field.hidden:
        raise ValueError("is not a field here")
    if not field.taken:
        raise ValueError("is read only")
    return field


def parse_field(field: Field, value: Any) -> Any:
    """One value as a row holds it; ValueError says what it should have been."""
    try:
        converted = msgspec.convert(value, field.type)
    except (msgspec.ValidationError, RecursionError):
        raise ValueError(expectation(field)) from None
    if converted is None:
        return None
    if field.kind == "time":
        return _milliseconds(converted)
    if field.kind == "integer" and abs(converted) > LARGEST:
        raise ValueError(expectation(field))
    return _formatted(field, converted)


def _milliseconds(moment: datetime) -> int:
    at_ms = round(moment.timestamp() * 1000)
    if not 0 <= at_ms <= LAST:
        raise ValueError("must lie between the years 1970 and 9999")
    return at_ms


def _formatted(field: Field, value: Any) -> Any:
    run = FORMATS.get(field.format or "line", line)
    if field.kind == "text" and not field.choices:
        return run(value)
    if field.kind == "list":
        items = dict.fromkeys(run(item) if isinstance(item, str) else item for item in value)
        return sorted(items) if field.through else list(items)  # in a table of its own it has no order
    if field.kind == "map":
        return {line(name): line(text) if isinstance(text, str) else text for name, text in value.items()}
    return value


def expectation(field: Field) -> str:
    """`must be text of 2 to 50 characters, or null`."""
    return f"must be {_wanted(field)}{', or null' if field.nullable else ''}"


def _wanted(field: Field) -> str:
    if field.choices:
        return f"one of {', '.join(str(choice) for choice in field.choices)}"
    if field.kind == "text":
        return f"text{_between(field.min_length, field.max_length, ' characters')}{_matching(field)}"
    if field.kind == "integer":
        return f"a whole number{_between(field.least, field.most, '')}"
    if field.kind == "list":
        return f"a list of texts{_between(None, field.max_length, ' items')}{_matching(field)}"
    return {
        "boolean": "true or false",
        "number": "a number",
        "time": "a time such as 2026-01-31T12:00:00Z",
        "map": "an object of texts: at most 50 keys of 1 to 64 characters, values of at most 500",
    }[field.kind]


def _between(least: int | None, most: int | None, unit: str) -> str:
    if least is not None and most is not None:
        return f" of {least} to {most}{unit}"
    if most is not None:
        return f" of at most {most}{unit}"
    return f" of at least {least}{unit}" if least is not None else ""


def _matching(field: Field) -> str:
    return f" such as {field.example}" if field.pattern and field.example else ""
