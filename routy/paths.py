"""The first path segments that Routy answers itself, and that no slug may therefore begin with.

Later features already have their place here, so that no link ever stands in their way.
"""

RESERVED = frozenset(
    (
        *("api", "v1", "docs", "app", "login", "logout", "setup", "static"),
        *("s", "embed", "badge", "oembed", "t", "i", "postback", "pixel.gif", "routy.js"),
        *("metrics", "healthz", "robots.txt", "favicon.ico", ".well-known", "unsubscribe"),
        *("portal", "oauth", "saml", "scim"),
    )
)


def first_segment(path: str) -> str:
    """`links` of `/links/1`, and of `links/1`."""
    return path.removeprefix("/").partition("/")[0]
