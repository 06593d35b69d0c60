"""From the texts of a file to the values of a row: what a text means is told by its field.

A cell that is empty says nothing. Lists stand with semicolons or as JSON; what refers to a record may name it by
its id or by its name; one apostrophe before what a spreadsheet would take for a formula is taken away, as exports
put it there.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from routy.clock import iso
from routy.ids import is_id
from routy.imports.guessed import METADATA, SHORT, plain
from routy.passwords import hash_password
from routy.records.parse import parse_field
from routy.resource import Field, Reader, Resource, Row
from routy.resources import RESOURCES

YES, NO = ("true", "yes", "y", "1", "on"), ("false", "no", "n", "0", "off")
GUARDED = re.compile(r"'(?='*[=+\-@\t\r])")
MOST_KNOWN = 10_000  # names of other records that are remembered

_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?))? ?(Z|UTC|[+-]\d\d:?\d\d)?", re.ASCII
)


@dataclass
class Names:
    """The ids of records that a file names by what they are called."""

    reader: Reader
    workspace_id: str
    known: dict[tuple[str, str], str | None] = field(default_factory=dict)

    def id_of(self, resource: type[Resource], text: str) -> str:
        """ValueError where there is no such record, or several."""
        label = resource.fields.get(resource.label)
        if is_id(resource.prefix, text) or label is None or not label.column or resource.tenant != "workspace_id":
            return text
        place = (resource.plural, text)
        if place not in self.known:
            if len(self.known) >= MOST_KNOWN:
                self.known.clear()
            self.known[place] = self._found(resource, text)
        found = self.known[place]
        if found is None:
            raise ValueError(f"there is no {resource.singular.replace('_', ' ')} called {text[:60]}, or several")
        return found

    def _found(self, resource: type[Resource], text: str) -> str | None:
        rows = self.reader.rows(
            f"/* {resource.plural}.called */ SELECT id FROM {resource.plural}"
            f" WHERE workspace_id = ? AND {resource.label} = ? AND deleted_at IS NULL LIMIT 2",
            (self.workspace_id, text.lower() if resource.plural == "domains" else text),
        )
        return str(rows[0]["id"]) if len(rows) == 1 else None


@dataclass(frozen=True)
class Typist:
    """Reads rows by a mapping of fields to columns."""

    resource: type[Resource]
    mapping: Mapping[str, str]
    names: Names
    texts: bool  # all values are texts, as in CSV

    def values(self, cells: Mapping[str, Any]) -> tuple[Row, dict[str, str]]:
        """The values that a row gives, and what is wrong with it by field. Passwords are hashed: 40 ms each."""
        found: Row = {}
        errors: dict[str, str] = {}
        for name, column in self.mapping.items():
            cell = cells.get(column)
            if cell is None or cell == "":
                continue
            try:
                self._take(found, name, column, cell)
            except ValueError as error:
                errors[name] = str(error)
        return found, errors

    def _take(self, found: Row, name: str, column: str, cell: Any) -> None:
        if name.startswith(METADATA):
            text = cell if isinstance(cell, str) else json.dumps(cell, ensure_ascii=False)
            given: Any = {name.removeprefix(METADATA): GUARDED.sub("", text, count=1)}
            found["metadata"] = {
                **found.get("metadata", {}),
                **parse_field(self.resource.fields["metadata"], given),
            }
            return
        wanted = self.resource.fields[name]
        value = self._meant(wanted, column, cell)
        parsed = parse_field(wanted, value)
        found[name] = hash_password(parsed) if wanted.hashed else parsed

    def _meant(self, wanted: Field, column: str, cell: Any) -> Any:
        if isinstance(cell, str) and (self.texts or wanted.kind == "time"):
            cell = _READ.get(wanted.kind, _text)(wanted, cell)
        if wanted.name == "slug" and isinstance(cell, str) and plain(column) in SHORT:
            cell = slug_of(cell)
        if wanted.refs and isinstance(cell, str):
            return self.names.id_of(RESOURCES[wanted.refs], cell)
        if wanted.refs and isinstance(cell, list):
            return [self.names.id_of(RESOURCES[wanted.refs], one) if isinstance(one, str) else one for one in cell]
        return cell


def slug_of(text: str) -> str:
    """The path of a short address: `https://sho.rt/sale` and `sho.rt/sale` → `sale`; a bare slug stays."""
    if "://" in text:
        return urlsplit(text).path.strip("/") or text
    host, slash, path = text.partition("/")
    return path if slash and "." in host and path else text


def _text(wanted: Field, cell: str) -> Any:
    text = GUARDED.sub("", cell, count=1) if cell.startswith("'") else cell
    if wanted.format not in (None, "prose") or wanted.choices or wanted.refs:
        text = text.strip()
    if wanted.choices:
        return next((choice for choice in wanted.choices if str(choice) == text.lower()), text)
    return text


def _integer(wanted: Field, cell: str) -> Any:
    text = cell.strip()
    return int(text) if re.fullmatch(r"-?[0-9]{1,19}", text, re.ASCII) else cell


def _number(wanted: Field, cell: str) -> Any:
    try:
        return float(cell)
    except ValueError:
        return cell


def _boolean(wanted: Field, cell: str) -> Any:
    text = cell.strip().lower()
    return True if text in YES else False if text in NO else cell


def _time(wanted: Field, cell: str) -> Any:
    """`2026-01-31`, `2026-01-31 12:00` (in UTC unless it says otherwise), or seconds or milliseconds since 1970."""
    text = cell.strip()
    if re.fullmatch(r"[0-9]{10}|[0-9]{13}", text, re.ASCII):
        return iso(int(text) * (1000 if len(text) == 10 else 1))
    found = _TIME.fullmatch(text)
    if not found:
        return cell
    hours = found[2] or "00:00:00"
    zone = "Z" if found[3] in (None, "UTC") else found[3]
    return f"{found[1]}T{hours if hours.count(':') == 2 else f'{hours}:00'}{zone}"


def _list(wanted: Field, cell: str) -> Any:
    text = cell.strip()
    if text.startswith("["):
        return _json(text)
    text = GUARDED.sub("", text, count=1)
    parted = re.split("[;|]" if ";" in text or "|" in text else ",", text)
    return [one.strip() for one in parted if one.strip()]


def _map(wanted: Field, cell: str) -> Any:
    return _json(cell)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


_READ: dict[str, Callable[[Field, str], Any]] = {
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "time": _time,
    "list": _list,
    "map": _map,
}
