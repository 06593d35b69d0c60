"""How a share looks: its page, its embed, its badge, its files, and every refusal.

Templates are drawn by whoever owns them (dashboard/templates/share*.html); the sheet of style stands in each page,
under its hash, so that a page needs nothing else and any host can show it.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote, urlencode

from routy.errors import MethodNotAllowed, NotFound, RoutyError
from routy.public import files, pictures
from routy.public.asked import Asked, Place
from routy.public.doors import NeedsPassword
from routy.public.figures import METRIC_LABELS, Figures, Split
from routy.public.questions import ranges
from routy.public.replies import ASK_AGAIN, CSV, HTML, JSON, SVG, Body, Headers, Reply
from routy.public.shared import Shared

ANY_ORIGIN: Headers = (("Access-Control-Allow-Origin", "*"),)
NOT_FRAMED: Headers = (("X-Frame-Options", "DENY"),)
HIDDEN: Headers = (("X-Robots-Tag", "noindex"),)
SHORTLY = "public, max-age=10"
A_MINUTE = "public, max-age=60"
RANGE_LABELS = {
    "today": "Today", "yesterday": "Yesterday", "7d": "7 days", "30d": "30 days", "90d": "90 days",
    "12m": "12 months", "month": "This month", "last-month": "Last month", "all": "All time",
}  # fmt: skip


@dataclass(frozen=True)
class Look:
    """`draw` makes a page of a template and its values; `style` is the sheet of all pages."""

    draw: Callable[[str, Mapping[str, Any]], str]
    style: str
    public_url: str

    @cached_property
    def style_source(self) -> str:
        """The sheet's hash, by which the policy lets it through (CSP 3, 2.3.1)."""
        return f"'sha256-{base64.b64encode(hashlib.sha256(self.style.encode()).digest()).decode()}'"

    def policy(self, ancestors: str = "'none'") -> str:
        return (
            f"default-src 'none'; style-src {self.style_source}; form-action 'self'; base-uri 'none'; "
            f"frame-ancestors {ancestors}"
        )


# ---- what is shown


def shown(look: Look, shared: Shared, asked: Asked, found: Figures) -> Reply:
    """The figures as the address asks for them."""
    return _SHOWN[asked.place](look, shared, asked, found)


def _page(look: Look, shared: Shared, asked: Asked, found: Figures) -> Reply:
    body = _kept(found, asked, lambda: _drawn(look, shared, asked, found))
    headers = NOT_FRAMED if shared.row["indexed"] else (*NOT_FRAMED, *HIDDEN)
    return Reply(body, policy=look.policy(), caching=_caching(shared, asked), headers=headers)


def _embed(look: Look, shared: Shared, asked: Asked, found: Figures) -> Reply:
    body = _kept(found, asked, lambda: _drawn(look, shared, asked, found))
    policy = look.policy(" ".join(("'self'", *shared.row["frame_ancestors"])))
    return Reply(body, policy=policy, caching=_caching(shared, asked), headers=HIDDEN)


def _json(look: Look, shared: Shared, asked: Asked, found: Figures) -> Reply:
    body = _kept(found, asked, lambda: files.as_json(shared, found, ranges(shared)))
    return Reply(body, JSON, caching=_caching(shared, asked), headers=(*HIDDEN, *_origins(shared)))


def _csv(look: Look, shared: Shared, asked: Asked, found: Figures) -> Reply:
    body = _kept(found, asked, lambda: files.as_csv(found))
    named = ("Content-Disposition", 'attachment; filename="share.csv"')
    return Reply(body, CSV, caching=_caching(shared, asked), headers=(named, *HIDDEN, *_origins(shared)))


def _badge(look: Look, shared: Shared, asked: Asked, found: Figures) -> Reply:
    metric = asked.metric or found.metrics[0]
    series = found.series if asked.kind == "sparkline" else None
    if metric not in found.metrics or (asked.kind == "sparkline" and series is None):
        raise NotFound("this share has no such figures")
    label = shared.row["badge_label"] or METRIC_LABELS[metric].lower()
    value = short(found.totals[found.metrics.index(metric)])
    body = _kept(found, asked, lambda: pictures.badge(label, value, asked.theme, series).encode())
    caching = A_MINUTE if shared.open else ASK_AGAIN
    return Reply(body, SVG, caching=caching, headers=(*HIDDEN, *_origins(shared)))


_SHOWN: dict[Place, Callable[[Look, Shared, Asked, Figures], Reply]] = {
    "page": _page,
    "embed": _embed,
    "json": _json,
    "csv": _csv,
    "badge": _badge,
}


def _kept(found: Figures, asked: Asked, make: Callable[[], bytes]) -> Body:
    """Drawn once for all who ask the same; what holds a token is drawn for its bearer."""
    if asked.token:
        return Body(make())
    wanted = (asked.place, asked.range, asked.theme, asked.kind, asked.metric)
    if wanted not in found.drawn:
        found.drawn[wanted] = Body(make())
    body: Body = found.drawn[wanted]
    return body


def _caching(shared: Shared, asked: Asked) -> str:
    return SHORTLY if shared.open and not asked.token else ASK_AGAIN


def _origins(shared: Shared) -> Headers:
    return ANY_ORIGIN if shared.open else ()


def short(figure: int) -> str:
    """`1,234`, `12.3k`, `4.5M`."""
    if figure < 10_000:
        return f"{figure:,}"
    size, letter = (1_000_000, "M") if figure >= 1_000_000 else (1_000, "k")
    return f"{int(figure / size * 10) / 10:,}{letter}"


# ---- pages


def _drawn(look: Look, shared: Shared, asked: Asked, found: Figures) -> bytes:
    own = f"{look.public_url}/s/{shared.row['slug']}"
    values = {
        "title": shared.row["title"],
        "embedded": asked.place == "embed",
        "theme": asked.theme,
        "figures": found,
        "totals": [(METRIC_LABELS[name], f"{n:,}") for name, n in zip(found.metrics, found.totals, strict=True)],
        "metrics": [METRIC_LABELS[name] for name in found.metrics],
        "splits": [_part(split) for split in found.splits],
        "ranges": [_choice(asked, name, found.when.range) for name in ranges(shared)],
        "range": RANGE_LABELS[found.when.range],
        "files": [f"/s/{shared.row['slug']}.{kind}{_query(asked, asked.range, '')}" for kind in ("csv", "json")],
        "updated": found.watermark[:16].replace("T", " "),
        "oembed": f"{look.public_url}/oembed?url={quote(own, safe='')}" if shared.open else "",
        "indexed": shared.row["indexed"] and asked.place == "page",
    }
    return _template(look, "share.html", values)


def _part(split: Split) -> dict[str, Any]:
    rows = [
        {
            "label": line.label,
            "figures": [f"{figure:,}" for figure in line.figures],
            "bar": "" if split.timed else pictures.bar(line.figures[0], split.most),
        }
        for line in split.lines
    ]
    rest = [f"{figure:,}" for figure in split.rest] if split.rest else None
    return {
        "heading": split.heading, "timed": split.timed, "rows": rows, "rest": rest,
        "series": pictures.series(split) if split.timed else "",
        "first": split.lines[0].label if split.lines else "", "last": split.lines[-1].label if split.lines else "",
        "most": f"{split.most:,}", "fine": bool({"region", "city"} & {*split.dimensions}),
    }  # fmt: skip


def _choice(asked: Asked, name: str, current: str) -> dict[str, Any]:
    return {"href": _query(asked, name, asked.theme), "label": RANGE_LABELS[name], "on": name == current}


def _query(asked: Asked, range_: str, theme: str) -> str:
    given = {"range": range_, "theme": theme, "token": asked.token}
    text = urlencode({name: value for name, value in given.items() if value})
    return f"?{text}" if text else ""


def _template(look: Look, name: str, values: Mapping[str, Any]) -> bytes:
    return look.draw(name, {"theme": "", "indexed": False, "oembed": "", "style": look.style, **values}).encode()


def form(look: Look, error: RoutyError | None) -> Reply:
    """Where the password is typed. Nothing of the share stands on it, not even its title."""
    told = {
        400: "Type the password to go on.",
        401: "That was not the password. Try again.",
        503: "Many are asking at once. Try again in a moment.",
    }
    status = error.status if error else 200
    retry = error.more.get("retry_after") if error else None
    text = told.get(status, "Too many tries. Come back in some minutes." if error else "")
    body = Body(_template(look, "share_password.html", {"wrong": text, "locked": status == 429}))
    headers: Headers = (*NOT_FRAMED, *HIDDEN, *((("Retry-After", str(retry)),) if retry else ()))
    return Reply(body, status=status, policy=look.policy(), headers=headers)


def redirect(shared: Shared, asked: Asked, cookies: Headers) -> Reply:
    there = f"/s/{shared.row['slug']}{_query(asked, asked.range, asked.theme)}"
    return Reply(Body(b""), status=303, headers=(("Location", there), *cookies))


# ---- refusals


_SAID = {
    401: ("This has a password", "Open its own page to type it."),
    403: ("This is not open to you", "The address lacks a signed token, or its token is no good any more."),
    404: ("There is nothing here", "The address may be mistyped, or what it showed has ended."),
    405: ("This can only be looked at", "It takes GET and HEAD."),
    503: ("Too many are looking at once", "Try again in a moment."),
}


def refused(look: Look, place: Place, error: RoutyError) -> Reply:
    """A refusal, as the place it happened in shows things."""
    if place == "page" and isinstance(error, NeedsPassword):
        return form(look, None)
    headers: Headers = (("Retry-After", str(error.more["retry_after"])),) if "retry_after" in error.more else ()
    headers += (("Allow", error.more["allow"]),) if isinstance(error, MethodNotAllowed) else ()
    if place == "badge":
        body = Body(pictures.badge("stats", "not available", "", None).encode())
        return Reply(body, SVG, error.status, headers=headers)
    if place in ("json", "csv"):
        return _told(error, headers)
    title, text = _SAID.get(error.status, ("That cannot be shown", error.message))
    body = Body(_template(look, "share_message.html", {"title": title, "text": text}))
    framed = "*" if place == "embed" else "'none'"  # it says nothing of anybody
    return Reply(body, HTML, error.status, look.policy(framed), headers=(*HIDDEN, *headers))


def _told(error: RoutyError, headers: Headers) -> Reply:
    """In the API's shape."""
    told = {"code": error.code, "message": error.message, "details": error.details}
    body = Body(json.dumps({"success": False, "error": told}).encode())
    return Reply(body, JSON, error.status, headers=(*headers, *ANY_ORIGIN))


def plain(status: int, text: str) -> Reply:
    return Reply(Body(text.encode()), "text/plain; charset=utf-8", status)
