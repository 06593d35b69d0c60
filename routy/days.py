"""Days of the calendar: where one begins in a time zone, and ranges of them that have a name."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

BEGINNING = date(1970, 1, 2)  # the first day that has begun in no zone before 1970
_COUNTED = {"today": 1, "7d": 7, "30d": 30, "90d": 90, "12m": 365}


def day_of(at_ms: int, zone: str) -> date:
    """The local day of a moment."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(ZoneInfo(zone)).date()


def start_of(day: date, zone: str) -> int:
    """The first moment of a local day, in milliseconds."""
    return round(datetime.combine(day, time.min, ZoneInfo(zone)).timestamp() * 1000)


def named(range_: str, today: date) -> tuple[date, date]:
    """The first and the last day, both in it, of `7d`, `last-month` and their kin; of `all` too."""
    if range_ == "all":
        return BEGINNING, today
    if range_ == "yesterday":
        return today - timedelta(1), today - timedelta(1)
    if range_ == "month":
        return today.replace(day=1), today
    if range_ == "last-month":
        last = today.replace(day=1) - timedelta(1)
        return last.replace(day=1), last
    return today - timedelta(_COUNTED[range_] - 1), today
