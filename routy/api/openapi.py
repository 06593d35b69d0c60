"""The OpenAPI 3.1 document, made of the endpoints and the resources: nothing in it is written twice."""

from collections.abc import Iterable
from typing import Any

from routy import __version__, errors, scopes
from routy.api import catalogue, schema
from routy.api.call import Endpoint
from routy.errors import RoutyError
from routy.records.parameters import CONTROLS, MAX_LIMIT, expandable, output_names
from routy.resource import Field, Resource
from routy.resources import RESOURCES

Document = dict[str, Any]

SECURITY: list[dict[str, list[str]]] = [
    {"bearer": []},
    {"apiKey": []},
    {"apiKeyHeader": []},
    {"session": [], "csrf": []},
]

DESCRIPTION = """\
The one API of Routy: its dashboard uses nothing else.

Send a token as `Authorization: Bearer TOKEN`, `Authorization: ApiKey TOKEN` or `X-API-Key: TOKEN`. Answers are
`{"success": true, "data": …}`, failures `{"success": false, "error": {"code", "message", "details"}}` with every
wrong field named. Times are ISO 8601 in UTC. Lists take `page` and `limit`, or `cursor`, which sees every row
exactly once. A token may make 600 requests a minute with bursts of 300 unless it says otherwise; 429 answers carry
`Retry-After`. Breaking changes come under another version, with at least 12 months of notice.
"""

STATUS_TEXT = {
    200: "Done.", 201: "Created.", 202: "Taken on; it is done in the background.", 204: "Done; no body.",
    400: "The request is wrong; details name it.",
    401: "No credential, or one that is no good.", 403: "The credential may not do this; the scope is named.",
    404: "No such thing here.", 405: "The thing exists, the operation does not.",
    406: "Accept names only forms that there are none of.",
    409: "It collides with something that is there, or has to be confirmed.", 410: "It is over.",
    412: "If-Match names an older version.", 413: "The body is too large.", 415: "The body is not JSON.",
    431: "The path or the headers are too long.",
    429: "Too many requests; Retry-After says how long to wait.", 500: "A fault of the server.",
    503: "Busy, or not well; try again after Retry-After.",
}  # fmt: skip


def document(endpoints: Iterable[Endpoint]) -> Document:
    """The whole document as JSON-able values."""
    listed = list(endpoints)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Routy",
            "version": __version__,
            "description": DESCRIPTION,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/api/v1"}],
        "tags": _tags(listed),
        "paths": _paths(listed),
        "webhooks": catalogue.webhooks(),
        "components": {
            "securitySchemes": _security_schemes(),
            "schemas": _schemas(),
            "responses": {f"E{status}": _error_response(status) for status in STATUS_TEXT if status >= 400},
            "headers": _components_headers(),
        },
    }


def _tags(endpoints: list[Endpoint]) -> list[Document]:
    names = dict.fromkeys(endpoint.tag for endpoint in endpoints)
    docs = {name: " ".join((RESOURCES[name].__doc__ or "").split()) for name in names if name in RESOURCES}
    return [{"name": name, **({"description": docs[name]} if name in docs else {})} for name in names]


def _paths(endpoints: list[Endpoint]) -> Document:
    paths: Document = {}
    for endpoint in endpoints:
        path = paths.setdefault(endpoint.path, {"servers": [{"url": "/"}]} if endpoint.rooted else {})
        path[endpoint.method.lower()] = _operation(endpoint)
    return paths


def _operation(endpoint: Endpoint) -> Document:
    made: Document = {
        "operationId": endpoint.name,
        "summary": endpoint.doc,
        "tags": [endpoint.tag],
        "parameters": [*_path_parameters(endpoint), *_query_parameters(endpoint), *_header_parameters(endpoint)],
        "responses": _responses(endpoint),
        "security": SECURITY if endpoint.scope is not None else [],
    }
    if endpoint.more or endpoint.scope:
        needs = f"Needs the scope `{endpoint.scope}`." if endpoint.scope else ""
        made["description"] = f"{endpoint.more} {needs}".strip()
        made["x-routy-scope"] = endpoint.scope or None
    body = _request_body(endpoint)
    return {**made, "requestBody": body} if body else made


# ---- parameters


def _path_parameters(endpoint: Endpoint) -> list[Document]:
    made = []
    for name in endpoint.places:
        described: Document = {"type": "string", "minLength": 1}
        if name == "id" and endpoint.resource is not None:
            field = endpoint.resource.fields["id"]
            described = {"type": "string", "examples": [field.example]}
        made.append({"name": name, "in": "path", "required": True, "schema": described})
    return made


def _query_parameters(endpoint: Endpoint) -> list[Document]:
    declared = [_parameter(field.name.rstrip("_"), field) for field in endpoint.parameters.values()]
    if endpoint.resource is None:
        return declared
    if endpoint.shape == "list":
        return declared + _control_parameters(endpoint.resource) + _filter_parameters(endpoint.resource)
    if endpoint.method == "DELETE" and endpoint.shape == "free":
        return declared + _filter_parameters(endpoint.resource)
    if endpoint.method == "GET" and endpoint.shape == "record":
        controls = _control_parameters(endpoint.resource)
        return declared + [parameter for parameter in controls if parameter["name"] in ("fields", "expand")]
    return declared


def _parameter(name: str, field: Field) -> Document:
    described = schema.of_field(field)
    return {"name": name, "in": "query", "description": described.pop("description", ""), "schema": described}


def _control_parameters(resource: type[Resource]) -> list[Document]:
    sortable = [field.name for field in resource.fields.values() if field.sort] + ["id"]
    signed = [sign + name for name in sortable for sign in ("", "-")]
    searched = [field.name for field in resource.fields.values() if field.search]
    known: dict[str, tuple[str, Document] | None] = {
        "page": ("Which page, from 1.", {"type": "integer", "minimum": 1, "maximum": 1_000_000, "default": 1}),
        "limit": ("Rows a page.", {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": 20}),
        "cursor": ("`pagination.next_cursor` of the answer before; instead of page.", {"type": "string"}),
        "after": ("Only what came after this `seq`, oldest first.", {"type": "integer", "minimum": 0}),
        "q": (f"Text to look for in {', '.join(searched)}.", {"type": "string", "minLength": 1, "maxLength": 200}),
        "sort": (f"Sorts, - for descending; default {resource.default_sort}.", _listed(signed)),
        "fields": ("Only these fields.", _listed(output_names(resource))),
        "expand": ("Put these referred-to records into the answer.", _listed(list(expandable(resource)))),
    }
    left_out = {
        "page": resource.store == "clicks", "after": not resource.feed, "q": not searched,
        "expand": not expandable(resource),
    }  # fmt: skip
    made = []
    for name in CONTROLS:
        entry = known[name]
        if entry is not None and not left_out.get(name):
            spread = {"style": "form", "explode": False} if entry[1]["type"] == "array" else {}
            made.append({"name": name, "in": "query", "description": entry[0], "schema": entry[1], **spread})
    return made


def _listed(names: list[str]) -> Document:
    return {"type": "array", "items": {"type": "string", "enum": names}, "minItems": 1}


_OPERATOR_TEXT = {
    "eq": "is one of", "ne": "is none of", "gt": "is greater than", "gte": "is at least", "lt": "is less than",
    "lte": "is at most", "prefix": "begins with", "contains": "contains (ignoring the case of a to z)",
    "null": "is empty (true) or not (false)",
}  # fmt: skip


def _filter_parameters(resource: type[Resource]) -> list[Document]:
    made = []
    for field in resource.fields.values():
        for operator in field.operators:
            name = field.name if operator == "eq" else f"{field.name}[{operator}]"
            described, spread = _filter_schema(field, operator)
            text = f"Only where {field.name} {_OPERATOR_TEXT[operator]} this."
            made.append({"name": name, "in": "query", "description": text, "schema": described, **spread})
    return made


def _filter_schema(field: Field, operator: str) -> tuple[Document, Document]:
    if operator == "null":
        return {"type": "boolean"}, {}
    one: Document = {"type": {"integer": "integer", "boolean": "boolean"}.get(field.kind, "string")}
    if field.kind == "time":
        one["format"] = "date-time"
    if field.choices:
        one["enum"] = list(field.choices)
    if operator in ("eq", "ne"):
        return {"type": "array", "items": one, "minItems": 1, "maxItems": 200}, {"style": "form", "explode": False}
    return one, {}


def _header_parameters(endpoint: Endpoint) -> list[Document]:
    made = []
    if endpoint.conditional:
        made.append(_header("If-Match", "Only if the record is at this version.", '"3"'))
    if endpoint.repeatable:
        made.append(_header("Idempotency-Key", "Sent twice within 24 hours, it is done once.", "order-4711"))
    return made


def _header(name: str, doc: str, example: str) -> Document:
    described = {"type": "string", "examples": [example]}
    return {"name": name, "in": "header", "description": doc, "schema": described}


# ---- bodies


def _ref(name: str) -> Document:
    return {"$ref": f"#/components/schemas/{name}"}


def _request_body(endpoint: Endpoint) -> Document | None:
    described = _input_schema(endpoint)
    if endpoint.file_kinds:
        binary = {"schema": {"type": "string", "format": "binary"}}
        return {"required": True, "content": dict.fromkeys(endpoint.file_kinds, binary)}
    if described is None:
        return None
    return {"required": True, "content": {"application/json": {"schema": described}}}


def _input_schema(endpoint: Endpoint) -> Document | None:
    name = endpoint.resource.__name__ if endpoint.resource else ""
    batch = {"atomic": {"type": "boolean", "default": False, "description": "All or none."}}
    many = {"type": "array", "minItems": 1, "maxItems": 1000}
    if endpoint.input in ("create", "put"):
        return _ref(f"{name}Create")
    if endpoint.input == "patch":
        return _ref(f"{name}Patch")
    if endpoint.input == "batch":
        return _closed({"items": {**many, "items": _ref(f"{name}Create")}, **batch})
    if endpoint.input == "patches":
        return _closed({"items": {**many, "items": _ref(f"{name}BatchPatch")}, **batch})
    if endpoint.input != "form":
        return None
    form = schema.of_form(endpoint.takes)
    return _open(form) if endpoint.free_parameters else form


def _open(form: Document) -> Document:
    """A body that also takes filters, and lists where a text may hold several values."""
    listed = {
        name.rstrip("_"): {key: value for key, value in described.items() if key != "type"}
        for name, described in form["properties"].items()
    }
    return {**form, "properties": listed, "additionalProperties": True}


def _closed(properties: Document) -> Document:
    return {**schema.object_of(properties, ["items"]), "additionalProperties": False}


def _responses(endpoint: Endpoint) -> Document:
    made: Document = {str(endpoint.status): _success(endpoint)}
    if endpoint.input == "put":
        made["201"] = {**_success(endpoint), "description": STATUS_TEXT[201]}
    for status in endpoint.same_shape:
        made[str(status)] = {**_success(endpoint), "description": STATUS_TEXT[status]}
    common = (401, 403, 429) if endpoint.scope is not None else ()
    for status in sorted({*endpoint.raises, *common, 400, 431, 500, 503}):
        made.setdefault(str(status), {"$ref": f"#/components/responses/E{status}"})
    return made


def _success(endpoint: Endpoint) -> Document:
    made: Document = {"description": STATUS_TEXT[endpoint.status], "headers": _response_headers(endpoint)}
    if endpoint.shape == "raw":
        binary = {"schema": {"type": "string", "format": "binary"}}
        return {**made, "content": dict.fromkeys(endpoint.media, binary)}
    if endpoint.shape == "none":
        return made
    binary = {"schema": {"type": "string", "format": "binary"}}
    files = dict.fromkeys((kind for kind in endpoint.media if kind != "application/json"), binary)
    return {**made, "content": {"application/json": {"schema": _envelope(endpoint)}, **files}}


def _envelope(endpoint: Endpoint) -> Document:
    properties: Document = {"success": {"type": "boolean", "enum": [True]}, "data": _data(endpoint)}
    if endpoint.shape == "list":
        properties["pagination"] = _ref("Pagination")
    return schema.object_of(properties)


def _data(endpoint: Endpoint) -> Document:
    resource = endpoint.resource
    if resource is None:
        answer = schema.of_answer(endpoint.gives)
        return {"type": "array", "items": answer} if endpoint.shape == "batch" else answer
    if endpoint.shape == "free":
        return schema.object_of({"deleted": {"type": "integer"}})
    if endpoint.shape == "batch":
        return {"type": "array", "items": _ref(f"{resource.__name__}BatchResult")}
    trimmed = endpoint.method == "GET"  # `fields` may leave any of them out
    record = _ref(resource.__name__ if not trimmed else f"{resource.__name__}Part")
    if endpoint.shape == "list":
        return {"type": "array", "items": record}
    if schema.of_once(resource) and endpoint.repeatable:
        return _ref(f"{resource.__name__}WithSecret")
    return record


# ---- components


def _schemas() -> Document:
    made: Document = {"Error": _error_schema(), "Failure": _failure_schema(), "Pagination": _pagination_schema()}
    made |= catalogue.schemas()
    for resource in RESOURCES.values():
        made |= _resource_schemas(resource)
    return made


def _resource_schemas(resource: type[Resource]) -> Document:
    name, view = resource.__name__, schema.of_view(resource)
    made = {name: view, f"{name}Part": {**view, "required": []}}
    for reference in expandable(resource):
        made[f"{name}Part"] = _with_property(made[f"{name}Part"], reference, {"description": "By expand."})
    if "create" in resource.operations:
        made[f"{name}Create"] = schema.of_creation(resource)
    if "update" in resource.operations:
        made[f"{name}Patch"] = schema.of_patch(resource)
    if "batch" in resource.operations:
        named = _with_property(schema.of_patch(resource), "id", {"type": "string", "description": "Which one."})
        made[f"{name}BatchPatch"] = {**named, "required": ["id"]}
        made[f"{name}BatchResult"] = _result_schema(name)
    once = schema.of_once(resource)
    if once is not None:
        shown_before = {"type": "boolean", "description": "In a replay: the secret was shown before."}
        properties = {**view["properties"], **once["properties"], "secret_shown": shown_before}
        made[f"{name}WithSecret"] = {**view, "properties": properties}
    return made


def _with_property(described: Document, name: str, value: Document) -> Document:
    return {**described, "properties": {**described["properties"], name: value}}


def _result_schema(name: str) -> Document:
    index = {"type": "integer", "description": "Its place among the items."}
    status = {"type": "integer", "description": "The HTTP status that it would have had alone."}
    return schema.object_of(
        {"index": index, "status": status, "data": _ref(name), "error": _ref("Failure")}, ["index", "status"]
    )


def _error_schema() -> Document:
    return schema.object_of({"success": {"type": "boolean", "enum": [False]}, "error": _ref("Failure")})


def _failure_schema() -> Document:
    text = {"type": "string"}
    detail = schema.object_of({"field": text, "message": text})
    return schema.object_of(
        {
            "code": {"type": "string", "enum": sorted({kind.code for kind in _tree(RoutyError)})},
            "message": text,
            "details": {"type": "array", "items": detail, "description": "Every wrong field."},
            "request_id": text,
            "doc_url": text,
            "retry_after": {"type": "integer", "description": "Seconds to wait."},
            "count": {"type": "integer", "description": "How many records would be deleted."},
            "confirm": {**text, "description": "The token that confirms a deletion."},
        },
        ["code", "message", "details"],
    )


def _tree(kind: type[RoutyError]) -> list[type[RoutyError]]:
    return [kind, *(one for child in kind.__subclasses__() for one in _tree(child))]


def _pagination_schema() -> Document:
    return {
        "type": "object",
        "properties": {
            "page": {"type": "integer"},
            "limit": {"type": "integer"},
            "total": {"type": "integer", "description": "Rows in all; comes with page."},
            "has_more": {"type": "boolean"},
            "next_cursor": {"type": ["string", "null"], "description": "Send it as cursor, or as after of a feed."},
        },
        "required": ["limit", "has_more", "next_cursor"],
    }


def _error_response(status: int) -> Document:
    codes = sorted({kind.code for kind in _tree(errors.RoutyError) if kind.status == status})
    made: Document = {
        "description": f"{STATUS_TEXT[status]} ({', '.join(codes) or 'INTERNAL'})",
        "content": {"application/json": {"schema": _ref("Error")}},
        "headers": {"X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"}},
    }
    if status in (429, 503):
        made["headers"]["Retry-After"] = {"$ref": "#/components/headers/Retry-After"}
    return made


_HEADERS = {
    "X-Request-Id": "The id of this request, as in the request log.",
    "ETag": "The record's version; send it as If-Match.",
    "Location": "Where the new record is.",
    "Retry-After": "Seconds to wait.",
    "RateLimit-Policy": "The limit: q requests in w seconds, with a burst.",
    "RateLimit": "What is left (r), and in how many seconds it is whole again (t).",
    "X-RateLimit-Limit": "Requests a minute.",
    "X-RateLimit-Remaining": "Requests left.",
    "X-RateLimit-Reset": "Seconds until the allowance is whole again.",
}


def _components_headers() -> Document:
    return {name: {"description": doc, "schema": {"type": "string"}} for name, doc in _HEADERS.items()}


def _response_headers(endpoint: Endpoint) -> Document:
    names = ["X-Request-Id"]
    if endpoint.scope is not None:
        names += [name for name in _HEADERS if "RateLimit" in name]
    if endpoint.shape == "record" and endpoint.resource and "version" in endpoint.resource.fields:
        names.append("ETag")
    if endpoint.status == 201 and endpoint.shape == "record":
        names.append("Location")
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _security_schemes() -> Document:
    listed = "\n".join(f"- `{domain}:read`, `{domain}:write`: {doc}" for domain, doc in scopes.DOMAINS.items())
    return {
        "bearer": {"type": "http", "scheme": "bearer", "description": f"`Bearer TOKEN`. Scopes:\n{listed}"},
        "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        "apiKeyHeader": {
            "type": "apiKey", "in": "header", "name": "Authorization", "description": "`ApiKey TOKEN`",
        },
        "session": {"type": "apiKey", "in": "cookie", "name": "routy_session", "description": "A person's login."},
        "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRF-Token", "description": "On every write."},
    }  # fmt: skip
