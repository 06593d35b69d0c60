"""What a look changes: an alert fires, reminds or is resolved, and whoever wants to know is told, all in the one
transaction that also says how far it has looked. So nothing is told twice, whatever dies in between, and of two
workers that looked at the same time only the first one's sight counts.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from routy.alerts import words
from routy.alerts.figures import Seen
from routy.alerts.judging import CALM, Sight
from routy.alerts.notices import Notice, Send, audience, tell
from routy.clock import HOUR, iso
from routy.records import read, write
from routy.records.beginning import system_of
from routy.records.show import show
from routy.resource import Row
from routy.resources.alerts import Alert
from routy.store.sqlite import Transaction

SHOWN_SUBJECTS = 20

Reason = Literal["over", "paused", "deleted"]
QUIET = ("link_expired", "token_unusual")  # that they are over is nothing that people are told

_CLAIM = """/* alerts.claim */
INSERT INTO alert_watches (alert_id, version, due_at, judged_to, event_seq)
VALUES (:alert_id, :version, :due_at, :judged_to, :event_seq)
ON CONFLICT (alert_id) DO UPDATE
SET version = :version, due_at = :due_at, judged_to = :judged_to, event_seq = :event_seq
WHERE version IS :was_version AND due_at IS :was_due_at
"""
_CURRENT = """/* alerts.current */
SELECT 1 FROM alerts WHERE id = ? AND version = ? AND status = 'active' AND deleted_at IS NULL
"""
_FIRINGS = "/* alerts.firings */ SELECT * FROM alert_firings WHERE alert_id = ? ORDER BY since, subject"
_BEGIN = """/* alerts.begin */
INSERT INTO alert_firings (alert_id, subject, name, since, seen_at, calm, figure, usual)
VALUES (:alert_id, :subject, :name, :now, :now, 0, :figure, :usual)
ON CONFLICT (alert_id, subject) DO UPDATE
SET seen_at = :now, calm = 0, name = :name, figure = :figure, usual = :usual
"""
_CALM = "/* alerts.calm */ UPDATE alert_firings SET calm = calm + 1 WHERE alert_id = ? AND subject = ?"
_END = "/* alerts.end */ DELETE FROM alert_firings WHERE alert_id = ? AND subject = ?"
_TOLD = (
    "/* alerts.told */ UPDATE alert_firings SET told_at = ?1, reminded_at = ?1 WHERE alert_id = ?2 AND subject = ?3"
)
_REMINDED = "/* alerts.reminded */ UPDATE alert_firings SET reminded_at = ? WHERE alert_id = ? AND subject = ?"
_STATE = """/* alerts.state */
UPDATE alerts SET firing = :firing, judged_at = :now, problem = NULL,
  fired_at = CASE WHEN state = 'ok' AND :state = 'firing' THEN :now ELSE fired_at END,
  resolved_at = CASE WHEN state = 'firing' AND :state = 'ok' THEN :now ELSE resolved_at END,
  figure = coalesce(:figure, figure), usual = coalesce(:usual, usual), state = :state
WHERE key = :key
"""
_PROBLEM = "/* alerts.problem */ UPDATE alerts SET problem = ?, judged_at = ? WHERE key = ?"


@dataclass(frozen=True)
class Desk:
    """One alert as it was when it was looked at, where its worker stood, and by whom people are told."""

    alert: Row
    watch: Row
    send: Send
    url: str

    @property
    def id(self) -> str:
        return str(self.alert["id"])


def claim(tx: Transaction, desk: Desk, due_at: int, judged_to: int, event_seq: int) -> bool:
    """Whether this look counts: nobody was faster, and the rule is still what it was."""
    values = {
        "alert_id": desk.id,
        "version": desk.alert["version"],
        "due_at": due_at,
        "judged_to": judged_to,
        "event_seq": event_seq,
        "was_version": desk.watch["was_version"],
        "was_due_at": desk.watch["due_at"],
    }
    if tx.one(_CURRENT, (desk.id, desk.alert["version"])) is None:
        return False
    return tx.run(_CLAIM, values) > 0


def record(tx: Transaction, desk: Desk, seen: Seen) -> bool:
    """Write down what was seen, and tell what is new of it; False where somebody else was faster."""
    if not claim(tx, desk, seen.due_at, seen.judged_to, seen.event_seq):
        return False
    before = {row["subject"]: row for row in tx.rows(_FIRINGS, (desk.id,))}
    over = [row for row in before.values() if _is_over(row, seen, tx.now)]
    for sight in seen.sights:
        _note(tx, desk, sight, before)
    for row in over:
        tx.run(_END, (desk.id, row["subject"]))
    there = tx.rows(_FIRINGS, (desk.id,))
    alert = _stated(tx, desk, there, seen.sights)
    _tell_fired(tx, desk, alert, there)
    _tell_resolved(tx, desk, alert, over, "over")
    _remind(tx, desk, alert, there, seen.sights)
    return True


def stop(tx: Transaction, desk: Desk) -> None:
    """A rule that was paused or deleted fires no more; people know, as they did it."""
    reason: Reason = "deleted" if desk.alert["deleted_at"] is not None else "paused"
    over = tx.rows(_FIRINGS, (desk.id,))
    for row in over:
        tx.run(_END, (desk.id, row["subject"]))
    _tell_events(tx, _stated(tx, desk, [], []), "resolved", [row for row in over if row["told_at"]], reason)


def fail(tx: Transaction, desk: Desk, due_at: int, problem: str) -> None:
    """It cannot be looked at: that is no reason to fire, nor to be resolved."""
    if claim(tx, desk, due_at, desk.watch["judged_to"], desk.watch["event_seq"]):
        tx.run(_PROBLEM, (problem[:500], tx.now, desk.alert["key"]))


# ---- what changes


def _is_over(fired: Row, seen: Seen, now: int) -> bool:
    sight = next((one for one in seen.sights if one.subject == fired["subject"]), None)
    if sight is None:
        return seen.hold_ms is None or now - fired["seen_at"] >= seen.hold_ms
    return sight.wrong is False and (sight.clear or fired["calm"] + 1 >= CALM)


def _note(tx: Transaction, desk: Desk, sight: Sight, before: dict[str, Row]) -> None:
    if sight.wrong:
        values = {"alert_id": desk.id, "subject": sight.subject, "name": sight.name, "now": tx.now}
        tx.run(_BEGIN, {**values, "figure": sight.figure, "usual": sight.usual})
    elif sight.wrong is False and sight.subject in before:
        tx.run(_CALM, (desk.id, sight.subject))


def _stated(tx: Transaction, desk: Desk, there: Sequence[Row], sights: Sequence[Sight]) -> Row:
    """The alert with its new state, as it is then shown."""
    sight = sights[0] if len(sights) == 1 else None
    values = {
        "state": "firing" if there else "ok",
        "firing": json.dumps([row["subject"] for row in there if row["subject"]][:SHOWN_SUBJECTS]),
        "figure": sight and sight.figure,
        "usual": sight and sight.usual,
        "now": tx.now,
        "key": desk.alert["key"],
    }
    tx.run(_STATE, values)
    return read.find(tx, system_of(desk.alert["workspace_id"]), Alert, desk.id, trashed=True)


# ---- what is told


def _tell_fired(tx: Transaction, desk: Desk, alert: Row, there: Sequence[Row]) -> None:
    """Also what came about while it was snoozed, once that is over."""
    fresh = [row for row in there if row["told_at"] is None]
    if not fresh or _is_snoozed(alert, tx.now):
        return
    for row in fresh:
        tx.run(_TOLD, (tx.now, desk.id, row["subject"]))
    _tell_events(tx, alert, "fired", fresh)
    _tell_people(tx, desk, alert, alert["name"], words.lines(alert, fresh))


def _tell_resolved(tx: Transaction, desk: Desk, alert: Row, over: Sequence[Row], reason: Reason) -> None:
    """Of what nobody was told that it fired, nobody is told that it is over."""
    told = [row for row in over if row["told_at"] is not None]
    _tell_events(tx, alert, "resolved", told, reason)
    if told and alert["kind"] not in QUIET:
        _tell_people(tx, desk, alert, f"Over: {alert['name']}", words.lines(alert, [_as_now(alert, told)]))


def _as_now(alert: Row, told: Sequence[Row]) -> Row:
    """What is over, with the figure that says so."""
    named = ", ".join(row["name"] or row["subject"] for row in told[:5])
    more = f" and {len(told) - 5} more" if len(told) > 5 else ""
    return {**told[0], "name": f"{named}{more}", "figure": alert["figure"], "usual": alert["usual"]}


def _remind(tx: Transaction, desk: Desk, alert: Row, there: Sequence[Row], sights: Sequence[Sight]) -> None:
    """Of what was seen to be so just now, and was said for the last time long ago."""
    if alert["remind_hours"] is None or _is_snoozed(alert, tx.now):
        return
    long_ago = tx.now - alert["remind_hours"] * HOUR
    still = {sight.subject for sight in sights if sight.wrong}
    due = [row for row in there if row["told_at"] and row["subject"] in still and row["reminded_at"] <= long_ago]
    for row in due:
        tx.run(_REMINDED, (tx.now, desk.id, row["subject"]))
    if due:
        _tell_people(tx, desk, alert, f"Still: {alert['name']}", words.lines(alert, due))


def _is_snoozed(alert: Row, now: int) -> bool:
    return alert["snoozed_until"] is not None and alert["snoozed_until"] > now


def _tell_events(
    tx: Transaction, alert: Row, type_: Literal["fired", "resolved"], told: Sequence[Row], reason: Reason = "over"
) -> None:
    for row in told:
        seen: dict[str, Any] = {"about_id": row["subject"] or None, "about_name": row["name"]}
        seen["since"] = iso(row["since"])
        if type_ == "resolved":
            seen["reason"] = reason
        else:
            seen |= {"figure": row["figure"], "usual": row["usual"]}
        data = {**show(Alert, alert), **seen}
        write.tell(tx, system_of(alert["workspace_id"]), Alert, alert["id"], type_, data)


def _tell_people(tx: Transaction, desk: Desk, alert: Row, title: str, lines: Sequence[str]) -> None:
    path = f"/app/alerts/{alert['id']}"
    notice = Notice(alert["workspace_id"], "alerts", title, lines, alert["id"], path)
    people = audience(tx, alert["workspace_id"], alert["notify"], alert["user_ids"])
    tell(tx, desk.send, desk.url, notice, people, alert["emails"])
