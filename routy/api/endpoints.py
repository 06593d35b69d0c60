"""Every endpoint of the API: what the resources declare, what is no CRUD, and the description of all of it."""

import gzip
from functools import cache

import msgspec

from routy.api import (
    crud,
    embeds,
    exports,
    firehose,
    health,
    imports,
    logins,
    metrics,
    notices,
    qr,
    reports,
    rotation,
    search,
    sessions,
    verification,
    webhooks,
)
from routy.api.call import Answer, Call, Endpoint
from routy.api.openapi import Document, document
from routy.api.outline import OUTLINE, outline
from routy.resources import RESOURCES


@cache
def description() -> Document:
    """The OpenAPI document of this very table."""
    return document(ENDPOINTS)


@cache
def _encoded(brief: bool) -> bytes:
    return msgspec.json.encode(outline(description()) if brief else description())


@cache
def _packed(brief: bool) -> bytes:
    return gzip.compress(_encoded(brief), 6, mtime=0)


def _describe(call: Call) -> Answer:
    """Packed for who takes it: every page of the dashboard is drawn from it."""
    headers = (("Cache-Control", "public, max-age=300"), ("Vary", "Accept-Encoding"))
    brief = call.parameters()["outline"]
    if "gzip" in call.request.headers.get("accept-encoding", ""):
        return Answer(raw=_packed(brief), headers=(*headers, ("Content-Encoding", "gzip")))
    return Answer(raw=_encoded(brief), headers=headers)


ENDPOINTS: list[Endpoint] = [
    *sessions.ENDPOINTS,
    *logins.ENDPOINTS,
    *(endpoint for resource in RESOURCES.values() for endpoint in crud.endpoints(resource)),
    *rotation.ENDPOINTS,
    *verification.ENDPOINTS,
    *qr.ENDPOINTS,
    *reports.ENDPOINTS,
    *firehose.ENDPOINTS,
    *embeds.ENDPOINTS,
    *webhooks.ENDPOINTS,
    *exports.ENDPOINTS,
    *imports.ENDPOINTS,
    *notices.ENDPOINTS,
    *search.ENDPOINTS,
    *health.ENDPOINTS,
    *metrics.ENDPOINTS,
    Endpoint(
        "GET",
        "/openapi.json",
        "get_openapi",
        "This document.",
        _describe,
        scope=None,
        tag="health",
        shape="raw",
        parameters=OUTLINE,
        raises=(400,),
    ),
]
