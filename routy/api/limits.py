"""Rate limits: a token bucket for each credential, and a throttle on failed logins. All in memory."""

import threading
from dataclasses import dataclass

from routy.errors import RateLimited

FORGET_AFTER_MS = 3_600_000
MOST_KEPT = 100_000


@dataclass(frozen=True)
class Allowance:
    """Where a credential stands after a request. `limit` 0 means that there is none."""

    limit: int
    burst: int
    remaining: int
    reset_seconds: int

    def headers(self) -> tuple[tuple[str, str], ...]:
        """The fields of the IETF draft (draft-ietf-httpapi-ratelimit-headers) and the older X- ones."""
        if not self.limit:
            return ()
        return (
            ("RateLimit-Policy", f'"default";q={self.limit};w=60;burst={self.burst}'),
            ("RateLimit", f'"default";r={self.remaining};t={self.reset_seconds}'),
            ("X-RateLimit-Limit", str(self.limit)),
            ("X-RateLimit-Remaining", str(self.remaining)),
            ("X-RateLimit-Reset", str(self.reset_seconds)),
        )


class Limiter:
    """Token buckets by credential: `rate` a minute flow in, up to the burst."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._buckets: dict[str, tuple[float, int]] = {}

    def take(self, credential: str, rate: int, burst: int, now: int) -> Allowance:
        """Take one; RateLimited with the seconds to wait when there is none. A rate of 0 is no limit."""
        if rate == 0:
            return Allowance(0, 0, 0, 0)
        burst = max(1, min(burst, rate))
        with self._lock:
            level, at = self._buckets.get(credential, (float(burst), now))
            level = min(float(burst), level + max(0, now - at) * rate / 60_000)
            taken = level >= 1
            self._remember(credential, level - 1 if taken else level, now)
        if not taken:
            wait = _seconds((1 - level) * 60_000 / rate)
            allowance = Allowance(rate, burst, 0, wait)
            raise RateLimited(f"more than {rate} requests a minute", retry_after=wait, headers=allowance.headers())
        return Allowance(rate, burst, int(level - 1), _seconds((burst - level + 1) * 60_000 / rate))

    def _remember(self, credential: str, level: float, now: int) -> None:
        self._buckets[credential] = (level, now)
        if len(self._buckets) > MOST_KEPT:
            self._buckets = {k: v for k, v in self._buckets.items() if now - v[1] < FORGET_AFTER_MS}


def _seconds(milliseconds: float) -> int:
    return max(1, -int(-milliseconds // 1000))


class Throttle:
    """Failures by key (an address, an account) within a window; more than `attempts` and it is locked."""

    def __init__(self, attempts: int, window_ms: int) -> None:
        self._attempts, self._window = attempts, window_ms
        self._lock = threading.Lock()
        self._failures: dict[str, list[int]] = {}

    def expect_open(self, keys: tuple[str, ...], now: int) -> None:
        """RateLimited when one of the keys has failed too often."""
        with self._lock:
            for key in keys:
                recent = self._recent(key, now)
                if len(recent) >= self._attempts:
                    wait = _seconds(recent[0] + self._window - now)
                    raise RateLimited("too many failed attempts; try again later", retry_after=wait)

    def failed(self, keys: tuple[str, ...], now: int) -> None:
        with self._lock:
            if len(self._failures) > MOST_KEPT:
                self._failures = {key: recent for key in self._failures if (recent := self._recent(key, now))}
            for key in keys:
                self._failures[key] = [*self._recent(key, now), now][-self._attempts :]

    def succeeded(self, keys: tuple[str, ...]) -> None:
        with self._lock:
            for key in keys:
                self._failures.pop(key, None)

    def _recent(self, key: str, now: int) -> list[int]:
        return [at for at in self._failures.get(key, ()) if at > now - self._window]
