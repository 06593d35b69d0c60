"""Reports on many clicks, through the same door as the API's, each against the best SQL that we can write by hand.

Both take turns on one store with the usual memory, so that both see the same machine. Milliseconds are medians of
rounds; ratios are of processor time, which other people's work disturbs less. Hand-written SQL knows nothing of
names, watermarks or what lies beyond a limit.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from bench.child import in_child
from bench.clicks_of import directory_of, last_day
from bench.result import Options, Result
from routy.clock import DAY
from routy.records import beginning
from routy.reports.asking import Asking
from routy.resource import Actor
from routy.store.duck import ClickStore
from routy.store.sqlite import Records

ROUNDS = 9
MEMORY = "512MB"
LINK = 7  # one of those with many clicks
BREAKDOWNS = {
    "link": "link_key", "country": "country", "referrer_host": "referrer_host", "browser": "browser", "os": "os",
    "device": "device", "language": "language", "utm_source": "utm_source",
}  # fmt: skip

_SCOPE = (
    "workspace_key = 1 AND class = 'human' AND clicked_at >= make_timestamp_ms(?)::TIMESTAMP_MS"
    " AND clicked_at < make_timestamp_ms(?)::TIMESTAMP_MS"
)
_BY = "SELECT {column}, count(*) AS c, count(DISTINCT visitor) FROM {clicks} WHERE {scope} GROUP BY 1"
_TOTALS = "SELECT count(*), count(DISTINCT visitor) FROM {clicks} WHERE {scope}"
_SETS = (
    "SELECT {berlin} AS day, {columns}, grouping({columns}) AS g, count(*), count(DISTINCT visitor)"
    " FROM {clicks} WHERE {scope} GROUP BY GROUPING SETS ({sets}, (day), ())"
)
_BERLIN = (  # with the one change of its clocks in these thirty days
    "(epoch_ms(clicked_at) + CASE WHEN clicked_at < TIMESTAMP_MS '2026-10-25 01:00:00' THEN 7200000"
    " ELSE 3600000 END) // 86400000"
)
_DAYS = "SELECT {time}::DATE, {count} FROM {table} WHERE workspace_key = 1 AND class = 'human' GROUP BY 1"
_OF_LINK = "WHERE link_key = 7 AND"

Run = Callable[[], Any]
Seconds = tuple[float, float]
Times = list[tuple[Seconds, ...]]


def measure(options: Options) -> Iterator[Result]:
    cases, standard = in_child(_measure, str(directory_of(Path(options.cache), options.clicks)))
    for name, target, times in cases:
        yield from _results(name, target, times, options.clicks)
    yield from _standard_results({name: _compared(times) for name, times in standard.items()}, options.clicks)


class Compared(NamedTuple):
    """Milliseconds, those of each way by hand, and the processor time of ours against that of the best of these."""

    ms: float
    by_hand: list[float]
    ratio: float


def _compared(times: list[tuple[Seconds, ...]]) -> Compared:
    """`times`: each round's seconds, on the clock and of the processors, of ours, then of each way by hand."""
    clock, spent = ([[each[of] for each in way] for way in zip(*times, strict=True)] for of in (0, 1))
    best = min(range(1, len(spent)), key=lambda way: median(spent[way]))
    ratio = median(ours / theirs for ours, theirs in zip(spent[0], spent[best], strict=True))
    return Compared(median(clock[0]) * 1000, [median(way) * 1000 for way in clock[1:]], ratio)


def _results(name: str, target: str, times: list[tuple[Seconds, ...]], clicks: int) -> Iterator[Result]:
    found = _compared(times)
    by_hand = ", ".join(f"{ms:.1f}" for ms in found.by_hand)
    how = f"{clicks / 1e6:g} M clicks, {MEMORY}; by hand {by_hand} ms"
    yield Result(f"report: {name}", found.ms, "ms", target, how)
    yield Result(f"{name}, to SQL", found.ratio, "ratio", "≤ 1.3", "processor time, in the same rounds")


def _standard_results(found: dict[str, Compared], clicks: int) -> Iterator[Result]:
    of = f"of {len(found)} reports on 30 days of {clicks / 1e6:g} M clicks, {MEMORY}"
    slowest, worst = (
        max(found, key=lambda name: found[name].ms),
        max(found, key=lambda name: found[name].ratio),
    )
    each = ", ".join(f"{name} {one.ms:.0f}" for name, one in found.items())
    yield Result("standard report, slowest", found[slowest].ms, "ms", "< 150", f"{slowest}, {of}: {each}")
    each = ", ".join(f"{name} {one.ratio:.2f}" for name, one in found.items())
    how = f"{worst}, {of}, in processor time: {each}"
    yield Result("standard report, to SQL", found[worst].ratio, "ratio", "≤ 1.3", how)


def _measure(directory: str) -> tuple[list[tuple[str, str, Times]], dict[str, Times]]:
    records = Records(Path(directory) / "routy.db")
    store = ClickStore(Path(directory) / "clicks", MEMORY)
    store.open()
    now = last_day()
    asking = Asking(store, records, lambda: now, lambda: now)
    actor = beginning.system_of(beginning.first_workspace(records) or "")
    cases = [
        ("dashboard of 30 days", "< 250", [_dashboard(asking, actor, other=False), *_dashboard_by_hand(store)]),
        ("the same with `other`", "", [_dashboard(asking, actor, other=True), *_dashboard_by_hand(store)]),
        ("all time by day", "< 120", [_all_by_day(asking, actor), *_all_by_hand(store)]),
        ("one link by country", "< 30", [_one_link(asking, actor, records), _one_by_hand(store)]),
    ]
    found = [(name, target, _rounds(ways)) for name, target, ways in cases]
    names = ["", "day", *BREAKDOWNS]
    standard = {
        name or "totals": _rounds([_standard(asking, actor, name), _standard_by_hand(store, name)])
        for name in names
    }
    store.close()
    return found, standard


def _rounds(ways: list[Run]) -> Times:
    """After a first round that may read the files."""
    return [tuple(_seconds(way) for way in ways) for _ in range(ROUNDS + 1)][1:]


def _seconds(run: Run) -> Seconds:
    clock, spent = time.perf_counter(), time.process_time()
    run()
    return time.perf_counter() - clock, time.process_time() - spent


# ---- as the API asks


def _dashboard(asking: Asking, actor: Actor, other: bool) -> Run:
    """Totals, a series and eight breakdowns of thirty days in a zone whose days are none of UTC's."""
    breakdowns = [{"dimensions": name, "limit": 10} for name in BREAKDOWNS]
    panels = [{}, {"dimensions": "day"}, *breakdowns]
    body = {"metrics": "clicks,uniques", "timezone": "Europe/Berlin", "other": other, "panels": panels}
    return lambda: asking.batch(actor, body)


def _all_by_day(asking: Asking, actor: Actor) -> Run:
    given = [("dimensions", "day"), ("from", "2025-11-01"), ("timezone", "UTC")]
    return lambda: asking.report(actor, given)


def _one_link(asking: Asking, actor: Actor, records: Records) -> Run:
    link = records.rows("/* bench.link */ SELECT id FROM links WHERE key = ?", (LINK,))[0]["id"]
    given = [("link_id", link), ("dimensions", "country"), ("metrics", "clicks,uniques")]
    return lambda: asking.report(actor, given)


def _standard(asking: Asking, actor: Actor, dimension: str) -> Run:
    """One dimension, without what lies beyond the limit."""
    given = [("dimensions", dimension), ("metrics", "clicks,uniques"), ("timezone", "Europe/Berlin")]
    return lambda: asking.report(actor, [*given, ("other", "false")])


# ---- by hand


def _by_hand(store: ClickStore, statements: list[str], bound: bool = True) -> Run:
    span = [last_day() - 30 * DAY, last_day()]

    def run() -> None:
        with store.reading() as reader:
            clicks = reader.source("clicks", *span)
            tables = {"clicks": clicks, "scope": _SCOPE, "every": reader.source("clicks")}
            for sql in statements:
                filled = sql.format(**tables, rollups=reader.source("rollups"))
                reader.rows(f"/* bench.by_hand */ {filled}", span if bound else ())

    return run


def _dashboard_by_hand(store: ClickStore) -> list[Run]:
    """One statement a panel, and one for all of them."""
    columns = [_BERLIN, *BREAKDOWNS.values()]
    ranked = [
        f"{_BY.replace('{column}', column)}{' ORDER BY c DESC LIMIT 10' if column in BREAKDOWNS.values() else ''}"
        for column in columns
    ]
    sets = ", ".join(f"({column})" for column in BREAKDOWNS.values())
    whole = (
        _SETS.replace("{berlin}", _BERLIN)
        .replace("{columns}", ", ".join(BREAKDOWNS.values()))
        .replace("{sets}", sets)
    )
    return [_by_hand(store, [_TOTALS, *ranked]), _by_hand(store, [whole])]


def _standard_by_hand(store: ClickStore, dimension: str) -> Run:
    """The rows and the totals: uniques of groups do not add up."""
    column = _BERLIN if dimension == "day" else BREAKDOWNS.get(dimension, "")
    rows = f"{_BY.replace('{column}', column)} ORDER BY c DESC LIMIT 101"
    return _by_hand(store, [_TOTALS, rows] if column else [_TOTALS])


def _all_by_hand(store: ClickStore) -> list[Run]:
    rows = _DAYS.format(time="clicked_at", count="count(*)", table="{every}")
    rolled = _DAYS.format(time="quarter", count="sum(clicks)", table="{rollups}")
    return [_by_hand(store, [rows], bound=False), _by_hand(store, [rolled], bound=False)]


def _one_by_hand(store: ClickStore) -> Run:
    """Its rows and its totals, as the report has both."""
    statements = [_TOTALS, f"{_BY.replace('{column}', 'country')} ORDER BY c DESC LIMIT 100"]
    return _by_hand(store, [sql.replace("WHERE", _OF_LINK) for sql in statements])
