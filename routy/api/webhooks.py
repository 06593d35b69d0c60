"""Webhooks beyond CRUD: a new secret, a test, what was sent before sent again, and the tries of a delivery."""

import json
import threading
from datetime import datetime
from typing import Annotated, Any

from routy.api.call import Answer, Call, Endpoint
from routy.api.writing import conditional, once, written
from routy.clock import MINUTE, iso
from routy.deliveries.queue import enqueue
from routy.errors import Conflict, Unavailable
from routy.ids import new_id
from routy.records import read, write
from routy.records.kinds import expect_readable
from routy.records.show import show
from routy.resource import Field, Form, Row
from routy.resources.deliveries import Delivery
from routy.resources.webhooks import TEST, Webhook, fresh_secret, payload
from routy.store.sqlite import Transaction

TESTS_AT_ONCE = 4  # each holds a thread for as long as the other side takes
_testing = threading.BoundedSemaphore(TESTS_AT_ONCE)


class SecretRotation(Form):
    overlap_minutes: Annotated[
        int,
        Field(
            "Minutes that the old secret signs as well; 0: it ends now.",
            default=1440,
            least=0,
            most=43_200,
            example=1440,
        ),
    ]


class Replay(Form):
    since: Annotated[
        datetime,
        Field("Everything that happened from this moment on is sent again.", example="2026-11-21T00:00:00.000Z"),
    ]


class Replayed(Form):
    events: Annotated[
        int, Field("How many events are gone through; those that the webhook wants are sent.", example=1200)
    ]


class Attempt(Form):
    number: Annotated[int, Field("1 is the first.", example=1)]
    at: Annotated[str, Field("When it began.", example="2026-11-21T12:00:00.000Z")]
    ms: Annotated[int, Field("Milliseconds that it took.", example=84)]
    ok: Annotated[bool, Field("Whether it arrived.", example=True)]
    status: Annotated[int | None, Field("The HTTP status of the answer.", example=204)]
    error: Annotated[str | None, Field("Why it failed.", example="it answered 500")]
    request: Annotated[dict[str, Any], Field("What was sent.", example={"method": "POST"})]
    response: Annotated[
        dict[str, Any] | None,
        Field("What was answered: status, headers, the first 8 kB of the body, and whether it was cut there.",
              example={"status": 204}),
    ]  # fmt: skip


# ---- a new secret


def _rotate(call: Call) -> Answer:
    read.find(call.services.records, call.actor, Webhook, call.path["id"])
    overlap = call.form()["overlap_minutes"] * MINUTE
    version = conditional(call)

    def rotate(tx: Transaction) -> Answer:
        hook = read.find(tx, call.actor, Webhook, call.path["id"])
        old = {"previous_sealed": hook["secret_sealed"], "previous_until": call.now + overlap}
        values = {**fresh_secret(tx, hook["id"]), **old}
        return written(call, Webhook, write.update(tx, call.actor, Webhook, hook["id"], values, version), 200)

    return once(call, rotate)


# ---- a test


def _test(call: Call) -> Answer:
    """In this very thread: whoever asks waits for what the address says."""
    hook = read.find(call.services.records, call.actor, Webhook, call.path["id"])
    if not _testing.acquire(blocking=False):
        raise Unavailable("other tests are under way", retry_after=2)
    try:
        made = call.services.dispatcher.send_aside(lambda tx, at: _test_delivery(tx, call, hook, at))
    finally:
        _testing.release()
    return _made(call, made)


def _test_delivery(tx: Transaction, call: Call, hook: Row, at: int) -> str:
    event = {
        "id": new_id("evt", tx.now), "type": TEST, "created_at": tx.now, "seq": 0, "resource": "webhooks",
        "workspace_id": hook["workspace_id"], "record_id": hook["id"], "actor": call.actor.id,
        "request_id": call.request.id,
    }  # fmt: skip
    return enqueue(
        tx,
        workspace_id=hook["workspace_id"],
        channel="webhook",
        target_id=hook["id"],
        type=TEST,
        body=payload(event, show(Webhook, hook)),
        event_id=event["id"],
        record_id=hook["id"],
        at=at,
    )


def _made(call: Call, delivery_id: str) -> Answer:
    row = read.find(call.services.records, call.actor, Delivery, delivery_id)
    place = f"/api/v1/{Delivery.path()}/{delivery_id}"
    return Answer(data=show(Delivery, row), status=201, headers=(("Location", place),))


# ---- again


def _replay_one(call: Call) -> Answer:
    with call.services.records.transaction(call.now) as tx:
        row = read.find(tx, call.actor, Delivery, call.path["id"])
        _expect_target(call, tx, row)
        again = ("workspace_id", "channel", "target_id", "type", "event_id", "record_id", "sequence")
        made = enqueue(tx, **{name: row[name] for name in again}, body=row["payload"])
    return _made(call, made)


def _expect_target(call: Call, tx: Transaction, row: Row) -> None:
    if row["channel"] != "webhook":
        raise Conflict("only deliveries to webhooks are sent again: a mail would come twice")
    if row["type"] == TEST:
        raise Conflict("this was a test: make another one")
    if row["status"] in ("pending", "paused"):
        raise Conflict(f"this delivery is {row['status']}: it is yet to be sent")
    there = tx.one(
        "/* webhooks.of_delivery */ SELECT status FROM webhooks WHERE id = ? AND deleted_at IS NULL",
        (row["target_id"],),
    )
    if there is None or there["status"] != "active":
        raise Conflict("its webhook is deleted" if there is None else "its webhook is paused: resume it first")


def _replay(call: Call) -> Answer:
    read.find(call.services.records, call.actor, Webhook, call.path["id"])
    since = call.form()["since"]
    with call.services.records.transaction(call.now) as tx:
        hook = read.find(tx, call.actor, Webhook, call.path["id"])
        expect_readable(hook["events"], call.actor)
        if hook["replay_from"] is not None:
            raise Conflict("a replay is under way: wait until it is through")
        if hook["status"] != "active":
            raise Conflict("it is paused: resume it first")
        found = tx.one(_SPAN, (hook["workspace_id"], since))
        assert found is not None
        if found["events"]:
            tx.run(_BEGIN, (found["first"], found["last"], hook["id"]))
    return Answer(data={"events": found["events"]}, status=202)


_SPAN = """/* events.span */ SELECT count(*) AS events, min(seq) AS first, max(seq) AS last FROM events
WHERE workspace_id = ? AND created_at >= ?
"""
_BEGIN = "/* webhooks.replay_begins */ UPDATE webhooks SET replay_from = ?, replay_to = ? WHERE id = ?"


# ---- tries

_ATTEMPTS = """/* delivery_attempts.of */ SELECT number, at, ms, ok, status, error, request, response
FROM delivery_attempts WHERE delivery_id = ? ORDER BY number
"""


def _attempts(call: Call) -> Answer:
    call.parameters()
    delivery = read.find(call.services.records, call.actor, Delivery, call.path["id"])
    rows = call.services.records.rows(_ATTEMPTS, (delivery["id"],))
    return Answer(data=[_shown(row, delivery["payload"]) for row in rows])


def _shown(row: Row, body: str) -> Row:
    request = json.loads(row["request"])
    response = json.loads(row["response"]) if row["response"] else None
    sent = {**request, "body": body} if "url" in request else request
    return {**row, "at": iso(row["at"]), "ok": bool(row["ok"]), "request": sent, "response": response}


ENDPOINTS = [
    Endpoint("POST", "/webhooks/{id}/rotation", "rotate_webhook",
             "Give a webhook a new secret, shown in this answer only.", _rotate, scope="webhooks:write",
             tag="webhooks", resource=Webhook, takes=SecretRotation.fields, input="form", shape="record",
             raises=(400, 404, 409, 412, 413, 415), conditional=True, repeatable=True,
             more="Until the old one ends, each post carries the signatures of both."),
    Endpoint("POST", "/webhooks/{id}/tests", "test_webhook", "Send a test event now, and say what became of it.",
             _test, scope="webhooks:write", tag="webhooks", resource=Delivery, shape="record", status=201,
             raises=(404, 503), more="Its type is webhook.test. It is tried once, paused or not."),
    Endpoint("POST", "/webhooks/{id}/replays", "replay_webhook", "Send everything since a moment again.", _replay,
             scope="webhooks:write", tag="webhooks", takes=Replay.fields, input="form", gives=Replayed.fields,
             status=202, raises=(400, 404, 409, 413, 415),
             more="Events go out under the ids that they have, those too that happened while it was paused by "
             "hand, or before there was this webhook. Events are kept for api.event_days."),
    Endpoint("GET", "/deliveries/{id}/attempts", "list_delivery_attempts", "List the tries of a delivery.",
             _attempts, scope="webhooks:read", tag="deliveries", gives=Attempt.fields, shape="batch",
             raises=(400, 404)),
    Endpoint("POST", "/deliveries/{id}/replays", "replay_delivery", "Send a delivery again.", _replay_one,
             scope="webhooks:write", tag="deliveries", resource=Delivery, shape="record", status=201,
             raises=(404, 409)),
]  # fmt: skip
