"""From a report to DuckDB's SQL, out of registries and bound values.

Inside, dimensions are d0, d1 … and metrics m0, m1 …; a dimension of time has its text as t0, t1 … beside it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from routy.records.parameters import Filter
from routy.reports import zones
from routy.reports.buckets import Key
from routy.reports.conditions import Values, condition
from routy.reports.dimensions import DIMENSIONS
from routy.reports.listed import harmless
from routy.reports.metrics import METRICS
from routy.reports.params import HAVING, Ask
from routy.reports.source import Source

Statement = tuple[str, Values]
Keys = Sequence[Key | str | None]  # of one group
FEW = frozenset(("class", "country", "device", "os"))  # dimensions of some hundred values at the most
Lists = dict[str, tuple[str, str]]  # slug, folder or tag → the keys of links and what each has, as JSON

_TYPES = {"text": "VARCHAR", "number": "BIGINT", "record": "INTEGER", "date": "DATE", "moment": "BIGINT",
          "cycle": "BIGINT"}  # fmt: skip


# What metrics need of a row; naming all fifty columns would cost as much as a small question.
_COUNTED = {
    "clicks": ("c.link_key", "c.class", "c.visitor", "c.is_new"),
    "rollups": ("c.link_key", "c.class", "c.clicks", "c.uniques", "c.new"),
}


@dataclass(frozen=True)
class Part:
    """What is counted: the rows of a source in the asked time that the filters let through, by some dimensions.
    `span` is the part of that time in which there can be rows: it bounds the zone's rules; `months` is the time of
    the months that `table` has."""

    ask: Ask
    dimensions: tuple[str, ...]
    source: Source
    table: str
    workspace_key: int
    filters: Sequence[Filter]
    span: tuple[int, int]
    months: tuple[int, int]
    lists: Lists

    @property
    def names(self) -> list[str]:
        return [f"d{at}" for at in range(len(self.dimensions))]


def totals(part: Part) -> Statement:
    """One row: m0, m1 …"""
    sql, values = _figures(part, part.ask.metrics, "")
    return f"/* reports.totals */ {sql}", values


def rows(part: Part, keys: Sequence[Key] | None) -> Statement:
    """d0, d1 …, t0 …, m0, m1 …, and `groups`, how many rows there are in all: one row more than the limit. With
    `keys` every one of them has its row. Where there can only be few, all come, and need not be counted."""
    sql, values = _groups(part, keys)
    if len(part.dimensions) == 1 and part.dimensions[0] in FEW:
        return f"/* reports.rows */ SELECT * FROM ({sql}) g ORDER BY {_order(part.ask)}", values
    limit = f" LIMIT {part.ask.limit + 1}" if part.ask.limit is not None else ""
    texts = "".join(f", {text} AS t{at}" for at, text in _texts(part).items())
    return (
        f"/* reports.rows */ WITH g AS MATERIALIZED ({sql}) SELECT *{texts}, (SELECT count(*) FROM g) AS groups"
        f" FROM g ORDER BY {_order(part.ask)}{limit}"
    ), values


def of_keys(part: Part, wanted: Sequence[Keys]) -> Statement:
    """The groups of these keys alone, whatever their figures: d0, d1 …, m0, m1 …"""
    sql, values = _grouped(part)
    table, more = _table(part, wanted)
    same = _same(part.names, "g", "w")
    return f"/* reports.of_keys */ SELECT g.* FROM ({sql}) g SEMI JOIN ({table}) w ON {same}", [*values, *more]


def other(part: Part, counted: Part, metrics: Sequence[str], top: Sequence[Keys]) -> Statement:
    """One row of these metrics over what lies beyond the limit: in groups that are none of `top`. `counted` is the
    part without tags, where each click counts once, of the source that the metrics are counted from."""
    if part.ask.having:  # which left some groups out altogether
        sql, values = _groups(part, None)
        beyond = f"SELECT {', '.join(part.names)} FROM ({sql}) ORDER BY {_order(part.ask)} OFFSET {part.ask.limit}"
        only = "SEMI"
    else:
        (beyond, values), only = _table(part, top), "ANTI"
    if "tag" not in part.dimensions:
        joined = f" {only} JOIN ({beyond}) b ON {_same(part.names, 'p', 'b')}"
        sql, more = _figures(counted, metrics, joined)
        return f"/* reports.other */ {sql}", [*more, *values]
    return _other_of_tags(part, counted, metrics, f" {only} JOIN ({beyond}) b", values)


def _other_of_tags(part: Part, counted: Part, metrics: Sequence[str], joined: str, values: Values) -> Statement:
    """Of a link with several tags some may lie beyond the limit and some not: its clicks are counted once."""
    rest = [name for name, each in zip(part.names, part.dimensions, strict=True) if each != "tag"]
    sql, scoped = _scope(part)
    pairs = (
        f"SELECT DISTINCT {', '.join(['link_key', *rest])} FROM ({sql}) s{joined} ON {_same(part.names, 's', 'b')}"
    )
    matched = [f"p.d{at} IS NOT DISTINCT FROM q.{name}" for at, name in enumerate(rest)]
    only = f" SEMI JOIN ({pairs}) q ON {' AND '.join(['p.link_key = q.link_key', *matched])}"
    figures, more = _figures(counted, metrics, only)
    return f"/* reports.other */ {figures}", [*more, *scoped, *values]


def _table(part: Part, wanted: Sequence[Keys]) -> Statement:
    """These keys as d0, d1 …"""
    lists = [
        f"{_typed(name, f'unnest(from_json(?::JSON, {_json_type(name)}))')} AS {each}"
        for each, name in zip(part.names, part.dimensions, strict=True)
    ]
    columns = [json.dumps([row[at] for row in wanted], default=str) for at in range(len(part.dimensions))]
    return f"SELECT {', '.join(lists)}", columns


def in_file(
    part: Part, keys: Sequence[Key] | None, names: Mapping[str, Sequence[str]], for_people: bool
) -> Statement:
    """All rows under the names that a file shows. `names` holds, for each dimension of records, keys, ids and
    labels as JSON; `for_people`: a spreadsheet may open it."""
    sql, values = _groups(part, keys)
    joins = [f" LEFT JOIN ({_NAMES}) n{at} ON n{at}.key = g.d{at}" for at, _ in _records(part)]
    bound = [text for _, name in _records(part) for text in names[name]]
    columns = _shown(part, for_people) | {name: f"g.m{at}" for at, name in enumerate(part.ask.metrics)}
    selected = ", ".join(f'{column} AS "{name}"' for name, column in columns.items())
    limit = f" LIMIT {part.ask.limit}" if part.ask.limit is not None else ""
    return (
        f"/* reports.in_file */ SELECT {selected} FROM ({sql}) g{''.join(joins)} ORDER BY {_order(part.ask)}{limit}"
    ), [*values, *bound]


_NAMES = """/* reports.names */ SELECT unnest(from_json(?::JSON, '["INTEGER"]')) AS key,
unnest(from_json(?::JSON, '["VARCHAR"]')) AS id, unnest(from_json(?::JSON, '["VARCHAR"]')) AS label"""


def _records(part: Part) -> list[tuple[int, str]]:
    return [(at, name) for at, name in enumerate(part.dimensions) if DIMENSIONS[name].kind == "record"]


def _shown(part: Part, for_people: bool) -> dict[str, str]:
    """The dimensions as a file shows them: records by id and label, times as texts."""
    texts = _texts(part)
    shown: dict[str, str] = {}
    for at, name in enumerate(part.dimensions):
        kind = DIMENSIONS[name].kind
        if kind == "record":
            shown[name], label = f"n{at}.id", f"n{at}.label"
            shown[DIMENSIONS[name].label] = harmless(label) if for_people else label
        else:
            plain = texts.get(at, f"g.d{at}")
            shown[name] = harmless(plain) if for_people and kind == "text" else plain
    return shown


# ---- the parts of statements


def _scope(part: Part) -> Statement:
    """The rows, with their dimensions."""
    time, scanned = part.source.time, _scanned(part.ask)
    conditions = [f"workspace_key = {part.workspace_key}", *_bounds(part)]
    if scanned is not None:
        conditions.append(_among(scanned))
    values: Values = []
    for wanted in part.filters:
        sql, more = condition(wanted, time)
        conditions.append(sql)
        values += more
    joins, lists = _joins(part)
    shown = [*_COUNTED[part.source.kind]]
    shown += [f"{_dimension(part, name)} AS d{at}" for at, name in enumerate(part.dimensions)]
    shown += [f"{sql} AS k{at}" for at, (sql, _) in _raw(part).items()]
    sql = f"SELECT {', '.join(shown)} FROM {part.table} c{joins} WHERE {' AND '.join(conditions)}"
    return sql, [*lists, *values]


def _bounds(part: Part) -> list[str]:
    """The asked time, as far as there are rows beyond it: every condition costs, and so does every bound value,
    which is why numbers of our own stand in the text. Of roll-ups the quarter-hour counts that an end beyond all
    rows lies in."""
    (begin, end), (first, last) = (part.ask.from_ms, part.ask.to_ms), part.months
    step = 1 if part.source.kind == "clicks" else zones.QUARTER
    found = [f"{part.source.time} >= {_moment(begin // step * step)}"] if begin > first else []
    return [*found, f"{part.source.time} < {_moment(end)}"] if end < last else found


def _moment(at_ms: int) -> str:
    return f"make_timestamp_ms({at_ms})::TIMESTAMP_MS"  # as MOMENT


def _among(classes: Sequence[str]) -> str:
    """Of a list that the code holds."""
    quoted = ", ".join(f"'{each}'" for each in classes)
    return f"class IN ({quoted})"


def _raw(part: Part) -> dict[int, tuple[str, str]]:
    """For dimensions of time, by their places, what rows are grouped by and how a key is made of it."""
    zone = (part.source.time, part.ask.timezone, *part.span)
    return {at: zones.raw(name, *zone) for at, name in enumerate(part.dimensions) if DIMENSIONS[name].timed}


def _dimension(part: Part, name: str) -> str:
    dimension = DIMENSIONS[name]
    if dimension.timed:
        return zones.key(name, part.source.time, part.ask.timezone, *part.span)
    if name in part.lists:
        return f"l_{name}.has::{_TYPES[dimension.kind]}"
    return f"c.{dimension.sql}"


def _joins(part: Part) -> Statement:
    """What links are, beside the rows: their slugs, folders and tags."""
    joins = ""
    values: Values = []
    for name in part.dimensions:
        if name in part.lists:
            kind = "VARCHAR" if name == "slug" else "INTEGER"
            joins += (
                " LEFT JOIN (SELECT unnest(from_json(?::JSON, '[\"INTEGER\"]')) AS link,"
                f" unnest(from_json(?::JSON, '[\"{kind}\"]')) AS has) l_{name} ON l_{name}.link = c.link_key"
            )
            values += part.lists[name]
    return joins, values


def _counted(part: Part) -> Statement:
    """What metrics run over: rows, or roll-ups, of which some are negative. Links are counted only where something
    is left of the sum."""
    sql, values = _scope(part)
    if part.source.kind == "clicks" or "links" not in part.ask.metrics:
        return sql, values
    names = ", ".join([*part.names, *(f"k{at}" for at in _raw(part)), "link_key", "class"])
    sums = ", ".join(f"sum({name}) AS {name}" for name in ("clicks", "uniques", "new"))
    return f"SELECT {names}, {sums} FROM ({sql}) GROUP BY {names} HAVING sum(clicks) <> 0", values


def _figures(part: Part, metrics: Sequence[str], only: str) -> Statement:
    sql, values = _counted(part)
    return f"SELECT {_metrics(part, metrics)} FROM ({sql}) p{only}", values


def _grouped(part: Part) -> Statement:
    sql, values = _counted(part)
    names = ", ".join(part.names)
    if not names:
        return f"SELECT {_metrics(part, part.ask.metrics)} FROM ({sql})", values
    left = " HAVING sum(clicks) <> 0" if part.source.kind == "rollups" else ""
    raw = _raw(part)
    by = ", ".join(f"k{at}" if at in raw else name for at, name in enumerate(part.names))
    shown = ", ".join(
        f"{raw[at][1].format(f'k{at}')} AS {name}" if at in raw else name for at, name in enumerate(part.names)
    )
    return f"SELECT {shown}, {_metrics(part, part.ask.metrics)} FROM ({sql}) GROUP BY {by}{left}", values


def _groups(part: Part, keys: Sequence[Key] | None) -> Statement:
    """The groups that are asked for, by their keys and figures."""
    sql, values = _grouped(part)
    if keys is not None:
        name = part.dimensions[0]
        every = _typed(name, f"unnest(from_json(?::JSON, {_json_type(name)}))")
        zeros = ", ".join(f"coalesce(m{at}, 0) AS m{at}" for at in range(len(part.ask.metrics)))
        sql = f"SELECT d0, {zeros} FROM (SELECT {every} AS d0) FULL JOIN ({sql}) USING (d0)"
        values = [json.dumps(list(keys), default=str), *values]
    places = {name: f"m{at}" for at, name in enumerate(part.ask.metrics)}
    having = [f"{places[each.metric]} {HAVING[each.operator]} {each.value}" for each in part.ask.having]
    return (f"SELECT * FROM ({sql}) WHERE {' AND '.join(having)}" if having else sql), values


def _scanned(ask: Ask) -> tuple[str, ...] | None:
    """The classes asked for, and those that metrics count by themselves."""
    if ask.classes is None:
        return None
    counted = [METRICS[name].classed for name in ask.metrics if METRICS[name].classed]
    return tuple(dict.fromkeys((*ask.classes, *counted)))


def _metrics(part: Part, names: Sequence[str]) -> str:
    places = {name: at for at, name in enumerate(part.ask.metrics)}
    return ", ".join(f"{_metric(part, name)} AS m{places[name]}" for name in names)


def _metric(part: Part, name: str) -> str:
    classes, scanned = part.ask.classes, _scanned(part.ask)
    chosen = "TRUE" if classes == scanned else _among(classes or ())
    human = "class = 'human'" if classes is None or "human" in classes else "FALSE"
    human = "TRUE" if scanned == ("human",) else human
    sql = METRICS[name].rows if part.source.kind == "clicks" else METRICS[name].rollups
    filled = sql.format(chosen=chosen, human=human, flag=part.source.flag)
    return filled.replace(" FILTER (WHERE TRUE)", "")


def _texts(part: Part) -> dict[int, str]:
    """The texts of times, by the places of their dimensions."""
    return {
        at: zones.shown(name, f"d{at}", part.ask.timezone, *part.span)
        for at, name in enumerate(part.dimensions)
        if DIMENSIONS[name].timed
    }


def _order(ask: Ask) -> str:
    """As asked, then by the dimensions, so that the same question has the same answer."""
    names = [f"d{at}" for at in range(len(ask.dimensions))]
    places = dict(zip(ask.dimensions, names, strict=True))
    places |= {name: f"m{at}" for at, name in enumerate(ask.metrics)}
    asked = [f"{places[sort.name]} {'DESC' if sort.descending else 'ASC'} NULLS LAST" for sort in ask.sorts]
    return ", ".join([*asked, *(f"{name} ASC NULLS LAST" for name in names)])


def _same(names: Sequence[str], one: str, another: str) -> str:
    return " AND ".join(f"{one}.{name} IS NOT DISTINCT FROM {another}.{name}" for name in names)


def _json_type(name: str) -> str:
    kind = _TYPES[DIMENSIONS[name].kind]
    return f"'[\"{'VARCHAR' if kind == 'DATE' else kind}\"]'"


def _typed(name: str, sql: str) -> str:
    """A key as SQL groups by it, out of JSON."""
    kind = DIMENSIONS[name].kind
    return f"make_timestamp_ms({sql})" if kind == "moment" else f"{sql}::{_TYPES[kind]}"
