"""What can be followed: the rows of a stream in an order that stays, read behind a place, from wherever they lie.

Events are followed here, in the order of commits; clicks in clicks/feed.py, in the order of loading.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from routy.errors import Invalid
from routy.records.matching import matches
from routy.records.parameters import parse_filters
from routy.records.query import columns
from routy.records.rows import from_columns
from routy.records.show import show
from routy.resource import Resource, Row
from routy.resources.events import Event
from routy.store.sqlite import Records

AT_ONCE = 200  # rows in one look of the command line
Place = tuple[int, int]  # segment and line of a click; the seq of an event and 0

_EVENTS = f"/* feed.events */ SELECT {columns(Event)} FROM events t WHERE t.seq > ? ORDER BY t.seq LIMIT ?"
_LAST = "/* feed.last_event */ SELECT seq FROM sqlite_sequence WHERE name = 'events'"
_FIRST = "/* feed.first_event */ SELECT min(seq) AS seq FROM events"


class Fed(NamedTuple):
    """A row with its place. `row` holds stored values, as filters compare them."""

    place: Place
    workspace_id: str
    row: Row


class Source(Protocol):
    """A stream that can be followed. `beginning` is the place before everything that is kept."""

    @property
    def beginning(self) -> Place: ...
    def now(self) -> Place:
        """The place behind everything that there is."""

    def keeps(self, after: Place) -> bool:
        """Whether nothing that came behind this place has been forgotten as old."""

    def read(self, after: Place, limit: int) -> tuple[Sequence[Fed], Place]:
        """Up to so many rows behind a place, of all workspaces, and the place behind them."""


@dataclass(frozen=True)
class EventFeed:
    """The events table."""

    records: Records
    beginning: Place = (0, 0)

    def now(self) -> Place:
        last = self.records.one(_LAST)
        return (int(last["seq"]) if last else 0, 0)

    def keeps(self, after: Place) -> bool:
        first = self.records.one(_FIRST)
        oldest = self.now()[0] + 1 if first is None or first["seq"] is None else first["seq"]
        return after == self.beginning or after[0] >= oldest - 1

    def read(self, after: Place, limit: int) -> tuple[Sequence[Fed], Place]:
        rows = self.records.rows(_EVENTS, (after[0], limit))
        fed = [Fed((row["seq"], 0), row["workspace_id"], from_columns(Event, row)) for row in rows]
        return fed, fed[-1].place if fed else after


def looked_at(
    source: Source, resource: type[Resource], asked: Mapping[str, Any], beside: Sequence[str] = ()
) -> dict[str, Any]:
    """One look behind a place, for the command line: `{"after": [1, 2] or null, "filters": [["class", "human"]]}` →
    `{"rows": […], "after": […]}`. Without a place, nothing and the place of now. `beside` are hidden fields to be
    shown as well. Invalid names wrong filters."""
    filters = parse_filters(resource, [(str(name), str(text)) for name, text in asked.get("filters", ())])
    if asked.get("after") is None:
        return {"rows": [], "after": source.now()}
    match asked["after"]:
        case [int(first), int(second)]:
            fed, place = source.read((first, second), AT_ONCE)
        case _:
            raise Invalid({"after": "is not a place"})
    rows = [one.row for one in fed if matches(filters, one.row)]
    return {"rows": [show(resource, row) | {name: row[name] for name in beside} for row in rows], "after": place}
