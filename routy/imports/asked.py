"""What may be imported, and which columns may become which fields."""

from routy.errors import Forbidden, Invalid
from routy.imports.guessed import METADATA, fields_of, importable
from routy.resource import Actor, Resource, Row, Tx, check
from routy.resources.imports import Import


@check(Import)
def can_be_imported(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    """The right to write such records is asked for when the import is made, and again when it runs."""
    if before is None and after is not None:
        expect_right(actor, after["resource"])


def expect_right(actor: Actor, resource: str) -> type[Resource]:
    """Forbidden where the actor may not write such records, Invalid where there are none."""
    kind = importable().get(resource)
    if kind is None:
        raise Invalid({"resource": f"must be one of {', '.join(importable())}"})
    if f"{kind.scope}:write" not in actor.scopes:
        raise Forbidden(f"to import {resource} needs the scope {kind.scope}:write")
    return kind


@check(Import)
def fields_and_columns_are_known(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    if after is None or (before and before["mapping"] == after["mapping"]):
        return
    kind = importable().get(after["resource"])
    known = fields_of(kind) if kind else {}
    wrong = [name for name in after["mapping"] if name not in known and not name.startswith(METADATA)]
    if kind and wrong:
        told = f"{', '.join(wrong[:5])} is no field of {kind.plural}; they are {', '.join(known)}"
        raise Invalid({"mapping": told[:1000]})
    lost = [column for column in after["mapping"].values() if column not in after["columns"]]
    if lost and after["columns"]:
        raise Invalid({"mapping": f"the file has no column {', '.join(lost[:5])}"[:1000]})
