"""The API's description in outline: only what lists, forms and pages are drawn from, which is less than half of it.

Every page of the dashboard reads it before it draws anything. It has the shape of the whole document, so that who
reads one can read the other.
"""

from typing import Any

from routy.resource import Field

Document = dict[str, Any]

OUTLINE: dict[str, Field] = {
    "outline": Field("Only what pages are drawn from: the schemas of resources, the parameters of lists, scopes.",
                     name="outline", kind="boolean", type=bool, default=False, example=True),
}  # fmt: skip

KINDS = ("", "Create", "Patch", "WithSecret")
METHODS = ("get", "post", "put", "patch", "delete")
KNOWN_BY_NAME = ("sort", "fields", "expand")  # what they may hold stands in the schema of the resource


def outline(document: Document) -> Document:
    """The schemas of resources; of operations their scope, and the parameters of lists; the names of events."""
    schemas = document["components"]["schemas"]
    return {
        "openapi": document["openapi"],
        "info": document["info"],
        "paths": {path: _operations(methods) for path, methods in document["paths"].items()},
        "components": {"schemas": {name: schemas[name] for name in _wanted(schemas)}},
        "webhooks": {name: _named(event) for name, event in document.get("webhooks", {}).items()},
    }


def _wanted(schemas: Document) -> list[str]:
    resources = [name for name in schemas if f"{name}Part" in schemas]
    return [name + kind for name in resources for kind in KINDS if name + kind in schemas]


def _operations(methods: Document) -> Document:
    return {method: _operation(method, methods[method]) for method in METHODS if method in methods}


def _operation(method: str, operation: Document) -> Document:
    scope = {"x-routy-scope": operation["x-routy-scope"]} if operation.get("x-routy-scope") else {}
    asked = [_parameter(one) for one in operation.get("parameters", []) if one["in"] == "query"]
    return {**scope, "parameters": asked} if method == "get" and asked else scope


def _named(event: Document) -> Document:
    return {"post": {"summary": event["post"]["summary"]}}


def _parameter(parameter: Document) -> Document:
    known = {} if parameter["name"] in KNOWN_BY_NAME else parameter["schema"]
    return {"name": parameter["name"], "in": "query", "schema": known}
