"""Many links in a record store at once: copies of one that was made in the usual way, in folders and with tags."""

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.child import in_child
from routy.app import App
from routy.clock import SECOND
from routy.config import Config
from routy.ids import new_id
from routy.records import beginning, parse, write
from routy.resource import Actor, Resource
from routy.resources.folders import Folder
from routy.resources.links import Link
from routy.resources.tags import Tag
from routy.store.migrate import FILES
from routy.store.sqlite import Records, Transaction

FOLDERS, TAGS, PAUSED = 20, 50, 10  # one link in ten is paused
SLUG = "link-{:07d}"
DESTINATION = "https://shop.example/catalogue/{:07d}?campaign=autumn&medium=email"


def fill_directory(directory: Path, count: int) -> None:
    """A data directory with so many links, that nobody serves."""
    directory.mkdir(parents=True, exist_ok=True)
    app = App(Config(data=str(directory)))
    fill(app.records, count)
    app.stop()


def kept_directory(cache: Path, count: int) -> Path:
    """The same, made once below `cache`: to be copied, not to be served."""
    directory = cache / f"links-{count}-{_shape()}"
    done = directory / "made"
    if not done.exists():
        for older in cache.glob(f"links-{count}*"):
            shutil.rmtree(older)
        in_child(fill_directory, directory, count)
        done.touch()
    return directory


def _shape() -> str:
    """Another one where there is another migration: a store of an edited one would not be opened."""
    texts = [file.read_bytes() for file in sorted(FILES.glob("[0-9]*.sql"))]
    return hashlib.sha256(b"".join(texts)).hexdigest()[:8]


def fill(records: Records, count: int) -> None:
    """The links `link-0000000` and on, of the first workspace."""
    actor = beginning.system_of(beginning.first_workspace(records) or "")
    now = 1_700_000_000_000
    with records.transaction(now) as tx:
        folders = [_make(tx, actor, Folder, name=f"Folder {n}")["id"] for n in range(FOLDERS)]
        tags = [_make(tx, actor, Tag, name=f"tag {n}")["id"] for n in range(TAGS)]
        for row in _rows(_first(tx, actor), folders, count, now):
            key = tx.insert("links", row)
            tx.insert("link_tags", {"link_id": row["id"], "tag_id": tags[key % TAGS]})


def _make(tx: Transaction, actor: Actor, resource: type[Resource], **body: Any) -> Any:
    return write.create(tx, actor, resource, parse.creation(resource.fields, body))


def _first(tx: Transaction, actor: Actor) -> dict[str, Any]:
    made = _make(tx, actor, Link, slug="first", destination="https://shop.example/")
    row = tx.one("/* bench.first */ SELECT * FROM links WHERE id = ?", (made["id"],))
    assert row is not None
    return {name: value for name, value in row.items() if name != "key"}


def _rows(first: dict[str, Any], folders: list[str], count: int, now: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        at, slug = now + number * SECOND, SLUG.format(number)
        yield {
            **first,
            "id": new_id("link", at),
            "slug": slug,
            "slug_key": slug,
            "destination": DESTINATION.format(number),
            "title": f"Product {number * 7919 % count}",
            "folder_id": folders[number % FOLDERS],
            "status": "paused" if number % PAUSED == 0 else "active",
            "created_at": at,
            "updated_at": at,
        }
