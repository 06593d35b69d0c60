"""The files of exports: for those who may read what is in them, and behind signed addresses for others.

A signed address ends with its export: deleting that takes back every address of it.
"""

import re
from datetime import datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from routy import signing
from routy.api.call import Answer, Call, Endpoint
from routy.api.media import TYPES
from routy.clock import HOUR, iso
from routy.errors import Conflict, Forbidden, Gone, NotFound
from routy.records import read
from routy.resource import Field, Form, Reader, Row
from routy.resources import RESOURCES
from routy.resources.exports import REPORTS, Export

PURPOSE = "export"
DIRECTORY = "exports"
ALL_TYPES = {**TYPES, "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
MEDIA = tuple(kind.partition(";")[0] for kind in ALL_TYPES.values())
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})", re.ASCII)


class Download(Form):
    hours: Annotated[
        int | None,
        Field("Hours that the address works; null: as long as the file is there.", least=1, most=8760, example=24),
    ]


class Downloadable(Form):
    download_url: Annotated[str, Field("Where the file is, for everybody who has this address.")]
    expires_at: Annotated[datetime, Field("When the address ends.")]


def _sign(call: Call) -> Answer:
    hours = call.form()["hours"]
    row = _readable(call)
    until = row["expires_at"] if hours is None else min(row["expires_at"], call.now + hours * HOUR)
    url = signed(call.services.config.public_url, call.services.secret, row["id"], until)
    return Answer(status=201, data={"download_url": url, "expires_at": iso(until)})


def signed(public_url: str, secret: bytes, export_id: str, until: int) -> str:
    """An address of the file of an export that needs no login, good until then."""
    return f"{public_url}/api/v1/downloads/{signing.sign(secret, PURPOSE, {'sub': export_id}, until)}"


def _file(call: Call) -> Answer:
    return _sent(call, _readable(call))


def _download(call: Call) -> Answer:
    try:
        claims = signing.verify(call.services.secret, PURPOSE, call.path["token"], call.now)
    except signing.BadSignature:
        raise NotFound("there is no such file, or its address has ended") from None
    return _sent(call, _done(_live(call.services.records, claims["sub"])))


def _live(reader: Reader, export_id: str) -> Row:
    row = reader.one(
        "/* exports.downloaded */ SELECT id, name, format, status, finished_at FROM exports"
        " WHERE id = ? AND deleted_at IS NULL",
        (export_id,),
    )
    if row is None:
        raise NotFound("there is no such file, or its address has ended")
    return row


def _readable(call: Call) -> Row:
    """The export, done, for an actor who may read the list that it is of."""
    row = read.find(call.services.records, call.actor, Export, call.path["id"])
    scope = REPORTS if row["source"] == REPORTS else RESOURCES[row["source"]].scope
    if f"{scope}:read" not in call.actor.scopes:
        raise Forbidden(f"to download {row['source']} needs the scope {scope}:read")
    if _is_cut(row["source"]) and row["created_by"] not in (call.actor.id, call.actor.user_id):
        raise Forbidden(f"who may see which {row['source']} differs: only who made this export may download it")
    return _done(row)


def _is_cut(source: str) -> bool:
    """Whether two who may read a list see different rows of it."""
    kind = RESOURCES.get(source)
    return kind is not None and (kind.feed or kind.personal or kind.tenant == "id")


def _done(row: Row) -> Row:
    if row["status"] == "expired":
        raise Gone("this export has expired: make it again")
    if row["status"] != "done":
        raise Conflict(f"this export is {row['status']}")
    return row


def _sent(call: Call, row: Row) -> Answer:
    """The whole file, or the part of it that Range asks for (RFC 9110, 14.2)."""
    file = call.services.config.data_dir / DIRECTORY / f"{row['id']}.{row['format']}"
    if not file.is_file():
        raise Gone("the file of this export is not here any more: make it again")
    headers = (
        ("Content-Disposition", _disposition(row)),
        ("Cache-Control", "private, no-store"),
        ("Accept-Ranges", "bytes"),
        ("ETag", f'"{row["id"]}"'),
    )
    whole = Answer(file=file, kept=True, content_type=ALL_TYPES[row["format"]], headers=headers)
    span = _span(call, file, row)
    if span is None:
        return whole
    told = ("Content-Range", f"bytes {span[0]}-{span[0] + span[1] - 1}/{file.stat().st_size}")
    return Answer(206, file=file, kept=True, span=span, content_type=whole.content_type, headers=(*headers, told))


def _span(call: Call, file: Path, row: Row) -> tuple[int, int] | None:
    """First byte and number of bytes; None for all of it, also where Range is none that we know."""
    headers, mine = call.request.headers, f'"{row["id"]}"'
    asked, size = _RANGE.fullmatch(headers.get("range", "")), file.stat().st_size
    if not asked or asked[0] == "bytes=-" or headers.get("if-range", mine) != mine:
        return None
    first = int(asked[1]) if asked[1] else max(0, size - int(asked[2]))
    last = min(int(asked[2]), size - 1) if asked[1] and asked[2] else size - 1
    return (first, last - first + 1) if first <= last else None


def _disposition(row: Row) -> str:
    """A name that every system can save, and the whole one beside it (RFC 6266)."""
    name = f"{row['name']}-{iso(row['finished_at'])[:10]}.{row['format']}"
    plain = re.sub(r"[^A-Za-z0-9 ._-]", "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


ENDPOINTS = [
    Endpoint("GET", "/exports/{id}/file", "get_export_file", "The file of an export that is done.", _file,
             scope="exports:read", tag="exports", shape="raw", media=MEDIA, raises=(404, 409, 410),
             more="Needs the right to read what was exported, too. Range is understood."),
    Endpoint("POST", "/exports/{id}/downloads", "create_export_download",
             "Make an address of the file that needs no login.", _sign, scope="exports:read", tag="exports",
             takes=Download.fields, gives=Downloadable.fields, input="form", status=201,
             raises=(400, 404, 409, 410, 413, 415),
             more="Deleting the export takes the address back."),
    Endpoint("GET", "/downloads/{token}", "get_download", "The file behind a signed address.", _download,
             scope=None, tag="exports", shape="raw", media=MEDIA, raises=(404, 409, 410)),
]  # fmt: skip
