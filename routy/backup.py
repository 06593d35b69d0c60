"""Backups: a directory with the record store, the month files, the server's secret, and a manifest with sums.

Visitors' salts and the spool are left out: the first must be forgotten, the second is loaded within seconds. A
restore checks every sum before it touches anything, and keeps what was there aside.
"""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

from routy import __version__
from routy.clock import iso
from routy.store.duck import ClickStore
from routy.store.sqlite import Records

MANIFEST = "backup.json"
TAKEN = ("routy.db", "clicks", "secret")


class Damaged(Exception):
    """The backup is not whole; the message names the file."""


def backup(records: Records, clicks: ClickStore, data: Path, to: Path, now: int) -> dict[str, Any]:
    """Copy everything while the server runs; returns the manifest."""
    if to.exists() and any(to.iterdir()):
        raise Damaged(f"{to} is not empty")
    to.mkdir(parents=True, exist_ok=True)
    clicks.copy_to(to / "clicks")
    records.copy_to(to / "routy.db")
    if (data / "secret").exists():
        shutil.copyfile(data / "secret", to / "secret")
        (to / "secret").chmod(0o600)
    files = {str(path.relative_to(to)): _sum(path) for path in sorted(to.rglob("*")) if path.is_file()}
    manifest = {"routy": __version__, "at": iso(now), "files": files}
    (to / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n")
    return manifest


def restore(source: Path, data: Path, now: int) -> Path | None:
    """Put a backup in the place of the data; returns where the old data lies, if there was any."""
    files = _checked(source)
    fresh = data / "restoring"
    shutil.rmtree(fresh, ignore_errors=True)
    for name in files:
        (fresh / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / name, fresh / name)
    aside = _put_aside(data, now)
    for path in fresh.iterdir():
        path.replace(data / path.name)
    fresh.rmdir()
    return aside


def _checked(source: Path) -> dict[str, str]:
    """The sums of its files by name."""
    try:
        manifest = json.loads((source / MANIFEST).read_text())
    except (OSError, ValueError):
        raise Damaged(f"{source} is no backup of Routy: it has no {MANIFEST}") from None
    match manifest:
        case {"files": {"routy.db": str()}}:
            files: dict[str, str] = manifest["files"]
        case _:
            raise Damaged(f"{source} is no backup of Routy: its {MANIFEST} lists no record store")
    for name, wanted in files.items():
        path = source / name
        if ".." in Path(name).parts or not path.is_file() or _sum(path) != wanted:
            raise Damaged(f"{name} is missing or changed: nothing was restored")
    return files


def _put_aside(data: Path, now: int) -> Path | None:
    """Also what belongs to the old data and to no backup: other clicks' segments must not be loaded into these."""
    there = [data / name for name in (*TAKEN, "routy.db-wal", "routy.db-shm", "spool", "salts")]
    there = [path for path in there if path.exists()]
    if not there:
        return None
    aside = data / f"before-restore-{iso(now).replace(':', '')}"
    aside.mkdir()
    for path in there:
        path.replace(aside / path.name)
    return aside


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
