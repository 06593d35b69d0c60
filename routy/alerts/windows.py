"""Windows: the time that a figure is of.

They end at whole quarter-hours, so that roll-ups know them, and a window is only over when all its clicks are in
the store.
"""

from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from routy.clock import MINUTE, SECOND

QUARTER = 15 * MINUTE


class Window(NamedTuple):
    """Milliseconds; `to_ms` is left out."""

    from_ms: int
    to_ms: int


def whole(watermark: int, minutes: int) -> Window:
    """The last one that is over."""
    to_ms = watermark // QUARTER * QUARTER
    return Window(to_ms - minutes * MINUTE, to_ms)


def running(watermark: int, minutes: int, now: int) -> Window:
    """The one after it, as far as it has come."""
    to_ms = watermark // QUARTER * QUARTER + QUARTER
    return Window(to_ms - minutes * MINUTE, max(min(to_ms, now), to_ms - minutes * MINUTE + 1))


def weeks_before(window: Window, weeks: int, timezone: str) -> list[Window]:
    """As long a window at the same local time of each of the weeks before, the latest first."""
    begin = datetime.fromtimestamp(window.from_ms / SECOND, ZoneInfo(timezone))
    length = window.to_ms - window.from_ms
    begins = [round((begin - timedelta(weeks=n)).timestamp() * SECOND) for n in range(1, weeks + 1)]
    return [Window(from_ms, from_ms + length) for from_ms in begins]
