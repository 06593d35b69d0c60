"""A report, from the parameters of a URL to its answer. `report` shows the walk."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from routy.clock import iso
from routy.reports import build, names
from routy.reports.dimensions import DIMENSIONS
from routy.reports.metrics import METRICS
from routy.reports.params import Ask, parse
from routy.resource import Actor, Row
from routy.resource import Reader as Records
from routy.store.duck import ClickStore, Reader


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
    filters = names.by_keys(records, actor, ask.filters)
    with store.reading() as reader:
        source = reader.source("clicks", ask.from_ms, ask.to_ms)
        scope = build.scope(source, workspace.key, ask, filters, _span(reader, ask))
        totals = _figures(ask, reader.rows(*build.totals(ask, scope))[0])
        found = reader.rows(*build.rows(ask, scope)) if ask.dimensions else []
        rest = reader.rows(*build.other(ask, scope))[0] if len(found) > ask.limit else None
    return {
        "rows": _rows(records, ask, found[: ask.limit]),
        "totals": totals,
        "other": rest and {"rows": rest["groups"], **_figures(ask, rest)},
        "watermark": iso(watermark),
        "complete": ask.to_ms <= watermark,
        "from": iso(ask.from_ms),
        "to": iso(ask.to_ms),
        "timezone": ask.timezone,
    }


def schema() -> dict[str, Any]:
    """What can be asked for: the two registries."""
    return {
        "metrics": [
            {"name": metric.name, "unit": metric.unit, "additive": metric.additive, "doc": metric.doc}
            for metric in METRICS.values()
        ],
        "dimensions": [{"name": dimension.name, "doc": dimension.doc} for dimension in DIMENSIONS.values()],
    }


def _span(reader: Reader, ask: Ask) -> tuple[int, int]:
    """The asked time, cut to the months that there are."""
    months = reader.between(ask.from_ms, ask.to_ms)
    if not months:
        return ask.from_ms, ask.from_ms
    return max(ask.from_ms, _begin(months[0].name)), min(ask.to_ms, _begin(_after(months[-1].name)))


def _begin(month: str) -> int:
    return round(datetime.fromisoformat(f"{month}-01").replace(tzinfo=UTC).timestamp() * 1000)


def _after(month: str) -> str:
    year, number = divmod(int(month[:4]) * 12 + int(month[5:]), 12)
    return f"{year:04d}-{number + 1:02d}"


def _figures(ask: Ask, row: Row) -> Row:
    return {name: row[f"m{at}"] for at, name in enumerate(ask.metrics)}


def _rows(records: Records, ask: Ask, found: Sequence[Row]) -> list[Row]:
    """Dimensions first, then metrics. A link comes with its slug, a domain with its host."""
    known: dict[str, dict[int, names.Name]] = {}
    for at, name in enumerate(ask.dimensions):
        if name in _NAMED:
            known[name] = _NAMED[name][0](records, (row[f"d{at}"] for row in found))
    return [{**_dimensions(ask, row, known), **_figures(ask, row)} for row in found]


_NAMED = {"link": (names.links, "slug"), "domain": (names.domains, "host")}


def _dimensions(ask: Ask, row: Row, known: dict[str, dict[int, names.Name]]) -> Row:
    shown: Row = {}
    for at, name in enumerate(ask.dimensions):
        value = row[f"d{at}"]
        if name in known:
            record = known[name].get(value)
            shown[name] = record and record.id
            shown[_NAMED[name][1]] = record and record.label
        else:
            shown[name] = value.isoformat() if isinstance(value, date) else value
    return shown
