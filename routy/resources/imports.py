"""Imports: records out of files, tried first and taken back as one where that is wanted."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from routy.errors import Conflict
from routy.resource import Actor, Field, Form, Record, Row, Tx, check, computed, fill

MOST_COLUMNS = 1_000
MOST_ATOMIC = 2_000
OPEN = ("waiting", "ready")  # what can still be changed


class ImportFinished(Form):
    """What the event import.finished says beside the import."""

    what: Annotated[
        Literal["trying", "running", "reversing"], Field("What has ended: a dry run, a run, or a reversal.")
    ]


class Import(
    Record,
    prefix="impt",
    plural="imports",
    operations="list get create update delete",
    events="created updated deleted purged",
    tells={"finished": "It, its dry run or its reversal is done, or has failed; the event says which."},
    adds={"finished": ImportFinished},
):
    """Records out of a CSV or NDJSON file. Create one, send its file (PUT /imports/{id}/file), look at the mapping
    and change it, try it (a dry run stores nothing), run it (POST /imports/{id}/runs), and if need be take all of
    it back (POST /imports/{id}/reversal). It runs with the rights of who started it."""

    name: Annotated[
        str | None,
        Field("What it is called.", max_length=200, filters="eq prefix contains", search=True, example="Old links"),
    ]
    resource: Annotated[
        str,
        Field(
            "What the file's rows become: the name of a list such as links; GET /imports/resources has all.",
            min_length=1,
            max_length=50,
            create_only=True,
            filters="eq",
            example="links",
        ),
    ]
    mapping: Annotated[
        dict[
            Annotated[str, msgspec.Meta(min_length=1, max_length=64)],
            Annotated[str, msgspec.Meta(max_length=500)],
        ],
        Field(
            "Of which column each field is made: guessed from the file's names, changed by you. metadata.KEY is "
            "one key of metadata; a column that is named nowhere is left out.",
            max_length=50,
            default={},
            example={"destination": "Long URL", "slug": "Back-half"},
        ),
    ]
    upsert: Annotated[
        bool,
        Field(
            "Whether a row whose external_id is there changes that record, as far as the row says something; if "
            "not, the row fails.",
            default=True,
            example=True,
        ),
    ]
    atomic: Annotated[
        bool,
        Field(f"All rows or none, for files of up to {MOST_ATOMIC:,} rows.", default=False, example=False),
    ]
    status: Annotated[
        Literal["waiting", "ready", "trying", "running", "done", "failed", "reversing", "reversed"],
        Field(
            "waiting for its file; ready to be tried or run; trying (a dry run), running, reversing; done, failed "
            "or reversed.",
            read_only=True,
            filters="eq",
            example="ready",
        ),
    ]
    file_name: Annotated[str | None, Field("The file's name.", read_only=True, example="links.csv")]
    bytes: Annotated[int | None, Field("How large the file is.", read_only=True, example=5_242_880)]
    format: Annotated[Literal["csv", "ndjson"] | None, Field("What the file is.", read_only=True, example="csv")]
    encoding: Annotated[str | None, Field("How its letters are written.", read_only=True, example="utf-8")]
    delimiter: Annotated[str | None, Field("What stands between its columns.", read_only=True, example=",")]
    columns: Annotated[list[str], Field("The names of its columns.", read_only=True, example=["Long URL", "Title"])]
    tried: Annotated[
        bool, Field("Whether the counts are those of a dry run.", default=False, read_only=True, example=False)
    ]
    progress: Annotated[
        int, Field("How much of the file is done, in percent.", default=0, read_only=True, counter=True, example=40)
    ]
    rows: Annotated[int, Field("Rows done.", default=0, read_only=True, counter=True, example=50_000)]
    created_rows: Annotated[
        int, Field("Of them, made into new records.", default=0, read_only=True, counter=True, example=49_000)
    ]
    updated_rows: Annotated[
        int, Field("Of them, changed a record.", default=0, read_only=True, counter=True, example=900)
    ]
    unchanged_rows: Annotated[
        int, Field("Of them, said nothing new.", default=0, read_only=True, counter=True, example=90)
    ]
    failed_rows: Annotated[int, Field("Of them, refused.", default=0, read_only=True, counter=True, example=10)]
    reversed_rows: Annotated[
        int, Field("Taken back by the reversal.", default=0, read_only=True, counter=True, example=0)
    ]
    kept_rows: Annotated[
        int,
        Field(
            "Left by the reversal, as the records were changed since.",
            default=0,
            read_only=True,
            counter=True,
            example=0,
        ),
    ]
    error: Annotated[str | None, Field("Why it failed.", read_only=True, example="the disk is full")]
    finished_at: Annotated[datetime | None, Field("When it ended.", read_only=True)]
    started_by: Annotated[
        str | None, Field("The token or user that started what is or was running.", read_only=True)
    ]
    advanced_at: Annotated[int, Field(hidden=True, counter=True)]


@computed(Import)
def unmapped(row: Row) -> list[str]:
    """Columns that no field is made of."""
    used = set(row["mapping"].values())
    return [name for name in row["columns"] if name not in used]


@fill(Import)
def begins_without_a_file(tx: Tx, actor: Actor, before: Row | None, row: Row) -> Row:
    if before is not None:
        return {}
    counts = dict.fromkeys(COUNTS, 0)
    return {"status": "waiting", "columns": [], "tried": False, "advanced_at": tx.now, **counts}


COUNTS = (
    *("progress", "rows", "created_rows", "updated_rows", "unchanged_rows", "failed_rows"),
    *("reversed_rows", "kept_rows"),
)


@check(Import)
def only_an_open_one_is_changed(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    if before is None:
        return
    if after is None and before["status"] in ("trying", "running", "reversing"):
        raise Conflict(f"this import is {before['status']}: wait for its end")
    names = ("mapping", "upsert", "atomic")
    if after is not None and before["status"] not in OPEN and any(before[n] != after[n] for n in names):
        raise Conflict("this import was started: make another one")
