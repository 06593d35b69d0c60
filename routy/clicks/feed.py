"""Clicks in the order in which they were loaded: what the firehose, webhooks and `tail` follow.

Every row keeps its segment and line, whatever becomes of its month, so that a place in this order is good for as
long as the row is. Read is only what is whole (Loader.committed): behind a place that was read nothing comes up
any more. A row is shown as /clicks shows it; its link and workspace stand beside it.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from routy.errors import Invalid
from routy.ids import ulid_of
from routy.records import catalogue
from routy.records.feed import Fed, Place
from routy.records.show import show
from routy.resource import Row
from routy.resources.clicks import Click
from routy.resources.links import Link
from routy.store.cursors import Reader
from routy.store.duck import ClickStore, parts_of
from routy.store.months import Month
from routy.store.sqlite import Records

LAST_LINE = 2**31 - 1
SEGMENTS_AT_ONCE = 256
VISITOR = "visitor"  # the actor of a click
LINES_OF_A_SEGMENT = 2**20  # more than any has: so `sequence` sorts as places do, and stays below 2^53

_AHEAD = """/* feed.ahead */
SELECT segment, sum(stored)::BIGINT AS rows, list(month) AS months FROM ({ledgers})
WHERE segment <= $upto AND stored > 0 AND (segment > $segment OR ($line < {last} AND segment = $segment))
GROUP BY segment ORDER BY segment LIMIT {most}
"""
_LEDGER = "(FROM (SELECT '{month}' AS month, segment, stored FROM {ledger} WHERE stream = 'clicks'))"
_ROWS = """/* feed.rows */
SELECT segment, line, workspace_key, link_key, {columns} FROM ({clicks})
WHERE segment BETWEEN $segment AND $upto AND (segment > $segment OR line > $line)
ORDER BY segment, line LIMIT $limit
"""
_LINKS = """/* feed.links */
SELECT l.key, l.id, l.slug, l.folder_id,
  (SELECT json_group_array(x.tag_id) FROM link_tags x WHERE x.link_id = l.id) AS tag_ids
FROM links l WHERE l.key IN (SELECT value FROM json_each(?))
"""
_DOMAINS = "/* feed.domains */ SELECT key, id FROM domains WHERE key IN (SELECT value FROM json_each(?))"
_WORKSPACES = "/* feed.workspaces */ SELECT key, id FROM workspaces WHERE key IN (SELECT value FROM json_each(?))"


@dataclass(frozen=True)
class ClickFeed:
    """`columns` are the SQL of Click's fields; `committed` tells the highest segment that may be read. A place is a
    segment and a line; a row holds the hidden fields of Click as well."""

    store: ClickStore
    records: Records
    columns: Mapping[str, str]
    committed: Callable[[], int]
    beginning: Place = (0, LAST_LINE)

    def now(self) -> Place:
        return (self.committed(), LAST_LINE)

    def keeps(self, after: Place) -> bool:
        """Retention takes rows of classes and months, not of places."""
        return True

    def read(self, after: Place, limit: int) -> tuple[list[Fed], Place]:
        """Unavailable when the store is."""
        upto = self.committed()
        if after >= (upto, LAST_LINE):
            return [], after
        with self.store.glancing() as reader:
            ahead = self._ahead(reader, after, upto)
            last, months = _enough(ahead, limit, upto)
            rows = self._rows(reader, months, after, last, limit)
        fed = self._fed(rows)
        return fed, fed[-1].place if len(fed) == limit else (last, LAST_LINE)

    def read_clicks(self, after: str | None, limit: int) -> tuple[list[dict[str, Any]], str]:
        """The events of clicks behind a cursor, of whole clicks, and the cursor behind them. None: those to come.

        Each is like a row of `events`, its data decoded: a click is a link.clicked, and one that came by QR code a
        link.scanned as well. Their ids are the same whenever they are read, and their `seq` sorts them, but not
        among other events. Clicks of links that were deleted for good are told to nobody. Invalid: no cursor."""
        if after is None:
            return [], written(self.now())
        fed, place = self.read(parsed(after), limit)
        return [event for one in fed if one.row["link_id"] for event in _events(one)], written(place)

    # ---- from the stores

    def _ahead(self, reader: Reader, after: Place, upto: int) -> list[Row]:
        """The next segments that have rows, with their number and their months."""
        named = {month.name: reader.source_of("ledger", month) for month in reader.months}
        ledgers = " UNION ALL ".join(_LEDGER.format(month=name, ledger=source) for name, source in named.items())
        if not ledgers:
            return []
        sql = _AHEAD.format(ledgers=ledgers, last=LAST_LINE, most=SEGMENTS_AT_ONCE)
        return reader.rows(sql, {"segment": after[0], "line": after[1], "upto": upto})

    def _rows(self, reader: Reader, months: set[str], after: Place, last: int, limit: int) -> list[Row]:
        wanted = [month for month in reader.months if month.name in months]
        if not wanted:
            return []
        shown = ", ".join(f'{column} AS "{name}"' for name, column in self.columns.items())
        sql = _ROWS.format(columns=shown, clicks=_united(reader, wanted))
        return reader.rows(sql, {"segment": after[0], "line": after[1], "upto": last, "limit": limit})

    def _fed(self, rows: list[Row]) -> list[Fed]:
        """Keys become ids, and what can be asked of a click's link is put beside it."""
        links = self._named(_LINKS, (row["link_key"] for row in rows))
        domains = self._named(_DOMAINS, (row["domain_id"] for row in rows))
        workspaces = self._named(_WORKSPACES, (row["workspace_key"] for row in rows))
        found = []
        for row in rows:
            place, whose = (row.pop("segment"), row.pop("line")), workspaces.get(row.pop("workspace_key"), {})
            link = links.get(row.pop("link_key"), {})
            row |= {"link_id": link.get("id"), "domain_id": domains.get(row["domain_id"], {}).get("id")}
            row |= {"slug": link.get("slug"), "folder_id": link.get("folder_id")}
            row["tag_ids"] = json.loads(link.get("tag_ids", "[]"))
            found.append(Fed(place, whose.get("id", ""), row))
        return found

    def _named(self, sql: str, keys: Iterable[int]) -> dict[int, Row]:
        return {row["key"]: row for row in self.records.rows(sql, (json.dumps(sorted(set(keys))),))}


def _enough(ahead: list[Row], limit: int, upto: int) -> tuple[int, set[str]]:
    """The segment up to which so many rows can be found, and the months that they lie in."""
    rows, months = 0, set[str]()
    for each in ahead:
        rows += each["rows"]
        months |= set(each["months"])
        if rows >= limit:
            return each["segment"], months
    return (ahead[-1]["segment"] if len(ahead) == SEGMENTS_AT_ONCE else upto), months


def _united(reader: Reader, months: list[Month]) -> str:
    return " UNION ALL ".join(f"FROM {reader.source_of('clicks', month)}" for month in months)


def parsed(text: str) -> Place:
    """`written`, read; Invalid when it is none."""
    segment, _, line = text.partition(".")
    if not all(part.isascii() and part.isdigit() and len(part) <= 10 for part in (segment, line)):
        raise Invalid({"after": "is not a place among the clicks"})
    return int(segment), int(line)


def written(place: Place) -> str:
    return f"{place[0]}.{place[1]}"


# ---- clicks as events


def _events(fed: Fed) -> list[dict[str, Any]]:
    types = ["link.clicked", "link.scanned"] if fed.row["source"] == "qr" else ["link.clicked"]
    return [_event(fed, type_) for type_ in types]


def _event(fed: Fed, type_: str) -> dict[str, Any]:
    assert type_ in catalogue.OPT_IN
    return {
        "id": _event_id(fed.row["id"], type_),
        "type": type_,
        "created_at": fed.row["created_at"],
        "seq": fed.place[0] * LINES_OF_A_SEGMENT + fed.place[1],
        "workspace_id": fed.workspace_id,
        "resource": Link.plural,
        "record_id": fed.row["link_id"],
        "actor": VISITOR,
        "request_id": None,
        "data": {**show(Click, fed.row), "slug": fed.row["slug"]},
    }


def _event_id(click_id: str, type_: str) -> str:
    """Always the same for the same click, and another for each type."""
    if type_ == "link.clicked":
        return f"evt_{click_id[-26:]}"
    at_ms, high, low = parts_of(click_id)
    return f"evt_{ulid_of(at_ms, high << 64 | low ^ 1)}"
