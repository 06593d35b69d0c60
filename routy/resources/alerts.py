"""Alerts: rules that say when somebody wants to know."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, get_args
from urllib.parse import parse_qsl

from routy.errors import Forbidden, Invalid
from routy.resource import ID, Actor, Field, Form, Record, Row, Tx, check, fill
from routy.resources.memberships import Role

Kind = Literal[
    "threshold", "change", "silence", "link_limit", "link_expired", "webhook", "token_unusual", "spool_lag"
]
Metric = Literal[
    "clicks", "uniques", "new", "links", "humans", "bots", "prefetches", "previews", "scanners", "heads",
    "datacenters", "duplicates", "selfs", "tests",
]  # fmt: skip
Window = Literal[15, 30, 60, 120, 180, 360, 720, 1440, 2880, 4320, 10080]

METRICS: tuple[str, ...] = get_args(Metric)
OF_REPORTS = ("threshold", "change", "silence")  # the kinds that judge a figure
SUBJECTS = {
    **dict.fromkeys((*OF_REPORTS, "link_limit", "link_expired"), ("link", "links")),
    "webhook": ("wh", "webhooks"),
    "token_unusual": ("tok", "tokens"),
}
READS = {
    **dict.fromkeys(OF_REPORTS, "reports:read"),
    **dict.fromkeys(("link_limit", "link_expired"), "links:read"),
    "webhook": "webhooks:read",
    "token_unusual": "tokens:read",
    "spool_lag": "health:read",
}
QUIETING = (
    "name",
    "status",
    "snoozed_until",
    "remind_hours",
    "external_id",
    "metadata",
)  # no more is seen by these
DEFAULT_VALUES = {"threshold": 0, "spool_lag": 300}
DEFAULT_PERCENT = {"change": 50, "link_limit": 90}
MOST_FILTERS = 50
EXAMPLE_USER = "usr_01KAHGZ4T8Z6Q7V3M9W2R5X0CD"


class Fired(Form):
    """What the event alert.fired says beside the alert."""

    about_id: Annotated[
        str | None, Field("The link, webhook or token that it is about; null: a figure.", example=None)
    ]
    about_name: Annotated[str, Field("What that is called.", example="")]
    since: Annotated[datetime, Field("Since when it is so.")]


class Resolved(Fired):
    """What the event alert.resolved says beside the alert."""

    reason: Annotated[
        Literal["over", "paused", "deleted"],
        Field("Why: it is over, or the alert itself was paused or deleted.", example="over"),
    ]


class Alert(
    Record,
    prefix="alert",
    plural="alerts",
    tells={
        "fired": "What it watches for is so: `about_id` and `about_name` say of what, `since` from when. Once,"
        " until it is resolved.",
        "resolved": "What it fired for is over.",
    },
    adds={"fired": Fired, "resolved": Resolved},
):
    """A rule that is looked at all the time. It fires once when what it watches for comes about, reminds while that
    lasts, and is resolved when it is over. Figures are judged only as far as all clicks are known."""

    name: Annotated[
        str,
        Field(
            "What it is called.",
            min_length=1,
            max_length=200,
            filters="eq prefix contains",
            sort=True,
            search=True,
            example="Clicks from Germany are low",
        ),
    ]
    kind: Annotated[
        Kind,
        Field(
            "What it watches for. threshold: a figure beyond a value. change: a figure far from the usual one of "
            "that hour and weekday. silence: nothing, where there usually is something. link_limit: a link that has"
            " used most of its click limit. link_expired: a link whose time is over. webhook: one that fails or was"
            " paused. token_unusual: a token used from a new network or at an odd hour. spool_lag: clicks that wait"
            " for longer than they should.",
            create_only=True,
            filters="eq ne",
            example="threshold",
        ),
    ]
    status: Annotated[
        Literal["active", "paused"],
        Field("Paused, it is not looked at.", default="active", filters="eq ne", example="active"),
    ]
    metric: Annotated[
        Metric,
        Field(
            "Of threshold, change and silence: the figure, as reports count it.", default="clicks", example="clicks"
        ),
    ]
    filters: Annotated[
        str,
        Field(
            "Of those: which clicks are counted, as the filters of GET /reports stand in a URL.",
            default="",
            max_length=4000,
            example="country=DE&device=mobile",
        ),
    ]
    window_minutes: Annotated[
        Window,
        Field("Of those: the minutes up to now that the figure is of.", default=60, example=60),
    ]
    operator: Annotated[
        Literal["gt", "gte", "lt", "lte"],
        Field("Of threshold: it fires when the figure is so compared with `value`.", default="gt", example="gt"),
    ]
    value: Annotated[
        int | None,
        Field(
            "Of threshold: what the figure is compared with; null: 0. Of spool_lag: seconds; null: 300.",
            least=0,
            most=10**12,
            example=1000,
        ),
    ]
    percent: Annotated[
        int | None,
        Field(
            "Of change: how far from the usual figure, in per cent of it; null: 50. Of link_limit: the part of its "
            "limit that a link has used; null: 90.",
            least=1,
            most=10_000,
            example=50,
        ),
    ]
    direction: Annotated[
        Literal["both", "up", "down"],
        Field("Of change: in which direction.", default="both", example="down"),
    ]
    weeks: Annotated[
        int,
        Field(
            "Of change and silence: how many weeks make the usual figure, which is the median of the same hours of "
            "each.",
            default=4,
            least=2,
            most=12,
            example=4,
        ),
    ]
    least_usual: Annotated[
        int,
        Field(
            "Of change and silence: where usually there is less, nothing is said.",
            default=20,
            least=1,
            most=10**12,
            example=400,
        ),
    ]
    subject_id: Annotated[
        str | None,
        Field(
            "Only of this link (webhook, token); null: of all together, or of each.",
            pattern=f"^(link|wh|tok)_{ID}",
            filters="eq null",
            example="link_01KAHGZ4T8Z6Q7V3M9W2R5X0CD",
        ),
    ]
    notify: Annotated[
        Literal[Role, "nobody"],
        Field(
            "Who gets a notification: members of at least this role.",
            default="admin",
            filters="eq",
            example="owner",
        ),
    ]
    user_ids: Annotated[
        list[str],
        Field("Members who get one beside them.", default=[], max_length=50, example=[EXAMPLE_USER]),
    ]
    emails: Annotated[
        list[str],
        Field(
            "Addresses that get a mail, until they unsubscribe.",
            default=[],
            max_length=20,
            format="email",
            example=["ada@acme.example"],
        ),
    ]
    remind_hours: Annotated[
        int | None,
        Field("After how many hours it says again that it fires; null: never.", default=24, least=1, most=720),
    ]
    snoozed_until: Annotated[
        datetime | None,
        Field(
            "Until then it says nothing new; what still is so then is told then.",
            filters="gt gte lt lte null",
            example="2026-11-22T08:00:00.000Z",
        ),
    ]
    state: Annotated[
        Literal["ok", "firing"],
        Field("How it stands.", read_only=True, counter=True, filters="eq ne", sort=True, example="ok"),
    ]
    firing: Annotated[
        list[str],
        Field(
            "Of which links, webhooks or tokens it is firing, up to 20; empty for a figure.",
            read_only=True,
            counter=True,
            example=[],
        ),
    ]
    fired_at: Annotated[
        datetime | None,
        Field("When it last began to fire.", read_only=True, counter=True, filters="gt gte lt lte null", sort=True),
    ]
    resolved_at: Annotated[datetime | None, Field("When it last was resolved.", read_only=True, counter=True)]
    figure: Annotated[
        int | None, Field("The figure that was judged last.", read_only=True, counter=True, example=12)
    ]
    usual: Annotated[
        int | None, Field("What it was compared with, if with anything.", read_only=True, counter=True, example=400)
    ]
    judged_at: Annotated[datetime | None, Field("When it was last looked at.", read_only=True, counter=True)]
    problem: Annotated[
        str | None,
        Field("Why it cannot be looked at; it does not fire then.", read_only=True, counter=True),
    ]


def value_of(alert: Row) -> int:
    """What a figure is compared with."""
    return DEFAULT_VALUES.get(alert["kind"], 0) if alert["value"] is None else int(alert["value"])


def percent_of(alert: Row) -> int:
    return DEFAULT_PERCENT.get(alert["kind"], 0) if alert["percent"] is None else int(alert["percent"])


def question(alert: Row) -> list[tuple[str, str]]:
    """The parameters of the report that counts its figure, but for the time; ValueError where they are none."""
    given = parse_qsl(alert["filters"], keep_blank_values=True, errors="strict", max_num_fields=MOST_FILTERS)
    subject = [("link_id", alert["subject_id"])] if alert["subject_id"] else []
    return [("metrics", alert["metric"]), *given, *subject]


@fill(Alert)
def begins_quiet(tx: Tx, actor: Actor, before: Row | None, row: Row) -> Row:
    return {} if before else {"state": "ok", "firing": []}


@check(Alert)
def nobody_watches_what_they_cannot_see(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    """What an alert says goes to whoever it names. Quieting or ending one is for all who may change alerts."""
    if after is None or READS[after["kind"]] in actor.scopes:
        return
    if before is None or any(before[name] != after[name] for name in _rule()):
        raise Forbidden(f"to watch this needs the scope {READS[after['kind']]}")


def _rule() -> list[str]:
    return [field.name for field in Alert.fields.values() if field.taken and field.name not in QUIETING]


@check(Alert)
def its_subject_is_there(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    if after is None or after["subject_id"] is None or _same(before, after, "subject_id"):
        return
    prefix, table = SUBJECTS.get(after["kind"], ("", ""))
    if after["subject_id"].partition("_")[0] != prefix:
        raise Invalid({"subject_id": f"must be the id of one of the {table}" if table else "must be null here"})
    sql = f"/* {table}.of_alert */ SELECT 1 FROM {table} WHERE id = ? AND workspace_id = ? AND deleted_at IS NULL"
    if tx.one(sql, (after["subject_id"], after["workspace_id"])) is None:
        raise Invalid({"subject_id": "there is no such record here"})


@check(Alert)
def who_is_told_belongs_here(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    if after is None or _same(before, after, "user_ids"):
        return
    lost = strangers(tx, after["workspace_id"], after["user_ids"])
    if lost:
        raise Invalid({"user_ids": f"there is no such member here: {', '.join(one[:40] for one in lost[:3])}"})


def strangers(tx: Tx, workspace_id: str, user_ids: Sequence[str]) -> list[str]:
    """Those of them who are no members."""
    members = {
        row["user_id"]
        for row in tx.rows(
            "/* memberships.of_alert */ SELECT user_id FROM memberships WHERE workspace_id = ?"
            " AND deleted_at IS NULL",
            (workspace_id,),
        )
    }
    return [one for one in user_ids if one not in members]


def _same(before: Row | None, after: Row, name: str) -> bool:
    return before is not None and before["deleted_at"] is None and before[name] == after[name]


def figures(alert: Row) -> dict[str, Any]:
    """What of an alert was seen last."""
    return {name: alert[name] for name in ("figure", "usual")}
