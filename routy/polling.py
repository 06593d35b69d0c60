"""The loop of waitress, for many connections of which few have something to say.

waitress's own asks each connection before each wait what it waits for: five hundred that are idle make every
redirect wait a millisecond. Here the kernel keeps what each waits for, and only those are asked again to whom
something has happened: their socket spoke, or a thread is at work on their request. Once a second all are asked,
because waitress closes by the clock what has been idle for long.
"""

import select
import time
from typing import Any

from waitress import wasyncore
from waitress.channel import HTTPChannel

READ, WRITE = select.EPOLLIN | select.EPOLLPRI, select.EPOLLOUT
GONE = select.EPOLLERR | select.EPOLLHUP
EVERY = 1.0  # seconds until all are asked


class Sockets(dict[int, Any]):
    """What waitress knows as its map: the connections by their descriptors, and the loop over them."""

    def __init__(self) -> None:
        super().__init__()
        self._epoll = select.epoll()
        self._known: dict[int, int] = {}  # what the kernel looks for; it may be more than is wanted
        self._restless: set[int] = set()  # who is asked before each wait

    def __setitem__(self, descriptor: int, connection: Any) -> None:
        super().__setitem__(descriptor, connection)
        self._restless.add(descriptor)

    def __delitem__(self, descriptor: int) -> None:
        """Called while the socket is still open: the number may be another's in the next moment."""
        super().__delitem__(descriptor)
        self._restless.discard(descriptor)
        if self._known.pop(descriptor, 0):
            self._epoll.unregister(descriptor)

    def loop(self) -> None:
        """Until SystemExit, or until nothing is left to wait for."""
        while self:
            self._restless.update(self)
            until = time.monotonic() + EVERY
            while self and (left := until - time.monotonic()) > 0:
                for descriptor in list(self._restless):
                    self._ask(descriptor)
                for descriptor, events in self._epoll.poll(left):
                    self._serve(descriptor, events)

    def _ask(self, descriptor: int) -> None:
        connection = self.get(descriptor)
        if connection is None:  # closed by another thread, which ends the loop
            return
        wanted, known = _wanted(connection), self._known.get(descriptor, 0)
        if wanted & ~known:
            self._look_for(descriptor, wanted)
        if wanted == READ and isinstance(connection, HTTPChannel) and not connection.requests:
            self._restless.discard(descriptor)

    def _serve(self, descriptor: int, events: int) -> None:
        connection = self.get(descriptor)
        if connection is None:  # closed by one before it
            return
        self._restless.add(descriptor)
        wanted = _wanted(connection)
        if events & (wanted | GONE) and wanted:
            wasyncore.readwrite(connection, events & (wanted | GONE))
        else:  # it has no use for this now, and would be told again at once
            self._look_for(descriptor, wanted)

    def _look_for(self, descriptor: int, wanted: int) -> None:
        known = self._known.get(descriptor, 0)
        if not known:
            self._epoll.register(descriptor, wanted)
        elif not wanted:
            self._epoll.unregister(descriptor)
        else:
            self._epoll.modify(descriptor, wanted)
        self._known[descriptor] = wanted


def _wanted(connection: Any) -> int:
    reads = READ if connection.readable() else 0
    return reads | WRITE if connection.writable() and not connection.accepting else reads
