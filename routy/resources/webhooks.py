"""Webhooks: addresses that are told what happens."""

import base64
import json
import secrets
from datetime import datetime
from typing import Annotated, Any, Literal

from routy.clock import iso
from routy.errors import Invalid
from routy.resource import Actor, Field, Form, Record, Row, Tx, check, fill

VERSION = "v1"
TEST = "webhook.test"  # no event: what a test delivery is called
MOST_EVENTS = 100
MOST_CONDITION = 2000
SECRET_BYTES = 24  # Standard Webhooks: 24 to 64


class Webhook(
    Record,
    prefix="wh",
    plural="webhooks",
    label="url",
    tells={"paused": "Its address failed for days, or said that it is gone for good: nothing is sent any more."},
):
    """An address that Routy posts events to, signed, at least once each, until it takes them."""

    url: Annotated[
        str,
        Field(
            "Where events are posted: a public address, unless the server's settings allow others.",
            max_length=2048,
            format="uri",
            filters="eq prefix contains",
            sort=True,
            search=True,
            example="https://acme.example/hooks/routy",
        ),
    ]
    description: Annotated[
        str | None,
        Field("What it is for.", max_length=200, filters="contains null", search=True, example="CRM"),
    ]
    status: Annotated[
        Literal["active", "paused"],
        Field(
            "Paused, nothing is sent, and what happens meanwhile is not kept for it. One that Routy has paused "
            "misses nothing: active again, it gets all of it.",
            default="active",
            filters="eq ne",
            example="active",
        ),
    ]
    events: Annotated[  # type: ignore[misc, assignment]  # a field's name, not the declaration's own list
        list[str],
        Field(
            "What it is told of: names such as link.created, all of a kind such as link.*, or * for everything. "
            "link.clicked and link.scanned, one a visitor, only count when they are named.",
            default=["*"],
            max_length=MOST_EVENTS,
            example=["link.created", "domain.*"],
        ),
    ]
    subject_id: Annotated[
        str | None,
        Field(
            "The one link that it is about; null: the whole workspace.",
            pattern="^link_[0-9A-HJKMNP-TV-Z]{26}$",
            max_length=40,
            filters="eq null",
            example="link_01KAHGZ4T8Z6Q7V3M9W2R5X0CD",
        ),
    ]
    condition: Annotated[
        str | None,
        Field(
            "What must hold of the record for an event to be told: filters as those of its list have them.",
            min_length=1,
            max_length=MOST_CONDITION,
            filters="null",
            example="status=active&clicks[gte]=100",
        ),
    ]
    payload_version: Annotated[
        Literal["v1"], Field("The shape of what is posted.", read_only=True, filters="eq", example="v1")
    ]
    paused_because: Annotated[
        Literal["failures", "gone"] | None,
        Field(
            "Why Routy has paused it: nothing but failures for days, or it answered 410 Gone.",
            read_only=True,
            filters="eq null",
        ),
    ]
    paused_at: Annotated[datetime | None, Field("When Routy paused it.", read_only=True, filters="gte lte null")]
    failing_since: Annotated[
        datetime | None,
        Field(
            "Since when every delivery has failed; null: the last one arrived.",
            read_only=True,
            counter=True,
            filters="gte lte null",
        ),
    ]
    last_error: Annotated[
        str | None, Field("Why the last one failed, while it fails.", read_only=True, counter=True)
    ]
    hint: Annotated[str, Field("How the secret begins.", read_only=True, example="whsec_4fK2")]
    previous_until: Annotated[
        datetime | None,
        Field("Until when the secret before the last rotation signs as well.", read_only=True),
    ]
    secret: Annotated[
        str,
        Field(
            "What its posts are signed with: shown once, here and never again.",
            once=True,
            example="whsec_4fK2b0QmZr7TAx1b9Xa0QmZr7TAx1b9X",
        ),
    ]
    secret_sealed: Annotated[str, Field(hidden=True)]
    previous_sealed: Annotated[str | None, Field(hidden=True)]
    replay_from: Annotated[int | None, Field(hidden=True, counter=True)]
    replay_to: Annotated[int | None, Field(hidden=True, counter=True)]


class Payload(Form):
    """What is posted: the event as the feed shows it, under the names of Standard Webhooks."""

    id: Annotated[
        str,
        Field(
            "The event's id, also in the header webhook-id: the same at every try.",
            example="evt_01KAHGZ4T8Z6Q7V3M9W2R5X0CD",
        ),
    ]
    type: Annotated[str, Field("What happened.", example="link.created")]
    timestamp: Annotated[str, Field("When it happened.", example="2026-11-21T12:00:00.000Z")]
    sequence: Annotated[
        int, Field("Its place among all events: to sort by, where a failure has changed the order.", example=4711)
    ]
    workspace_id: Annotated[str, Field("Whose it is.", example="ws_01KAHGZ4T8Z6Q7V3M9W2R5X0CD")]
    resource: Annotated[str, Field("The kind of record.", example="links")]
    record_id: Annotated[str, Field("The record.", example="link_01KAHGZ4T8Z6Q7V3M9W2R5X0CD")]
    actor: Annotated[str, Field("The token or user that did it.", example="tok_01KAHGZ4T8Z6Q7V3M9W2R5X0CD")]
    request_id: Annotated[str | None, Field("The API request that did it.", example=None)]
    payload_version: Annotated[str, Field("The shape of this.", example="v1")]
    data: Annotated[dict[str, Any], Field("The record after it happened.", example={"slug": "summer"})]


def payload(event: Row, record: Any) -> str:
    """The JSON that is posted: of a row of `events`, with its `data` decoded beside it."""
    same = ("workspace_id", "resource", "record_id", "actor", "request_id")
    shown = {
        "id": event["id"],
        "type": event["type"],
        "timestamp": iso(event["created_at"]),
        "sequence": event["seq"],
        **{name: event[name] for name in same},
        "payload_version": VERSION,
        "data": record,
    }
    return json.dumps(shown, separators=(",", ":"), ensure_ascii=False)


@fill(Webhook)
def gets_a_secret(tx: Tx, actor: Actor, before: Row | None, row: Row) -> Row:
    return {} if before is not None else {**fresh_secret(tx, row["id"]), "payload_version": VERSION}


@fill(Webhook)
def whoever_wakes_it_forgives_it(tx: Tx, actor: Actor, before: Row | None, row: Row) -> Row:
    """A webhook that is active again begins anew, and one that is paused by hand now is so by nobody else."""
    if before is None or before["status"] == row["status"] or row["paused_at"] != before["paused_at"]:
        return {}
    return {"paused_because": None, "paused_at": None, "failing_since": None, "last_error": None}


@check(Webhook)
def its_address_may_be_called(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    if after is None or (before and before["url"] == after["url"]):
        return
    refusal = tx.ask("why_not_call", after["url"])
    if refusal:
        raise Invalid({"url": refusal})


@check(Webhook)
def its_link_is_there(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    if after is None or after["subject_id"] is None or (before and before["subject_id"] == after["subject_id"]):
        return
    sql = "/* links.of_webhook */ SELECT 1 FROM links WHERE id = ? AND workspace_id = ? AND deleted_at IS NULL"
    if tx.one(sql, (after["subject_id"], after["workspace_id"])) is None:
        raise Invalid({"subject_id": "there is no such link here"})


def fresh_secret(tx: Tx, webhook_id: str) -> Row:
    """The values of a secret that nobody knows yet."""
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
    return {"secret": secret, "secret_sealed": tx.ask("seal", secret, webhook_id), "hint": secret[:10]}
