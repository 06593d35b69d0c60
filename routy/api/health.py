"""`GET /health` for everybody (ok or not) and, with the scope, the inside of the server."""

from typing import Annotated, Any

from routy.api.call import Answer, Call, Endpoint
from routy.resource import Field, Form


class Health(Form):
    ok: Annotated[bool, Field("Whether all is well.", example=True)]
    version: Annotated[str | None, Field("The version that runs; with the scope health:read.", example="0.1.0")]
    problems: Annotated[list[str] | None, Field("What is wrong, in words; with the scope.", example=[])]
    inside: Annotated[
        dict[str, Any] | None,
        Field("Stores, spool, workers, and the books (answered = stored + spooled + refused); with the scope.",
              example={"books": {"answered": 3, "stored": 2, "spooled": 1, "refused": {}}}),
    ]  # fmt: skip


def _alive(call: Call) -> Answer:
    """For load balancers: redirects go on whatever health says, so an answer is enough."""
    return Answer(data={"ok": not call.services.inspect()["problems"]})


def _health(call: Call) -> Answer:
    found = call.services.inspect()
    ok = not found["problems"]
    shown: dict[str, Any] = {"ok": ok}
    if "health:read" in call.actor.scopes:
        inside = {name: value for name, value in found.items() if name not in ("problems", "version")}
        shown |= {"version": found["version"], "problems": found["problems"], "inside": inside}
    return Answer(status=200 if ok else 503, data=shown)


ENDPOINTS = [
    Endpoint("GET", "/health", "get_health", "Whether all is well; 503 when it is not.", _health, scope=None,
             tag="health", gives=Health.fields, same_shape=(503,)),
    Endpoint("GET", "/healthz", "get_healthz", "That it answers: 200 also when not all is well.", _alive,
             scope=None, tag="health", gives=Health.fields, rooted=True),
]  # fmt: skip
