"""Every endpoint of the API: what the resources declare, what is no CRUD, and the description of all of it."""

from functools import cache

import msgspec

from routy.api import crud, health, metrics, qr, reports, rotation, sessions, verification
from routy.api.call import Answer, Call, Endpoint
from routy.api.openapi import Document, document
from routy.resources import RESOURCES


@cache
def description() -> Document:
    """The OpenAPI document of this very table."""
    return document(ENDPOINTS)


@cache
def _encoded() -> bytes:
    return msgspec.json.encode(description())


def _describe(call: Call) -> Answer:
    return Answer(raw=_encoded(), headers=(("Cache-Control", "public, max-age=300"),))


ENDPOINTS: list[Endpoint] = [
    *sessions.ENDPOINTS,
    *(endpoint for resource in RESOURCES.values() for endpoint in crud.endpoints(resource)),
    *rotation.ENDPOINTS,
    *verification.ENDPOINTS,
    *qr.ENDPOINTS,
    *reports.ENDPOINTS,
    *health.ENDPOINTS,
    *metrics.ENDPOINTS,
    Endpoint(
        "GET", "/openapi.json", "get_openapi", "This document.", _describe, scope=None, tag="health", shape="raw"
    ),
]
