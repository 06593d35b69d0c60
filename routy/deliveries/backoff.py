"""When a delivery that failed is tried again.

    try         1    2     3      4       5       6        7        8       9 … 12
    waited           10 s  40 s   160 s   11 min  43 min   2 h 50   11 h 22  24 h each

Each wait is shortened by up to a fifth, so that what failed together does not come back together. A target that
asks for more time (Retry-After) gets it, up to 24 hours; it never makes a wait shorter. After twelve tries, which
take five and a half days, nothing more is tried.
"""

from datetime import UTC
from email.utils import parsedate_to_datetime

from routy.clock import DAY, SECOND

FIRST_MS, LONGEST_MS = 10 * SECOND, DAY
MOST_ATTEMPTS = 12
JITTER = 0.2


def wait_ms(attempt: int, draw: float, retry_after_ms: int | None = None) -> int:
    """How long to wait after this attempt, the first being 1. `draw` is a number from 0 to 1."""
    longest = min(LONGEST_MS, FIRST_MS << (2 * min(attempt - 1, 20)))
    asked = min(retry_after_ms or 0, LONGEST_MS)
    return max(asked, round(longest * (1 - JITTER * draw)))


def retry_after(text: str | None, now: int) -> int | None:
    """The milliseconds that a Retry-After header asks for, in seconds or as a date (RFC 9110, 10.2.3); None where
    it says nothing that could be understood."""
    plain = (text or "").strip()
    if plain.isascii() and plain.isdigit():
        return min(int(plain[:12]) * SECOND, LONGEST_MS)
    try:
        moment = parsedate_to_datetime(plain)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(0, round(moment.timestamp() * 1000) - now), LONGEST_MS)
