"""Slugs that visitors ask for and nobody made: counted in memory, written to the record store now and then.

Anybody can invent slugs, so everything is bounded: the length of a slug, the slugs remembered between two
flushes, and the rows kept a domain (those asked for least and longest ago go first).
"""

import threading

from routy.clicks.lookup import Domain
from routy.clicks.visit import Visit
from routy.clock import Clock
from routy.ids import new_id
from routy.store.sqlite import Records, Transaction

LONGEST_SLUG = 128
MOST_REMEMBERED = 5_000
MOST_ROWS = 10_000
BATCH = 500

_UPSERT = """/* missing_slugs.count */
INSERT INTO missing_slugs
  (id, workspace_id, domain_id, slug, visits, last_referrer, created_at, last_seen_at)
SELECT ?, workspace_id, id, ?, ?, NULLIF(?, ''), ?, ? FROM domains WHERE id = ?
ON CONFLICT (domain_id, slug) DO UPDATE SET
  visits = visits + excluded.visits, last_seen_at = excluded.last_seen_at,
  last_referrer = COALESCE(excluded.last_referrer, last_referrer)
"""

_TRIM = """/* missing_slugs.trim */
DELETE FROM missing_slugs WHERE key IN (
  SELECT key FROM missing_slugs WHERE domain_id = ? ORDER BY visits DESC, last_seen_at DESC LIMIT -1 OFFSET ?)
"""


Place = tuple[str, str]  # the domain's id, and the slug


class Seen:
    __slots__ = ("first_at", "last_at", "referrer", "visits")

    def __init__(self, now: int) -> None:
        self.first_at = self.last_at = now
        self.visits, self.referrer = 0, ""


class MissingSlugs:
    def __init__(self) -> None:
        self.overlooked = 0  # visits that found the memory full
        self._lock = threading.Lock()
        self._seen: dict[Place, Seen] = {}

    def count(self, domain: Domain, visit: Visit) -> None:
        if not visit.slug or len(visit.slug) > LONGEST_SLUG or not visit.slug.isprintable():
            return
        place = (domain.id, visit.slug)
        with self._lock:
            seen = self._seen.get(place)
            if seen is None:
                if len(self._seen) >= MOST_REMEMBERED:
                    self.overlooked += 1
                    return
                seen = self._seen[place] = Seen(visit.now)
            seen.visits += 1
            seen.last_at, seen.referrer = visit.now, visit.referrer or seen.referrer

    def flush_once(self, records: Records, clock: Clock) -> bool:
        """Write some of what was seen; True when there is more."""
        with self._lock:
            some = [(place, self._seen.pop(place)) for place in list(self._seen)[:BATCH]]
        try:
            _write_all(records, clock(), some)
        except BaseException:
            self._put_back(some)
            raise
        return len(some) == BATCH

    def _put_back(self, some: list[tuple[Place, Seen]]) -> None:
        """What could not be written is counted with what came meanwhile."""
        with self._lock:
            for place, seen in some:
                later = self._seen.setdefault(place, seen)
                if later is not seen:
                    later.visits += seen.visits
                    later.first_at = seen.first_at


def _write_all(records: Records, now: int, some: list[tuple[Place, Seen]]) -> None:
    if some:
        with records.transaction(now) as tx:
            for place, seen in some:
                _write(tx, place, seen)
            for domain_id in {place[0] for place, _ in some}:
                tx.run(_TRIM, (domain_id, MOST_ROWS))


def _write(tx: Transaction, place: Place, seen: Seen) -> None:
    domain_id, slug = place
    tx.run(
        _UPSERT,
        (new_id("miss", seen.first_at), slug, seen.visits, seen.referrer, seen.first_at, seen.last_at, domain_id),
    )
