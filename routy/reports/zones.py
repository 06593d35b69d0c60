"""Local time in SQL: a time zone's rules between two moments, as offsets to add, and the units that time is cut in.

The offsets come from Python's zoneinfo and the tzdata package, so that every part of Routy has the same rules
and DuckDB needs no extension. A part of a day is grouped by the moment (UTC) at which it begins, as a local time
may come twice; days and what is longer by their local date.
"""

from bisect import bisect_left
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from routy.clock import DAY, HOUR, MINUTE, SECOND

QUARTER = 15 * MINUTE  # of an hour: what zones differ by, and what roll-ups hold
PARTS_OF_DAYS = {"quarter_hour": QUARTER, "hour": HOUR}
_CUT = {
    "day": "CAST({local} AS DATE)",
    "week": "date_trunc('week', {local})::DATE",
    "month": "date_trunc('month', {local})::DATE",
    "quarter": "date_trunc('quarter', {local})::DATE",
    "year": "date_trunc('year', {local})::DATE",
    "weekday": "isodow({local})",
    "hour_of_day": "hour({local})",
}
_SHOWN = {
    "day": "strftime({key}, '%Y-%m-%d')",
    "week": "strftime({key}, '%G-W%V')",
    "month": "strftime({key}, '%Y-%m')",
    "quarter": "strftime({key}, '%Y') || '-Q' || quarter({key})",
    "year": "strftime({key}, '%Y')",
}


def key(unit: str, column: str, zone: str, from_ms: int, to_ms: int) -> str:
    """SQL for what rows of one unit of time have in common; the column's values lie in [from, to)."""
    if unit not in PARTS_OF_DAYS:
        return _CUT[unit].format(local=local(column, zone, from_ms, to_ms))
    size = f"INTERVAL {PARTS_OF_DAYS[unit] // MINUTE} MINUTES"
    return _cases(column, zone, from_ms, to_ms, lambda offset, begin: _begun(column, size, offset, begin))


def raw(unit: str, column: str, zone: str, from_ms: int, to_ms: int) -> tuple[str, str]:
    """The same for a great many rows: a number that is quick to make, and SQL for the key, with {} for the number.
    Adding intervals and casting takes half as long again as counting milliseconds."""
    if unit in PARTS_OF_DAYS:
        size = PARTS_OF_DAYS[unit]
        sql = _cases(column, zone, from_ms, to_ms, lambda offset, begin: _part(column, size, offset, begin))
        return sql, "make_timestamp_ms({})"
    days = f"({_local_ms(column, zone, from_ms, to_ms)}) // {DAY}"
    if unit == "day" and offsets(zone, from_ms // DAY, -(-to_ms // DAY)) == (0, ()):
        return f"{column}::DATE", "{}"
    if unit in ("day", "week"):
        weeks = f"({days} + 3) // 7"  # the first of January 1970 was a Thursday
        start = "DATE '1970-01-01' + ({})::INTEGER" if unit == "day" else "DATE '1969-12-29' + (({}) * 7)::INTEGER"
        return (days if unit == "day" else weeks), start
    if unit == "weekday":
        return f"({days} + 3) % 7 + 1", "{}"
    if unit == "hour_of_day":
        return f"({_local_ms(column, zone, from_ms, to_ms)}) // {HOUR} % 24", "{}"
    return key(unit, column, zone, from_ms, to_ms), "{}"


def _part(column: str, size: int, offset: int, begin: int | None) -> str:
    ahead = offset * SECOND
    sql = f"(epoch_ms({column}) + {ahead}) // {size} * {size} - {ahead}"
    return sql if begin is None else f"greatest({sql}, {begin})"


def _local_ms(column: str, zone: str, from_ms: int, to_ms: int) -> str:
    ahead = _cases(column, zone, from_ms, to_ms, lambda offset, _: str(offset * SECOND))
    return f"epoch_ms({column}) + {ahead}"


def shown(unit: str, key: str, zone: str, from_ms: int, to_ms: int) -> str:
    """SQL for the text (or number) that a unit is shown by, made of its key."""
    if unit not in PARTS_OF_DAYS:
        return _SHOWN.get(unit, "{key}").format(key=key)
    return _cases(key, zone, from_ms, to_ms, lambda offset, _: _with_offset(key, offset))


def _begun(column: str, size: str, offset: int, begin: int | None) -> str:
    """Where the unit of this moment begins: at a round local time, or where the clocks were changed since."""
    sql = f"time_bucket({size}, {_shifted(column, offset)}) - INTERVAL '{offset} seconds'"
    return sql if begin is None else f"greatest({sql}, make_timestamp_ms({begin}))"


def _with_offset(key: str, offset: int) -> str:
    return f"strftime({_shifted(key, offset)}, '%Y-%m-%dT%H:%M:%S{offset_text(offset)}')"


def offset_text(seconds: int) -> str:
    """`+05:45`."""
    hours, minutes = divmod(abs(seconds) // 60, 60)
    return f"{'-' if seconds < 0 else '+'}{hours:02d}:{minutes:02d}"


def _cases(column: str, zone: str, from_ms: int, to_ms: int, run: Callable[[int, int | None], str]) -> str:
    """One expression for each of the zone's offsets in [from, to); `run` gets it and the moment of its change."""
    first, changes = offsets(zone, from_ms // DAY, -(-to_ms // DAY))
    known = [(None, first), *changes]
    until = [
        f"WHEN {column} < make_timestamp_ms({at_ms})::TIMESTAMP_MS THEN {run(offset, begin)}"
        for (at_ms, _), (begin, offset) in zip(changes, known, strict=False)
    ]
    begin, offset = known[-1]
    return f"CASE {' '.join(until)} ELSE {run(offset, begin)} END" if until else run(offset, begin)


def local(column: str, zone: str, from_ms: int, to_ms: int) -> str:
    """SQL for the local moment of a UTC column whose values lie in [from, to)."""
    return _cases(column, zone, from_ms, to_ms, lambda offset, _: _shifted(column, offset))


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
