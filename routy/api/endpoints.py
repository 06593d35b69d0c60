"""Every endpoint of the API: what the resources declare, what is no CRUD, and the description of all of it."""

import gzip
from functools import cache

import msgspec

from routy.api import crud, embeds, health, logins, metrics, qr, reports, rotation, search, sessions, verification
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


@cache
def _packed() -> bytes:
    return gzip.compress(_encoded(), 6, mtime=0)


def _describe(call: Call) -> Answer:
    """Packed for who takes it: every page of the dashboard is drawn from it."""
    headers = (("Cache-Control", "public, max-age=300"), ("Vary", "Accept-Encoding"))
    if "gzip" in call.request.headers.get("accept-encoding", ""):
        return Answer(raw=_packed(), headers=(*headers, ("Content-Encoding", "gzip")))
    return Answer(raw=_encoded(), headers=headers)


ENDPOINTS: list[Endpoint] = [
    *sessions.ENDPOINTS,
    *logins.ENDPOINTS,
    *(endpoint for resource in RESOURCES.values() for endpoint in crud.endpoints(resource)),
    *rotation.ENDPOINTS,
    *verification.ENDPOINTS,
    *qr.ENDPOINTS,
    *reports.ENDPOINTS,
    *embeds.ENDPOINTS,
    *search.ENDPOINTS,
    *health.ENDPOINTS,
    *metrics.ENDPOINTS,
    Endpoint(
        "GET", "/openapi.json", "get_openapi", "This document.", _describe, scope=None, tag="health", shape="raw"
    ),
]
