"""The units of time as Python counts them, for what SQL cannot know: units without rows, and those of another time
that stand against these.

A key is what SQL groups by: the date that a unit of days begins with, the moment (milliseconds) at which a part of
a day begins, or the number of a cycle.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from routy.clock import DAY, LAST, SECOND
from routy.reports.zones import PARTS_OF_DAYS, offsets

Key = date | int
Moved = Callable[[datetime], datetime]  # a local time of one period to that of another

_FIRST = {
    "day": lambda day: day,
    "week": lambda day: day - timedelta(day.weekday()),
    "month": lambda day: day.replace(day=1),
    "quarter": lambda day: day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1),
    "year": lambda day: day.replace(month=1, day=1),
}
_LONGEST = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}  # days
_LONG_AGO = datetime(1969, 1, 1)  # earlier than anything that can be asked for
_CYCLES = {"weekday": range(1, 8), "hour_of_day": range(24)}


@dataclass(frozen=True)
class Period:
    """A stretch of time, seen in a zone: milliseconds, `to_ms` left out."""

    from_ms: int
    to_ms: int
    zone: str

    def local(self, at_ms: int) -> datetime:
        return datetime.fromtimestamp(min(at_ms, LAST - DAY) / SECOND, UTC).astimezone(ZoneInfo(self.zone))

    def naive(self, at_ms: int) -> datetime:
        return self.local(at_ms).replace(tzinfo=None)

    def moment(self, local: datetime) -> int:
        """Of a local time that comes twice the first; of one that never comes the time after the gap."""
        return round(local.replace(tzinfo=ZoneInfo(self.zone), fold=0).timestamp() * SECOND)


def keys(unit: str, of: Period, most: int) -> list[Key] | None:
    """Every unit that has a part in the period, in order; None when they are more than `most`."""
    if of.from_ms >= of.to_ms:
        return []
    if unit in _CYCLES:
        return list(_CYCLES[unit])
    length = PARTS_OF_DAYS.get(unit) or _LONGEST[unit] * DAY
    if (of.to_ms - of.from_ms) // length > most:
        return None
    found: list[Key] = [*(_parts(unit, of) if unit in PARTS_OF_DAYS else _dates(unit, of))]
    return found if len(found) <= most else None


def key(unit: str, at_ms: int, of: Period) -> Key:
    """The key of the unit that a moment of the period lies in."""
    local = of.local(at_ms)
    if unit == "weekday":
        return local.isoweekday()
    if unit == "hour_of_day":
        return local.hour
    if unit not in PARTS_OF_DAYS:
        return first_of(unit, local.date())
    return next(found for found in reversed(list(_parts(unit, of, at_ms))) if found <= at_ms)


def first_of(unit: str, day: date) -> date:
    """The day that the unit of this one begins with."""
    first: date = _FIRST[unit](day)
    return first


def _dates(unit: str, of: Period) -> Iterator[date]:
    day: date = _FIRST[unit](of.local(of.from_ms).date())
    last = of.local(of.to_ms - 1).date()
    while day <= last:
        yield day
        try:
            day = _FIRST[unit](day + timedelta(_LONGEST[unit]))
        except OverflowError:
            return


def _parts(unit: str, of: Period, near: int | None = None) -> Iterator[int]:
    """The beginnings of parts of days; with `near` only those of an hour or two before it."""
    size = PARTS_OF_DAYS[unit]
    begin, last = (of.from_ms, of.to_ms) if near is None else (max(of.from_ms, near - size), near + 1)
    first, changes = offsets(of.zone, begin // DAY - 1 if near is not None else begin // DAY, -(-last // DAY))
    until = [at_ms for at_ms, _ in changes] + [last]
    for (changed, offset), end in zip([(None, first), *changes], until, strict=True):
        at_ms = max(begin, changed or begin)
        part = (at_ms + offset * SECOND) // size * size - offset * SECOND
        while part < end and at_ms < end:
            yield part if changed is None else max(part, changed)
            part += size


def shown(unit: str, key: Key, of: Period) -> str | int:
    """A key as SQL's zones.shown shows it."""
    if unit in PARTS_OF_DAYS and isinstance(key, int):
        return of.local(key).isoformat()
    if isinstance(key, int):
        return key
    return {
        "day": f"{key:%Y-%m-%d}",
        "week": "{:04d}-W{:02d}".format(*key.isocalendar()[:2]),
        "month": f"{key:%Y-%m}",
        "quarter": f"{key:%Y}-Q{(key.month + 2) // 3}",
        "year": f"{key:%Y}",
    }[unit]


# ---- another time that this one is compared with


def moved(compare: str, of: Period) -> Moved | None:
    """What leads from a local time to the one it is compared with: a year before, or as many days before as the
    period has part in, so that a morning stands against a morning. None: a period that begins within a day is
    compared with what lasts as long and ends where it begins."""
    if compare == "year":
        return _year_before
    begin, end = of.local(of.from_ms), of.local(of.to_ms - 1)
    if of.moment(datetime.combine(begin.date(), time.min)) != of.from_ms:
        return None
    days = (end.date() - begin.date()).days + 1
    return lambda local: local - timedelta(days) if local - _LONG_AGO > timedelta(days) else _LONG_AGO


def _year_before(local: datetime) -> datetime:
    try:
        return local.replace(year=local.year - 1)
    except ValueError:  # 29 February
        return local.replace(year=local.year - 1, day=28)
