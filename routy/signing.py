"""Signed texts that Routy hands out and takes back, such as the confirmation of a bulk deletion (JWT, HS256)."""

import os
import secrets
from pathlib import Path
from typing import Any

import jwt


class BadSignature(Exception):
    """Not ours, changed, for another purpose, or too old."""


def load_secret(path: Path) -> bytes:
    """The server's own secret: 32 random bytes in a file that only its owner reads, made on first use."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return bytes.fromhex(path.read_text())
    with os.fdopen(descriptor, "w") as file:
        secret = secrets.token_bytes(32)
        file.write(secret.hex())
    return secret


def sign(secret: bytes, purpose: str, claims: dict[str, Any], until_ms: int) -> str:
    return jwt.encode({**claims, "aud": purpose, "exp": until_ms // 1000}, secret, algorithm="HS256")


def verify(secret: bytes, purpose: str, text: str, now_ms: int) -> dict[str, Any]:
    try:
        claims: dict[str, Any] = jwt.decode(
            text, secret, algorithms=["HS256"], audience=purpose, options={"verify_exp": False, "require": ["exp"]}
        )
    except jwt.PyJWTError:
        raise BadSignature from None
    if claims["exp"] * 1000 < now_ms:
        raise BadSignature
    return claims
