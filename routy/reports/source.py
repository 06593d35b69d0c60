"""What a part of a report is counted from: roll-ups where they are provably equal to the rows, rows otherwise.

Roll-ups hold quarter-hours by domain, link and class. Clicks, new visitors and classes add up, so they serve
whenever no filter or dimension asks for more and no boundary cuts a quarter-hour. Uniques add up only for one link,
or for the whole workspace, and only where every boundary is a midnight of UTC, because a visitor is one of a day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from routy.clock import DAY, SECOND, parse_iso
from routy.records.parameters import Filter
from routy.reports.dimensions import DIMENSIONS
from routy.reports.params import Ask
from routy.reports.zones import QUARTER, offsets
from routy.store.cursors import Reader

ROLLED = frozenset(("link_id", "domain_id", "class"))
OF_LINKS = frozenset(("link", "slug", "tag", "folder"))
WHOLE_DAYS = frozenset(("day", "week", "month", "quarter", "year", "weekday"))

_LATER = (
    "/* source.later */ SELECT count(*) > 0 FROM {source} WHERE clicked_at >= make_timestamp_ms(?)::TIMESTAMP_MS"
)


@dataclass(frozen=True)
class Source:
    """Rows, or roll-ups with the column in which uniques add up."""

    kind: Literal["clicks", "rollups"]
    flag: str = "uniques"

    @property
    def time(self) -> str:
        return "clicked_at" if self.kind == "clicks" else "quarter"


ROWS = Source("clicks")


def step_of(reader: Reader, ask: Ask, watermark: int) -> int:
    """The longest step (milliseconds) on whose boundaries both ends of the asked time lie: a day, a quarter-hour,
    or 0 where they lie on none. An end beyond all rows lies on every boundary."""
    begins = not reader.months or ask.from_ms <= parse_iso(f"{reader.months[0].name}-01")
    ends = ask.to_ms % DAY == 0 or (ask.to_ms >= watermark and not _later(reader, ask.to_ms))
    for step in (DAY, QUARTER):
        if (begins or ask.from_ms % step == 0) and (ends or ask.to_ms % step == 0):
            return step
    return 0


def _later(reader: Reader, at_ms: int) -> bool:
    return bool(reader.column(_LATER.format(source=reader.source("clicks", at_ms, None)), [at_ms])[0])


def choose(
    ask: Ask, dimensions: Sequence[str], filters: Sequence[Filter], span: tuple[int, int], step: int
) -> Source:
    """For these dimensions and the ask's metrics; `filters` have keys in place of ids."""
    timed = [name for name in dimensions if DIMENSIONS[name].timed]
    known = all(DIMENSIONS[name].rolled for name in dimensions)
    known &= all(wanted.field.name in ROLLED and wanted.operator in ("eq", "ne") for wanted in filters)
    if not known or not step or (timed and not _round(ask.timezone, span, QUARTER)):
        return ROWS
    if "uniques" not in ask.metrics:
        return Source("rollups")
    flag = _flag(dimensions, filters)
    days = step == DAY and not set(timed) - WHOLE_DAYS and (not timed or _round(ask.timezone, span, DAY))
    return Source("rollups", flag) if days and flag else ROWS


def summable(source: Source, filters: Sequence[Filter]) -> bool:
    """Whether uniques of several groups add up: of days they do, of links they do not."""
    return source.kind == "rollups" and (source.flag == "new" or _of_one_link(filters))


def _flag(dimensions: Sequence[str], filters: Sequence[Filter]) -> str:
    """Which uniques add up: those of each link, those of the workspace, or none."""
    asked = {*dimensions, *(wanted.field.name for wanted in filters)} - {"class"}
    if asked & {"domain", "domain_id"}:
        return ""  # a link may move from one domain to another within a day
    if _of_one_link(filters) or "link" in dimensions:
        return "uniques"
    return "" if asked & (OF_LINKS | {"link_id"}) else "new"


def _of_one_link(filters: Sequence[Filter]) -> bool:
    return any(f.field.name == "link_id" and f.operator == "eq" and len(f.values) == 1 for f in filters)


def _round(zone: str, span: tuple[int, int], step: int) -> bool:
    """Whether local boundaries in this time are boundaries of UTC."""
    first, changes = offsets(zone, span[0] // DAY, -(-span[1] // DAY))
    times = [first * SECOND, *(offset * SECOND for _, offset in changes), *(at_ms for at_ms, _ in changes)]
    return all(each % step == 0 for each in times)
