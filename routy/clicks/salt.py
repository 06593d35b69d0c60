"""The salts of visitors: 16 random bytes a day (UTC), each in a file of its own that no backup takes.

A visitor is a keyed hash of address and agent under the salt of the day. When the salt is gone, 48 hours after its
day began, nobody can say any more who a visitor was, nor follow one from day to day.
"""

import os
import secrets
from pathlib import Path

from routy.clicks.spool import sync_directory
from routy.clock import DAY, HOUR, iso, parse_iso

LIFETIME = 48 * HOUR


class Salts:
    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def of(self, day: str) -> str:
        """The salt of `2026-11-21`, in hex; a day that has none gets one."""
        file = self.directory / day
        if not file.exists():
            self._make(file)
        return file.read_bytes().hex()

    def prune_once(self, now: int, oldest_needed: int | None) -> bool:
        """Forget the days that are over, except those that lines still in the spool belong to."""
        keep_from = min(now - LIFETIME, now if oldest_needed is None else oldest_needed - DAY)
        if self.directory.is_dir():
            for file in self.directory.iterdir():
                if _began(file.name) < keep_from:
                    file.unlink()
        return False

    def _make(self, file: Path) -> None:
        """On disk before it is used: a salt that a crash took back would count visitors twice."""
        self.directory.mkdir(parents=True, exist_ok=True)
        fresh = file.with_suffix(".new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.write(descriptor, secrets.token_bytes(16))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        fresh.replace(file)
        sync_directory(self.directory)


def _began(name: str) -> int:
    return parse_iso(name.removesuffix(".new"))


def day_of(at_ms: int) -> str:
    return iso(at_ms)[:10]
