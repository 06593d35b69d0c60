"""Days up to now, as parameters of a list or a report: what `7d` of a schedule means when it runs."""

from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from routy.clock import iso
from routy.resources.exports import REPORTS

BEGINNING = date(1970, 1, 1)
_DAYS = {"today": 1, "7d": 7, "30d": 30, "90d": 90, "12m": 365}


def days(range_: str, today: date) -> tuple[date, date] | None:
    """The first and the last of them, both in it; None: all that there are."""
    if range_ == "all":
        return None
    if range_ == "yesterday":
        return today - timedelta(days=1), today - timedelta(days=1)
    if range_ == "month":
        return today.replace(day=1), today
    if range_ == "last-month":
        last = today.replace(day=1) - timedelta(days=1)
        return last.replace(day=1), last
    return today - timedelta(days=_DAYS[range_] - 1), today


def query_of(source: str, query: str, range_: str | None, zone: str, now: int) -> str:
    """The query of a schedule with the days of this moment."""
    if range_ is None:
        return query
    today = datetime.fromtimestamp(now / 1000, UTC).astimezone(ZoneInfo(zone)).date()
    found = days(range_, today)
    if source == REPORTS:
        more = {**_dates(*(found or (BEGINNING, today))), "timezone": zone}
    else:
        more = {} if found is None else _moments(*found, zone)
    return "&".join(part for part in (query, urlencode(more, safe="[]:/")) if part)


def _dates(first: date, last: date) -> dict[str, str]:
    return {"from": first.isoformat(), "to": last.isoformat()}


def _moments(first: date, last: date, zone: str) -> dict[str, str]:
    return {
        "created_at[gte]": iso(_start(first, zone)),
        "created_at[lt]": iso(_start(last + timedelta(days=1), zone)),
    }


def _start(day: date, zone: str) -> int:
    return round(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def words(range_: str | None) -> str:
    """What the range is called in a mail."""
    return _WORDS.get(range_ or "", "All that was asked for")


_WORDS = {
    "today": "Today", "yesterday": "Yesterday", "7d": "The last 7 days", "30d": "The last 30 days",
    "90d": "The last 90 days", "12m": "The last 12 months", "month": "This month", "last-month": "Last month",
    "all": "All time",
}  # fmt: skip
