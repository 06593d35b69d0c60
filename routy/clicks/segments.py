"""Segments as files: their names, their lines, and how many are taken at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from routy.clock import month
from routy.ids import time_of

MOST_SEGMENTS = 256
MOST_BYTES = 64 * 2**20


@dataclass(frozen=True)
class Offer:
    """A sealed segment that is to be loaded. Its lines are counted before anybody reads them as columns."""

    path: Path
    lines: int

    @property
    def name(self) -> str:
        return name_of(self.path)

    @property
    def home(self) -> str:
        """The month in its name: its ledger knows the segment even when no row falls into it."""
        return month(time_of(self.name))


def batch_of(sealed: Sequence[Path]) -> list[Path]:
    """As many as one load should take, all of one version; and at least one."""
    chosen: list[Path] = []
    size = 0
    for path in sealed[:MOST_SEGMENTS]:
        size += path.stat().st_size
        if chosen and (size > MOST_BYTES or version_of(path) != version_of(chosen[0])):
            break
        chosen.append(path)
    return chosen


def version_of(path: Path) -> int:
    digits = path.name.partition("-")[0].removeprefix("v")
    return int(digits) if digits.isdigit() else 0


def name_of(path: Path) -> str:
    """The ULID of a segment."""
    return path.stem.partition("-")[2]


def lines_of(path: Path) -> list[bytes]:
    """What stands behind the header, empty lines included."""
    return path.read_bytes().split(b"\n")[1:]


def count_lines(path: Path) -> int:
    """One by one, so that other threads get their turn."""
    with path.open("rb") as file:
        return max(0, sum(1 for line in file if line != b"\n") - 1)
