"""Schedules: exports by the clock."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from routy.clock import iso
from routy.resource import Actor, Field, Record, Row, Tx, computed, fill
from routy.resources.exports import Format
from routy.resources.shares import Range

TIMING = ("every", "weekday", "day", "hour", "timezone", "status")


class Schedule(Record, prefix="sched", plural="schedules", scope="exports"):
    """An export that is made every day, week or month, and sent by mail to whom it names. It runs with the rights
    of who made it. What was missed while the server was down is made up for once."""

    name: Annotated[
        str,
        Field(
            "What it is called; its exports are too.",
            min_length=1,
            max_length=200,
            filters="eq prefix contains",
            sort=True,
            search=True,
            example="Clicks of the week",
        ),
    ]
    source: Annotated[
        str,
        Field(
            "What is exported: the name of a list, or reports.",
            min_length=1,
            max_length=50,
            filters="eq",
            example="reports",
        ),
    ]
    query: Annotated[
        str,
        Field(
            "Filters, columns and sort, as in exports.",
            max_length=8000,
            default="",
            example="metrics=clicks,uniques&dimensions=day,country",
        ),
    ]
    range: Annotated[
        Range | None,
        Field(
            "Days up to the moment it runs; null: those of the query. A list is narrowed by created_at.",
            filters="eq null",
            example="7d",
        ),
    ]
    format: Annotated[Format, Field("What kind of file.", default="csv", filters="eq", example="xlsx")]
    every: Annotated[
        Literal["day", "week", "month"], Field("How often.", default="day", filters="eq", example="week")
    ]
    weekday: Annotated[int, Field("For weeks: 1 is Monday, 7 is Sunday.", default=1, least=1, most=7, example=1)]
    day: Annotated[
        int,
        Field(
            "For months: the day; the last one where the month is shorter.", default=1, least=1, most=31, example=1
        ),
    ]
    hour: Annotated[
        int,
        Field(
            "The hour on the clock of its zone. One that a change of clocks leaves out is made up for right after; "
            "one that comes twice counts once.",
            default=6,
            least=0,
            most=23,
            example=6,
        ),
    ]
    timezone: Annotated[
        str | None,
        Field("Whose clock; null: the workspace's.", format="timezone", max_length=64, example="Europe/Berlin"),
    ]
    recipients: Annotated[
        list[str],
        Field(
            "Who gets a mail with the address of the file when it is done.",
            default=[],
            max_length=50,
            format="email",
            example=["team@acme.example"],
        ),
    ]
    status: Annotated[
        Literal["active", "paused"],
        Field("Paused, it makes nothing.", default="active", filters="eq ne", example="active"),
    ]
    last_at: Annotated[datetime | None, Field("When it ran last.", read_only=True, counter=True)]
    last_export_id: Annotated[
        str | None,
        Field(
            "What it made last.",
            read_only=True,
            counter=True,
            example="exp_01KAHGZ4T8Z6Q7V3M9W2R5X0CD",
        ),
    ]
    last_error: Annotated[
        str | None,
        Field("Why it could not begin the last time.", read_only=True, counter=True, example="its maker is gone"),
    ]
    due_at: Annotated[datetime | None, Field(hidden=True, counter=True)]


@computed(Schedule)
def next_at(row: Row) -> str | None:
    """When it runs next; null: paused."""
    return iso(row["due_at"]) if row["due_at"] is not None else None


@fill(Schedule)
def knows_when_it_runs(tx: Tx, actor: Actor, before: Row | None, row: Row) -> Row:
    if before is not None and all(before[name] == row[name] for name in TIMING):
        return {}
    return {"due_at": next_run(row, zone_of(tx, row), tx.now) if row["status"] == "active" else None}


def zone_of(tx: Tx, row: Row) -> str:
    """Its own time zone, or its workspace's."""
    if row["timezone"]:
        return str(row["timezone"])
    found = tx.one("/* workspaces.zone */ SELECT timezone FROM workspaces WHERE id = ?", (row["workspace_id"],))
    return str(found["timezone"]) if found else "UTC"


def next_run(row: Row, zone: str, after: int) -> int:
    """The first moment of the schedule behind `after`, in milliseconds. An hour that the clocks leave out is the
    moment after the gap; of one that comes twice the first counts (PEP 495, fold=0)."""
    clock = ZoneInfo(zone)
    today = datetime.fromtimestamp(after / 1000, UTC).astimezone(clock).date()
    for each in range(-1, 64):
        moment = _moment(today + timedelta(days=each), row["hour"], clock)
        if moment > after and _is_its_day(today + timedelta(days=each), row):
            return moment
    raise AssertionError("every month has a day of it")


def _moment(day: date, hour: int, clock: ZoneInfo) -> int:
    at = datetime(day.year, day.month, day.day, hour, tzinfo=clock)
    return round(at.timestamp() * 1000)


def _is_its_day(day: date, row: Row) -> bool:
    if row["every"] == "week":
        return day.isoweekday() == int(row["weekday"])
    last = monthrange(day.year, day.month)[1]
    return row["every"] == "day" or day.day == min(int(row["day"]), last)
