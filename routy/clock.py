"""Time, as an argument: whoever needs the moment is given a Clock, and a test gives one that it turns by hand.

Inside Routy a time is an integer of milliseconds since 1970 in UTC; outside it is ISO 8601 with `Z`.
"""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache

Clock = Callable[[], int]

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
LAST = 253_402_300_799_999  # the end of the year 9999

_FORM = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d))?", re.ASCII)


def system_clock() -> int:
    return time.time_ns() // 1_000_000


@lru_cache(1000)  # what one transaction writes is of one moment
def iso(at_ms: int) -> str:
    """`1767225600000` → `2026-01-01T00:00:00.000Z`."""
    moment = datetime.fromtimestamp(at_ms // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{at_ms % 1000:03d}Z"


def parse_iso(text: str) -> int:
    """ISO 8601 with a zone, or a plain date (midnight UTC) → milliseconds; ValueError says what is wrong."""
    if not _FORM.fullmatch(text):
        raise ValueError("must be a time such as 2026-01-31T12:00:00Z, or a date such as 2026-01-31")
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        at_ms = round(moment.timestamp() * 1000)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"is not a time that exists: {error}") from None
    if not 0 <= at_ms <= LAST:
        raise ValueError("must lie between the years 1970 and 9999")
    return at_ms


def month(at_ms: int) -> str:
    """`2026-11`: the month file that a moment belongs to (UTC)."""
    return f"{datetime.fromtimestamp(at_ms // 1000, UTC):%Y-%m}"


def end_of_month(name: str) -> int:
    """`2026-11` → the first moment of December (UTC)."""
    year, number = divmod(int(name[:4]) * 12 + int(name[5:]), 12)
    return parse_iso(f"{year:04d}-{number + 1:02d}-01")
