"""Shares: what the public may see of a link, a tag, a folder or a saved report, and where.

The lists of what can be shown at all stand here, and they are short on purpose: nothing that tells one visitor from
another, and nothing that a visitor's address bar may have held.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal, get_args
from urllib.parse import parse_qsl, urlsplit

from routy.errors import Forbidden, Invalid
from routy.formats import host_with_port
from routy.ids import random_base62
from routy.resource import Actor, Field, Record, Row, Tx, check, computed, fill

Metric = Literal["clicks", "uniques", "humans", "bots"]
Dimension = Literal[
    "time", "weekday", "hour_of_day", "country", "region", "city", "device", "browser", "os", "language",
    "referrer_host", "link",
]  # fmt: skip
Range = Literal["today", "yesterday", "7d", "30d", "90d", "12m", "month", "last-month", "all"]

METRICS: tuple[str, ...] = get_args(Metric)
DIMENSIONS: tuple[str, ...] = get_args(Dimension)
RANGES: tuple[str, ...] = get_args(Range)

REPORT_DIMENSIONS = frozenset(DIMENSIONS) - {"time"} | {"hour", "day", "week", "month", "quarter", "year"}
REPORT_FILTERS = frozenset(
    (
        *("link_id", "domain_id", "slug", "folder_id", "tag_ids", "country", "device", "browser", "os", "language"),
        *("referrer_host", "source", "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"),
    )
)
REPORT_CONTROLS = frozenset(("metrics", "dimensions", "class", "sort", "limit"))
REPORT_TIMES = frozenset(("from", "to", "timezone", "compare", "fill", "other", "format"))  # a share has its own
MOST_REPORT_DIMENSIONS = 2
LOCKS = ("link_id", "country", "device", "browser", "os", "language", "referrer_host")  # what a token may narrow by

SUBJECTS = {"link": "links", "tag": "tags", "fold": "folders", "rep": "saved_reports"}
DAY = r"^(19[7-9][0-9]|2[0-9]{3})-[0-9]{2}-[0-9]{2}$"
READS = "reports:read"
WITHDRAWN = ("embed_generation", "revoked_tokens")
EMBED_PURPOSE = "embed"  # of the signed tokens
MOST_REVOKED = 1000
LONGEST_TOKEN = 4000  # it has to stand in an address
SLUG_LENGTH = 22  # 131 bits: nobody finds a share by trying

_WILD_HOST = re.compile(r"\*\.(?=.)")


class Share(Record, prefix="share", plural="shares", label="title"):
    """A page of figures that anybody with its address may look at, with an embed, a badge and files of the same. It
    shows what it says and nothing beyond, and ends with what it is about or with the member who made it."""

    subject_id: Annotated[
        str,
        Field(
            "What it is about: a link, a tag, a folder or a saved report.",
            pattern="^(link|tag|fold|rep)_[0-9A-HJKMNP-TV-Z]{26}$",
            max_length=40,
            create_only=True,
            filters="eq prefix",
            example="link_01KAHGZ4T8Z6Q7V3M9W2R5X0CD",
        ),
    ]
    title: Annotated[
        str,
        Field(
            "The heading of its page.",
            min_length=1,
            max_length=200,
            filters="eq prefix contains",
            sort=True,
            search=True,
            example="Summer sale in figures",
        ),
    ]
    status: Annotated[
        Literal["active", "paused"],
        Field("Paused, it answers as if it were not there.", default="active", filters="eq ne", example="active"),
    ]
    slug: Annotated[
        str, Field("What its addresses end with: random.", read_only=True, filters="eq", example="4fK2…")
    ]
    user_id: Annotated[
        str,
        Field(
            "The member on whose sight it rests: it ends with their membership or their right to read reports.",
            read_only=True,
            refs="users",
            filters="eq",
            example="usr_01KAHGZ4T8Z6Q7V3M9W2R5X0CD",
        ),
    ]
    metrics: Annotated[
        list[Metric],
        Field(
            "What it counts. A saved report brings its own.",
            default=["clicks", "uniques"],
            max_length=len(METRICS),
            example=["clicks", "uniques"],
        ),
    ]
    dimensions: Annotated[
        list[Dimension],
        Field(
            "What it splits the figures by, each for itself. A saved report brings its own.",
            default=["time", "country", "referrer_host", "device"],
            max_length=len(DIMENSIONS),
            example=["time", "country"],
        ),
    ]
    range: Annotated[
        Range,
        Field("The days that it shows, up to now or to last_day.", default="30d", filters="eq", example="30d"),
    ]
    ranges: Annotated[
        list[Range],
        Field(
            "Other days that who looks at it may choose.",
            default=[],
            max_length=len(RANGES),
            example=["7d", "90d"],
        ),
    ]
    first_day: Annotated[
        str | None,
        Field("Nothing before this day is ever shown.", pattern=DAY, max_length=10, example="2026-11-01"),
    ]
    last_day: Annotated[
        str | None,
        Field("Nothing after this day is ever shown.", pattern=DAY, max_length=10, example="2026-11-30"),
    ]
    timezone: Annotated[
        str | None,
        Field(
            "Whose days they are; null: the workspace's.", format="timezone", max_length=64, example="Europe/Berlin"
        ),
    ]
    password: Annotated[
        str | None,
        Field(
            "What must be typed to see it; only its argon2 hash is kept. A signed token stands in for it.",
            min_length=1,
            max_length=200,
            write_only=True,
            hashed=True,
            example="open sesame",
        ),
    ]
    expires_at: Annotated[
        datetime | None,
        Field(
            "When it ends; null: never.",
            filters="gt gte lt lte null",
            sort=True,
            example="2027-01-31T00:00:00.000Z",
        ),
    ]
    indexed: Annotated[
        bool,
        Field("Whether search engines may list its page.", default=False, filters="eq", example=False),
    ]
    frame_ancestors: Annotated[
        list[str],
        Field(
            "Where its embed may stand beside this server's own pages: origins such as https://acme.example or "
            "https://*.acme.example, or * for anywhere.",
            default=[],
            max_length=50,
            example=["https://acme.example"],
        ),
    ]
    requires_token: Annotated[
        bool,
        Field(
            "Whether all of its addresses want a signed token, so that what a token locks is locked.",
            default=False,
            filters="eq",
            example=False,
        ),
    ]
    badge_label: Annotated[
        str | None,
        Field("What its badge says before the figure; null: the metric.", max_length=40, example="downloads"),
    ]
    embed_generation: Annotated[
        int, Field("Tokens of an earlier one are no good any more.", read_only=True, example=1)
    ]
    revoked_tokens: Annotated[
        list[str], Field("The ids of single tokens that are no good any more.", read_only=True, example=["1b9Xa0"])
    ]


@computed(Share)
def path(row: Row) -> str:
    """Where its page is on this server; with .json or .csv behind it the same as a file."""
    return f"/s/{row['slug']}"


@computed(Share)
def embed_path(row: Row) -> str:
    """Where its embed is."""
    return f"/embed/{row['slug']}"


@computed(Share)
def badge_path(row: Row) -> str:
    """Where its badge is."""
    return f"/badge/{row['slug']}.svg"


@computed(Share)
def has_password(row: Row) -> bool:
    """Whether a password must be typed."""
    return row["password"] is not None


@fill(Share)
def gets_an_address_and_an_owner(tx: Tx, actor: Actor, before: Row | None, row: Row) -> Row:
    """Whoever brings a share to life again that had lost its member takes their place."""
    if before is not None:
        return {} if _is_member(tx, row) else {"user_id": actor.user_id}
    begun = {"slug": random_base62(SLUG_LENGTH), "embed_generation": 1, "revoked_tokens": []}
    return {**begun, "user_id": actor.user_id}


def _is_member(tx: Tx, row: Row) -> bool:
    sql = (
        "/* memberships.of_share */ SELECT 1 FROM memberships"
        " WHERE workspace_id = ? AND user_id = ? AND deleted_at IS NULL"
    )
    return tx.one(sql, (row["workspace_id"], row["user_id"])) is not None


@check(Share)
def nobody_shows_what_they_cannot_see(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    """Ending or pausing one, and taking tokens back, is for everybody who may change shares."""
    if after is None or after["status"] == "paused" or READS in actor.scopes:
        return
    if before is None or any(before[name] != after[name] for name in before if name not in WITHDRAWN):
        raise Forbidden(f"to share figures needs the scope {READS}")


@check(Share)
def is_about_something_that_can_be_shown(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    if before is not None or after is None:
        return
    table = SUBJECTS[after["subject_id"].partition("_")[0]]
    found = tx.one(
        f"/* {table}.of_share */ SELECT * FROM {table} WHERE id = ? AND workspace_id = ? AND deleted_at IS NULL",
        (after["subject_id"], after["workspace_id"]),
    )
    if found is None:
        raise Invalid({"subject_id": "there is no such record here"})
    if table == "saved_reports" and unshareable(found["query"]):
        raise Invalid({"subject_id": f"cannot be shared: {unshareable(found['query'])}"})


@check(Share)
def shows_something_and_days_in_order(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    if after is None:
        return
    wrong = {} if after["metrics"] else {"metrics": "must list at least one"}
    if after["first_day"] and after["last_day"] and after["first_day"] > after["last_day"]:
        wrong["last_day"] = "must not lie before first_day"
    wrong |= {name: "is not a day that exists" for name in ("first_day", "last_day") if not _exists(after[name])}
    if wrong:
        raise Invalid(wrong)


def _exists(day: str | None) -> bool:
    try:
        return day is None or bool(date.fromisoformat(day))
    except ValueError:
        return False


@check(Share)
def stands_where_it_may(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    if after is None or (before and before["frame_ancestors"] == after["frame_ancestors"]):
        return
    for text in after["frame_ancestors"]:
        try:
            same = origin(text) == text
        except ValueError:
            same = False
        if not same:
            raise Invalid({"frame_ancestors": "must list origins such as https://acme.example, or *"})


@check(Share)
def ends_in_the_future(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    if after is None or after["expires_at"] is None or (before and before["expires_at"] == after["expires_at"]):
        return
    if after["expires_at"] <= tx.now:
        raise Invalid({"expires_at": "must lie in the future"})


def origin(text: str) -> str:
    """A source of frame-ancestors (CSP 3) in its one form; ValueError where it is none. Nothing in it can end the
    header's directive."""
    if text == "*":
        return text
    parts = urlsplit(text)
    wild = "*." if parts.netloc.startswith("*.") else ""
    if parts.scheme not in ("http", "https") or len(text) > 255:
        raise ValueError("is no origin")
    name = host_with_port(_WILD_HOST.sub("", parts.netloc, count=1) if wild else parts.netloc)
    return f"{parts.scheme}://{wild}{name}"


# ---- saved reports, as far as the public may see them


def unshareable(query: str) -> str:
    """Why a saved report with this query cannot be shared; empty: it can."""
    given = parse_qsl(query, keep_blank_values=True)
    controls = dict(given)
    dimensions = [name for name in controls.get("dimensions", "").split(",") if name]
    metrics = controls.get("metrics", "clicks").split(",")
    names = {name.partition("[")[0] for name, _ in given} - REPORT_CONTROLS - REPORT_TIMES - {*metrics}
    hidden = sorted({*dimensions} - REPORT_DIMENSIONS | {*metrics} - {*METRICS} | names - REPORT_FILTERS)
    if hidden:
        return f"the public does not see {', '.join(hidden)[:200]}"
    if len(dimensions) > MOST_REPORT_DIMENSIONS:
        return f"it splits by more than {MOST_REPORT_DIMENSIONS} dimensions"
    return ""


# ---- signed tokens


def claims(share: Mapping[str, Any], token_id: str, filters: Mapping[str, str]) -> dict[str, Any]:
    """What a signed token says: which share, of which generation, and what it is locked to."""
    return {"sub": share["id"], "gen": share["embed_generation"], "jti": token_id, "filters": dict(filters)}


def accepts(share: Mapping[str, Any], said: Mapping[str, Any]) -> bool:
    """Whether a token that was signed for these claims opens this share."""
    current = (said.get("sub"), said.get("gen")) == (share["id"], share["embed_generation"])
    filters = said.get("filters")
    return current and isinstance(filters, dict) and said.get("jti") not in share["revoked_tokens"]
