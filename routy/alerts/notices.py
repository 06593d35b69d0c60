"""Who is told what: a notification a person, and a mail to those who want one.

Which notifications a person also gets by mail is theirs to say (`notification_preferences`); until they do, it is
what a server's owner would want to know while away.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from routy.clock import DAY, Clock
from routy.ids import new_id
from routy.resource import Reader
from routy.resources.memberships import RANK
from routy.resources.notifications import MAILED_BY_DEFAULT
from routy.store.sqlite import Records, Transaction

KEPT_DAYS = 90
PRUNED_AT_ONCE = 1000

# (tx, workspace_id, addresses, template, values, topic=, about=) -> ids of mails: mail/letters.py has it.
Send = Callable[..., list[str]]

_MEMBERS = """/* notices.members */
SELECT m.user_id, m.role, u.email, p.mail FROM memberships m JOIN users u ON u.id = m.user_id
LEFT JOIN notification_preferences p ON p.user_id = m.user_id AND p.workspace_id = m.workspace_id
WHERE m.workspace_id = ? AND m.deleted_at IS NULL AND u.deleted_at IS NULL ORDER BY m.key
"""


@dataclass(frozen=True)
class Notice:
    """Something to be told. `lines` is its text, `path` where more is to be seen, such as /app/alerts/alert_…"""

    workspace_id: str
    topic: str
    title: str
    lines: Sequence[str]
    record_id: str | None
    path: str


def audience(reader: Reader, workspace_id: str, role: str, user_ids: Iterable[str] = ()) -> list[str]:
    """The members of at least this role (nobody: of none), and these beside them."""
    least, named = RANK.get(role, len(RANK) + 1), set(user_ids)
    members = reader.rows(_MEMBERS, (workspace_id,))
    return [row["user_id"] for row in members if RANK[row["role"]] >= least or row["user_id"] in named]


def tell(
    tx: Transaction, send: Send, url: str, notice: Notice, user_ids: Iterable[str], emails: Iterable[str] = ()
) -> None:
    """A notification to each of them, and one mail to every address: of those who want this topic by mail, and of
    `emails`. `url` is where this server is."""
    wanted = set(user_ids)
    members = [row for row in tx.rows(_MEMBERS, (notice.workspace_id,)) if row["user_id"] in wanted]
    for row in members:
        _notify(tx, notice, row["user_id"])
    addresses = [row["email"] for row in members if notice.topic in mailed(row["mail"])]
    to = list(dict.fromkeys((*addresses, *emails)))
    if to:
        values = {
            "title": notice.title,
            "lines": list(notice.lines),
            "url": f"{url}{notice.path}",
            "action": "Look",
        }
        send(tx, notice.workspace_id, to, "notice", values, topic=notice.topic, about=notice.record_id)


def mailed(kept: str | None) -> Sequence[str]:
    """The topics that somebody wants by mail, as they are kept."""
    return MAILED_BY_DEFAULT if kept is None else list(json.loads(kept))


def _notify(tx: Transaction, notice: Notice, user_id: str) -> None:
    told = {"title": notice.title[:300], "text": "\n".join(notice.lines), "record_id": notice.record_id}
    whose = {"workspace_id": notice.workspace_id, "user_id": user_id, "topic": notice.topic}
    tx.insert("notifications", {"id": new_id("ntf", tx.now), **whose, **told, "created_at": tx.now})


def prune_once(records: Records, clock: Clock, mail_days: int) -> bool:
    """Forget old notifications and old mails; True when there may be more."""
    now = clock()
    with records.transaction(now) as tx:
        notifications = tx.run(
            "/* notifications.prune */ DELETE FROM notifications WHERE key IN"
            " (SELECT key FROM notifications WHERE created_at < ? ORDER BY created_at LIMIT ?)",
            (now - KEPT_DAYS * DAY, PRUNED_AT_ONCE),
        )
        mails = tx.run(
            "/* mails.prune */ DELETE FROM mails WHERE key IN (SELECT key FROM mails"
            " WHERE created_at < ? AND status <> 'waiting' ORDER BY created_at LIMIT ?)",
            (now - mail_days * DAY, PRUNED_AT_ONCE),
        )
    return max(notifications, mails) == PRUNED_AT_ONCE
