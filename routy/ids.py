"""Record ids: `prefix_` + 26 characters of Crockford base32 that sort by time (the ULID layout:
48 bits of milliseconds, 80 random bits; https://github.com/ulid/spec)."""

import os
import re
import secrets

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

PAIRS = [a + b for a in CROCKFORD for b in CROCKFORD]  # ten bits at a time
_VALUES = {letter: value for value, letter in enumerate(CROCKFORD)}


def ulid(at_ms: int) -> str:
    """26 characters for a moment in milliseconds since 1970; two calls never give the same."""
    return ulid_of(at_ms, int.from_bytes(os.urandom(10), "big"))


def ulid_of(at_ms: int, random: int) -> str:
    """The 26 characters of a moment and of 80 random bits."""
    number = (at_ms << 80) | random
    return "".join([PAIRS[(number >> shift) & 1023] for shift in range(120, -1, -10)])


def new_id(prefix: str, at_ms: int) -> str:
    return f"{prefix}_{ulid(at_ms)}"


def pattern(prefix: str) -> str:
    """The regular expression of ids with this prefix."""
    return f"^{prefix}_[{CROCKFORD}]{{26}}$"


def is_id(prefix: str, text: str) -> bool:
    return re.fullmatch(f"{prefix}_[{CROCKFORD}]{{26}}", text) is not None


def time_of(record_id: str) -> int:
    """The milliseconds inside an id, which must be well formed."""
    number = 0
    for letter in record_id.rsplit("_", 1)[-1][:10]:
        number = number * 32 + _VALUES[letter]
    return number


def random_base62(length: int) -> str:
    return "".join(secrets.choice(BASE62) for _ in range(length))
