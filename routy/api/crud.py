"""The endpoints that a resource has by its declaration: list, get, create, update, put, delete, restore, batch."""

from collections.abc import Callable
from typing import Any

from routy.api.bulk import bulk_create, bulk_delete, bulk_update, confirmed
from routy.api.call import BATCH_BODY_LIMIT, Answer, Call, Endpoint
from routy.api.media import MEDIA, TYPES, chosen
from routy.api.streams import as_file
from routy.api.writing import conditional, once, written
from routy.errors import Forbidden, Invalid
from routy.records import parameters, parse, read, write
from routy.records.show import show
from routy.resource import Field, Resource, Row

ENTITY_ERRORS = (400, 404)
WRITE_ERRORS = (400, 409, 413, 415)

PERMANENT: dict[str, Field] = {
    "permanent": Field("Delete for good instead of moving to the trash; has to be confirmed.", name="permanent",
                       kind="boolean", type=bool, default=False),
    "confirm": Field("The token of the 409 CONFIRMATION_REQUIRED answer.", name="confirm", type=str | None,
                     nullable=True, default=None, example="eyJhbGciOi…"),
}  # fmt: skip


FORMAT: dict[str, Field] = {
    "format": Field("What the answer is, instead of Accept.", name="format", type=str | None, nullable=True,
                    default=None, choices=tuple(TYPES), example="csv"),
}  # fmt: skip
WHOLE = "CSV, NDJSON and Parquet (by Accept, or `format`) hold all rows, not a page."


def endpoints(resource: type[Resource]) -> list[Endpoint]:
    """All operations that the resource declares, in the order of a reference."""
    made = []
    for operation, make in _OPERATIONS.items():
        if operation in resource.operations:
            made += make(resource)
    return made


def _endpoint(resource: type[Resource], method: str, path: str, verb: str, doc: str, **more: Any) -> Endpoint:
    kind = "read" if method == "GET" else "write"
    more.setdefault("scope", f"{resource.scope}:{kind}")
    plural = verb.endswith("s") and verb.split("_")[0] in ("list", "create", "update", "delete")
    name = f"{verb.removesuffix('_s')}_{resource.plural if plural else resource.singular}"
    return Endpoint(
        method=method,
        path=f"/{resource.path()}{path}",
        name=name,
        doc=doc,
        tag=resource.plural,
        resource=resource,
        **more,
    )


def words(resource: type[Resource]) -> str:
    """`api request` for ApiRequest."""
    return resource.singular.replace("_", " ")


def article(resource: type[Resource]) -> str:
    return f"{'an' if resource.singular[0] in 'aeio' else 'a'} {words(resource)}"


# ---- list and get


def _list(resource: type[Resource]) -> list[Endpoint]:
    doc = f"List {resource.plural.replace('_', ' ')}."
    common: dict[str, Any] = {"doc": doc, "shape": "list"}
    if resource.store == "clicks":
        return [_endpoint(resource, "GET", "", "list_s", run=list_stream, raises=(400, 406, 503), parameters=FORMAT,
                          media=MEDIA, more=WHOLE, **common)]  # fmt: skip
    return [_endpoint(resource, "GET", "", "list_s", run=list_records, raises=(400,), **common)]


def _get(resource: type[Resource]) -> list[Endpoint]:
    run = get_stream_row if resource.store == "clicks" else get_record
    doc = f"Get {article(resource)}."
    return [_endpoint(resource, "GET", "/{id}", "get", doc, run=run, shape="record", raises=ENTITY_ERRORS)]


def list_records(call: Call) -> Answer:
    resource = _resource(call)
    query = parameters.parse(resource, call.request.query)
    with call.services.records.snapshot():
        page = read.page(call.services.records, call.actor, resource, query)
        shown = _shown(call, resource, query, page.rows)
    return _page(query, page, shown)


def _page(query: parameters.Query, page: read.Page, shown: list[Row]) -> Answer:
    pagination: dict[str, Any] = {"limit": query.limit, "has_more": page.has_more, "next_cursor": page.cursor}
    if query.page is not None:
        pagination = {"page": query.page, "total": page.total, **pagination}
    return Answer(data=shown, pagination=pagination)


def get_record(call: Call) -> Answer:
    resource = _resource(call)
    query = _only_shape(call, resource)
    row = read.find(call.services.records, call.actor, resource, call.path["id"])
    shown = _shown(call, resource, query, [row])[0]
    return Answer(data=shown, headers=_etag(row))


def list_stream(call: Call) -> Answer:
    """A page as JSON, or everything as a file."""
    resource, form = _resource(call), chosen(call)
    if form != "json":
        return as_file(call, resource, form)
    query = parameters.parse(resource, [pair for pair in call.request.query if pair[0] != "format"])
    page = call.services.reporting.rows(resource, call.actor, query)
    return _page(query, page, _shown(call, resource, query, page.rows))


def get_stream_row(call: Call) -> Answer:
    resource = _resource(call)
    query = _only_shape(call, resource)
    row = call.services.reporting.row(resource, call.actor, call.path["id"])
    return Answer(data=_shown(call, resource, query, [row])[0])


def _only_shape(call: Call, resource: type[Resource]) -> parameters.Query:
    """A single record takes `fields` and `expand`, and nothing else."""
    wrong = {
        name[:100]: "is not a parameter here" for name, _ in call.request.query if name not in ("fields", "expand")
    }
    if wrong:
        raise Invalid(wrong)
    return parameters.parse(resource, call.request.query)


def _shown(call: Call, resource: type[Resource], query: parameters.Query, rows: list[Row]) -> list[Row]:
    if not query.expand:
        return [show(resource, row, query.fields) for row in rows]
    _expect_scopes(call, resource, query)
    shown = [show(resource, row) for row in rows]
    read.embed(call.services.records, call.actor, call.services.resources, resource, query, shown)
    names = {*query.fields, *query.expand} if query.fields else None
    return [{name: value for name, value in row.items() if names is None or name in names} for row in shown]


def _expect_scopes(call: Call, resource: type[Resource], query: parameters.Query) -> None:
    """What is put into an answer must be readable by itself."""
    for name in query.expand:
        target = call.services.resources[str(parameters.expandable(resource)[name].refs)]
        if f"{target.scope}:read" not in call.actor.scopes:
            raise Forbidden(f"to expand {name} needs the scope {target.scope}:read")


# ---- create, update, put


def _create(resource: type[Resource]) -> list[Endpoint]:
    doc = f"Create {article(resource)}."
    return [
        _endpoint(resource, "POST", "", "create", doc, run=create, shape="record", input="create", status=201,
                  raises=WRITE_ERRORS, repeatable=True)
    ]  # fmt: skip


def _update(resource: type[Resource]) -> list[Endpoint]:
    doc = f"Change {article(resource)}: only the fields given."
    return [
        _endpoint(resource, "PATCH", "/{id}", "update", doc, run=update, shape="record", input="patch",
                  raises=(*WRITE_ERRORS, 404, 412), conditional=True)
    ]  # fmt: skip


def _external(resource: type[Resource]) -> list[Endpoint]:
    doc = f"Create or change the {words(resource)} that has your own id."
    return [
        _endpoint(resource, "PUT", "/external/{external_id}", "put", doc, run=put, shape="record", input="put",
                  raises=(*WRITE_ERRORS, 412), conditional=True)
    ]  # fmt: skip


def create(call: Call) -> Answer:
    resource = _resource(call)
    values = write.hashed(resource, parse.creation(resource.fields, call.json()))
    return once(call, lambda tx: written(call, resource, write.create(tx, call.actor, resource, values), 201))


def update(call: Call) -> Answer:
    resource = _resource(call)
    values = write.hashed(resource, parse.patch(resource.fields, call.json()))
    version = conditional(call)
    with call.services.records.transaction(call.now) as tx:
        row = write.update(tx, call.actor, resource, call.path["id"], values, version)
    return written(call, resource, row, 200)


def put(call: Call) -> Answer:
    resource = _resource(call)
    body = call.json()
    if isinstance(body, dict) and body.get("external_id", call.path["external_id"]) != call.path["external_id"]:
        raise Invalid({"external_id": "is not the one in the path"})
    external_id = _external_id(resource, call.path["external_id"])
    kept = write.by_external_id(call.services.records, call.actor, resource, external_id)
    values = write.hashed(resource, parse.creation(resource.fields, body), kept)
    version = conditional(call)
    with call.services.records.transaction(call.now) as tx:
        row, created = write.upsert(tx, call.actor, resource, external_id, values, set(body), version)
    return written(call, resource, row, 201 if created else 200)


def _external_id(resource: type[Resource], text: str) -> str:
    try:
        return str(parse.parse_field(resource.fields["external_id"], text))
    except ValueError as error:
        raise Invalid({"external_id": str(error)}) from None


# ---- delete and restore


def _delete(resource: type[Resource]) -> list[Endpoint]:
    many = (
        f"Delete the {resource.plural.replace('_', ' ')} that the filters name; more than 25 have to be confirmed."
    )
    one = (
        f"Move {article(resource)} to the trash."
        if "restore" in resource.operations
        else f"Delete {article(resource)}."
    )
    return [
        _endpoint(resource, "DELETE", "/{id}", "delete", one, run=delete, shape="none", status=204,
                  raises=(400, 404, 409, 412), conditional=True,
                  parameters=PERMANENT if "restore" in resource.operations else {}),
        _endpoint(resource, "DELETE", "", "delete_s", many, run=bulk_delete, shape="free", raises=(400, 409),
                  free_parameters=True, parameters={"confirm": PERMANENT["confirm"]}),
    ]  # fmt: skip


def _restore(resource: type[Resource]) -> list[Endpoint]:
    doc = f"Bring {article(resource)} back from the trash."
    return [
        _endpoint(resource, "POST", "/{id}/restoration", "restore", doc, run=restore, shape="record",
                  raises=(400, 404, 409, 410, 412), conditional=True)
    ]  # fmt: skip


def delete(call: Call) -> Answer:
    resource = _resource(call)
    asked = call.parameters()
    record_id, version = call.path["id"], conditional(call)
    if asked.get("permanent"):
        read.find(call.services.records, call.actor, resource, record_id, trashed=True)
        confirmed(call, asked["confirm"], 1, f"permanent:{record_id}")
    with call.services.records.transaction(call.now) as tx:
        if asked.get("permanent") or "deleted_at" not in resource.fields:
            write.purge(tx, call.actor, resource, record_id, version)
        else:
            write.delete(tx, call.actor, resource, record_id, version)
    return Answer(status=204)


def restore(call: Call) -> Answer:
    resource = _resource(call)
    days = call.services.config.api.trash_days
    with call.services.records.transaction(call.now) as tx:
        row = write.restore(tx, call.actor, resource, call.path["id"], days, conditional(call))
    return written(call, resource, row, 200)


# ---- batch


def _batch(resource: type[Resource]) -> list[Endpoint]:
    plural = resource.plural.replace("_", " ")
    common: dict[str, Any] = {"shape": "batch", "raises": WRITE_ERRORS, "body_limit": BATCH_BODY_LIMIT}
    return [
        _endpoint(resource, "POST", "/batch", "create_s", f"Create up to 1,000 {plural}.", run=bulk_create,
                  input="batch", repeatable=True, **common),
        _endpoint(resource, "PATCH", "/batch", "update_s", f"Change up to 1,000 {plural}.", run=bulk_update,
                  input="patches", **common),
    ]  # fmt: skip


_OPERATIONS: dict[str, Callable[[type[Resource]], list[Endpoint]]] = {
    "list": _list,
    "create": _create,
    "batch": _batch,
    "external": _external,
    "get": _get,
    "update": _update,
    "delete": _delete,
    "restore": _restore,
}


def _etag(row: Row) -> tuple[tuple[str, str], ...]:
    return (("ETag", f'"{row["version"]}"'),) if "version" in row else ()


def _resource(call: Call) -> type[Resource]:
    assert call.endpoint.resource is not None
    return call.endpoint.resource
