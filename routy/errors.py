"""Every way in which Routy says no.

    RoutyError
    ├── Invalid               400  one or more fields or parameters are wrong (all of them are named)
    ├── InvalidApiKey         401  a credential was given and is no good
    ├── Unauthorized          401  no credential was given
    ├── Forbidden             403  the credential lacks a scope, or comes from an address that is not allowed
    ├── NotFound              404  no such thing, or it belongs to another workspace
    ├── MethodNotAllowed      405  the thing exists, the operation does not
    ├── NotAcceptable         406  Accept names only what there is not
    ├── Conflict              409  it collides with something that is there
    │   ├── ConfirmationRequired    a bulk deletion wants to be confirmed
    │   └── IdempotencyMismatch     the same Idempotency-Key with another body
    ├── Gone                  410  it was there and is over
    ├── PreconditionFailed    412  If-Match names an older version
    ├── PayloadTooLarge       413
    ├── UnsupportedMediaType  415
    ├── RateLimited           429  with the seconds to wait
    ├── HeadersTooLarge       431  more headers, or a longer path, than any request needs
    └── Unavailable           503  busy, with the seconds to wait

The HTTP status stands beside the code because the table is read by the API's edge and by OpenAPI alike;
nothing else in the package knows about HTTP statuses. Anything that is not a RoutyError is a bug: the edge
answers 500 INTERNAL, hides the message and logs it under the request id.
"""

from collections.abc import Mapping
from typing import Any, ClassVar


class RoutyError(Exception):
    """The root. `details` lists what is wrong, one `{"field", "message"}` each."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "INTERNAL"

    def __init__(self, message: str, fields: Mapping[str, str] | None = None, **more: Any) -> None:
        super().__init__(message)
        self.message = message
        self.fields = dict(fields or {})
        self.more = more

    @property
    def details(self) -> list[dict[str, str]]:
        return [{"field": field, "message": message} for field, message in self.fields.items()]


def refusal(code: str, message: str, request_id: str, public_url: str, **more: Any) -> dict[str, Any]:
    """What every refusal looks like, whoever makes it: an endpoint, the front, the HTTP server itself."""
    told = {"code": code, "message": message, "details": [], **more}
    return {
        "success": False,
        "error": {**told, "request_id": request_id, "doc_url": f"{public_url}/docs/errors#{code}"},
    }


class Invalid(RoutyError):
    """`Invalid({"destination": "must be a URL"})`: every wrong field at once."""

    status = 400
    code = "VALIDATION_ERROR"

    def __init__(self, fields: Mapping[str, str], message: str | None = None) -> None:
        super().__init__(message or "; ".join(f"{name}: {text}" for name, text in fields.items()), fields)


class InvalidApiKey(RoutyError):
    status = 401
    code = "INVALID_API_KEY"


class Unauthorized(RoutyError):
    status = 401
    code = "UNAUTHORIZED"


class Forbidden(RoutyError):
    status = 403
    code = "FORBIDDEN"


class NotFound(RoutyError):
    status = 404
    code = "NOT_FOUND"


class MethodNotAllowed(RoutyError):
    status = 405
    code = "METHOD_NOT_ALLOWED"


class NotAcceptable(RoutyError):
    status = 406
    code = "NOT_ACCEPTABLE"


class Conflict(RoutyError):
    status = 409
    code = "CONFLICT"


class ConfirmationRequired(Conflict):
    """Carries `count` (rows that would go) and `confirm` (the token to send back within 5 minutes)."""

    code = "CONFIRMATION_REQUIRED"


class IdempotencyMismatch(Conflict):
    code = "IDEMPOTENCY_MISMATCH"


class Gone(RoutyError):
    status = 410
    code = "GONE"


class PreconditionFailed(RoutyError):
    status = 412
    code = "PRECONDITION_FAILED"


class PayloadTooLarge(RoutyError):
    status = 413
    code = "PAYLOAD_TOO_LARGE"


class UnsupportedMediaType(RoutyError):
    status = 415
    code = "UNSUPPORTED_MEDIA_TYPE"


class HeadersTooLarge(RoutyError):
    status = 431
    code = "HEADERS_TOO_LARGE"


class RateLimited(RoutyError):
    """Carries `retry_after`, in whole seconds."""

    status = 429
    code = "RATE_LIMITED"


class Unavailable(RoutyError):
    """Carries `retry_after`, in whole seconds."""

    status = 503
    code = "UNAVAILABLE"
