"""JSON Schema (2020-12, as OpenAPI 3.1 has it) of fields, records, forms and answers."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import NoneType
from typing import Any, get_args, get_origin

import msgspec

from routy.api import hints
from routy.resource import Computed, Field, Resource

Schema = dict[str, Any]

_TYPES = {
    "text": "string", "integer": "integer", "number": "number", "boolean": "boolean", "time": "string",
    "list": "array", "map": "object",
}  # fmt: skip
_PUBLIC_FORMATS = ("email", "hostname")


def of_field(field: Field, output: bool = False) -> Schema:
    """One field, with its limits; on the way out a field that Routy fills in is never null."""
    schema: Schema = {"type": _TYPES[field.kind]}
    if not output:
        schema |= _limits(field)
    if field.choices:
        schema["enum"] = list(field.choices)
    if field.kind == "time":
        schema["format"] = "date-time"
    if field.kind in ("list", "map"):
        schema |= _inside(field)
    if field.nullable and not (output and field.filled):
        schema["type"] = [schema["type"], "null"]
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
    return _described(schema, field, output)


def _limits(field: Field) -> Schema:
    if field.kind == "text" and not field.choices:
        limits = {"minLength": field.min_length, "maxLength": field.max_length, "pattern": field.pattern}
    elif field.kind == "list":
        limits = {"maxItems": field.max_length}
    elif field.kind == "map":
        limits = {"maxProperties": field.max_length}
    else:
        limits = {"minimum": field.least, "maximum": field.most}
    return {name: limit for name, limit in limits.items() if limit is not None}


def _inside(field: Field) -> Schema:
    """What a list or a map holds, as the annotation says."""
    described = msgspec.json.schema(_bare(field.type))
    kept = ("items", "additionalProperties", "propertyNames")
    return {name: described[name] for name in kept if name in described}


def _bare(kind: Any) -> Any:
    """`list[str]` of an annotated or optional list."""
    while get_origin(kind) not in (list, dict):
        kind = next(part for part in get_args(kind) if part is not NoneType)
    return kind


def _default(field: Field) -> str:
    """In words: generators of clients would send a `default` even in a PATCH that leaves the field out."""
    if not field.taken or field.default in (msgspec.NODEFAULT, None, [], {}):
        return ""
    return f" Default: {msgspec.json.encode(field.default).decode()}."


def _described(schema: Schema, field: Field, output: bool) -> Schema:
    if field.doc:
        schema["description"] = f"{field.doc}{'' if output else _default(field)}"
    if field.example is not None:
        schema["examples"] = [field.example]
    return {**schema, "x-routy": hints.of_field(field)}


def of_view(resource: type[Resource]) -> Schema:
    """A record as it is shown."""
    shown = {field.name: of_field(field, output=True) for field in resource.fields.values() if field.shown}
    extra = {computed.name: _of_computed(computed) for computed in resource.computed}
    properties = {**shown, **extra}
    return {
        "type": "object",
        "description": " ".join((resource.__doc__ or "").split()),
        "properties": properties,
        "required": list(properties),
        "x-routy": hints.of_resource(resource),
    }


def _of_computed(computed: Computed) -> Schema:
    described = msgspec.json.schema(computed.type)
    return {**described, "description": computed.doc, "x-routy": {"label": hints.label(computed.name)}}


def of_creation(resource: type[Resource]) -> Schema:
    return of_form(taken(resource))


def of_patch(resource: type[Resource]) -> Schema:
    """The same fields, none of them required, those left out that are for creation only."""
    changeable = {
        name: replace(field, nullable=field.nullable and not field.filled)
        for name, field in taken(resource).items()
        if not field.create_only
    }
    return {**of_form(changeable), "required": []}


def of_once(resource: type[Resource]) -> Schema | None:
    """What the answer to a creation shows beside the record, once."""
    once = {field.name: of_field(field, output=True) for field in resource.fields.values() if field.once}
    return {"type": "object", "properties": once} if once else None


def taken(resource: type[Resource]) -> dict[str, Field]:
    return {field.name: field for field in resource.fields.values() if field.taken}


def of_form(fields: Mapping[str, Field]) -> Schema:
    return {
        "type": "object",
        "properties": {name: of_field(field) for name, field in fields.items()},
        "required": [field.name for field in fields.values() if field.required],
        "additionalProperties": False,
    }


def of_answer(fields: Mapping[str, Field]) -> Schema:
    """A form on the way out; what may be null may also be missing."""
    properties = {name.rstrip("_"): of_field(field, output=True) for name, field in fields.items()}
    return {
        "type": "object",
        "properties": properties,
        "required": [name.rstrip("_") for name, field in fields.items() if not field.nullable],
    }


def object_of(properties: Mapping[str, Schema], required: Iterable[str] | None = None) -> Schema:
    return {"type": "object", "properties": dict(properties), "required": list(required or properties)}
