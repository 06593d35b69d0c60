"""What a report is asked for, read from the parameters of a URL.

Filters have the grammar of lists and are those of the Click resource. Days in `from` and `to` are whole days of the
time zone, both included; moments are exact, and `to` is the first one left out.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from routy.clock import LAST, parse_iso
from routy.errors import Invalid
from routy.formats import zone
from routy.records.parameters import Filter, parse_filters, whole
from routy.reports.dimensions import DIMENSIONS
from routy.reports.metrics import METRICS
from routy.reports.zones import start_of
from routy.resources.clicks import CLASSES, Click

DEFAULT_DAYS = 30
DEFAULT_LIMIT = 100
MAX_LIMIT = 10_000
CONTROLS = ("metrics", "dimensions", "from", "to", "timezone", "class", "sort", "limit")

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@dataclass(frozen=True)
class Order:
    name: str
    descending: bool


@dataclass(frozen=True)
class Ask:
    """One report, asked for. `classes` None means any; times are milliseconds, `to_ms` is left out."""

    metrics: tuple[str, ...]
    dimensions: tuple[str, ...]
    filters: tuple[Filter, ...]
    classes: tuple[str, ...] | None
    from_ms: int
    to_ms: int
    timezone: str
    sorts: tuple[Order, ...]
    limit: int


def parse(parameters: Iterable[tuple[str, str]], now: int, timezone: str) -> Ask:
    """`timezone` is the one to use when none is named. Invalid names every parameter that is wrong."""
    given = list(parameters)
    read = _Reading([pair for pair in given if pair[0] in CONTROLS])
    metrics = read.one("metrics", lambda text: _listed(text, METRICS), ("clicks",))
    dimensions = read.one("dimensions", lambda text: _listed(text, DIMENSIONS), ())
    zone_name = read.one("timezone", zone, timezone)
    to_ms = read.one("to", lambda text: _moment(text, zone_name, 1), now)
    from_ms = read.one("from", lambda text: _moment(text, zone_name, 0), _days_before(to_ms, zone_name))
    if from_ms >= to_ms:
        read.errors.setdefault("from", "must lie before to")
    ask = Ask(
        metrics,
        dimensions,
        read.filters([pair for pair in given if pair[0] not in CONTROLS]),
        read.one("class", _classes, None if "class" in dimensions else ("human",)),
        from_ms,
        to_ms,
        zone_name,
        read.one("sort", lambda text: _sorts(text, (*metrics, *dimensions)), _default_sorts(metrics, dimensions)),
        read.one("limit", lambda text: whole(text, 1, MAX_LIMIT), DEFAULT_LIMIT),
    )
    if read.errors:
        raise Invalid(read.errors)
    return ask


class _Reading:
    """Reads one parameter after the other and gathers what is wrong."""

    def __init__(self, controls: Iterable[tuple[str, str]]) -> None:
        self.errors: dict[str, str] = {}
        self._texts: dict[str, str] = {}
        for name, text in controls:
            if name in self._texts:
                self.errors[name] = "is given twice; separate alternatives with commas"
            self._texts[name] = text

    def one(self, name: str, run: Callable[[str], Any], default: Any) -> Any:
        if name not in self._texts or name in self.errors:
            return default
        try:
            return run(self._texts[name])
        except ValueError as error:
            self.errors[name] = str(error)
            return default

    def filters(self, rest: Iterable[tuple[str, str]]) -> tuple[Filter, ...]:
        try:
            return parse_filters(Click, rest)
        except Invalid as error:
            self.errors.update(error.fields)
            return ()


def _listed(text: str, known: Mapping[str, Any]) -> tuple[str, ...]:
    names = tuple(text.split(","))
    if any(name not in known for name in names) or len(set(names)) < len(names):
        raise ValueError(f"must list some of {', '.join(known)}, each once")
    return names


def _classes(text: str) -> tuple[str, ...] | None:
    if text == "any":
        return None
    return _listed(text, dict.fromkeys(CLASSES))


def _sorts(text: str, names: Sequence[str]) -> tuple[Order, ...]:
    sorts = tuple(Order(name.removeprefix("-"), name.startswith("-")) for name in text.split(","))
    if any(sort.name not in names for sort in sorts):
        raise ValueError(f"must list some of what is asked for ({', '.join(names)}), with - for descending")
    return sorts


def _default_sorts(metrics: Sequence[str], dimensions: Sequence[str]) -> tuple[Order, ...]:
    """Time runs forward; anything else is best first."""
    if "day" in dimensions:
        return (Order("day", False),)
    return (Order(metrics[0], True),)


def _moment(text: str, zone_name: str, days_on: int) -> int:
    """A moment, or the start of a local day, `days_on` days later."""
    if not _DAY.fullmatch(text):
        return parse_iso(text)
    parse_iso(text)
    try:
        at_ms = start_of(date.fromisoformat(text) + timedelta(days_on), zone_name)
    except (ValueError, OverflowError):
        at_ms = -1
    if not 0 <= at_ms <= LAST:
        raise ValueError("must lie between the years 1970 and 9999")
    return at_ms


def _days_before(to_ms: int, zone_name: str) -> int:
    """The start of the local day that makes DEFAULT_DAYS days, the last one included."""
    last = datetime.fromtimestamp((to_ms - 1) / 1000, ZoneInfo(zone_name)).date()
    return max(start_of(last - timedelta(DEFAULT_DAYS - 1), zone_name), 0)
