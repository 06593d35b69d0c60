"""What a report is asked for, read from the parameters of a URL or the fields of a body.

Filters have the grammar of lists and are those of the Click resource; a metric can be filtered by too, which picks
groups by their figures. Days in `from` and `to` are whole days of the time zone, both included; moments are exact,
and `to` is the first one left out.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal
from zoneinfo import ZoneInfo

from routy.clock import LAST, parse_iso
from routy.days import start_of
from routy.errors import Invalid
from routy.formats import zone
from routy.records.parameters import Filter, parse_filters, whole
from routy.reports.body import COMMA
from routy.reports.buckets import Period
from routy.reports.dimensions import DIMENSIONS
from routy.reports.metrics import METRICS
from routy.resources.clicks import CLASSES, Click

DEFAULT_DAYS = 30
DEFAULT_LIMIT = 100
MAX_LIMIT = 10_000
MOST_DIMENSIONS = 8
CONTROLS = (
    "metrics", "dimensions", "from", "to", "timezone", "class", "sort", "limit", "other", "fill", "compare",
)  # fmt: skip
COMPARISONS = ("previous", "year")
HAVING = {"eq": "=", "ne": "<>", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}

Compare = Literal["", "previous", "year"]
Given = Sequence[tuple[str, str]]

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@dataclass(frozen=True)
class Order:
    name: str
    descending: bool


@dataclass(frozen=True)
class Having:
    """Only groups whose figure is so."""

    metric: str
    operator: str
    value: int


@dataclass(frozen=True)
class Ask:
    """One report, asked for. `classes` None means any; times are milliseconds, `to_ms` is left out. `limit` None
    is for what goes out as a file."""

    metrics: tuple[str, ...]
    dimensions: tuple[str, ...]
    filters: tuple[Filter, ...]
    having: tuple[Having, ...]
    classes: tuple[str, ...] | None
    from_ms: int
    to_ms: int
    timezone: str
    sorts: tuple[Order, ...]
    limit: int | None
    other: bool
    fill: bool
    compare: Compare

    @property
    def period(self) -> Period:
        return Period(self.from_ms, self.to_ms, self.timezone)


def parse(parameters: Iterable[tuple[str, str]], now: int, timezone: str, whole_: bool = False) -> Ask:
    """`timezone` is the one to use when none is named; `whole_` asks for all rows, as a file can hold them. Invalid
    names every parameter that is wrong."""
    given = list(parameters)
    read = _Reading([pair for pair in given if pair[0] in CONTROLS])
    metrics = read.one("metrics", lambda text: _listed(text, METRICS), ("clicks",))
    dimensions = read.one("dimensions", _dimensions, ())
    having = read.having([pair for pair in given if _is_having(pair[0])])
    zone_name = read.one("timezone", _zone, timezone)
    to_ms = read.one("to", lambda text: _moment(text, zone_name, 1), now)
    from_ms = read.one("from", lambda text: _moment(text, zone_name, 0), _days_before(to_ms, zone_name))
    timed = len(dimensions) == 1 and DIMENSIONS[dimensions[0]].timed
    ask = Ask(
        tuple(dict.fromkeys((*metrics, *(each.metric for each in having)))),
        dimensions,
        read.filters([pair for pair in given if pair[0] not in CONTROLS and not _is_having(pair[0])]),
        having,
        read.one("class", _classes, None if "class" in dimensions else ("human",)),
        from_ms,
        to_ms,
        zone_name,
        read.one("sort", lambda text: _sorts(text, (*metrics, *dimensions)), _default_sorts(metrics, dimensions)),
        read.one("limit", _limit(whole_), None if whole_ else MAX_LIMIT if timed else DEFAULT_LIMIT),
        read.one("other", _yes, True),
        read.one("fill", _yes, timed),
        read.one("compare", _comparison, ""),
    )
    _check(ask, timed, whole_, read.errors)
    if read.errors:
        raise Invalid(read.errors)
    return ask


def _check(ask: Ask, timed: bool, whole_: bool, errors: dict[str, str]) -> None:
    """What is wrong together though each alone is right."""
    if ask.from_ms >= ask.to_ms:
        errors.setdefault("from", "must lie before to")
    if ask.fill and not timed:
        errors.setdefault("fill", "is for one dimension of time, alone")
    if ask.compare and whole_:
        errors.setdefault("compare", "is for JSON")
    for each in ask.having if not ask.dimensions else ():
        errors.setdefault(f"{each.metric}[{each.operator}]", "picks rows, and there are none without dimensions")


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
            return tuple(_with_commas(each) for each in parse_filters(Click, rest))
        except Invalid as error:
            self.errors.update({name[:100]: text for name, text in error.fields.items()})
            return ()

    def having(self, given: Iterable[tuple[str, str]]) -> tuple[Having, ...]:
        found: dict[str, Having] = {}
        for name, text in given:
            metric, _, operator = name.partition("[")
            try:
                if name in found:
                    raise ValueError("is given twice")
                found[name] = Having(metric, _operator(operator.removesuffix("]")), whole(text, 0, 2**62))
            except ValueError as error:
                self.errors[name[:100]] = str(error)
        return tuple(found.values())


def _with_commas(wanted: Filter) -> Filter:
    """Values of a body may hold commas, which stood aside while commas parted them."""
    values = tuple(each.replace(COMMA, ",") if isinstance(each, str) else each for each in wanted.values)
    return replace(wanted, values=values)


def _is_having(name: str) -> bool:
    return name.partition("[")[0] in METRICS


def _operator(text: str) -> str:
    if (text or "eq") not in HAVING:
        raise ValueError(f"cannot be used here; a metric has {', '.join(HAVING)}")
    return text or "eq"


def _listed(text: str, known: Mapping[str, Any]) -> tuple[str, ...]:
    names = tuple(text.split(","))
    if any(name not in known for name in names) or len(set(names)) < len(names):
        raise ValueError(f"must list some of {', '.join(known)}, each once")
    return names


def _dimensions(text: str) -> tuple[str, ...]:
    names = _listed(text, DIMENSIONS) if text else ()
    if len(names) > MOST_DIMENSIONS:
        raise ValueError(f"takes at most {MOST_DIMENSIONS} at once")
    return names


def _classes(text: str) -> tuple[str, ...] | None:
    if text == "any":
        return None
    return _listed(text, dict.fromkeys(CLASSES))


def _limit(whole_: bool) -> Callable[[str], int]:
    return lambda text: whole(text, 1, 2**40 if whole_ else MAX_LIMIT)


@lru_cache(maxsize=1024)
def _zone(text: str) -> str:
    """Remembered, as the list of all zones is read from the disk for each that is asked for."""
    return zone(text)


def _yes(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("must be true or false")
    return text == "true"


def _comparison(text: str) -> str:
    if text not in COMPARISONS:
        raise ValueError(f"must be one of {', '.join(COMPARISONS)}")
    return text


def _sorts(text: str, names: Sequence[str]) -> tuple[Order, ...]:
    sorts = tuple(Order(name.removeprefix("-"), name.startswith("-")) for name in text.split(","))
    if any(sort.name not in names for sort in sorts) or len({sort.name for sort in sorts}) < len(sorts):
        raise ValueError(f"must list some of what is asked for ({', '.join(names)}), with - for descending")
    return sorts


def _default_sorts(metrics: Sequence[str], dimensions: Sequence[str]) -> tuple[Order, ...]:
    """Time runs forward; anything else is best first."""
    timed = [Order(name, False) for name in dimensions if DIMENSIONS[name].timed]
    return (*timed, Order(metrics[0], True))


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
    try:
        last = datetime.fromtimestamp((to_ms - 1) / 1000, ZoneInfo(zone_name)).date()
    except OverflowError:
        last = date.max
    return max(start_of(last - timedelta(DEFAULT_DAYS - 1), zone_name), 0)
