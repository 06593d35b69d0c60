"""The events as the OpenAPI document lists them, under `webhooks`: for each type what is posted to who asks for it,
and what GET /events shows as its `data`. All of it comes from the declarations of the resources."""

from typing import Any

from routy.api import schema
from routy.records.catalogue import EVENTS, OPT_IN, Told
from routy.resources.links import Link
from routy.resources.webhooks import Payload

Document = dict[str, Any]

PAYLOAD = "WebhookPayload"
_ANSWERS = {
    "2XX": {"description": "It has arrived."},
    "410": {"description": "The webhook is not wanted any more: it is paused."},
}


def webhooks() -> Document:
    """The section: a type of events, and the request that tells it."""
    return {name: {"post": _operation(told)} for name, told in EVENTS.items()}


def schemas() -> Document:
    """What stands around the data of every event."""
    return {PAYLOAD: {**schema.of_answer(Payload.fields), "description": " ".join((Payload.__doc__ or "").split())}}


def data(told: Told) -> Document:
    """The schema of an event's `data`."""
    record: Document = {"$ref": f"#/components/schemas/{told.record.__name__}"}
    if told.name in OPT_IN:
        return {"allOf": [record, schema.object_of({"slug": schema.of_field(Link.fields["slug"], output=True)})]}
    return {"allOf": [record, schema.of_answer(told.adds.fields)]} if told.adds else record


def _operation(told: Told) -> Document:
    named = {"type": {"type": "string", "enum": [told.name]}, "data": data(told)}
    body = {"allOf": [{"$ref": f"#/components/schemas/{PAYLOAD}"}, schema.object_of(named)]}
    return {
        "operationId": f"on_{told.name.replace('.', '_')}",
        "summary": told.doc,
        "tags": [told.resource.plural],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": _ANSWERS,
    }
