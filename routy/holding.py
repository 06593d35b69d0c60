"""The lock on a data directory: one process at a time holds it, and it says who that is."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

FILE = "lock"


class Held(Exception):
    """Another process holds the data directory; the message names it."""


class Hold:
    """The lock, held until `release` or the end of the process (the kernel lets go of it in every case)."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def release(self) -> None:
        self._file.close()


def hold(directory: Path, what: str) -> Hold:
    """Take the lock, or raise Held with the process that has it."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)  # it holds addresses and password hashes
    file = (directory / FILE).open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise Held(f"{directory} is held by {_told(holder(directory))}") from None
    file.seek(0)
    file.truncate()
    json.dump({"pid": os.getpid(), "what": what}, file)
    file.flush()
    return Hold(file)


def holder(directory: Path) -> dict[str, Any]:
    """What the lock file says; empty when it says nothing."""
    try:
        found = json.loads((directory / FILE).read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def is_held(directory: Path) -> bool:
    """Whether some process holds it right now."""
    try:
        with (directory / FILE).open("r") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def _told(found: dict[str, Any]) -> str:
    return f"process {found.get('pid', '?')} ({found.get('what', 'unknown')})"


@contextmanager
def held(directory: Path, what: str) -> Iterator[None]:
    """The lock for the length of a block."""
    lock = hold(directory, what)
    try:
        yield
    finally:
        lock.release()
