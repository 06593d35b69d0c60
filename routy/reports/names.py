"""Between the ids that clients know and the small keys that rows in the click store carry.

Many keys go to DuckDB as one JSON text, which SQLite makes: a list of values would take a thousand times as long.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from routy.errors import Forbidden
from routy.records.parameters import Filter
from routy.resource import Actor, Field, Reader
from routy.resources.clicks import LINK_SIDE, Click

TABLES = {"link_id": "links", "domain_id": "domains"}

_WORKSPACE = "/* names.workspace */ SELECT key, timezone FROM workspaces WHERE id = ?"
_SEQ = "/* names.seq */ SELECT coalesce(max(seq), 0) AS seq FROM sqlite_sequence WHERE name = 'events'"
_KEYS = """/* names.keys */
SELECT key FROM {table} WHERE workspace_id = ? AND id IN (SELECT value FROM json_each(?))
"""
_OF_LINKS = "/* names.of_links */ SELECT key FROM links l WHERE workspace_id = ? AND {condition}"

_NAMES = {
    "link": "/* names.link */ SELECT key, id, slug AS label FROM links",
    "domain": "/* names.domain */ SELECT key, id, host AS label FROM domains",
    "tag": "/* names.tag */ SELECT key, id, name AS label FROM tags",
    "folder": "/* names.folder */ SELECT key, id, name AS label FROM folders",
}

# Whole lists, as JSON arrays that run side by side.
_LISTS = {
    "slug": "/* names.slugs */ SELECT json_group_array(key) AS keys, json_group_array(slug) AS texts FROM links"
            " WHERE workspace_id = ?",
    "folder": "/* names.in_folders */ SELECT json_group_array(l.key) AS keys, json_group_array(f.key) AS texts"
              " FROM links l JOIN folders f ON f.id = l.folder_id WHERE l.workspace_id = ?",
    "tag": "/* names.tagged */ SELECT json_group_array(l.key) AS keys, json_group_array(t.key) AS texts"
           " FROM link_tags x JOIN links l ON l.id = x.link_id JOIN tags t ON t.id = x.tag_id"
           " WHERE l.workspace_id = ?",
}  # fmt: skip
_SHOWN = """/* names.shown */
SELECT json_group_array(key) AS keys, json_group_array(id) AS ids, json_group_array(label) AS labels
FROM ({names} WHERE workspace_id = ?)
"""


class Workspace(NamedTuple):
    key: int
    timezone: str


class Name(NamedTuple):
    """A record as people know it: its id, and its slug, host or name."""

    id: str
    label: str


def workspace(reader: Reader, actor: Actor) -> Workspace:
    row = reader.one(_WORKSPACE, (actor.workspace_id,))
    if row is None:
        raise Forbidden("the workspace of this credential is gone")
    return Workspace(row["key"], row["timezone"])


def seq(reader: Reader) -> int:
    """Moves with every change of any record, its names and tags among them."""
    row = reader.one(_SEQ)
    return int(row["seq"]) if row else 0


def named(reader: Reader, kind: str, keys: Iterable[int]) -> dict[int, Name]:
    """Links, domains, tags or folders by their keys."""
    wanted = json.dumps(sorted({key for key in keys if key is not None}))
    rows = reader.rows(f"{_NAMES[kind]} WHERE key IN (SELECT value FROM json_each(?))", (wanted,))
    return {row["key"]: Name(row["id"], row["label"]) for row in rows}


def listed(reader: Reader, actor: Actor, what: str) -> tuple[str, str]:
    """The keys of all links, and beside each its slug or the key of its folder or of one of its tags."""
    row = reader.one(_LISTS[what], (actor.workspace_id,)) or {}
    return row["keys"], row["texts"]


def shown(reader: Reader, actor: Actor, kind: str) -> tuple[str, str, str]:
    """The keys of all links, domains, tags or folders, their ids and their labels."""
    row = reader.one(_SHOWN.format(names=_NAMES[kind]), (actor.workspace_id,)) or {}
    return row["keys"], row["ids"], row["labels"]


# ---- filters


def by_keys(reader: Reader, actor: Actor, filters: Iterable[Filter]) -> tuple[Filter, ...]:
    """The filters with keys in place of ids, and keys of links in place of what links are like. An id that is not
    of this workspace finds nothing."""
    return tuple(_by_keys(reader, actor, wanted) for wanted in filters)


def _by_keys(reader: Reader, actor: Actor, wanted: Filter) -> Filter:
    if wanted.field.name in LINK_SIDE:
        return _by_links(reader, actor, wanted)
    table = TABLES.get(wanted.field.name)
    if table is None or wanted.operator == "null":
        return wanted
    rows = reader.rows(_KEYS.format(table=table), (actor.workspace_id, json.dumps(wanted.values)))
    return replace(wanted, values=tuple(row["key"] for row in rows))


def _by_links(reader: Reader, actor: Actor, wanted: Filter) -> Filter:
    """`ne`, and `null` where it asks for none, leave out the links that have it: a link that is gone stays."""
    condition, values = _having(wanted.field, wanted.operator, wanted.values)
    left_out = wanted.operator == "ne" or (wanted.operator == "null" and bool(wanted.values[0]))
    rows = reader.rows(_OF_LINKS.format(condition=condition), (actor.workspace_id, *values))
    return Filter(Click.fields["link_id"], "ne" if left_out else "eq", tuple(row["key"] for row in rows))


def _having(field: Field, operator: str, values: Sequence[str]) -> tuple[str, list[str]]:
    """What a link must be like, as SQLite asks it."""
    if field.name == "tag_ids":
        if operator == "null":
            return "id IN (SELECT link_id FROM link_tags)", []
        among = "tag_id IN (SELECT value FROM json_each(?))"
        return f"id IN (SELECT link_id FROM link_tags WHERE {among})", [json.dumps(values)]
    if operator == "null":
        return "folder_id IS NOT NULL", []
    if operator == "prefix":
        return "substr(slug, 1, length(?)) = ?", [values[0], values[0]]
    if operator == "contains":
        return "instr(lower(slug), lower(?)) > 0", [values[0]]
    return f"{field.name} IN (SELECT value FROM json_each(?))", [json.dumps(values)]
