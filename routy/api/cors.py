"""Cross-origin requests from browsers: refused, but for the origins that the operator lists (api.cors_origins)."""

from routy.api.call import Answer, Request
from routy.config import Config

SHOWN = "ETag, Location, Retry-After, RateLimit, RateLimit-Policy, X-Request-Id, Idempotency-Replayed"
TAKEN = "Authorization, Content-Type, X-API-Key, If-Match, Idempotency-Key"
METHODS = "GET, POST, PUT, PATCH, DELETE"


def cors_headers(config: Config, request: Request) -> list[tuple[str, str]]:
    origin = request.headers.get("origin")
    if not config.api.cors_origins:
        return []
    headers = [("Vary", "Origin")]
    if origin in config.api.cors_origins:
        headers += [("Access-Control-Allow-Origin", origin), ("Access-Control-Expose-Headers", SHOWN)]
    return headers


def preflight(config: Config, request: Request) -> Answer:
    """The answer to OPTIONS; whether the browser may go on is said by the origin's own header."""
    headers = [("Allow", f"{METHODS}, HEAD, OPTIONS")]
    if request.headers.get("origin") in config.api.cors_origins:
        headers += [
            ("Access-Control-Allow-Methods", METHODS),
            ("Access-Control-Allow-Headers", TAKEN),
            ("Access-Control-Max-Age", "3600"),
        ]
    return Answer(status=204, headers=tuple(headers))
