"""One connection of the firehose: an iterable of bytes, as WSGI takes it, that waits for what comes.

It ends when the server stops, when its credential is no good any more, or when it is read too slowly; whoever read
it goes on from the last cursor that came through.
"""

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from routy.api.call import Connection
from routy.api.hose import Hose, Item, Page
from routy.records.feed import Place
from routy.records.matching import matches
from routy.records.parameters import Filter

LOOK_SECONDS = 0.2  # how often somebody who waits looks for something new
BEAT_SECONDS = 15.0
CHECK_SECONDS = 2.0  # how long a credential may go on that was revoked
WRITE_SECONDS = 10.0  # to take what was sent, all but UNSENT
UNSENT = 256 * 1024
PIECE = 64 * 1024


class Wanted(NamedTuple):
    """What one connection asks of one stream. `resources`: of events, whose events it may see; None: all."""

    filters: Sequence[Filter]
    resources: frozenset[str] | None


@dataclass(frozen=True)
class Asked:
    """What a connection asks for, checked. `mark` names its workspace in cursors."""

    workspace_id: str
    streams: dict[str, Wanted]
    places: dict[str, Place]  # of all streams, the others waiting where they are
    mark: str
    form: "Form"
    follow: bool


@dataclass(frozen=True)
class Form:
    """How messages are written."""

    content_type: str
    begin: Callable[[str], bytes]
    row: Callable[[str, str, bytes], bytes]  # stream, cursor, JSON
    beat: Callable[[str], bytes]
    end: Callable[[str, str], bytes]  # reason, cursor


def _json(**values: Any) -> bytes:
    return msgspec.json.encode(values)


# A comment keeps a connection awake, and the id beside it is kept by EventSource although nothing happens.
SSE = Form(
    "text/event-stream; charset=utf-8",
    lambda cursor: b"retry: 2000\n: begin\nid: %b\n\n" % cursor.encode(),
    lambda stream, cursor, text: b"id: %b\nevent: %b\ndata: %b\n\n" % (cursor.encode(), stream.encode(), text),
    lambda cursor: b": heartbeat\nid: %b\n\n" % cursor.encode(),
    lambda reason, cursor: b"event: end\ndata: %b\n\n" % _json(reason=reason, cursor=cursor),
)
NDJSON = Form(
    "application/x-ndjson",
    lambda cursor: _json(stream="begin", cursor=cursor, data=None) + b"\n",
    lambda stream, cursor, text: (
        b'{"stream":"%b","cursor":"%b","data":%b}\n' % (stream.encode(), cursor.encode(), text)
    ),
    lambda cursor: _json(stream="heartbeat", cursor=cursor, data=None) + b"\n",
    lambda reason, cursor: _json(stream="end", cursor=cursor, data={"reason": reason}) + b"\n",
)


def cursor_of(places: dict[str, Place], mark: str) -> str:
    (segment, line), (seq, _) = places["clicks"], places["events"]
    return f"{segment}.{line}.{seq}.{mark}"


class Outflow:
    """`allowed` tells whether the credential is still good; `leave` is called once, when it is over."""

    def __init__(
        self,
        hose: Hose,
        asked: Asked,
        connection: Connection,
        allowed: Callable[[], bool],
        leave: Callable[[], None],
    ) -> None:
        self._hose, self._asked, self._connection = hose, asked, connection
        self._allowed, self._leave = allowed, leave
        self._places = dict(asked.places)
        self._checked = self._written = time.monotonic()
        self._flow = self._flowing()

    def __iter__(self) -> Iterator[bytes]:
        return self._flow

    def close(self) -> None:
        try:
            self._flow.close()
        finally:
            self._leave()

    # ---- the walk

    def _flowing(self) -> Generator[bytes, None, None]:
        yield self._asked.form.begin(self._cursor())
        reason = ""
        while not reason and not self._connection.gone():
            pages = {name: self._hose.streams[name].behind(self._places[name]) for name in self._asked.streams}
            for name, page in pages.items():
                for piece in self._pieces(name, page):
                    began = self._written = time.monotonic()
                    yield piece
                    if not self._is_taken(began):
                        return
            yield self._beat()
            reason = self._over(pages)
            if not reason:
                self._wait(pages)
        yield self._asked.form.end(reason, self._cursor()) if reason else b""

    def _pieces(self, name: str, page: Page) -> Iterator[bytes]:
        """What of a page is asked for, in pieces that can be written one by one. The cursor moves with each row."""
        piece: list[bytes] = []
        size = 0
        for item in page.items:
            if not self._is_wanted(name, item):
                continue
            self._places[name] = item.place
            piece.append(self._asked.form.row(name, self._cursor(), item.text))
            size += len(piece[-1])
            if size >= PIECE:
                yield b"".join(piece)
                piece, size = [], 0
        self._places[name] = page.end
        if piece:
            yield b"".join(piece)

    def _is_wanted(self, name: str, item: Item) -> bool:
        wanted = self._asked.streams[name]
        if item.workspace_id != self._asked.workspace_id:
            return False
        if wanted.resources is not None and item.row["resource"] not in wanted.resources:
            return False
        return not wanted.filters or matches(wanted.filters, item.row)

    def _cursor(self) -> str:
        return cursor_of(self._places, self._asked.mark)

    # ---- between pages

    def _is_taken(self, began: float) -> bool:
        """Whether it was read fast enough: the rest of it must fit where there is room."""
        until = began + WRITE_SECONDS
        while self._connection.unsent() > UNSENT and time.monotonic() < until:
            if self._hose.stopping.wait(0.05) or self._connection.gone():
                return False
        return time.monotonic() < until

    def _beat(self) -> bytes:
        """A heartbeat where nothing else was written for so long. Nothing at all is also good: some servers see by
        it that nobody listens any more."""
        if time.monotonic() - self._written < BEAT_SECONDS:
            return b""
        self._written = time.monotonic()
        return self._asked.form.beat(self._cursor())

    def _over(self, pages: dict[str, Page]) -> str:
        """Why it ends, or nothing."""
        if self._hose.stopping.is_set():
            return "the server stops"
        if time.monotonic() - self._checked >= CHECK_SECONDS:
            self._checked = time.monotonic()
            if not self._allowed():
                return "the credential is no good any more"
        if not self._asked.follow and not any(page.items or page.full for page in pages.values()):
            return "this is all that there is"
        return ""

    def _wait(self, pages: dict[str, Page]) -> None:
        """A moment, where there is nothing more; a short one where there is, so that what is long past does not
        take all of the time from what is new."""
        took = sum(page.seconds for page in pages.values())
        more = any(page.full for page in pages.values())
        self._hose.stopping.wait(min(took, LOOK_SECONDS) if more else LOOK_SECONDS)
