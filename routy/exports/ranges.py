"""Days up to now, as parameters of a list or a report: what `7d` of a schedule means when it runs."""

from datetime import date, timedelta
from urllib.parse import urlencode

from routy.clock import iso
from routy.days import day_of, named, start_of
from routy.resources.exports import REPORTS


def query_of(source: str, query: str, range_: str | None, zone: str, now: int) -> str:
    """The query of a schedule with the days of this moment."""
    if range_ is None:
        return query
    first, last = named(range_, day_of(now, zone))
    if source == REPORTS:
        more = {"from": first.isoformat(), "to": last.isoformat(), "timezone": zone}
    else:
        more = {} if range_ == "all" else _moments(first, last, zone)
    return "&".join(part for part in (query, urlencode(more, safe="[]:/")) if part)


def _moments(first: date, last: date, zone: str) -> dict[str, str]:
    return {
        "created_at[gte]": iso(start_of(first, zone)),
        "created_at[lt]": iso(start_of(last + timedelta(days=1), zone)),
    }


def words(range_: str | None) -> str:
    """What the range is called in a mail."""
    return _WORDS.get(range_ or "", "All that was asked for")


_WORDS = {
    "today": "Today", "yesterday": "Yesterday", "7d": "The last 7 days", "30d": "The last 30 days",
    "90d": "The last 90 days", "12m": "The last 12 months", "month": "This month", "last-month": "Last month",
    "all": "All time",
}  # fmt: skip
