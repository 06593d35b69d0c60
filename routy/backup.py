"""Backups: a directory with the record store, the month files, the server's secret, and a manifest with sums.

A backup is of one moment, taken while the server runs. Month files that have not changed since an earlier backup
are linked from there (the same bytes, no room), so that a backup a day costs a day. Visitors' salts and the spool
are left out: the first must be forgotten, the second is loaded before. A restore checks every sum before it touches
anything, and keeps what was there aside.
"""

import hashlib
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

from routy import __version__
from routy.clock import HOUR, iso, parse_iso
from routy.store.duck import ClickStore
from routy.store.sqlite import Records

MANIFEST = "backup.json"
TAKEN = ("routy.db", "clicks", "secret")
_NAME = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d)(\d\d)(\d\d)Z")  # of a backup by the clock


class Damaged(Exception):
    """The backup is not whole; the message names the file."""


def backup(
    records: Records, clicks: ClickStore, data: Path, to: Path, now: int, earlier: Path | None = None
) -> dict[str, Any]:
    """Copy everything while the server runs; returns the manifest. What has not changed since `earlier`, another
    backup, is linked from there."""
    if to.exists() and any(to.iterdir()):
        raise Damaged(f"{to} is not empty")
    known = _known(earlier)
    (to / "clicks").mkdir(parents=True, exist_ok=True)
    stamps, linked = {}, {}
    with clicks.standing_still() as months:  # so that records and clicks are of one moment
        for path in months:
            name = f"clicks/{path.name}"
            stamps[name] = [path.stat().st_size, path.stat().st_mtime_ns]
            if earlier and known.get(name, {}).get("stamp") == stamps[name]:
                linked[name] = known[name]["sha256"]
                _link(earlier / name, to / name)
            else:
                _copy(path, to / name)
        records.copy_to(to / "routy.db")
        _copy(clicks.directory / "manifest.json", to / "clicks" / "manifest.json")
    _copy(data / "secret", to / "secret")
    return _sign(to, now, stamps, linked)


def _known(earlier: Path | None) -> dict[str, Any]:
    """The files of an earlier backup; without one, or without sense in it, none."""
    if earlier is None:
        return {}
    return {name: entry for name, entry in _manifest(earlier)["files"].items() if isinstance(entry, dict)}


def _sign(to: Path, now: int, stamps: dict[str, list[int]], linked: dict[str, str]) -> dict[str, Any]:
    """Write the manifest: it comes last, and makes a directory a backup."""
    files: dict[str, Any] = {}
    for path in sorted(to.rglob("*")):
        if path.is_file():
            name = str(path.relative_to(to))
            files[name] = {"sha256": linked.get(name) or _sum(path), "bytes": path.stat().st_size}
            files[name] |= {"stamp": stamps[name]} if name in stamps else {}
    manifest = {"routy": __version__, "at": iso(now), "files": files}
    with (to / MANIFEST).open("w") as file:
        file.write(json.dumps(manifest, indent=1) + "\n")
        file.flush()
        os.fsync(file.fileno())
    for directory in (to / "clicks", to, to.parent):
        _sync(directory)
    return manifest


# ---- by the clock


def backup_once(
    records: Records, clicks: ClickStore, data: Path, into: Path, every_hours: int, keep: int, now: int
) -> bool:
    """Make a backup in `into` when the last one there is old enough, and delete the oldest of too many."""
    into.mkdir(parents=True, exist_ok=True)
    there = _finished(into)
    if there and now - _made_at(there[-1]) < every_hours * HOUR:
        return False
    fresh = into / "unfinished"
    shutil.rmtree(fresh, ignore_errors=True)
    backup(records, clicks, data, fresh, now, there[-1] if there else None)
    fresh.rename(into / f"{iso(now)[:19].replace(':', '')}Z")
    _sync(into)
    for old in _finished(into)[:-keep]:
        shutil.rmtree(old)
    return False


def _finished(into: Path) -> list[Path]:
    """The backups by the clock in a directory, oldest first."""
    return sorted(path for path in into.iterdir() if _NAME.fullmatch(path.name) and (path / MANIFEST).is_file())


def _made_at(path: Path) -> int:
    match = _NAME.fullmatch(path.name)
    assert match is not None
    return parse_iso("{}T{}:{}:{}Z".format(*match.groups()))


# ---- back again


def restore(source: Path, data: Path, now: int) -> Path | None:
    """Put a backup in the place of the data; returns where the old data lies, if there was any."""
    files = _checked(source)
    fresh = data / "restoring"
    shutil.rmtree(fresh, ignore_errors=True)
    for name in files:
        (fresh / name).parent.mkdir(parents=True, exist_ok=True)
        _copy(source / name, fresh / name)
    aside = _put_aside(data, now)
    for path in fresh.iterdir():
        path.replace(data / path.name)
    fresh.rmdir()
    for directory in {path.parent for path in (data / name for name in files)}:
        _sync(directory)
    return aside


def _checked(source: Path) -> list[str]:
    """The names of its files, each of which is what the manifest says."""
    files: dict[str, Any] = _manifest(source)["files"]
    for name, entry in files.items():
        path, place = source / name, Path(name)
        wanted = entry.get("sha256") if isinstance(entry, dict) else entry  # a text is how it began
        if place.is_absolute() or ".." in place.parts or not path.is_file() or _sum(path) != wanted:
            raise Damaged(f"{name} is missing or changed: nothing was restored")
    return list(files)


def _manifest(source: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((source / MANIFEST).read_text())
    except (OSError, ValueError):
        raise Damaged(f"{source} is no backup of Routy: it has no {MANIFEST}") from None
    match manifest:
        case {"files": {"routy.db": _}}:
            found: dict[str, Any] = manifest
            return found
        case _:
            raise Damaged(f"{source} is no backup of Routy: its {MANIFEST} lists no record store")


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


def _copy(path: Path, to: Path) -> None:
    """On disk when it returns; for the owner alone."""
    if path.exists():
        shutil.copyfile(path, to)
        to.chmod(0o600)
        _sync(to)


def _link(path: Path, to: Path) -> None:
    """The same bytes under another name; a copy where the file system cannot."""
    try:
        os.link(path, to)
    except OSError:
        _copy(path, to)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
