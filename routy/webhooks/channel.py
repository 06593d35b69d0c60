"""The channel of webhooks: one signed POST, and what follows from its answer for the webhook."""

from dataclasses import dataclass
from typing import Any

from routy import __version__
from routy.clock import DAY, Clock
from routy.deliveries.backoff import retry_after
from routy.deliveries.channel import Delivery, Outcome
from routy.deliveries.posting import Failed, Poster, Reply
from routy.outbound import Unreachable, place_of
from routy.records import write
from routy.records.beginning import system_of
from routy.records.show import show
from routy.resource import Row
from routy.resources.webhooks import TEST, Webhook
from routy.store.sqlite import Records, Transaction
from routy.webhooks import signing
from routy.webhooks.sealing import Sealer, Unreadable

GONE = 410
SEALED_ELSEWHERE = (
    "its secret cannot be read: it was sealed by the secret file of another server; bring that file back, "
    "or rotate the secret"
)
_TARGET = """/* webhooks.target */
SELECT url, status, deleted_at, secret_sealed, previous_sealed, previous_until FROM webhooks WHERE id = ?
"""


@dataclass
class WebhookChannel:
    records: Records
    clock: Clock
    sealer: Sealer
    poster: Poster
    pause_days: int
    name: str = "webhook"

    def lane(self, delivery: Delivery) -> str:
        hook = self.records.one(_TARGET, (delivery.target_id,))
        try:
            return place_of(hook["url"]).authority if hook else ""
        except Unreachable:
            return ""

    def send(self, delivery: Delivery) -> Outcome:
        hook = self.records.one(_TARGET, (delivery.target_id,))
        if hook is None:
            return Outcome(False, error="the webhook is deleted", final=True)
        if hook["deleted_at"] is not None or (hook["status"] != "active" and delivery.type != TEST):
            return Outcome(False, held=True)
        try:
            secrets = self._secrets(delivery.target_id, hook)
        except Unreadable:
            return Outcome(False, error=SEALED_ELSEWHERE, final=delivery.type == TEST)
        return self._post(delivery, hook["url"], secrets)

    def holds(self, tx: Transaction, delivery: Delivery) -> bool:
        hook = tx.one(_STATE, (delivery.target_id,))
        return hook is None or hook["status"] != "active" or hook["deleted_at"] is not None

    def settled(self, tx: Transaction, delivery: Delivery, outcome: Outcome, over: bool) -> None:
        if delivery.type == TEST:
            return
        if outcome.ok:
            tx.run(_WORKS, (delivery.target_id,))
            return
        tx.run(_FAILS, {"now": tx.now, "error": outcome.error, "id": delivery.target_id})
        hook = tx.one(_STATE, (delivery.target_id,))
        if hook is None or hook["status"] != "active" or hook["deleted_at"] is not None:
            return
        if outcome.status == GONE:
            _pause(tx, delivery, "gone")
        elif hook["failing_since"] <= tx.now - self.pause_days * DAY:
            _pause(tx, delivery, "failures")

    # ---- one post

    def _secrets(self, webhook_id: str, hook: Row) -> list[str]:
        sealed = [hook["secret_sealed"]]
        if hook["previous_sealed"] and hook["previous_until"] > self.clock():
            sealed.append(hook["previous_sealed"])
        return [self.sealer.open(one, webhook_id) for one in sealed]

    def _post(self, delivery: Delivery, url: str, secrets: list[str]) -> Outcome:
        message_id = delivery.event_id or delivery.id
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"Routy/{__version__} (webhooks)",
            **signing.headers(secrets, message_id, self.clock() // 1000, delivery.body),
            "X-Routy-Delivery": delivery.id,
            "X-Routy-Attempt": str(delivery.attempt),
        }
        request = {"method": "POST", "url": url, "headers": headers}
        final = delivery.type == TEST
        try:
            reply = self.poster.post(url, headers, delivery.body.encode())
        except Failed as error:
            return Outcome(False, error=str(error), request=request, final=final)
        return _outcome(reply, request, self.clock(), final)


def _outcome(reply: Reply, request: dict[str, Any], now: int, final: bool) -> Outcome:
    response = {"status": reply.status, "headers": reply.headers, "body": reply.text, "cut": reply.cut}
    small = {name.lower(): value for name, value in reply.headers.items()}
    return Outcome(
        ok=200 <= reply.status < 300,
        status=reply.status,
        error=_complaint(reply.status, small.get("location", "")),
        request=request,
        response=response,
        retry_after_ms=retry_after(small.get("retry-after"), now),
        final=final or reply.status == GONE,
    )


def _complaint(status: int, location: str) -> str:
    if 200 <= status < 300:
        return ""
    if 300 <= status < 400:
        return f"it answered {status}, a redirect to {location[:200] or 'nowhere'}: redirects are not followed"
    return f"it answered {status}, that it is gone for good" if status == GONE else f"it answered {status}"


# ---- what follows

_WORKS = """/* webhooks.works */ UPDATE webhooks SET failing_since = NULL, last_error = NULL
WHERE id = ? AND failing_since IS NOT NULL
"""
_FAILS = """/* webhooks.fails */ UPDATE webhooks
SET failing_since = coalesce(failing_since, :now), last_error = :error WHERE id = :id
"""
_STATE = "/* webhooks.state */ SELECT status, deleted_at, failing_since FROM webhooks WHERE id = ?"


def _pause(tx: Transaction, delivery: Delivery, why: str) -> None:
    """Its other deliveries are put to rest by the worker that reads events."""
    system = system_of(delivery.workspace_id)
    values = {"status": "paused", "paused_because": why, "paused_at": tx.now}
    row = write.update(tx, system, Webhook, delivery.target_id, values)
    write.tell(tx, system, Webhook, delivery.target_id, "paused", show(Webhook, row))
