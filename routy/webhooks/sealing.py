"""Secrets that Routy must know in clear itself, such as those that sign posts: sealed by the server's own secret,
so that who finds the database alone finds nothing (AES-256-GCM, bound to the record that it belongs to)."""

import base64
import hashlib
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12


class Unreadable(Exception):
    """It was sealed by another server's secret, or for another record, or is damaged."""


class Sealer:
    def __init__(self, secret: bytes) -> None:
        self._cipher = AESGCM(hashlib.sha256(b"routy seals " + secret).digest())

    def seal(self, text: str, about: str) -> str:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return base64.b64encode(nonce + self._cipher.encrypt(nonce, text.encode(), about.encode())).decode()

    def open(self, sealed: str, about: str) -> str:
        try:
            raw = base64.b64decode(sealed, validate=True)
            return self._cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], about.encode()).decode()
        except (InvalidTag, ValueError):
            raise Unreadable from None
