"""A person's sessions: where they are logged in, and the way out of all of them at once."""

from typing import Annotated, Any

from routy.api.call import Answer, Call, Endpoint
from routy.clock import iso
from routy.resource import Field, Form, Row


class Logins(Form):
    sessions: Annotated[
        list[dict[str, Any]],
        Field(
            "Each with `created_at`, `expires_at`, `ip`, `agent`, and whether it is the `current` one.",
            example=[
                {
                    "created_at": "2026-11-21T12:00:00.000Z",
                    "expires_at": "2026-12-21T12:00:00.000Z",
                    "ip": "203.0.113.7",
                    "agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
                    "current": True,
                }
            ],
        ),
    ]


class Ended(Form):
    ended: Annotated[int, Field("How many sessions were ended.", example=2)]


def _list(call: Call) -> Answer:
    rows = call.services.records.rows(
        "/* sessions.of_user */ SELECT secret_sha256, created_at, expires_at, ip, agent FROM sessions"
        " WHERE user_id = ? AND expires_at > ? ORDER BY created_at DESC",
        (call.actor.user_id, call.now),
    )
    return Answer(data={"sessions": [_shown(call, row) for row in rows]})


def _shown(call: Call, row: Row) -> Row:
    assert call.session is not None
    return {
        "created_at": iso(row["created_at"]),
        "expires_at": iso(row["expires_at"]),
        "ip": row["ip"],
        "agent": row["agent"],
        "current": row["secret_sha256"] == call.session["secret_sha256"],
    }


def _end_others(call: Call) -> Answer:
    assert call.session is not None
    others = (call.actor.user_id, call.session["secret_sha256"])
    with call.services.records.transaction(call.now) as tx:
        there = tx.rows(
            "/* sessions.others */ SELECT 1 FROM sessions WHERE user_id = ? AND secret_sha256 <> ?", others
        )
        tx.run("/* sessions.end_others */ DELETE FROM sessions WHERE user_id = ? AND secret_sha256 <> ?", others)
    return Answer(data={"ended": len(there)})


ENDPOINTS = [
    Endpoint("GET", "/sessions", "list_sessions", "Where you are logged in.", _list, scope="", tag="sessions",
             gives=Logins.fields, session_only=True),
    Endpoint("DELETE", "/sessions", "end_other_sessions", "Log out everywhere else: end all your other sessions.",
             _end_others, scope="", tag="sessions", gives=Ended.fields, session_only=True),
]  # fmt: skip
