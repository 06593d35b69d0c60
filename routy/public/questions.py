"""What a share asks the reports: the days, and one question for each part of its page.

All of it comes from the share's own record. The only thing that a visitor adds is which of its ranges to show.
"""

from dataclasses import dataclass
from datetime import date
from urllib.parse import parse_qsl

from routy.days import BEGINNING, day_of, named
from routy.errors import Forbidden, Invalid
from routy.public.asked import Asked
from routy.public.shared import Shared
from routy.resources.shares import RANGES, REPORT_TIMES

Question = dict[str, str]

ROWS = 10  # of each part; the rest stands together in one
REPORT_ROWS = 100
MOST_UNITS = 1000  # of time
TIMES = ("hour", "day", "week", "month", "quarter", "year", "weekday", "hour_of_day")
AT_LEAST = "clicks[gte]"
FEW = 5  # places finer than a country are named from so many clicks on
FINE = frozenset(("region", "city"))
SUBJECT_FILTERS = {"links": "link_id", "tags": "tag_ids", "folders": "folder_id"}
UNITS = {"today": "hour", "yesterday": "hour", "12m": "week", "all": "month"}  # of time; else days


@dataclass(frozen=True)
class Days:
    """From the first to the last, both included, in the share's zone."""

    range: str
    first: date
    last: date


@dataclass(frozen=True)
class Part:
    """One question, and by which dimensions its answer is split: none for the totals."""

    name: str
    dimensions: tuple[str, ...]
    metrics: tuple[str, ...]
    question: Question


def chosen(shared: Shared, asked: Asked) -> str:
    """The range; Invalid for one that the share does not offer."""
    if asked.range and asked.range not in ranges(shared):
        raise Invalid({"range": f"must be one of {', '.join(ranges(shared))}"})
    return asked.range or str(shared.row["range"])


def ranges(shared: Shared) -> list[str]:
    """In the order of their length."""
    offered = {shared.row["range"], *shared.row["ranges"]}
    return [name for name in RANGES if name in offered]


def days(shared: Shared, range_: str, now: int) -> Days:
    """What the share bounds is bounded: no range reaches beyond first_day and last_day."""
    today = day_of(now, shared.timezone)
    last = min(today, _day(shared.row["last_day"]) or today)
    first, last = named(range_, last)
    first = max(first, _day(shared.row["first_day"]) or first, BEGINNING)
    return Days(range_, first, max(first, last))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def parts(shared: Shared, when: Days) -> list[Part]:
    """The totals first. Forbidden when what a token locks stands against what a report asks."""
    time = {"from": str(when.first), "to": str(when.last), "timezone": shared.timezone}
    return _of_report(shared, time) if shared.kind == "saved_reports" else _of_links(shared, time, when)


def _of_links(shared: Shared, time: Question, when: Days) -> list[Part]:
    metrics = tuple(shared.row["metrics"])
    subject = {SUBJECT_FILTERS[shared.kind]: shared.row["subject_id"]}
    shared_by_all = {**time, **_with(subject, shared.filters), "metrics": ",".join(metrics)}
    made = [Part("totals", (), metrics, shared_by_all)]
    for name in shared.row["dimensions"]:
        dimension = UNITS.get(when.range, "day") if name == "time" else name
        made.append(Part(name, (dimension,), metrics, {**shared_by_all, **_split((dimension,))}))
    return made


def _of_report(shared: Shared, time: Question) -> list[Part]:
    given = {n: v for n, v in parse_qsl(shared.row["report"], keep_blank_values=True) if n not in REPORT_TIMES}
    metrics = tuple(given.get("metrics", "clicks").split(","))
    dimensions = tuple(name for name in given.pop("dimensions", "").split(",") if name)
    controls = {name: given.pop(name) for name in ("sort", "limit") if name in given}
    having = {name: given.pop(name) for name in list(given) if name.partition("[")[0] in metrics}
    shared_by_all = {**_with(given, shared.filters), **time, "metrics": ",".join(metrics)}
    made = [Part("totals", (), metrics, shared_by_all)]
    if dimensions:
        most = MOST_UNITS if dimensions[0] in TIMES else REPORT_ROWS
        limit = str(min(int(controls.get("limit", most)), most))
        split = {**having, **_split(dimensions), **controls, "limit": limit}
        if AT_LEAST in having and AT_LEAST in split:
            split[AT_LEAST] = str(max(FEW, int(having[AT_LEAST])))
        made.append(Part("report", dimensions, metrics, {**shared_by_all, **split}))
    return made


def _with(filters: Question, locked: tuple[tuple[str, str], ...]) -> Question:
    """Both hold: what is locked may narrow, and never take the place of what is there."""
    against = [name for name, value in locked if filters.get(name, value) != value]
    if against:
        raise Forbidden("the token in this address does not fit what is shared")
    return {**filters, **dict(locked)}


def _split(dimensions: tuple[str, ...]) -> Question:
    question = {"dimensions": ",".join(dimensions)}
    if FINE & {*dimensions}:
        return {**question, "limit": str(ROWS), AT_LEAST: str(FEW), "other": "false"}
    return question if dimensions[0] in TIMES else {**question, "limit": str(ROWS)}
