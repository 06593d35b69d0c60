"""Local time in SQL: a time zone's rules between two moments, as offsets to add.

The offsets come from Python's zoneinfo and the tzdata package, so that every part of Routy has the same rules
and DuckDB needs no extension.
"""

from bisect import bisect_left
from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from routy.clock import DAY, SECOND


def local(column: str, zone: str, from_ms: int, to_ms: int) -> str:
    """SQL for the local moment of a UTC column whose values lie in [from, to)."""
    first, changes = offsets(zone, from_ms // DAY, -(-to_ms // DAY))
    if not changes:
        return _shifted(column, first)
    cases = " ".join(
        f"WHEN {column} < make_timestamp_ms({at_ms})::TIMESTAMP_MS THEN {_shifted(column, before)}"
        for (at_ms, _), before in zip(changes, [first, *(offset for _, offset in changes)], strict=False)
    )
    return f"CASE {cases} ELSE {_shifted(column, changes[-1][1])} END"


def _shifted(column: str, seconds: int) -> str:
    return f"{column} + INTERVAL '{seconds} seconds'" if seconds else f"{column}::TIMESTAMP"


@lru_cache(maxsize=256)
def offsets(zone: str, first_day: int, last_day: int) -> tuple[int, tuple[tuple[int, int], ...]]:
    """The offset in seconds at the beginning, and each later change with its moment in milliseconds."""
    info = ZoneInfo(zone)
    first = offset = offset_at(info, first_day * DAY)
    changes = []
    for day in range(first_day, last_day):
        end = offset_at(info, (day + 1) * DAY)
        if end != offset:
            changes.append((_change_in(info, day * DAY, offset), end))
            offset = end
    return first, tuple(changes)


def offset_at(zone: ZoneInfo, at_ms: int) -> int:
    shift = datetime.fromtimestamp(at_ms // SECOND, UTC).astimezone(zone).utcoffset()
    assert shift is not None
    return int(shift.total_seconds())


def _change_in(zone: ZoneInfo, day_ms: int, before: int) -> int:
    """The second of this day at which the offset is no longer what it was."""
    seconds = range(day_ms // SECOND, (day_ms + DAY) // SECOND + 1)
    return seconds[bisect_left(seconds, True, key=lambda at: offset_at(zone, at * SECOND) != before)] * SECOND


def start_of(day: date, zone: str) -> int:
    """The first moment of a local day, in milliseconds."""
    return round(datetime.combine(day, time.min, ZoneInfo(zone)).timestamp() * 1000)
