"""The log of API requests: one line a request, through the same spool and loader as clicks."""

from dataclasses import dataclass

from routy.clicks.spool import Refused, Spool
from routy.store.duck import parts_of


@dataclass(frozen=True)
class ApiRequest:
    """`id` is `req_…`, made when the request came in: its time is the request's. `ms` and `bytes` are of the
    response."""

    id: str
    workspace_id: str
    actor_id: str
    method: str
    route: str
    status: int
    ms: int
    ip: str
    bytes: int


def append(spool: Spool, run: str, request: ApiRequest) -> bool:
    """Log one request; False when the spool cannot take it, which is no reason to fail the request."""
    at_ms, high, low = parts_of(request.id)
    values = (
        str(at_ms),
        f"{high:04x}{low:016x}",
        run,
        request.workspace_id,
        request.actor_id,
        request.method,
        request.route,
        str(request.status),
        str(request.ms),
        request.ip,
        str(request.bytes),
    )
    try:
        spool.append(values)
    except Refused:
        return False
    return True
