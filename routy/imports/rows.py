"""One row of an import into the record store: a new record, or a change of the one that has its external id."""

from dataclasses import dataclass, field
from typing import Literal

from routy.errors import Conflict, Invalid
from routy.records import parse, write
from routy.records.read import find
from routy.resource import Actor, Resource, Row, remembered
from routy.store.sqlite import Transaction

Status = Literal["created", "updated", "unchanged", "failed"]


@dataclass(frozen=True)
class Taken:
    """What became of a row. `before`: the values that it replaced, as the record store has them."""

    status: Status
    record_id: str | None = None
    version: int | None = None
    before: Row | None = None
    errors: dict[str, str] = field(default_factory=dict)


def take(tx: Transaction, actor: Actor, resource: type[Resource], values: Row, upsert: bool) -> Taken:
    """Write one row of parsed values. Raises as records/write does."""
    external_id = values.get("external_id")
    there = write.by_external_id(tx, actor, resource, external_id) if external_id is not None else None
    if there is None:
        made = write.create(tx, actor, resource, _whole(resource, values))
        return Taken("created", made["id"], made.get("version"))
    if not upsert:
        raise Conflict("is taken", {"external_id": "another record has it"})
    before = find(tx, actor, resource, there["id"])
    after, _ = write.upsert(tx, actor, resource, str(external_id), values, set(values))
    if after["version"] == before["version"]:
        return Taken("unchanged", before["id"], before["version"])
    replaced = {name: before[name] for name in values if name in before and before[name] != after[name]}
    return Taken("updated", after["id"], after["version"], replaced)


def missing(resource: type[Resource], values: Row) -> dict[str, str]:
    """What a new record lacks, by field."""
    return {name: "is required" for name in _required(resource) if name not in values}


@remembered
def _required(resource: type[Resource]) -> tuple[str, ...]:
    return tuple(name for name, field_ in resource.fields.items() if field_.required)


@remembered
def _defaults(resource: type[Resource]) -> Row:
    """Nothing that is made of it is changed in place."""
    return parse.defaults(resource.fields)


def _whole(resource: type[Resource], values: Row) -> Row:
    """With the defaults of what is not given; Invalid names what is missing."""
    errors = missing(resource, values)
    if errors:
        raise Invalid(errors)
    return {**_defaults(resource), **values}
