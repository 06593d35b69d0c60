"""The one door to every endpoint: credential → actor, address, scope, rate limit. What it asks is data on the
endpoint, the same that OpenAPI and `routy.py routes` print."""

from dataclasses import dataclass

from routy.api.call import Endpoint, Request, Services
from routy.api.credentials import Credential, identify
from routy.api.limits import Allowance
from routy.errors import Forbidden, RoutyError
from routy.resource import Actor

NOBODY = Actor(id="nobody", user_id="nobody", workspace_id="", scopes=frozenset())


@dataclass(frozen=True)
class Admission:
    """Who was let in, and how much of their allowance is left."""

    credential: Credential
    allowance: Allowance | None = None


def admit(services: Services, endpoint: Endpoint, request: Request) -> Admission:
    """Let a request in, or raise: 401, 403, 429."""
    if endpoint.scope is None:
        return Admission(_recognised(services, request))
    credential = identify(services.records, request)
    allowance = _take(services, credential, request.at)
    if endpoint.scope and endpoint.scope not in credential.actor.scopes:
        raise Forbidden(f"this needs the scope {endpoint.scope}", headers=allowance.headers())
    if endpoint.session_only and credential.session is None:
        raise Forbidden("this is for a session in a browser, not for a token", headers=allowance.headers())
    return Admission(credential, allowance)


def _recognised(services: Services, request: Request) -> Credential:
    """An open endpoint may still show more to somebody who is known."""
    try:
        return identify(services.records, request)
    except RoutyError:
        return Credential(NOBODY)


def _take(services: Services, credential: Credential, now: int) -> Allowance:
    limits = services.config.api
    rate = limits.rate_per_minute if credential.rate_per_minute is None else credential.rate_per_minute
    return services.limiter.take(credential.actor.id, rate, limits.rate_burst, now)
