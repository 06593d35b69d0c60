"""Notifications beyond their list: marking them as read, and which of them somebody wants by mail.

They are a person's own: whoever may read them may mark them, and a token sees and marks those of its maker.
"""

import json
from typing import Annotated

from routy.api.call import Answer, Call, Endpoint
from routy.errors import Forbidden, Invalid
from routy.records import read
from routy.records.show import show
from routy.resource import Field, Form, Reader
from routy.resources.notifications import MAILED_BY_DEFAULT, TOPICS, Notification, Topic


class Mark(Form):
    read: Annotated[bool, Field("Whether it has been read.", default=True, example=True)]


class Readings(Form):
    read: Annotated[int, Field("How many were not read before.", example=3)]


class Preferences(Form):
    mail: Annotated[
        list[Topic],
        Field(
            f"The topics that come by mail too: some of {', '.join(TOPICS)}. One that you unsubscribed from is "
            "left out; to name it again is to subscribe again.",
            default=list(MAILED_BY_DEFAULT),
            max_length=len(TOPICS),
            example=["alerts", "system"],
        ),
    ]


def _expect_person(call: Call) -> None:
    """A token that may only read must not quieten what would tell of it."""
    if call.session is None and "alerts:write" not in call.actor.scopes:
        raise Forbidden("for a token this needs the scope alerts:write")


def _mark(call: Call) -> Answer:
    """Once it has been read, that moment stays."""
    _expect_person(call)
    at = call.now if call.form()["read"] else None
    with call.services.records.transaction(call.now) as tx:
        row = read.find(tx, call.actor, Notification, call.path["id"])
        if (row["read_at"] is None) != (at is None):
            tx.run("/* notifications.mark */ UPDATE notifications SET read_at = ? WHERE key = ?", (at, row["key"]))
        return Answer(data=show(Notification, read.find(tx, call.actor, Notification, call.path["id"])))


def _mark_all(call: Call) -> Answer:
    _expect_person(call)
    with call.services.records.transaction(call.now) as tx:
        marked = tx.run(
            "/* notifications.mark_all */ UPDATE notifications SET read_at = ?"
            " WHERE user_id = ? AND workspace_id = ? AND read_at IS NULL",
            (call.now, call.actor.user_id, call.actor.workspace_id),
        )
    return Answer(data={"read": marked})


# ---- by mail


_WANTED = """/* preferences.of */
SELECT mail FROM notification_preferences WHERE user_id = ? AND workspace_id = ?
"""
_LEFT = """/* unsubscriptions.of_user */
SELECT topic FROM unsubscriptions
WHERE workspace_id = ? AND recipient = (SELECT email FROM users WHERE id = ?)
"""
_KEEP = """/* preferences.keep */
INSERT OR REPLACE INTO notification_preferences (user_id, workspace_id, mail) VALUES (?, ?, ?)
"""
_RETURN = """/* unsubscriptions.end */
DELETE FROM unsubscriptions WHERE workspace_id = ? AND recipient = (SELECT email FROM users WHERE id = ?)
  AND topic IN (SELECT value FROM json_each(?))
"""


def _preferences(reader: Reader, call: Call) -> Answer:
    user_id, workspace_id = call.actor.user_id, call.actor.workspace_id
    kept = reader.one(_WANTED, (user_id, workspace_id))
    wanted = json.loads(kept["mail"]) if kept else MAILED_BY_DEFAULT
    left = {row["topic"] for row in reader.rows(_LEFT, (workspace_id, user_id))}
    return Answer(data={"mail": [topic for topic in TOPICS if topic in wanted and topic not in left]})


def _show_preferences(call: Call) -> Answer:
    return _preferences(call.services.records, call)


def _set_preferences(call: Call) -> Answer:
    _expect_person(call)
    body = call.json()
    if isinstance(body, dict) and "mail" not in body:
        raise Invalid({"mail": "is required"})
    wanted = json.dumps(call.form()["mail"])
    with call.services.records.transaction(call.now) as tx:
        tx.run(_KEEP, (call.actor.user_id, call.actor.workspace_id, wanted))
        tx.run(_RETURN, (call.actor.workspace_id, call.actor.user_id, wanted))
        return _preferences(tx, call)


ENDPOINTS = [
    Endpoint("PATCH", "/notifications/{id}", "mark_notification", "Mark a notification as read, or not.", _mark,
             scope="alerts:read", tag="notifications", resource=Notification, takes=Mark.fields, input="form",
             shape="record", raises=(400, 404, 413, 415)),
    Endpoint("POST", "/notifications/readings", "mark_notifications", "Mark all of your notifications as read.",
             _mark_all, scope="alerts:read", tag="notifications", gives=Readings.fields,
             more="How many are not read yet is the `total` of `GET /notifications?read_at[null]=true&limit=1`."),
    Endpoint("GET", "/notifications/preferences", "get_notification_preferences",
             "Which of your notifications also come by mail.", _show_preferences, scope="alerts:read",
             tag="notifications", gives=Preferences.fields),
    Endpoint("PATCH", "/notifications/preferences", "set_notification_preferences",
             "Say which of your notifications also come by mail.", _set_preferences, scope="alerts:read",
             tag="notifications", takes=Preferences.fields, input="form", gives=Preferences.fields,
             raises=(400, 413, 415)),
]  # fmt: skip
