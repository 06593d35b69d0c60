"""When and where each token was last used: noted in memory on every request, written once a minute."""

import threading

from routy.api.routes import Outcome
from routy.clock import Clock
from routy.store.sqlite import Records


class LastUsed:
    """The uses that are not written yet."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._uses: dict[str, tuple[int, str]] = {}

    def note(self, outcome: Outcome) -> None:
        if outcome.actor.id.startswith("tok_"):
            with self._lock:
                self._uses[outcome.actor.id] = (outcome.at, outcome.ip)

    def flush_once(self, records: Records, clock: Clock) -> bool:
        """A use is no change of the token: it moves neither its version nor its seq."""
        with self._lock:
            uses, self._uses = self._uses, {}
        try:
            _write(records, clock(), uses)
        except BaseException:
            with self._lock:
                self._uses = {**uses, **self._uses}
            raise
        return False


def _write(records: Records, now: int, uses: dict[str, tuple[int, str]]) -> None:
    sql = "/* tokens.used */ UPDATE tokens SET last_used_at = ?, last_used_ip = ? WHERE id = ?"
    if uses:
        with records.transaction(now) as tx:
            for token_id, (at, ip) in uses.items():
                tx.run(sql, (at, ip, token_id))
