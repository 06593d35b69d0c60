"""The errors of the API as a reader meets them at /docs/errors: one entry a class of routy/errors.py."""

from collections.abc import Iterator
from dataclasses import dataclass

from routy.errors import RoutyError


@dataclass(frozen=True)
class Refusal:
    """One code: the status it comes with, what it means and what to do."""

    code: str
    status: int
    meaning: str
    remedy: str


# What a code means, and what to do about it. A test holds the table equal to the classes.
EXPLAINED: dict[str, tuple[str, str]] = {
    "VALIDATION_ERROR": (
        "One or more fields or parameters are wrong; details names all of them.",
        "Correct them and send the request again.",
    ),
    "INVALID_API_KEY": (
        "A credential was given and is no good: mistyped, revoked or expired; or a login with a wrong password.",
        "Check that the token is complete, or make a new one.",
    ),
    "UNAUTHORIZED": (
        "No credential was given, or the session has ended.",
        "Send a token as Authorization: Bearer TOKEN, Authorization: ApiKey TOKEN or X-API-Key: TOKEN; or log in.",
    ),
    "FORBIDDEN": (
        "The credential is good, but may not do this: a scope is missing (the message names it), the address is "
        "not allowed, the CSRF token of the session is missing, or the role in the workspace is too low.",
        "Use a token with that scope, or ask an owner.",
    ),
    "NOT_FOUND": (
        "There is no such path or record, or it belongs to another workspace.",
        "Check the id; a deleted record has to be restored first.",
    ),
    "METHOD_NOT_ALLOWED": (
        "The path exists, this operation on it does not.",
        "The Allow header lists those that do.",
    ),
    "NOT_ACCEPTABLE": (
        "Accept names only types that this path cannot answer with.",
        "Leave the header out, or name one of the types that the reference lists.",
    ),
    "CONFLICT": (
        "It collides with something that is there: a slug that is taken, a record that others refer to.",
        "Choose another value, or change what stands in the way.",
    ),
    "CONFIRMATION_REQUIRED": (
        "This would delete many records, or one for good. The error carries their count and a confirm token.",
        "Send the same call with confirm=TOKEN within 5 minutes to do it.",
    ),
    "IDEMPOTENCY_MISMATCH": (
        "The Idempotency-Key was used within 24 hours for another request.",
        "Make a new key for a new request; keep it only to repeat the same one.",
    ),
    "GONE": (
        "It was there and is over: the setup is done, or the record is past its time in the trash.",
        "It will not come back; do not repeat the request.",
    ),
    "PRECONDITION_FAILED": (
        "If-Match names an older version: somebody changed the record in between.",
        "Get it again, apply the change to what is there now, and send its new version.",
    ),
    "PAYLOAD_TOO_LARGE": (
        "The body is larger than this path takes: 1 MiB, 10 MiB for a batch.",
        "Send it in parts.",
    ),
    "UNSUPPORTED_MEDIA_TYPE": (
        "The body is not of a type that this path takes.",
        "Send JSON, with Content-Type: application/json.",
    ),
    "RATE_LIMITED": (
        "The token has used up its requests for now, or there were too many attempts to log in.",
        "Wait for the seconds in Retry-After; the RateLimit header tells what is left.",
    ),
    "UNAVAILABLE": (
        "The server is busy or going down; nothing was written.",
        "Repeat the request after the seconds in Retry-After.",
    ),
    "HEADERS_TOO_LARGE": (
        "The headers of the request are larger than this server reads.",
        "Send fewer or shorter ones; a script has no need of cookies.",
    ),
    "INTERNAL": (
        "Something went wrong in Routy itself; its log has the reason under the request_id.",
        "Repeat it once; if it stays, report it with that part of the log.",
    ),
}


def refusals() -> list[Refusal]:
    """Every code there is, by status."""
    classes = {kind.code: kind for kind in _classes(RoutyError)}
    found = [
        Refusal(code, kind.status, *EXPLAINED.get(code, (kind.__doc__ or "", ""))) for code, kind in classes.items()
    ]
    return sorted(found, key=lambda refusal: refusal.status)


def _classes(root: type[RoutyError]) -> Iterator[type[RoutyError]]:
    yield root
    for kind in root.__subclasses__():
        yield from _classes(kind)
