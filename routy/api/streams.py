"""Lists of single rows (clicks, API requests) as files: all of them, however many."""

from typing import cast

from routy.api.call import Answer, Call, Given
from routy.api.media import download
from routy.errors import Invalid
from routy.records.parameters import Query, parse, whole
from routy.resource import Resource
from routy.store.cursors import Format

MOST = 2**40


def as_file(call: Call, resource: type[Resource], form: str) -> Answer:
    """What the filters let through. `limit` is no page's here, and may be left out."""
    query, limit = _asked(resource, call.request.query)
    file = call.services.reporting.rows_file(resource, call.actor, query, limit, cast(Format, form))
    return download(call, file, form, resource.path(), (("Cache-Control", "private, no-store"),))


def _asked(resource: type[Resource], given: Given) -> tuple[Query, int | None]:
    """Invalid names every parameter that is wrong."""
    errors: dict[str, str] = {}
    query, limit = None, None
    try:
        limit = _limit([text for name, text in given if name == "limit"])
    except ValueError as error:
        errors["limit"] = str(error)
    try:
        query = parse(resource, [pair for pair in given if pair[0] not in ("format", "limit")])
    except Invalid as error:
        errors.update(error.fields)
    if errors or query is None:
        raise Invalid(errors)
    return query, limit


def _limit(texts: list[str]) -> int | None:
    if len(texts) > 1:
        raise ValueError("is given twice")
    return whole(texts[0], 1, MOST) if texts else None
