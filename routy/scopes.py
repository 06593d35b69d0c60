"""Scopes: what a credential may do, one pair (read, write) a domain of resources; presets; what each role has."""

from collections.abc import Iterable

DOMAINS: dict[str, str] = {
    "links": "links, tags, folders, QR codes",
    "domains": "domains",
    "clicks": "clicks and missing slugs",
    "reports": "reports, asked and saved",
    "shares": "shares: public statistics, embeds, badges",
    "events": "the event feed",
    "webhooks": "webhooks and their deliveries",
    "exports": "exports and schedules",
    "imports": "imports",
    "alerts": "alerts and notifications",
    "mails": "the log of mails",
    "tokens": "tokens",
    "members": "users and memberships",
    "workspaces": "workspaces",
    "logs": "the audit log and the request log",
    "health": "the inside of this server: stores, workers, the books",
}

READ_ONLY_DOMAINS = ("events", "mails", "logs", "health")

SCOPES: tuple[str, ...] = tuple(
    f"{domain}:{kind}"
    for domain in DOMAINS
    for kind in ("read", "write")
    if not (kind == "write" and domain in READ_ONLY_DOMAINS)
)

PRESETS: dict[str, frozenset[str]] = {
    "read-only": frozenset(scope for scope in SCOPES if scope.endswith(":read")),
    "full": frozenset(SCOPES),
}

_VIEWER = frozenset(
    f"{domain}:read"
    for domain in (
        *("links", "domains", "clicks", "reports", "shares", "events", "members", "workspaces"),
        *("exports", "imports", "alerts"),
    )
)

ROLES: dict[str, frozenset[str]] = {
    "viewer": _VIEWER,
    "editor": _VIEWER
    | {"links:write", "clicks:write", "reports:write", "shares:write"}
    | {"exports:write", "imports:write", "alerts:write"},
    "admin": frozenset(SCOPES),
    "owner": frozenset(SCOPES),
}


def expand(names: Iterable[str]) -> frozenset[str]:
    """Scopes and presets to scopes; names that no longer exist mean nothing."""
    found: set[str] = set()
    for name in names:
        found |= PRESETS.get(name, frozenset((name,) if name in SCOPES else ()))
    return frozenset(found)
