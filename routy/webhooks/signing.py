"""Signatures, so that a receiver knows who posts: Standard Webhooks (https://www.standardwebhooks.com), and beside
it `X-Routy-Signature: t=…,v1=…` for those who would rather verify one header with five lines."""

import base64
import hashlib
import hmac
from collections.abc import Sequence


def headers(secrets: Sequence[str], message_id: str, seconds: int, body: str) -> dict[str, str]:
    """The headers of one try, made at a moment in seconds since 1970. Two secrets make two signatures, of which a
    receiver accepts either."""
    standard = [f"v1,{_standard(secret, message_id, seconds, body)}" for secret in secrets]
    ours = [f"v1={_ours(secret, seconds, body)}" for secret in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(standard),
        "X-Routy-Signature": ",".join([f"t={seconds}", *ours]),
    }


def _standard(secret: str, message_id: str, seconds: int, body: str) -> str:
    """Base64 of HMAC-SHA256 of `id.timestamp.body`; the key is what stands behind `whsec_`, decoded."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return base64.b64encode(hmac.digest(key, f"{message_id}.{seconds}.{body}".encode(), hashlib.sha256)).decode()


def _ours(secret: str, seconds: int, body: str) -> str:
    """Hex of HMAC-SHA256 of `t.body`; the key is the secret as it is given, `whsec_` and all."""
    return hmac.digest(secret.encode(), f"{seconds}.{body}".encode(), hashlib.sha256).hex()
