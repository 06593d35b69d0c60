"""Passwords of people and links: argon2id (RFC 9106) at 19 MiB, about 40 ms each.

Two at a time: hashing is the one thing here that costs memory and a core, and it must never crowd out redirects.
"""

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from routy.errors import Unavailable

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_places = threading.BoundedSemaphore(2)
WAIT_SECONDS = 5.0

# What a login of an unknown address is measured against, so that it takes as long as any other.
# (Of a random text that was thrown away, with the same costs as above.)
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$b5iTbeeLV3OHDXDpz1wHAw$FSp+orxKroMZwFwUEcAWe3Uej0brXzHDgMx4lwsQd3w"


def hash_password(password: str) -> str:
    with _Place():
        return _hasher.hash(password)


def verify_password(stored: str | None, password: str) -> bool:
    """False for a wrong password, and for someone who has none, in the same time."""
    with _Place():
        try:
            return _hasher.verify(stored or _NOBODY, password) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


class _Place:
    def __enter__(self) -> None:
        if not _places.acquire(timeout=WAIT_SECONDS):
            raise Unavailable("too many passwords are being checked", retry_after=2)

    def __exit__(self, *_: object) -> None:
        _places.release()
