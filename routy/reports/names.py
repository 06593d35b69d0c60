"""Between the ids that clients know and the small keys that rows in the click store carry."""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from routy.errors import Forbidden
from routy.records.parameters import Filter
from routy.resource import Actor, Reader

TABLES = {"link_id": "links", "domain_id": "domains"}

_WORKSPACE = "/* names.workspace */ SELECT key, timezone FROM workspaces WHERE id = ?"
_KEYS = """/* names.keys */
SELECT key FROM {table} WHERE workspace_id = ? AND id IN (SELECT value FROM json_each(?))
"""
_LINKS = "/* names.links */ SELECT key, id, slug AS label FROM links WHERE key IN (SELECT value FROM json_each(?))"
_DOMAINS = """/* names.domains */
SELECT key, id, host AS label FROM domains WHERE key IN (SELECT value FROM json_each(?))
"""


class Workspace(NamedTuple):
    key: int
    timezone: str


class Name(NamedTuple):
    """A record as people know it: its id, and its slug or host."""

    id: str
    label: str


def workspace(reader: Reader, actor: Actor) -> Workspace:
    row = reader.one(_WORKSPACE, (actor.workspace_id,))
    if row is None:
        raise Forbidden("the workspace of this credential is gone")
    return Workspace(row["key"], row["timezone"])


def links(reader: Reader, keys: Iterable[int]) -> dict[int, Name]:
    return _names(reader, _LINKS, keys)


def domains(reader: Reader, keys: Iterable[int]) -> dict[int, Name]:
    return _names(reader, _DOMAINS, keys)


def by_keys(reader: Reader, actor: Actor, filters: Iterable[Filter]) -> tuple[Filter, ...]:
    """The filters with keys in place of ids. An id that is not of this workspace finds nothing."""
    return tuple(_by_keys(reader, actor, wanted) for wanted in filters)


def _by_keys(reader: Reader, actor: Actor, wanted: Filter) -> Filter:
    table = TABLES.get(wanted.field.name)
    if table is None or wanted.operator == "null":
        return wanted
    rows = reader.rows(_KEYS.format(table=table), (actor.workspace_id, json.dumps(wanted.values)))
    return replace(wanted, values=tuple(row["key"] for row in rows))


def _names(reader: Reader, sql: str, keys: Iterable[int]) -> dict[int, Name]:
    rows = reader.rows(sql, (json.dumps(sorted(set(keys))),))
    return {row["key"]: Name(row["id"], row["label"]) for row in rows}
