"""What a share shows: the answers of the reports with nothing left in them but what was chosen.

Records are shown by their slug alone: no id of anything goes out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Any

from routy.days import BEGINNING
from routy.errors import Invalid, NotFound, RoutyError
from routy.public.questions import Days, Part

UNITS_OF_TIME = ("hour", "day", "week", "month", "quarter", "year")
HEADINGS = {
    "time": "Over time", "weekday": "Days of the week", "hour_of_day": "Hours of the day", "country": "Countries",
    "region": "Regions", "city": "Cities", "device": "Devices", "browser": "Browsers", "os": "Operating systems",
    "language": "Languages", "referrer_host": "Where they came from", "link": "Links", "report": "Figures",
}  # fmt: skip
METRIC_LABELS = {"clicks": "Clicks", "uniques": "Visitors", "humans": "Clicks of people", "bots": "Visits of bots"}
UNKNOWN = {"referrer_host": "Direct or unknown"}
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DEVICES = {"tv": "TV"}


@dataclass(frozen=True)
class Line:
    """One row: what it is about as a machine reads it and as a person does, and its figures."""

    values: tuple[Any, ...]
    label: str
    figures: tuple[int, ...]


@dataclass(frozen=True)
class Split:
    """A part of the page. `rest` is what lies beyond the lines, when that is told."""

    name: str
    dimensions: tuple[str, ...]
    metrics: tuple[str, ...]
    lines: tuple[Line, ...]
    rest: tuple[int, ...] | None

    @property
    def heading(self) -> str:
        return HEADINGS[self.name]

    @property
    def timed(self) -> bool:
        return len(self.dimensions) == 1 and self.dimensions[0] in UNITS_OF_TIME

    @property
    def most(self) -> int:
        return max((line.figures[0] for line in self.lines), default=0)


@dataclass(frozen=True)
class Figures:
    """`drawn` holds what was made of them: pages and files, by what they are."""

    when: Days
    metrics: tuple[str, ...]
    totals: tuple[int, ...]
    splits: tuple[Split, ...]
    watermark: str
    complete: bool
    timezone: str
    drawn: dict[Any, Any] = field(default_factory=dict)

    @property
    def series(self) -> Split | None:
        return next((split for split in self.splits if split.timed), None)


def read(when: Days, parts: Sequence[Part], answers: Sequence[dict[str, Any] | RoutyError]) -> Figures:
    """The reports' answers, part by part."""
    known = [_answered(answer) for answer in answers]
    whole = known[0]
    splits = [_split(part, answer, when) for part, answer in zip(parts, known, strict=True) if part.dimensions]
    return Figures(
        when,
        parts[0].metrics,
        _figures(whole["totals"], parts[0].metrics),
        tuple(splits),
        whole["watermark"],
        whole["complete"],
        whole["timezone"],
    )


def _answered(answer: dict[str, Any] | RoutyError) -> dict[str, Any]:
    """What cannot be asked any more is not there: a filter that has gone, days beyond all calendars."""
    if isinstance(answer, Invalid):
        raise NotFound("there is nothing here") from answer
    if isinstance(answer, RoutyError):
        raise answer
    return answer


def _figures(row: Mapping[str, Any], metrics: Sequence[str]) -> tuple[int, ...]:
    return tuple(row[name] for name in metrics)


def _split(part: Part, answer: Mapping[str, Any], when: Days) -> Split:
    lines = [_line(part, row) for row in answer["rows"]]
    rest = answer["other"] and _figures(answer["other"], part.metrics)
    split = Split(part.name, part.dimensions, part.metrics, tuple(lines), rest or None)
    return replace(split, lines=_begun(split.lines)) if split.timed and when.first <= BEGINNING else split


def _begun(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """All time begins with the first click."""
    first = next((at for at, line in enumerate(lines) if any(line.figures)), len(lines))
    return lines[first:]


def _line(part: Part, row: Mapping[str, Any]) -> Line:
    values = tuple(row["slug" if name == "link" else name] for name in part.dimensions)
    label = ", ".join(_label(name, value) for name, value in zip(part.dimensions, values, strict=True))
    return Line(values, label, _figures(row, part.metrics))


def _label(dimension: str, value: Any) -> str:
    if value is None or value == "":
        return UNKNOWN.get(dimension, "Unknown")
    if dimension == "country":
        return _countries().get(value, str(value))
    if dimension == "weekday":
        return WEEKDAYS[value - 1]
    if dimension == "hour_of_day":
        return f"{value:02d}:00"
    if dimension == "hour":
        return str(value)[:16].replace("T", " ")
    if dimension == "device":
        return DEVICES.get(value, str(value).capitalize())
    return str(value)


@cache
def _countries() -> dict[str, str]:
    """ISO 3166 codes and names, as the time zone database has them."""
    text = (files("tzdata") / "zoneinfo" / "iso3166.tab").read_text()
    rows = (line.partition("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return {code: name for code, _, name in rows}
