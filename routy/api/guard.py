"""The one door to every endpoint: credential → actor, address, scope, rate limit. What it asks is data on the
endpoint, the same that OpenAPI and `routy.py routes` print."""

from routy.api.call import Endpoint, Request, Services
from routy.api.credentials import Credential, identify
from routy.api.limits import Allowance
from routy.errors import Forbidden, RoutyError
from routy.resource import Actor
from routy.store.sqlite import Records

NOBODY = Actor(id="nobody", user_id="nobody", workspace_id="", scopes=frozenset())


def recognise(records: Records, request: Request) -> tuple[Credential, RoutyError | None]:
    """Who it is; for nobody also why, which matters only where somebody is asked for."""
    try:
        return identify(records, request), None
    except RoutyError as fault:
        return Credential(NOBODY), fault


def admit(
    services: Services, endpoint: Endpoint, request: Request, credential: Credential, fault: RoutyError | None
) -> tuple[tuple[str, str], ...]:
    """Let a request in, or raise: 401, 403, 429. Returns the headers that tell what is left of the allowance."""
    if endpoint.scope is None:
        return ()
    if fault is not None:
        raise fault
    headers = _take(services, credential, request.at).headers()
    if endpoint.scope and endpoint.scope not in credential.actor.scopes:
        raise Forbidden(f"this needs the scope {endpoint.scope}", headers=headers)
    if endpoint.session_only and credential.session is None:
        raise Forbidden("this is for a session in a browser, not for a token", headers=headers)
    return headers


def _take(services: Services, credential: Credential, now: int) -> Allowance:
    limits = services.config.api
    rate = limits.rate_per_minute if credential.rate_per_minute is None else credential.rate_per_minute
    return services.limiter.take(credential.actor.id, rate, limits.rate_burst, now)
