"""`GET /search?q=`: look into every resource that has a name to look for, as far as the credential may read it."""

from typing import Annotated, Any

from routy.api import hints
from routy.api.call import Answer, Call, Endpoint
from routy.errors import Invalid
from routy.records import parameters, read
from routy.records.show import show
from routy.resource import Field, Form, Resource, Row

MOST_FOUND = 20
NAMES = ("title", "name", "host", "email", "destination")  # what tells a record beside its label, in this order


class SearchQuery(Form):
    q: Annotated[str, Field("The text to look for.", min_length=1, max_length=200, default="", example="summer")]
    limit: Annotated[int, Field("Records a kind.", default=5, least=1, most=MOST_FOUND, example=5)]


class Found(Form):
    groups: Annotated[
        list[dict[str, Any]],
        Field(
            "A group for each kind of record in which something was found: `resource`, `path` of its list, "
            "`title`, `total`, and `items` with `id`, `label` and `detail`.",
            example=[
                {
                    "resource": "links",
                    "path": "links",
                    "title": "Links",
                    "total": 1,
                    "items": [
                        {"id": "link_01KAHGZ4T8Z6Q7V3M9W2R5X0CD", "label": "summer", "detail": "Summer sale"}
                    ],
                }
            ],
        ),
    ]


def _search(call: Call) -> Answer:
    asked = call.parameters()
    if not asked["q"].strip():
        raise Invalid({"q": "is required: the text to look for"})
    with call.services.records.snapshot():
        groups = [_group(call, resource, asked["q"], asked["limit"]) for resource in _readable(call)]
    return Answer(data={"groups": [group for group in groups if group["items"]]})


def _readable(call: Call) -> list[type[Resource]]:
    """Records with a field that is searched, of the scopes that the credential has."""
    return [
        resource
        for resource in call.services.resources.values()
        if resource.store == "records"
        and f"{resource.scope}:read" in call.actor.scopes
        and any(field.search for field in resource.fields.values())
    ]


def _group(call: Call, resource: type[Resource], text: str, limit: int) -> Row:
    query = parameters.parse(resource, [("q", text), ("limit", str(limit))])
    page = read.page(call.services.records, call.actor, resource, query)
    return {
        "resource": resource.plural,
        "path": resource.path(),
        "title": hints.of_resource(resource)["title"],
        "total": page.total,
        "items": [_item(resource, show(resource, row)) for row in page.rows],
    }


def _item(resource: type[Resource], shown: Row) -> Row:
    named = shown.get(resource.label)
    others = (shown.get(name) for name in NAMES if name != resource.label)
    return {"id": shown["id"], "label": str(named or shown["id"]), "detail": next(filter(None, others), None)}


ENDPOINTS = [
    Endpoint("GET", "/search", "search", "Find links, tags, domains, people and more by a text in their names.",
             _search, scope="", tag="search", gives=Found.fields, parameters=SearchQuery.fields, raises=(400,)),
]  # fmt: skip
