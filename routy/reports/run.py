"""A report, from parameters to its answer: `report` shows the walk, `batch` makes several of one moment."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache, cached_property, partial
from typing import Any

from routy import __version__
from routy.clock import end_of_month, iso, parse_iso
from routy.errors import Invalid
from routy.reports import build, names
from routy.reports.body import Panel
from routy.reports.buckets import Key, Period, keys
from routy.reports.build import Part, Statement
from routy.reports.compared import against, compared, period_before
from routy.reports.dimensions import DIMENSIONS
from routy.reports.metrics import METRICS
from routy.reports.params import Ask, parse
from routy.reports.rows import stored
from routy.reports.source import ROWS, Source, choose, step_of, summable
from routy.reports.zones import QUARTER
from routy.resource import Actor, Row
from routy.resource import Reader as Records
from routy.resources.clicks import Click
from routy.store.cursors import Reader
from routy.store.duck import ClickStore

OF_LINKS = ("slug", "folder", "tag")  # dimensions that need to know what links are

_STATE = """SELECT '{alias}' AS month, (SELECT count(*) FROM {ledger}) AS loaded,
(SELECT count(*) FROM {judgements}) AS judged"""


def report(
    store: ClickStore,
    records: Records,
    actor: Actor,
    parameters: Iterable[tuple[str, str]],
    now: int,
    watermark: int,
) -> dict[str, Any]:
    """The `data` of GET /reports. `watermark` is the moment up to which all clicks are in the store."""
    workspace = names.workspace(records, actor)
    ask = parse(parameters, now, workspace.timezone)
    with store.reading() as reader:
        return _answer(Desk(Remembering(reader), records, actor, workspace.key, ask, now, watermark))


def batch(
    store: ClickStore, records: Records, actor: Actor, panels: Sequence[Panel], now: int, watermark: int
) -> list[dict[str, Any] | Invalid]:
    """A report, or what is wrong with it, for each panel; all of one moment. What several need is asked once."""
    workspace = names.workspace(records, actor)
    asks = [_parsed(panel, now, workspace.timezone) for panel in panels]
    if all(isinstance(ask, Invalid) for ask in asks):
        return list(asks)  # type: ignore[arg-type]  # all of them are
    with store.reading() as reader:
        asked = Remembering(reader)
        desk = partial(Desk, asked, records, actor, workspace.key, now=now, watermark=watermark)
        return [ask if isinstance(ask, Invalid) else _answer(desk(ask)) for ask in asks]


def _parsed(panel: Panel, now: int, timezone: str) -> Ask | Invalid:
    try:
        return parse(panel.parameters(), now, timezone)
    except Invalid as error:
        return error


def version(
    store: ClickStore,
    records: Records,
    actor: Actor,
    parameters: Sequence[tuple[str, str]],
    now: int,
    watermark: int,
    whole: bool = False,
) -> str:
    """The same for as long as the answer is: it moves with what was asked, what is loaded or judged again, the
    names of records, and every quarter of an hour where the asked time is not over."""
    workspace = names.workspace(records, actor)
    ask = parse(parameters, now, workspace.timezone, whole)
    open_ = ask.to_ms >= now
    time = (ask.from_ms, None if ask.to_ms == now else ask.to_ms, now // QUARTER if open_ else 0)
    with store.glancing() as reader:
        state = _state(reader, ask)
    asked = (__version__, actor.workspace_id, time, workspace, ask.to_ms <= watermark, names.seq(records), state)
    return hashlib.sha256(repr((asked, sorted(parameters))).encode()).hexdigest()[:24]


def _state(reader: Reader, ask: Ask) -> list[Row]:
    """Moves when something is loaded, judged again or written anew in the asked months."""
    months = [
        _STATE.format(
            alias=month.alias,
            ledger=reader.source_of("ledger", month),
            judgements=reader.source_of("judgements", month),
        )
        for month in reader.between(ask.from_ms, ask.to_ms)
    ]
    return reader.rows(f"/* reports.state */ {' UNION ALL '.join(months)} ORDER BY month") if months else []


class Remembering:
    """A reader that answers the same question once: several panels share totals and more."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self._known: dict[str, list[Row]] = {}

    @cache  # noqa: B019 (it lives for one request)
    def erased(self, from_ms: int, to_ms: int) -> frozenset[str]:
        """The classes of which retention has taken rows of this time."""
        if not any(month.pruned for month in self.reader.between(from_ms, to_ms)):
            return frozenset()
        return frozenset(self.reader.erased(from_ms, to_ms))

    def rows(self, statement: Statement) -> list[Row]:
        question = repr(statement)
        if question not in self._known:
            self._known[question] = self.reader.rows(*statement)
        return self._known[question]


@dataclass(frozen=True)
class Desk:
    """One report in the making: what is asked, and where the answer lies."""

    asked: Remembering
    records: Records
    actor: Actor
    workspace_key: int
    ask: Ask
    now: int
    watermark: int

    @property
    def reader(self) -> Reader:
        return self.asked.reader

    @cached_property
    def filters(self) -> tuple[Any, ...]:
        return tuple(stored(Click, names.by_keys(self.records, self.actor, self.ask.filters)))

    @cached_property
    def months(self) -> tuple[int, int]:
        """The time of the months that there are of the asked one."""
        months = self.reader.between(self.ask.from_ms, self.ask.to_ms)
        if not months:
            return self.ask.from_ms, self.ask.from_ms
        return parse_iso(f"{months[0].name}-01"), end_of_month(months[-1].name)

    @cached_property
    def span(self) -> tuple[int, int]:
        """The asked time, cut to those months."""
        return max(self.ask.from_ms, self.months[0]), min(self.ask.to_ms, self.months[1])

    @cached_property
    def step(self) -> int:
        return step_of(self.reader, self.ask, self.watermark)

    @cached_property
    def lists(self) -> dict[str, tuple[str, str]]:
        return {
            name: names.listed(self.records, self.actor, name) for name in self.ask.dimensions if name in OF_LINKS
        }

    def part(self, dimensions: Sequence[str], source: Source | None = None) -> Part:
        chosen = source or choose(self.ask, dimensions, self.filters, self.span, self.step)
        kind = "counted" if chosen.kind == "clicks" else chosen.kind
        table = self.reader.source(kind, self.ask.from_ms, self.ask.to_ms)
        named = (self.filters, self.span, self.months, self.lists)
        return Part(self.ask, tuple(dimensions), chosen, table, self.workspace_key, *named)

    def keys(self) -> list[Key] | None:
        """The units of time that shall have a row each: all that have begun, or all in the months that there are,
        if so many rows are asked for."""
        ask = self.ask
        if not ask.fill:
            return None
        most = ask.limit if ask.limit is not None else 1_000_000
        asked = Period(ask.from_ms, min(ask.to_ms, max(self.now, ask.from_ms + 1)), ask.timezone)
        there = Period(max(asked.from_ms, self.span[0]), min(asked.to_ms, self.span[1]), ask.timezone)
        unit = ask.dimensions[0]
        found = keys(unit, asked, most)
        return keys(unit, there, most) if found is None else found


def _answer(desk: Desk) -> dict[str, Any]:
    ask, part = desk.ask, desk.part(desk.ask.dimensions)
    found = desk.asked.rows(build.rows(part, desk.keys())) if ask.dimensions else []
    limit = ask.limit or 0
    totals = _totals(desk, part, found)
    rest = _other(desk, part, found[:limit], totals) if ask.other and len(found) > limit else None
    shown = _shown(desk, found[:limit])
    data = {
        "rows": shown,
        "totals": totals,
        "other": rest and {"rows": found[0].get("groups", len(found)) - limit, **rest},
        "has_more": len(found) > limit,
        "watermark": iso(desk.watermark),
        "complete": ask.to_ms <= desk.watermark,
        "detail_from": _detail_from(desk),
        "from": iso(ask.from_ms),
        "to": iso(ask.to_ms),
        "timezone": ask.timezone,
    }
    return {**data, "compare": _compare(desk, found[:limit], shown, totals)} if ask.compare else data


def _totals(desk: Desk, part: Part, found: Sequence[Row]) -> Row:
    """All rows added up, where that is the same; else asked for."""
    ask = desk.ask
    if ask.dimensions and len(found) <= (ask.limit or 0) and _adds_up(desk, part):
        return _sums(ask, found)
    return _figures(ask, desk.asked.rows(build.totals(desk.part(()))))


def _other(desk: Desk, part: Part, top: Sequence[Row], totals: Row) -> Row:
    """What the totals have beyond these rows, or what is counted there. Uniques of groups that do not add up are
    counted from single clicks."""
    ask = desk.ask
    if _adds_up(desk, part):
        sums = _sums(ask, top)
        return {name: totals[name] - sums[name] for name in ask.metrics}
    plain = [name for name in ask.dimensions if name != "tag"]
    keys = [_keys(ask, row) for row in top]
    apart = part.source != ROWS and "uniques" in ask.metrics and not summable(part.source, desk.filters)
    metrics = [name for name in ask.metrics if not apart or name != "uniques"]
    counted: Row = {}
    for source, names_ in ((part.source, metrics), (ROWS, ["uniques"] if apart else [])):
        if names_:
            statement = build.other(part, desk.part(plain, source), names_, keys)
            counted |= desk.asked.rows(statement)[0]
    return _named(ask, counted)


def _adds_up(desk: Desk, part: Part) -> bool:
    """Whether the figures of all groups add up to the totals: none is left out, none counts a click that another
    counts, and both come from the same source."""
    ask = desk.ask
    if ask.having or "tag" in ask.dimensions or part.source.kind != desk.part(()).source.kind:
        return False
    sums = summable(part.source, desk.filters)
    return all(METRICS[name].additive or (name == "uniques" and sums) for name in ask.metrics)


def _sums(ask: Ask, found: Sequence[Row]) -> Row:
    return {name: sum(row[f"m{at}"] for row in found) for at, name in enumerate(ask.metrics)}


def _compare(desk: Desk, found: Sequence[Row], shown: Sequence[Row], totals: Row) -> dict[str, Any]:
    """The figures of the time before, put into the rows beside those of now; its totals."""
    ask = desk.ask
    before = period_before(ask)
    asked = replace(ask, from_ms=before.from_ms, to_ms=before.to_ms, compare="", fill=False, having=())
    then = Desk(desk.asked, desk.records, desk.actor, desk.workspace_key, asked, desk.now, desk.watermark)
    wanted = [against(ask, before, _keys(ask, row)) for row in found]
    known: dict[tuple[Any, ...], Row] = {}
    if wanted:
        groups = desk.asked.rows(build.of_keys(then.part(ask.dimensions), wanted))
        known = {_keys(ask, row): _named(ask, row) for row in groups}
    for row, key in zip(shown, wanted, strict=True):
        row["compare"] = compared(_named_of(ask, row), known.get(key, {}))
    return {
        "from": iso(before.from_ms),
        "to": iso(before.to_ms),
        "totals": compared(totals, _figures(ask, desk.asked.rows(build.totals(then.part(()))))),
    }


def _detail_from(desk: Desk) -> str | None:
    """Since when all single rows are there, where retention has taken some of the asked time: breakdowns that need
    them miss those, totals do not."""
    ask = desk.ask
    if not _erased(desk, ask.from_ms, ask.to_ms):
        return None
    months = [month.name for month in desk.reader.between(ask.from_ms, ask.to_ms)]
    taken = [name for name in months if _erased(desk, parse_iso(f"{name}-01"), end_of_month(name))]
    return iso(end_of_month(taken[-1])) if taken else None


def _erased(desk: Desk, from_ms: int, to_ms: int) -> bool:
    classes = desk.asked.erased(from_ms, to_ms)
    return bool(classes if desk.ask.classes is None else classes & set(desk.ask.classes))


# ---- rows, as they are shown


def _figures(ask: Ask, found: Sequence[Row]) -> Row:
    return _named(ask, found[0])


def _named(ask: Ask, row: Row) -> Row:
    return {name: row[f"m{at}"] for at, name in enumerate(ask.metrics)}


def _named_of(ask: Ask, shown: Row) -> Row:
    return {name: shown[name] for name in ask.metrics}


def _keys(ask: Ask, row: Row) -> tuple[Any, ...]:
    return tuple(_key(row[f"d{at}"]) for at in range(len(ask.dimensions)))


def _key(value: Any) -> Any:
    """Moments as milliseconds; dates and all else as they are."""
    return parse_iso(f"{value.isoformat(timespec='milliseconds')}Z") if isinstance(value, datetime) else value


def _shown(desk: Desk, found: Sequence[Row]) -> list[Row]:
    """Dimensions first, then metrics. Of a record come its id and its slug, host or name."""
    ask = desk.ask
    known = {
        name: names.named(desk.records, name, (row[f"d{at}"] for row in found))
        for at, name in enumerate(ask.dimensions)
        if DIMENSIONS[name].kind == "record"
    }
    return [{**_dimensions(ask, row, known), **_named(ask, row)} for row in found]


def _dimensions(ask: Ask, row: Row, known: Mapping[str, Mapping[int, names.Name]]) -> Row:
    shown: Row = {}
    for at, name in enumerate(ask.dimensions):
        value = row.get(f"t{at}", row[f"d{at}"])
        if name in known:
            record = known[name].get(value or 0)
            shown[name] = record and record.id
            shown[DIMENSIONS[name].label] = record and record.label
        else:
            shown[name] = value.isoformat() if isinstance(value, date) else value
    return shown
