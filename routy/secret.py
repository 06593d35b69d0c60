"""Secrets that Routy hands out: tokens, session cookies, the setup link. Only their SHA-256 is stored.

A token is `rty_` + 40 base62 characters + 6 of a checksum, so that secret scanners can match it and a typo is
refused without a look-up: `rty_[0-9A-Za-z]{46}`.
"""

import hashlib
import re
import zlib

from routy.ids import BASE62, random_base62

_TOKEN = re.compile(r"rty_([0-9A-Za-z]{40})([0-9A-Za-z]{6})", re.ASCII)


def new_token() -> str:
    body = random_base62(40)
    return f"rty_{body}{_checksum(body)}"


def looks_like_token(text: str) -> bool:
    found = _TOKEN.fullmatch(text)
    return found is not None and _checksum(found[1]) == found[2]


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _checksum(body: str) -> str:
    """CRC-32 in base62, as GitHub's tokens have it."""
    number = zlib.crc32(body.encode())
    letters = ""
    for _ in range(6):
        number, rest = divmod(number, 62)
        letters = BASE62[rest] + letters
    return letters


def random_password() -> str:
    return random_base62(16)
