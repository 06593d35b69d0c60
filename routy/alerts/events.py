"""What people are told of without any rule: a webhook that was paused, a token that is used unusually, a file that
is ready. It follows the feed of events; where it stands is written in the transaction that tells.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from routy.alerts.notices import Notice, Send, audience, tell
from routy.resource import Reader, Row
from routy.store.sqlite import Records, Transaction

FACT = "notices_told"
AT_ONCE = 500

Data = dict[str, Any]
People = Callable[[Reader, Row, Data], list[str]]

_STANDS = "/* notices.stands */ SELECT CAST(value AS INTEGER) AS seq FROM facts WHERE name = ?"
_NEXT = """/* notices.next */
SELECT seq, type, workspace_id, record_id, data FROM events WHERE seq > ? ORDER BY seq LIMIT ?
"""
_MOVE = "/* notices.move */ UPDATE facts SET value = ? WHERE name = ? AND CAST(value AS INTEGER) = ?"
_MAKER = """/* notices.maker */
SELECT user_id FROM tokens WHERE id = ?1 UNION ALL SELECT id FROM users WHERE id = ?1 LIMIT 1
"""


@dataclass(frozen=True)
class Told:
    """How one type of events is told."""

    topic: str
    people: People
    say: Callable[[Data], tuple[str, list[str]]]
    page: str


def _leaders(reader: Reader, event: Row, data: Data) -> list[str]:
    return audience(reader, event["workspace_id"], "admin")


def _its_user_and_owners(reader: Reader, event: Row, data: Data) -> list[str]:
    return audience(reader, event["workspace_id"], "owner", [data.get("user_id", "")])


def _its_maker(reader: Reader, event: Row, data: Data) -> list[str]:
    """What the clock has made is nobody's."""
    found = reader.one(_MAKER, (data.get("created_by", ""),))
    return audience(reader, event["workspace_id"], "nobody", [found["user_id"]] if found else [])


def _paused(data: Data) -> tuple[str, list[str]]:
    why = "it answered that it is gone" if data.get("paused_because") == "gone" else "it failed for days"
    name = data.get("description") or urlsplit(data["url"]).hostname  # more of the address may be a secret
    return "A webhook was paused", [f"{name}: {why}.", "Set it active again, and it gets all that it missed."]


def _unusual(data: Data) -> tuple[str, list[str]]:
    how = "at an hour of the day" if data.get("cause") == "hour" else "from a network"
    where = f" ({data['ip']})" if data.get("ip") else ""
    return "A token was used unusually", [
        f"The token {data.get('name')} was used {how} that is unusual for it{where}.",
        "If that was not you, revoke it.",
    ]


def _file(word: str) -> Callable[[Data], tuple[str, list[str]]]:
    def say(data: Data) -> tuple[str, list[str]]:
        name = data.get("name") or data.get("file_name") or ""
        failed = data.get("status") == "failed"
        rows = "" if data.get("rows") is None else f"{data['rows']:,} rows"
        detail = str(data.get("error") or "") if failed else rows
        return f"{word} {'failed' if failed else 'is finished'}", [line for line in (name, detail) if line]

    return say


TYPES: dict[str, Told] = {
    "webhook.paused": Told("webhooks", _leaders, _paused, "webhooks"),
    "token.unusual": Told("tokens", _its_user_and_owners, _unusual, "tokens"),
    "export.finished": Told("files", _its_maker, _file("An export"), "exports"),
    "import.finished": Told("files", _its_maker, _file("An import"), "imports"),
}


def notify_once(records: Records, send: Send, url: str, now: int) -> bool:
    """Tell people of what has happened since the last time; True when there may be more."""
    stands = int((records.one(_STANDS, (FACT,)) or {"seq": 0})["seq"])
    events = records.rows(_NEXT, (stands, AT_ONCE))
    told = [event for event in events if event["type"] in TYPES]
    if not told and len(events) < AT_ONCE:
        return False  # the same few are read again the next time: cheaper than to write where it stands
    with records.transaction(now) as tx:
        if tx.run(_MOVE, (str(events[-1]["seq"]), FACT, stands)):
            _tell(tx, send, url, told)
    return len(events) == AT_ONCE


def _tell(tx: Transaction, send: Send, url: str, events: Sequence[Row]) -> None:
    for event in events:
        told, data = TYPES[event["type"]], json.loads(event["data"])
        title, lines = told.say(data)
        path = f"/app/{told.page}/{event['record_id']}"
        notice = Notice(event["workspace_id"], told.topic, title, lines, event["record_id"], path)
        tell(tx, send, url, notice, told.people(tx, event, data))
