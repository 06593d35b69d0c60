"""Imports beside CRUD: their files on the way in, runs, what became of each row, and taking all of it back."""

import json
import re
from typing import Annotated, Any, Literal

from routy.api.call import Answer, Call, Endpoint
from routy.api.writing import once, written
from routy.clock import DAY
from routy.errors import Conflict, Gone, Invalid
from routy.records import read, write
from routy.records.parse import expectation
from routy.records.show import show
from routy.resource import Field, Form, Reader, Row
from routy.resources.imports import COUNTS, OPEN, Import
from routy.store.sqlite import Transaction

FILE_KINDS = ("text/csv", "application/x-ndjson")
LARGEST_PART = 10 * 2**20
_SPAN = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15})", re.ASCII)
_ROWS = """/* import_rows.list */
SELECT number, line, status, record_id, errors FROM import_rows
WHERE import_key = ?1 AND number > ?2 AND (?3 IS NULL OR status = ?3) ORDER BY number LIMIT ?4
"""

RowStatus = Literal["created", "updated", "unchanged", "failed", "reversed", "kept"]


# ---- the file


class FileQuery(Form):
    name: Annotated[
        str | None, Field("What the file is called.", min_length=1, max_length=255, example="links.csv")
    ]


def _put_file(call: Call) -> Answer:
    """All of a file, or its next part where Content-Range says so (RFC 9110, 14.4)."""
    row = _open(call, call.services.records)
    name = call.parameters()["name"]
    part = call.body()
    begin, total = _span(call, len(part))
    there = call.services.imports.receive(row["id"], part, begin, total)
    if total is not None and there < total:
        return Answer(202, data=show(Import, row))
    kind = call.request.headers.get("content-type", "").partition(";")[0].strip().lower()
    values = call.services.imports.look(row, name, kind in ("application/x-ndjson", "application/jsonl"))
    with call.services.records.transaction(call.now) as tx:
        _open(call, tx)  # it may have begun to run meanwhile
        changed = write.update(tx, call.actor, Import, row["id"], values)
        call.services.imports.keep(row["id"])
        return written(call, Import, changed, 200)


def _open(call: Call, reader: Reader) -> Row:
    row = read.find(reader, call.actor, Import, call.path["id"])
    if row["status"] not in OPEN:
        raise Conflict(f"this import is {row['status']}: make another one")
    return row


def _span(call: Call, length: int) -> tuple[int, int | None]:
    text = call.request.headers.get("content-range")
    if text is None:
        return 0, None
    found = _SPAN.fullmatch(text)
    first, last, total = (int(number) for number in found.groups()) if found else (0, -1, 0)
    if last - first + 1 != length or last >= total:
        raise Invalid({"Content-Range": "must be of the form bytes 0-1048575/5242880, and fit the body"})
    return first, total


class Sample(Form):
    values: Annotated[dict[str, Any], Field("A row, by column; what is long is cut.")]


def _sample(call: Call) -> Answer:
    """Read anew each time: nothing of a file is kept in the record store before it is imported."""
    row = read.find(call.services.records, call.actor, Import, call.path["id"])
    return Answer(data=[{"values": values} for values in call.services.imports.sample(row)])


# ---- runs


class Run(Form):
    dry_run: Annotated[
        bool, Field("Whether it is only tried: nothing is stored, and every row is judged.", default=False)
    ]


def _run(call: Call) -> Answer:
    """A failed one goes on where it stood."""
    status = "trying" if call.form()["dry_run"] else "running"

    def run(tx: Transaction) -> Answer:
        row = read.find(tx, call.actor, Import, call.path["id"])
        call.services.imports.expect_right(call.actor, row["resource"])
        goes_on = row["status"] == "failed" and row["format"] is not None and status == "running"
        if row["status"] != "ready" and not goes_on:
            raise Conflict(f"this import is {row['status']}")
        if not row["mapping"]:
            raise Invalid({"mapping": "names no column: say which field is made of which"})
        anew = {} if goes_on and not _stored_nothing(row) else {"tried": False, **dict.fromkeys(COUNTS, 0)}
        return _started(call, tx, row, {**anew, "status": status})

    return once(call, run)


def _stored_nothing(row: Row) -> bool:
    """Whether it is an atomic one of which a row was refused: it has nowhere to go on from."""
    return bool(row["atomic"] and row["rows"] and row["failed_rows"] == row["rows"])


def _reverse(call: Call) -> Answer:
    def reverse(tx: Transaction) -> Answer:
        row = read.find(tx, call.actor, Import, call.path["id"])
        call.services.imports.expect_right(call.actor, row["resource"])
        if row["status"] not in ("done", "failed"):
            raise Conflict(f"this import is {row['status']}")
        if row["finished_at"] < call.now - call.services.config.files.import_days * DAY:
            raise Gone("what became of its rows is not known any more")
        return _started(call, tx, row, {"status": "reversing", "reversed_rows": 0, "kept_rows": 0})

    return once(call, reverse)


def _started(call: Call, tx: Transaction, row: Row, values: Row) -> Answer:
    begun = {"started_by": call.actor.id, "error": None, "finished_at": None, "advanced_at": call.now}
    return written(call, Import, write.update(tx, call.actor, Import, row["id"], {**begun, **values}), 202)


# ---- rows


class RowsQuery(Form):
    status: Annotated[RowStatus | None, Field("Only rows of which this became.", example="failed")]
    cursor: Annotated[int | None, Field("`pagination.next_cursor` of the answer before.", least=0)]
    limit: Annotated[int, Field("Rows a page.", default=100, least=1, most=1000)]


class ImportRow(Form):
    number: Annotated[int, Field("Its number among the rows.", example=1)]
    line: Annotated[int, Field("The line of the file that it begins on.", example=2)]
    status: Annotated[RowStatus, Field("What became of it.", example="failed")]
    record_id: Annotated[str | None, Field("The record that was made or changed; in a dry run it is none that is.")]
    errors: Annotated[list[dict[str, str]], Field("What was wrong, by field; `row` is all of it.")]


def _rows(call: Call) -> Answer:
    asked = call.parameters()
    row = read.find(call.services.records, call.actor, Import, call.path["id"])
    values = (row["key"], asked["cursor"] or 0, asked["status"], asked["limit"] + 1)
    found = call.services.records.rows(_ROWS, values)
    shown, more = found[: asked["limit"]], len(found) > asked["limit"]
    cursor = str(shown[-1]["number"]) if more else None
    pagination = {"limit": asked["limit"], "has_more": more, "next_cursor": cursor}
    return Answer(data=[_shown(each) for each in shown], pagination=pagination)


def _shown(row: Row) -> Row:
    errors = json.loads(row["errors"] or "{}")
    return {**row, "errors": [{"field": name, "message": text} for name, text in errors.items()]}


# ---- what can be imported


class Importable(Form):
    resource: Annotated[str, Field("The name of the list.", example="links")]
    fields_: Annotated[
        list[dict[str, Any]], Field("What a column can become: name, kind, whether it is required, and doc.")
    ]


def _resources(call: Call) -> Answer:
    found = call.services.imports.resources()
    return Answer(
        data=[
            {"resource": plural, "fields": [_described(field) for field in kind.fields.values() if field.taken]}
            for plural, kind in found.items()
            if f"{kind.scope}:write" in call.actor.scopes
        ]
    )


def _described(field: Field) -> dict[str, Any]:
    named = {"name": field.name, "kind": field.kind, "required": field.required}
    return {**named, "doc": field.doc, "expects": expectation(field)}


STARTED = (400, 404, 409, 413, 415)

ENDPOINTS = [
    Endpoint("GET", "/imports/resources", "list_importable", "What files can be made into, field by field.",
             _resources, scope="imports:read", tag="imports", shape="batch", gives=Importable.fields),
    Endpoint("PUT", "/imports/{id}/file", "put_import_file", "Send the file of an import.", _put_file,
             scope="imports:write", tag="imports", resource=Import, shape="record", parameters=FileQuery.fields,
             body_limit=LARGEST_PART, raises=(400, 404, 409, 413), same_shape=(202,), file_kinds=FILE_KINDS,
             more="The body is the file itself, CSV or NDJSON. What is larger than 10 MiB comes in parts: "
             "Content-Range: bytes 0-8388607/20000000, one after the other; 202 until the last one has come."),
    Endpoint("GET", "/imports/{id}/sample", "get_import_sample", "The first rows of the file of an import.",
             _sample, scope="imports:write", tag="imports", shape="batch", gives=Sample.fields, raises=(404,)),
    Endpoint("POST", "/imports/{id}/runs", "run_import", "Run an import, or only try it.", _run,
             scope="imports:write", tag="imports", resource=Import, shape="record", input="form", takes=Run.fields,
             status=202, raises=STARTED, repeatable=True,
             more="One that has failed on its way goes on where it stood."),
    Endpoint("GET", "/imports/{id}/rows", "list_import_rows", "What became of each row.", _rows,
             scope="imports:read", tag="imports", shape="batch", gives=ImportRow.fields,
             parameters=RowsQuery.fields, raises=(400, 404)),
    Endpoint("POST", "/imports/{id}/reversal", "reverse_import",
             "Take an import back, as far as nobody has changed since what it wrote.", _reverse,
             scope="imports:write", tag="imports", resource=Import, shape="record", status=202,
             raises=(404, 409, 410), repeatable=True),
]  # fmt: skip
