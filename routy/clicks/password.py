"""Links with a password: the form, five tries in ten minutes, and the door that opens.

The password comes in the body of a POST and nowhere else. Checking it takes 40 ms and 19 MiB, so a few visitors at
a time are let in to it and the others are asked to come back: redirects never wait for it.
"""

import ipaddress
import threading
from collections import deque
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from routy.clicks.rules import Choice
from routy.clicks.visit import Visit
from routy.clock import MINUTE
from routy.errors import Unavailable
from routy.passwords import verify_password

ATTEMPTS = 5
WINDOW = 10 * MINUTE
MOST_KEPT = 50_000
MOST_TOLD = 1_000
PLACES = 4  # two are hashed at once (routy/passwords.py), two wait for that
LONGEST_BODY = 4096
FORM = Choice("password", "", 200, "")
MALFORMED = Choice("password", "malformed", 400, "")
WRONG = Choice("password", "wrong", 401, "")
BUSY = Choice("password", "busy", 503, "", retry_after=2)

Place = tuple[str, int]  # an address and a link


class Failed(NamedTuple):
    link_key: int
    ip: str
    until: int


class Tries:
    """The wrong tries by address and link. The window begins with the first; a try counts from its beginning, so
    that many at once are no more than five either."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._begun: dict[Place, list[int]] = {}  # until, tries begun, tries that were wrong

    def wait(self, place: Place, now: int) -> int:
        """Milliseconds for which it is locked; 0: it is open."""
        with self._lock:
            until, _, wrong = self._begun.get(place, (0, 0, 0))
            return until - now if wrong >= ATTEMPTS and now < until else 0

    def begin(self, place: Place, now: int) -> int:
        """Take one of the tries; when there is none left, the milliseconds to wait."""
        with self._lock:
            if place not in self._begun or self._begun[place][0] <= now:
                self._make_room(now)
                self._begun[place] = [now + WINDOW, 0, 0]
            state = self._begun[place]
            if state[1] >= ATTEMPTS:
                return state[0] - now
            state[1] += 1
            return 0

    def give_back(self, place: Place) -> None:
        """It was right, or could not be checked."""
        with self._lock:
            state = self._begun.get(place)
            if state is not None:
                state[1] = max(state[1] - 1, state[2])

    def fail(self, place: Place) -> int:
        """It was wrong; the moment up to which this locks the place, or 0."""
        with self._lock:
            state = self._begun.get(place)
            if state is None:
                return 0
            state[2] += 1
            return state[0] if state[2] == ATTEMPTS else 0

    def _make_room(self, now: int) -> None:
        """Anybody can have many addresses: what is over goes, and then what is oldest."""
        if len(self._begun) < MOST_KEPT:
            return
        self._begun = {place: state for place, state in self._begun.items() if state[0] > now}
        for place in list(self._begun)[: len(self._begun) - MOST_KEPT * 9 // 10]:
            del self._begun[place]


class Passwords:
    def __init__(self) -> None:
        self.failed: deque[Failed] = deque(maxlen=MOST_TOLD)  # for the worker that tells of it
        self.tries = Tries()
        self._places = threading.BoundedSemaphore(PLACES)

    def ask(self, visit: Visit, link_key: int, stored: str, environ: Mapping[str, Any]) -> Choice | None:
        """What to show instead of going on; None when the visit has brought the right password."""
        place = (block(visit.ip), link_key)
        locked = self.tries.wait(place, visit.now)
        if locked or visit.method != "POST":
            return _locked(locked) if locked else FORM
        typed = read(environ)
        if not typed:
            return MALFORMED
        waits = self.tries.begin(place, visit.now)
        return _locked(waits) if waits else self._check(place, visit, stored, typed)

    def _check(self, place: Place, visit: Visit, stored: str, typed: str) -> Choice | None:
        right = self._matches(stored, typed)
        if right is not False:
            self.tries.give_back(place)
            return None if right else BUSY
        until = self.tries.fail(place)
        if until:
            self.failed.append(Failed(place[1], visit.ip, until))
        return _locked(until - visit.now) if until else WRONG

    def _matches(self, stored: str, typed: str) -> bool | None:
        """None when too many are being checked."""
        if not self._places.acquire(blocking=False):
            return None
        try:
            return verify_password(stored, typed)
        except Unavailable:
            return None
        finally:
            self._places.release()


def _locked(wait_ms: int) -> Choice:
    return Choice("password", "locked", 429, "", retry_after=-(-wait_ms // 1000))


def block(ip: str) -> str:
    """What counts as one address: of IPv6 the /64 that a household has."""
    if ":" not in ip:
        return ip
    try:
        return str(ipaddress.ip_network(f"{ip}/64", strict=False))
    except ValueError:
        return ip


def read(environ: Mapping[str, Any]) -> str:
    """The field `password` of a form's body; empty when there is none that is short and well formed."""
    form = environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower() == "application/x-www-form-urlencoded"
    length = environ.get("CONTENT_LENGTH") or "0"
    if not form or not (length.isascii() and length.isdigit()) or not 0 < int(length) <= LONGEST_BODY:
        return ""
    try:
        body: bytes = environ["wsgi.input"].read(int(length))
        found = parse_qs(body.decode("utf-8", "replace"), max_num_fields=10)
    except (OSError, ValueError):
        return ""
    return found.get("password", [""])[0]
