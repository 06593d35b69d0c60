"""Exports: lists and reports as files, made in the background and fetched when they are done."""

from datetime import datetime
from typing import Annotated, Literal

from routy.resource import Actor, Field, Record, Row, Tx, computed, fill

REPORTS = "reports"  # the one source that is no list
Format = Literal["csv", "json", "ndjson", "parquet", "xlsx"]


class Export(
    Record,
    prefix="exp",
    plural="exports",
    operations="list get create update delete",
    events="created updated deleted purged",
    tells={"finished": "It is done, or has failed; the event says which."},
):
    """A list or a report as a file. It is made in the background with the rights of who asked for it, and can be
    downloaded for some days; deleting it takes the file and every address of it away."""

    name: Annotated[
        str,
        Field(
            "What the file is called; left out: after what is in it.",
            filled=True,
            min_length=1,
            max_length=200,
            filters="eq prefix contains",
            sort=True,
            search=True,
            example="Clicks from Germany",
        ),
    ]
    source: Annotated[
        str,
        Field(
            "What is exported: the name of a list, such as links, clicks or audit_entries, or reports.",
            min_length=1,
            max_length=50,
            create_only=True,
            filters="eq",
            example="links",
        ),
    ]
    query: Annotated[
        str,
        Field(
            "Filters, columns (fields) and sort: the parameters of that list, or of GET /reports, as they stand in "
            "a URL. All rows are exported; limit takes only the first so many.",
            max_length=8000,
            create_only=True,
            default="",
            example="status=active&sort=-clicks&fields=slug,destination,clicks",
        ),
    ]
    format: Annotated[
        Format,
        Field(
            "What kind of file. xlsx holds at most 1,048,575 rows.",
            create_only=True,
            default="csv",
            filters="eq",
            example="parquet",
        ),
    ]
    status: Annotated[
        Literal["pending", "running", "done", "failed", "expired"],
        Field("How far it is; an expired one has no file any more.", read_only=True, filters="eq", example="done"),
    ]
    rows: Annotated[int, Field("Rows written so far.", default=0, read_only=True, counter=True, example=120_000)]
    total: Annotated[
        int | None,
        Field("Rows that there are, where that is known.", read_only=True, counter=True, example=1_000_000),
    ]
    bytes: Annotated[int | None, Field("How large the file is.", read_only=True, example=52_428_800)]
    error: Annotated[str | None, Field("Why it failed.", read_only=True, example="the disk is full")]
    finished_at: Annotated[datetime | None, Field("When it was done, or failed.", read_only=True)]
    expires_at: Annotated[
        datetime | None,
        Field("When its file goes.", read_only=True, filters="gt gte lt lte null", sort=True),
    ]
    schedule_id: Annotated[
        str | None,
        Field(
            "The schedule that it was made by.",
            read_only=True,
            filters="eq null",
            example="sched_01KAHGZ4T8Z6Q7V3M9W2R5X0CD",
        ),
    ]
    attempts: Annotated[int | None, Field(hidden=True, counter=True)]


@computed(Export)
def download_url(row: Row) -> str | None:
    """Where its file is, for those who may read what is in it; POST /exports/{id}/downloads makes an address that
    needs no login."""
    return f"/api/v1/exports/{row['id']}/file" if row["status"] == "done" else None


@fill(Export)
def begins_pending(tx: Tx, actor: Actor, before: Row | None, row: Row) -> Row:
    if before is not None:
        return {}
    begun = {"status": "pending", "rows": 0}
    return begun if row["name"] else {**begun, "name": row["source"].replace("_", " ")}
