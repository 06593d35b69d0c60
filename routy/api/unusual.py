"""Tokens that are used as they never were before: from another network, or at another hour of the day.

A request leaves a note in memory, nothing more. Once a minute a worker lays the notes over what is remembered of
each token and writes the event token.unusual. A token has habits once it was first used a week ago and then on five
days or more of the last thirty. Unusual is then

    network   an autonomous system, or a /16 (IPv6: /32) where its number is not known, that the token was not used
              from in thirty days
    hour      an hour of the day (UTC) in which, and in those beside it, the token was not used in thirty days

What was unusual once is a habit from then on; of each kind a token tells once a day at most.
"""

import ipaddress
import threading
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from routy.api.routes import Outcome
from routy.clock import DAY, HOUR, Clock, iso
from routy.records import write
from routy.records.beginning import system_of
from routy.records.read import find
from routy.records.show import show
from routy.resources.tokens import Token
from routy.store.sqlite import Records, Transaction

SETTLED_AFTER = 7 * DAY
LEAST_DAYS = 5
REMEMBERED = 30 * DAY
TOLD_AGAIN_AFTER = DAY
MOST_NOTED = 20_000  # in one minute; beyond that, uses are learned from the next one

_KNOWN = """/* habits.known */
SELECT kind, value, first_at, last_at FROM token_habits WHERE token_id = ? AND last_at >= ?
"""
_LEARN = """/* habits.learn */
INSERT INTO token_habits (token_id, kind, value, first_at, last_at) SELECT ?1, ?2, ?3, ?4, ?4
WHERE EXISTS (SELECT 1 FROM tokens WHERE id = ?1)
ON CONFLICT DO UPDATE SET last_at = max(last_at, excluded.last_at)
"""
_FORGET = "/* habits.forget */ DELETE FROM token_habits WHERE last_at < ?"
_WHOSE = "/* habits.whose */ SELECT workspace_id FROM tokens WHERE id = ? AND deleted_at IS NULL"

Place = Callable[[str], "Where"]


class Where(NamedTuple):
    """What an address tells: its autonomous system, country, and as much of it as is shown."""

    asn: str
    country: str
    shown: str


class Use(NamedTuple):
    """Uses of a token that look the same for habits."""

    token_id: str
    network: str
    hour: int  # since 1970


class Habits:
    """The uses that are not looked at yet, each with the address that it came from."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._noted: dict[Use, tuple[int, str]] = {}

    def note(self, outcome: Outcome) -> None:
        if outcome.actor.id.startswith("tok_"):
            use = Use(outcome.actor.id, network_of(outcome.ip), outcome.at // HOUR)
            with self._lock:
                if use in self._noted or len(self._noted) < MOST_NOTED:
                    self._noted[use] = (outcome.at, outcome.ip)

    def look_once(self, records: Records, place: Place, clock: Clock) -> bool:
        """Tell what is unusual of what was noted, and remember it."""
        with self._lock:
            noted, self._noted = self._noted, {}
        try:
            _look(records, noted, place, clock())
        except BaseException:
            with self._lock:
                self._noted = {**noted, **self._noted}
            raise
        return False


@lru_cache(10_000)
def network_of(ip: str) -> str:
    """The /16 or /32 that an address lies in; what is no address lies nowhere."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return ""
    return str(ipaddress.ip_network((address, 16 if address.version == 4 else 32), strict=False))


def _look(records: Records, noted: dict[Use, tuple[int, str]], place: Place, now: int) -> None:
    if not noted:
        return
    with records.transaction(now) as tx:
        for use, (at, ip) in sorted(noted.items(), key=lambda each: each[1]):
            where = place(ip)
            network = f"AS{where.asn}" if where.asn else use.network
            for cause in _causes(tx, use, network, at):
                _tell(tx, use.token_id, cause, at, where)
            for kind, value in (("network", network), ("hour", _hour(use)), ("day", str(at // DAY))):
                tx.run(_LEARN, (use.token_id, kind, value, at))
        tx.run(_FORGET, (now - REMEMBERED,))


def _causes(tx: Transaction, use: Use, network: str, at: int) -> list[str]:
    """What of this use is unusual: nothing for a token that has no habits yet."""
    known = tx.rows(_KNOWN, (use.token_id, at - REMEMBERED))
    values = {kind: {row["value"]: row for row in known if row["kind"] == kind} for kind in _KINDS}
    days = values["day"].values()
    if len(days) < LEAST_DAYS or min(row["first_at"] for row in days) > at - SETTLED_AFTER:
        return []
    near = {str((use.hour + step) % 24) for step in (-1, 0, 1)}
    found = {"network": network not in values["network"], "hour": not near & set(values["hour"])}
    return [cause for cause, unusual in found.items() if unusual and not _was_told(values["told"], cause, at)]


_KINDS = ("network", "hour", "day", "told")


def _was_told(told: dict[str, Any], cause: str, at: int) -> bool:
    return cause in told and told[cause]["last_at"] > at - TOLD_AGAIN_AFTER


def _hour(use: Use) -> str:
    return str(use.hour % 24)


def _tell(tx: Transaction, token_id: str, cause: str, at: int, where: Where) -> None:
    """The token as it is, and what was unusual; one that is revoked by now tells nothing any more."""
    whose = tx.one(_WHOSE, (token_id,))
    if whose is not None:
        actor = system_of(whose["workspace_id"])
        row = find(tx, actor, Token, token_id)
        more = {"cause": cause, "ip": where.shown, "country": where.country or None, "at": iso(at)}
        write.tell(tx, actor, Token, token_id, "unusual", {**show(Token, row), **more})
        tx.run(_LEARN, (token_id, "told", cause, at))
