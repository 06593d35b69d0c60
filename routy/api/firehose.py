"""`GET /firehose`: clicks and events as they come, over a connection that stays open and can be taken up again.

Its walk: streams and scopes → filters → the place to begin at → a place among the readers → outflow.py.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

from routy.api.call import Answer, Call, Connection, Endpoint, parse_parameters
from routy.api.credentials import identify
from routy.api.hose import Hose
from routy.api.media import accepted
from routy.api.outflow import NDJSON, SSE, Asked, Form, Outflow, Wanted
from routy.errors import Forbidden, Gone, Invalid, RoutyError
from routy.records.feed import Place
from routy.records.parameters import parse_filters
from routy.resource import Actor, Field, Resource
from routy.resource import Form as Fields
from routy.resources import RESOURCES
from routy.resources.clicks import Click
from routy.resources.events import Event

STREAMS: dict[str, type[Resource]] = {"clicks": Click, "events": Event}
FORMS: dict[str, Form] = {"sse": SSE, "ndjson": NDJSON}
MEDIA = tuple(form.content_type.partition(";")[0] for form in FORMS.values())
BEGIN = "begin"
_CURSOR = re.compile(r"(\d{1,10})\.(\d{1,10})\.(\d{1,18})\.([0-9a-f]{8})", re.ASCII)


class FirehoseQuery(Fields):
    streams: Annotated[
        str, Field("What to follow, comma-separated: clicks, events.", default="clicks,events", example="clicks")
    ]
    after: Annotated[
        str | None,
        Field(
            "The cursor to go on from, `begin` for all that is kept; left out: Last-Event-ID, else from now on.",
            max_length=100,
            example="begin",
        ),
    ]
    follow: Annotated[bool, Field("false: end when there is nothing more, instead of waiting.", default=True)]
    format: Annotated[Literal["sse", "ndjson"] | None, Field("What the answer is, instead of Accept.")]


def _follow(call: Call) -> Answer:
    hose = call.services.hose
    asked = _asked(call, hose)
    leave = hose.enter()

    def stream(connection: Connection, ended: Callable[[], None]) -> Outflow:
        def over() -> None:
            leave()
            ended()

        return Outflow(hose, asked, connection, lambda: _is_allowed(call, asked), over)

    headers = (("Cache-Control", "private, no-store"), ("Vary", "Accept"), ("X-Accel-Buffering", "no"))
    return Answer(stream=stream, content_type=asked.form.content_type, headers=headers)


def _is_allowed(call: Call, asked: Asked) -> bool:
    """Whether the same credential would be let in now."""
    try:
        actor = identify(call.services.records, replace(call.request, at=call.services.clock())).actor
    except RoutyError:
        return False
    may = all(f"{STREAMS[name].scope}:read" in actor.scopes for name in asked.streams)
    told = {kind for wanted in asked.streams.values() for kind in wanted.resources or ()}
    return may and actor.workspace_id == asked.workspace_id and told <= _visible(actor)


# ---- what is asked for


def _asked(call: Call, hose: Hose) -> Asked:
    """Invalid names every parameter that is wrong."""
    errors: dict[str, str] = {}
    query = call.request.query
    own = _parsed([pair for pair in query if pair[0] in FirehoseQuery.fields], errors)
    names = _streams(own["streams"], errors)
    wanted = _wanted(call.actor, names, [pair for pair in query if pair[0] not in FirehoseQuery.fields], errors)
    places = _places(call, hose, names, own["after"], errors)
    if errors:
        raise Invalid(errors)
    _expect_scopes(call.actor, names)
    _expect_kept(hose, names, places)
    types = {name: form.content_type for name, form in FORMS.items()}
    form = FORMS[own["format"] or accepted(call.request.headers.get("accept", ""), types)]
    return Asked(call.actor.workspace_id, wanted, places, _mark(call.actor), form, own["follow"])


def _parsed(given: list[tuple[str, str]], errors: dict[str, str]) -> dict[str, Any]:
    try:
        return parse_parameters(FirehoseQuery.fields, given)
    except Invalid as error:
        errors.update(error.fields)
        return parse_parameters(FirehoseQuery.fields, [pair for pair in given if pair[0] not in error.fields])


def _streams(text: str, errors: dict[str, str]) -> list[str]:
    names = text.split(",")
    if len(set(names)) < len(names) or not set(names) <= set(STREAMS):
        errors["streams"] = f"must list some of {', '.join(STREAMS)}, each once"
        return list(STREAMS)
    return names


def _wanted(
    actor: Actor, names: list[str], given: list[tuple[str, str]], errors: dict[str, str]
) -> dict[str, Wanted]:
    """A filter holds for the streams whose list has it; one that none has is refused."""
    mine = {name: [pair for pair in given if _has(STREAMS[name], pair[0])] for name in names}
    known = [pair for pairs in mine.values() for pair in pairs]
    errors.update({name: f"is not a filter of {' or '.join(names)}" for name, _ in given if (name, _) not in known})
    wanted = {}
    for name, pairs in mine.items():
        try:
            wanted[name] = Wanted(
                parse_filters(STREAMS[name], pairs), _visible(actor) if name == "events" else None
            )
        except Invalid as error:
            errors.update(error.fields)
    return wanted


def _has(resource: type[Resource], name: str) -> bool:
    field = resource.fields.get(name.partition("[")[0])
    return field is not None and bool(field.filters)


def _visible(actor: Actor) -> frozenset[str]:
    """The kinds of records whose events it may see, as in the list of events."""
    return frozenset(plural for plural, kind in RESOURCES.items() if f"{kind.scope}:read" in actor.scopes)


def _expect_scopes(actor: Actor, names: Iterable[str]) -> None:
    for name in names:
        if f"{STREAMS[name].scope}:read" not in actor.scopes:
            raise Forbidden(f"this needs the scope {STREAMS[name].scope}:read")


# ---- cursors


def _mark(actor: Actor) -> str:
    """A cursor is for one workspace."""
    return hashlib.sha256(f"firehose:{actor.workspace_id}".encode()).hexdigest()[:8]


def _places(
    call: Call, hose: Hose, names: list[str], after: str | None, errors: dict[str, str]
) -> dict[str, Place]:
    """Where to begin. What the client heard last counts for more than the address, which it repeats unchanged when
    it connects again."""
    now = {name: hose.streams[name].source.now() for name in STREAMS}
    last = call.request.headers.get("last-event-id")
    text = last or after
    if text is None:
        return now
    if text == BEGIN:
        return now | {name: hose.streams[name].source.beginning for name in names}
    found = _CURSOR.fullmatch(text)
    if found is None or found[4] != _mark(call.actor):
        errors["Last-Event-ID" if last else "after"] = "is not a cursor of this firehose and workspace"
        return now
    places: dict[str, Place] = {"clicks": (int(found[1]), int(found[2])), "events": (int(found[3]), 0)}
    if any(places[name] > now[name] for name in names):
        errors["Last-Event-ID" if last else "after"] = "is ahead of all that there is: was a backup restored?"
    return places


def _expect_kept(hose: Hose, names: list[str], places: Mapping[str, Place]) -> None:
    """Better to hear that something is missing than not to know of it."""
    for name in names:
        if not hose.streams[name].source.keeps(places[name]):
            raise Gone(f"{name} behind this cursor are forgotten already: begin with after={BEGIN}, or without")


MORE = (
    "Every filter of the lists of clicks and of events can be used; it holds for the stream that has it. Each"
    " message carries a cursor: send it as `after`, or as Last-Event-ID, to go on without a gap or a double."
    " Needs `clicks:read` for clicks and `events:read` for events."
)

ENDPOINTS = [
    Endpoint("GET", "/firehose", "follow_firehose", "Follow clicks and events as they come.", _follow, scope="",
             tag="firehose", shape="raw", media=MEDIA, parameters=FirehoseQuery.fields, free_parameters=True,
             raises=(400, 406, 410, 503), more=MORE),
]  # fmt: skip
