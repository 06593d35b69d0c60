"""Changes. Every one of them, of every resource, walks through `_commit`: fill, check, row, audit entry, event, and
then the effects, which are changes of other resources and walk the same way. All inside the caller's transaction.

Values come parsed (records/parse.py) and passwords hashed (`hashed`), so that nothing slow happens in here.
Raised: Invalid, NotFound, Conflict, PreconditionFailed.
"""

from dataclasses import replace
from typing import Any, Literal

from routy.clock import DAY, iso
from routy.errors import Conflict, Gone, Invalid, PreconditionFailed
from routy.ids import new_id
from routy.passwords import hash_password, verify_password
from routy.records import catalogue, parse
from routy.records.query import columns, member, owner
from routy.records.read import find
from routy.records.rows import from_columns, json_text, to_columns
from routy.records.show import show
from routy.resource import Actor, Change, Field, Reader, Resource, Row, remembered
from routy.store.sqlite import Referenced, Taken, Transaction

Happened = Literal["created", "updated", "deleted", "restored", "purged"]


def hashed(resource: type[Resource], values: Row, kept: Row | None = None) -> Row:
    """The values with each password replaced by its hash: done before the transaction, as it takes 40 ms. One that
    is the password of the `kept` row already keeps its hash, so that sending it again changes nothing."""
    fields = resource.fields
    return {
        name: _hash(value, (kept or {}).get(name)) if fields[name].hashed and value is not None else value
        for name, value in values.items()
    }


def _hash(password: str, kept: str | None) -> str:
    return kept if kept and verify_password(kept, password) else hash_password(password)


def create(tx: Transaction, actor: Actor, resource: type[Resource], values: Row) -> Row:
    """Make a record; the row that comes back also holds what is shown only once."""
    return _commit(tx, actor, resource, "created", None, values)


def update(
    tx: Transaction,
    actor: Actor,
    resource: type[Resource],
    record_id: str,
    values: Row,
    if_match: int | None = None,
) -> Row:
    """Set only the values given; one that changes nothing leaves version and events alone."""
    before = find(tx, actor, resource, record_id)
    _expect_version(before, if_match)
    values = parse.merged(resource.fields, before, values)
    changed = {name: value for name, value in values.items() if name not in before or before[name] != value}
    return _commit(tx, actor, resource, "updated", before, changed) if changed else before


def upsert(
    tx: Transaction,
    actor: Actor,
    resource: type[Resource],
    external_id: str,
    values: Row,
    given: set[str],
    if_match: int | None = None,
) -> tuple[Row, bool]:
    """Create the record of this external id, or set what was `given` on the one that is there."""
    there = by_external_id(tx, actor, resource, external_id)
    if there is None:
        if if_match is not None:
            raise PreconditionFailed("there is no such record, so no version of it")
        return create(tx, actor, resource, {**values, "external_id": external_id}), True
    before = find(tx, actor, resource, there["id"])
    only = {name: value for name, value in values.items() if name in given and before.get(name) != value}
    fixed = {name: "cannot be changed" for name in only if resource.fields[name].create_only}
    if fixed:
        raise Invalid(fixed)
    return update(tx, actor, resource, there["id"], only, if_match), False


def by_external_id(reader: Reader, actor: Actor, resource: type[Resource], external_id: str) -> Row | None:
    """The columns of the live record that has this external id."""
    return reader.one(
        f"/* {resource.plural}.by_external_id */ SELECT t.* FROM {resource.plural} t"
        " WHERE t.workspace_id = ? AND t.external_id = ? AND t.deleted_at IS NULL",
        (actor.workspace_id, external_id),
    )


def delete(
    tx: Transaction, actor: Actor, resource: type[Resource], record_id: str, if_match: int | None = None
) -> Row:
    """Move a record to the trash."""
    before = find(tx, actor, resource, record_id)
    _expect_version(before, if_match)
    return _commit(tx, actor, resource, "deleted", before, {"deleted_at": tx.now})


def restore(
    tx: Transaction,
    actor: Actor,
    resource: type[Resource],
    record_id: str,
    trash_days: int,
    if_match: int | None = None,
) -> Row:
    """Bring a record back from the trash."""
    before = find(tx, actor, resource, record_id, trashed=True)
    _expect_version(before, if_match)
    if before["deleted_at"] is None:
        raise Conflict(f"this {resource.singular} is not in the trash")
    if before["deleted_at"] < tx.now - trash_days * DAY:
        raise Gone(f"this {resource.singular} has been in the trash for more than {trash_days} days")
    return _commit(tx, actor, resource, "restored", before, {"deleted_at": None})


def purge(
    tx: Transaction, actor: Actor, resource: type[Resource], record_id: str, if_match: int | None = None
) -> None:
    """Delete a record for good, from the trash or not."""
    before = find(tx, actor, resource, record_id, trashed=True)
    _expect_version(before, if_match)
    for rule in resource.checks if before.get("deleted_at") is None else []:
        rule(tx, actor, before, None)
    try:
        tx.run(f"/* {resource.plural}.purge */ DELETE FROM {resource.plural} WHERE key = ?", (before["key"],))
    except Referenced:
        raise Conflict(f"other records still refer to this {resource.singular}") from None
    _record(tx, actor, resource, "purged", before, None, next_seq(tx))


def tell(
    tx: Transaction, actor: Actor, resource: type[Resource], record_id: str, type_: str, data: dict[str, Any]
) -> None:
    """An event that is no change of the record, such as `limit_reached`: the record keeps its version, and no audit
    entry is written. `type_` is one of what the resource `tells`; `data` holds JSON."""
    assert type_ in resource.tells, f"{resource.plural} do not declare that they tell {type_}"
    if tx.rehearsal:
        return
    event = {"seq": next_seq(tx), "id": new_id("evt", tx.now), "type": catalogue.type_of(resource, type_)}
    about = {"workspace_id": actor.workspace_id, "resource": resource.plural, "record_id": record_id}
    whose = {"actor": actor.id, "request_id": actor.request_id, "created_at": tx.now}
    tx.insert("events", {**event, **about, **whose, "data": json_text(data)})


def next_seq(tx: Transaction) -> int:
    """The place of the next event in the order of commits. The write lock makes it ours."""
    last = tx.one("/* events.last */ SELECT seq FROM sqlite_sequence WHERE name = 'events'")
    return int(last["seq"]) + 1 if last else 1


# ---- the walk of every change


def _commit(
    tx: Transaction, actor: Actor, resource: type[Resource], action: Happened, before: Row | None, values: Row
) -> Row:
    after = {**(before or _newborn(tx, actor, resource)), **values}
    if action != "deleted":
        for complete in resource.fills:
            after.update(complete(tx, actor, before, after))
    _check(tx, actor, resource, before, None if action == "deleted" else after)
    seq = next_seq(tx)
    after = {**after, "updated_at": tx.now, "version": (before["version"] + 1 if before else 1)}
    stored = _store(tx, resource, before, after, seq)
    _record(tx, actor, resource, action, before, stored, seq)
    passing = {f.name: after.get(f.name) for f in resource.fields.values() if f.once or f.transient}
    for follow in resource.effects:
        for change in follow(tx, actor, before, None if action == "deleted" else {**stored, **passing}):
            _apply(tx, actor, change)
    return {**stored, **passing}


def _apply(tx: Transaction, actor: Actor, change: Change) -> None:
    """An effect's change, by the same walk. It may be about a workspace that has only just come to be."""
    actor = replace(actor, workspace_id=change.values.get("workspace_id", actor.workspace_id))
    if change.record_id is None:
        create(tx, actor, change.resource, {**parse.defaults(change.resource.fields), **change.values})
    elif change.action == "update":
        update(tx, actor, change.resource, change.record_id, change.values)
    elif change.action == "restore":
        before = find(tx, actor, change.resource, change.record_id, trashed=True)
        _commit(tx, actor, change.resource, "restored", before, {"deleted_at": None})
    else:
        delete(tx, actor, change.resource, change.record_id)


def _newborn(tx: Transaction, actor: Actor, resource: type[Resource]) -> Row:
    made = {
        "id": new_id(resource.prefix, tx.now),
        "workspace_id": actor.workspace_id,
        "created_at": tx.now,
        "created_by": actor.id,
        "deleted_at": None,
    }
    return {**_untaken(resource), **made}


@remembered
def _untaken(resource: type[Resource]) -> Row:
    return {field.name: None for field in resource.fields.values() if field.column and not field.taken}


def _check(tx: Transaction, actor: Actor, resource: type[Resource], before: Row | None, after: Row | None) -> None:
    """Every rule has its say before anything is refused, so that all wrong fields are named at once."""
    errors = _missing_references(tx, actor, resource, before, after) if after else {}
    for rule in resource.checks:
        try:
            rule(tx, actor, before, after)
        except Invalid as error:
            errors = {**error.fields, **errors}
    if errors:
        raise Invalid(errors)


def _missing_references(
    tx: Transaction, actor: Actor, resource: type[Resource], before: Row | None, after: Row
) -> dict[str, str]:
    """References must name live records of the same workspace."""
    errors = {}
    for field in _references(resource):
        if before and before[field.name] == after[field.name]:
            continue
        wanted = after[field.name] if field.through else [after[field.name]]
        lost = [one for one in wanted if one is not None and not _lives(tx, actor, field, one)]
        if lost:
            errors[field.name] = f"there is no such record here: {', '.join(str(one)[:40] for one in lost[:3])}"
    return errors


@remembered
def _references(resource: type[Resource]) -> list[Field]:
    return [field for field in resource.fields.values() if field.refs and field.taken]


def _lives(tx: Transaction, actor: Actor, field: Field, record_id: str) -> bool:
    live = f"SELECT 1 FROM {field.refs} WHERE id = ? AND workspace_id = ? AND deleted_at IS NULL"
    return tx.one(f"/* {field.refs}.lives */ {live}", (record_id, actor.workspace_id)) is not None


def _store(tx: Transaction, resource: type[Resource], before: Row | None, after: Row, seq: int) -> Row:
    """Write the row and read it back whole, joined fields included."""
    row = {**to_columns(resource, after), "seq": seq}
    try:
        if before is None:
            key = tx.insert(resource.plural, {**row, "workspace_id": after["workspace_id"]})
        else:
            key = before["key"]
            was = to_columns(resource, before)
            tx.update(resource.plural, key, {n: value for n, value in row.items() if was.get(n) != value})
    except Taken as error:
        raise _conflict(resource, error) from None
    for field in resource.fields.values():
        if field.through and (before is None or before[field.name] != after[field.name]):
            _store_list(tx, resource, field, after, new=before is None)
    sql = f"/* {resource.plural}.by_key */ SELECT {columns(resource)} FROM {resource.plural} t WHERE t.key = ?"
    stored = tx.one(sql, (key,))
    assert stored is not None
    return from_columns(resource, stored)


def _store_list(tx: Transaction, resource: type[Resource], field: Field, after: Row, new: bool) -> None:
    if not new:
        sql = f"/* {field.through}.clear */ DELETE FROM {field.through} WHERE {owner(resource)} = ?"
        tx.run(sql, (after["id"],))
    for listed in after[field.name]:
        tx.insert(str(field.through), {owner(resource): after["id"], member(field): listed})


def _conflict(resource: type[Resource], error: Taken) -> Conflict:
    """Names the field that a person sees: `slug` where the index is on the hidden slug_key."""
    column = error.columns[-1]
    name = column.removesuffix("_key") if resource.fields[column].hidden else column
    return Conflict(f"another {resource.singular} has this {name}", {name: "is taken"})


def _expect_version(before: Row, if_match: int | None) -> None:
    if if_match is not None and before.get("version") != if_match:
        raise PreconditionFailed(f"the record is at version {before.get('version')}, not {if_match}")


# ---- what is remembered of it


def _record(
    tx: Transaction,
    actor: Actor,
    resource: type[Resource],
    action: Happened,
    before: Row | None,
    after: Row | None,
    seq: int,
) -> None:
    """The event and the audit entry of one change, unless it is a rehearsal."""
    if tx.rehearsal:
        return
    row = after or before
    assert row is not None
    told = {
        "workspace_id": row["workspace_id"],
        "resource": resource.plural,
        "record_id": row["id"],
        "actor": actor.id,
        "request_id": actor.request_id,
        "created_at": tx.now,
    }
    event = {"seq": seq, "id": new_id("evt", tx.now), "type": catalogue.type_of(resource, action)}
    tx.insert("events", {**told, **event, "data": json_text(show(resource, row))})
    changes = json_text(difference(resource, before, after))
    tx.insert(
        "audit_entries",
        {**told, "id": new_id("aud", tx.now), "action": action, "changes": changes, "ip": actor.ip},
    )


def difference(resource: type[Resource], before: Row | None, after: Row | None) -> dict[str, Any]:
    """`{"title": {"before": "Sale", "after": "Sales"}}`; of a secret only that it changed."""
    found = {}
    before, after = before or {}, after or {}
    for field in _audited(resource):
        was, is_ = before.get(field.name), after.get(field.name)
        if was != is_:
            found[field.name] = {"before": _told(field, was), "after": _told(field, is_)}
    return found


@remembered
def _audited(resource: type[Resource]) -> list[Field]:
    told = [field for field in resource.fields.values() if field.shown or field.write_only]
    return [field for field in told if not field.counter and field.name not in ("version", "updated_at")]


def _told(field: Field, value: Any) -> Any:
    if value is None:
        return None
    if field.write_only:
        return "(hidden)"
    return iso(value) if field.kind == "time" else value
