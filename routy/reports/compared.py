"""A report beside that of another time: the time before, or a year before."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from routy.clock import LAST
from routy.reports.buckets import Key, Moved, Period, first_of, key, moved
from routy.reports.dimensions import DIMENSIONS
from routy.reports.params import Ask
from routy.resource import Row

Keys = tuple[Key | str | None, ...]


def period_before(ask: Ask) -> Period:
    """The time that this one is compared with, in the same zone."""
    back, now = moved(ask.compare, ask.period), ask.period
    if ask.compare == "previous" and back is None:
        length = ask.to_ms - ask.from_ms
        return Period(max(ask.from_ms - length, 0), ask.from_ms, ask.timezone)
    assert back is not None
    ends = [now.moment(back(now.naive(at_ms))) for at_ms in (ask.from_ms, ask.to_ms)]
    from_ms, to_ms = (min(max(at_ms, 0), LAST) for at_ms in ends)
    return Period(from_ms, to_ms, ask.timezone)


def against(ask: Ask, before: Period, keys: Sequence[Key | str | None]) -> Keys:
    """The keys of the group in the time before that this group stands against."""
    return tuple(
        _against(name, ask, before, each) if DIMENSIONS[name].timed else each
        for name, each in zip(ask.dimensions, keys, strict=True)
    )


def _against(unit: str, ask: Ask, before: Period, each: Any) -> Key:
    """The unit that holds what this unit's beginning is compared with; a cycle's numbers stay."""
    if DIMENSIONS[unit].kind == "cycle":
        return int(each)
    begin = ask.period.naive(max(each, ask.from_ms)) if isinstance(each, int) else datetime.combine(each, time.min)
    begin = max(begin, ask.period.naive(ask.from_ms))
    back: Moved | None = moved(ask.compare, ask.period)
    if back is None:
        at_ms = ask.period.moment(begin) - (ask.to_ms - ask.from_ms)
        return key(unit, max(at_ms, before.from_ms), before)
    if isinstance(each, int):
        return key(unit, max(before.moment(back(begin)), before.from_ms), before)
    return first_of(unit, back(begin).date())


def compared(now: Row, then: Row) -> dict[str, dict[str, Any]]:
    """For each metric what it was, the difference, and the change as a share: None where there was nothing."""
    found = {}
    for name, value in now.items():
        before = then.get(name, 0)
        change = round((value - before) / before, 4) if before else None
        found[name] = {"before": before, "delta": value - before, "change": change}
    return found
