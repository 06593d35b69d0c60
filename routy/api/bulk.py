"""Many at once: batches of creations and changes, and deletion by filter with a confirmation.

A batch is one transaction. Not atomic: each item stands in a savepoint of its own and fails alone; atomic: the
first failure undoes all, and the answer still says of every item what is wrong with it.
"""

from collections.abc import Callable
from typing import Any

from routy import signing
from routy.api.call import Answer, Call
from routy.api.writing import once, written
from routy.clock import MINUTE
from routy.errors import ConfirmationRequired, Invalid, RoutyError
from routy.records import parameters, parse, read, write
from routy.resource import Resource, Row
from routy.store.sqlite import Transaction

MOST_ITEMS = 1000
MOST_DELETED = 10_000
UNCONFIRMED = 25
CONFIRM_MS = 5 * MINUTE

Prepared = Row | RoutyError
Result = dict[str, Any]


class _Undo(Exception):
    """An item of an atomic batch has failed: leave nothing behind."""


def bulk_create(call: Call) -> Answer:
    resource, items, atomic = _items(call)
    prepared = [_prepare(_creation, resource, item) for item in items]

    def create(tx: Transaction, values: Row) -> Answer:
        return written(call, resource, write.create(tx, call.actor, resource, values), 201)

    return _batch(call, prepared, atomic, create)


def bulk_update(call: Call) -> Answer:
    resource, items, atomic = _items(call)
    prepared = [_prepare(_patch, resource, item) for item in items]

    def update(tx: Transaction, values: Row) -> Answer:
        changes = {name: value for name, value in values.items() if name != "id"}
        return written(call, resource, write.update(tx, call.actor, resource, values["id"], changes), 200)

    return _batch(call, prepared, atomic, update)


def _items(call: Call) -> tuple[type[Resource], list[Any], bool]:
    assert call.endpoint.resource is not None
    body = call.json()
    if not isinstance(body, dict):
        raise Invalid({"body": 'must be of the form {"items": […], "atomic": false}'})
    errors = {str(name)[:100]: "is not a field here" for name in body if name not in ("items", "atomic")}
    items, atomic = body.get("items"), body.get("atomic", False)
    if not isinstance(items, list) or not 1 <= len(items) <= MOST_ITEMS:
        errors["items"] = f"must be a list of 1 to {MOST_ITEMS} objects"
    if not isinstance(atomic, bool):
        errors["atomic"] = "must be true or false"
    if errors:
        raise Invalid(errors)
    return call.endpoint.resource, list(items or ()), atomic


def _prepare(parse_item: Callable[[type[Resource], Any], Row], resource: type[Resource], item: Any) -> Prepared:
    try:
        return parse_item(resource, item)
    except RoutyError as error:
        return error


def _creation(resource: type[Resource], item: Any) -> Row:
    return write.hashed(resource, parse.creation(resource.fields, item))


def _patch(resource: type[Resource], item: Any) -> Row:
    if not isinstance(item, dict) or not isinstance(item.get("id"), str):
        raise Invalid({"id": "is required"})
    changes = {name: value for name, value in item.items() if name != "id"}
    return {**write.hashed(resource, parse.patch(resource.fields, changes)), "id": item["id"]}


def _batch(call: Call, prepared: list[Prepared], atomic: bool, run: Callable[[Transaction, Row], Answer]) -> Answer:
    """One result an item, in their order."""
    results: list[Result] = []

    def all_of_it(tx: Transaction) -> Answer:
        for index, values in enumerate(prepared):
            results.append(_one(tx, index, values, run))
        if atomic and any("error" in result for result in results):
            raise _Undo
        return Answer(data=results)

    try:
        return once(call, all_of_it)
    except _Undo:
        return Answer(data=[result if "error" in result else _undone(result["index"]) for result in results])


def _one(tx: Transaction, index: int, values: Prepared, run: Callable[[Transaction, Row], Answer]) -> Result:
    try:
        if isinstance(values, RoutyError):
            raise values
        with tx.savepoint():
            answer = run(tx, values)
    except RoutyError as error:
        return {"index": index, "status": error.status, "error": describe(error)}
    return {"index": index, "status": answer.status, "data": answer.data}


def _undone(index: int) -> Result:
    message = "not done, as another item of this atomic batch has failed"
    return {"index": index, "status": 409, "error": {"code": "CONFLICT", "message": message, "details": []}}


def describe(error: RoutyError) -> dict[str, Any]:
    """An error as every answer has it, but for the request's id."""
    told = {name: value for name, value in error.more.items() if name in ("count", "confirm", "retry_after")}
    return {"code": error.code, "message": error.message, "details": error.details, **told}


# ---- deletion by filter


def bulk_delete(call: Call) -> Answer:
    resource = call.endpoint.resource
    assert resource is not None
    confirm = [text for name, text in call.request.query if name == "confirm"]
    filters = parameters.parse_filters(resource, [pair for pair in call.request.query if pair[0] != "confirm"])
    if not filters:
        raise Invalid({"filters": "at least one is required, such as status=archived"})
    query = parameters.Query(filters=filters, sorts=parameters.parse_sort(resource, resource.default_sort))
    with call.services.records.transaction(call.now) as tx:
        found = read.ids(tx, call.actor, resource, query)
        if len(found) > MOST_DELETED:
            raise Invalid({"filters": f"name {len(found)} records; at most {MOST_DELETED} go at once"})
        if len(found) > UNCONFIRMED:
            confirmed(call, confirm[0] if confirm else None, len(found), _asked(call))
        for record_id in found:
            (write.delete if "deleted_at" in resource.fields else write.purge)(tx, call.actor, resource, record_id)
    return Answer(data={"deleted": len(found)})


def _asked(call: Call) -> str:
    return repr(sorted(pair for pair in call.request.query if pair[0] != "confirm"))


def confirmed(call: Call, token: str | None, count: int, what: str) -> None:
    """ConfirmationRequired unless the token is one that this very question was answered with."""
    claims = {
        "actor": call.actor.id,
        "workspace": call.actor.workspace_id,
        "path": call.endpoint.path,
        "what": what,
        "count": count,
    }
    if token is not None:
        try:
            given = signing.verify(call.services.secret, "confirm", token, call.now)
        except signing.BadSignature:
            raise Invalid({"confirm": "is not a confirmation token, or is older than 5 minutes"}) from None
        if {name: given.get(name) for name in claims} == claims:
            return
    fresh = signing.sign(call.services.secret, "confirm", claims, call.now + CONFIRM_MS)
    raise ConfirmationRequired(
        f"this would delete {count} records; send the same call with confirm=TOKEN within 5 minutes to do it",
        count=count,
        confirm=fresh,
    )
