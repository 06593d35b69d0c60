"""What writing endpoints share: If-Match, Idempotency-Key, and the answer that shows what was written."""

import re
from collections.abc import Callable

from routy.api.call import Answer, Call
from routy.errors import Invalid
from routy.records import idempotency
from routy.records.show import show, show_once
from routy.resource import Resource, Row
from routy.store.sqlite import Transaction


def conditional(call: Call) -> int | None:
    """The version that If-Match expects: `"3"`, `3`, or `*` for any (RFC 9110, 13.1.1)."""
    text = call.request.headers.get("if-match")
    if text is None or text.strip() == "*":
        return None
    found = re.fullmatch(r'\s*(?:(?:W/)?"([0-9]{1,18})"|([0-9]{1,18}))\s*', text, re.ASCII)
    if found is None:
        raise Invalid({"If-Match": 'must be a version such as "3"'})
    return int(found[1] or found[2])


def once(call: Call, run: Callable[[Transaction], Answer]) -> Answer:
    """Run a write in one transaction, at most once for its Idempotency-Key."""
    wanted = _key(call)
    with call.services.records.transaction(call.now) as tx:
        before = idempotency.replay(tx, wanted)
        if before is not None:
            return _again(before)
        answer = run(tx)
        idempotency.keep(tx, wanted, answer.status, without_secret(answer), dict(answer.headers).get("Location"))
        return answer


def _again(before: idempotency.Replay) -> Answer:
    headers = [("Idempotency-Replayed", "true")]
    if before.location:
        headers.append(("Location", before.location))
    if isinstance(before.body, dict) and "version" in before.body:
        headers.append(("ETag", f'"{before.body["version"]}"'))
    return Answer(status=before.status, data=before.body, headers=tuple(headers))


def _key(call: Call) -> idempotency.Key | None:
    name = call.request.headers.get("idempotency-key")
    if name is None:
        return None
    if not re.fullmatch(r"[\x21-\x7e]{1,255}", name):
        raise Invalid({"Idempotency-Key": "must be 1 to 255 visible ASCII characters"})
    return idempotency.key(
        f"{call.actor.id} {call.actor.workspace_id}", name, call.request.method, call.request.path, call.body()
    )


def written(call: Call, resource: type[Resource], row: Row, status: int) -> Answer:
    """The record as it is now, its version as ETag, and where it lives when it is new."""
    headers = [("ETag", f'"{row["version"]}"')]
    if status == 201:
        headers.append(("Location", f"/api/v1/{resource.path()}/{row['id']}"))
    secret = show_once(resource, row)
    return Answer(
        status=status, data={**show(resource, row), **secret}, headers=tuple(headers), secrets=tuple(secret)
    )


def without_secret(answer: Answer) -> object:
    """What may be kept of an answer: a secret is shown once, also to those who ask twice."""
    if not answer.secrets:
        return answer.data
    kept = {name: value for name, value in answer.data.items() if name not in answer.secrets}
    return {**kept, "secret_shown": True}
