"""What all connections of the firehose share: how many there may be, when they end, and what they read.

Each stream is read in pages. Whoever comes to a place first reads the page behind it and encodes its rows, and the
others that come there find it: readers who have caught up all stand at the same place, so that each row is read and
encoded once, however many they are.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from routy.errors import Unavailable
from routy.records.feed import Fed, Place, Source
from routy.records.show import show
from routy.resource import Resource, Row

ROWS_A_PAGE = 500
PAGES_KEPT = 8
LOCK_SECONDS = 0.5
_encode = msgspec.json.Encoder().encode


class Item(NamedTuple):
    """A row that can be sent: `text` is its JSON, `row` what filters compare."""

    place: Place
    workspace_id: str
    row: Row
    text: bytes


class Page(NamedTuple):
    """What stands behind a place. `full`: there may be more behind its end. `seconds`: what it took to read, 0 for
    who found it."""

    items: tuple[Item, ...]
    end: Place
    full: bool = False
    seconds: float = 0.0


class Pages:
    """The pages of one stream, the last few of them kept."""

    def __init__(self, resource: type[Resource], source: Source) -> None:
        self.resource, self.source = resource, source
        self._lock = threading.Lock()
        self._kept: OrderedDict[Place, Page] = OrderedDict()

    def behind(self, place: Place) -> Page:
        """An empty page when there is nothing new; one full of nothing when that cannot be told just now."""
        if not self._lock.acquire(timeout=LOCK_SECONDS):
            return Page((), place, True, LOCK_SECONDS)
        try:
            if place in self._kept:
                return self._kept[place]
            page = self._read(place)
            self._keep(place, page)
            return page
        finally:
            self._lock.release()

    def _read(self, place: Place) -> Page:
        began = time.monotonic()
        try:
            fed, end = self.source.read(place, ROWS_A_PAGE)
        except Unavailable:
            return Page((), place, True, LOCK_SECONDS)
        items = tuple(self._item(each) for each in fed)
        return Page(items, end, len(items) == ROWS_A_PAGE, time.monotonic() - began)

    def _item(self, fed: Fed) -> Item:
        return Item(*fed, _encode(show(self.resource, fed.row)))

    def _keep(self, place: Place, page: Page) -> None:
        """Not an empty one: there may be something behind the same place a moment later."""
        if page.items:
            self._kept[place] = page._replace(seconds=0.0)
            if len(self._kept) > PAGES_KEPT:
                self._kept.popitem(last=False)


@dataclass(frozen=True)
class Hose:
    """`most` connections at a time."""

    streams: Mapping[str, Pages]
    most: int
    stopping: threading.Event = field(default_factory=threading.Event)
    _readers: set[object] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def enter(self) -> Callable[[], None]:
        """Take a place; what comes back gives it back, once. Unavailable when all are taken."""
        reader = object()
        with self._lock:
            if len(self._readers) >= self.most or self.stopping.is_set():
                raise Unavailable("all places of the firehose are taken", retry_after=5)
            self._readers.add(reader)
        return lambda: self._readers.discard(reader)

    @property
    def readers(self) -> int:
        return len(self._readers)

    def end(self) -> None:
        """Every connection ends at once, and none begins any more."""
        self.stopping.set()
