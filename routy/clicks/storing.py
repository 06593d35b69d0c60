"""From parsed lines to stored rows, inside the transaction of one month: what the loader does for each stream.

A click is judged on the way: its class is what the visit says of itself, what its agent and address are known
for, and what its visitor has done before. store/duck/judge.sql says how, also for a click that is judged again.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from routy.clicks.classify import RULES_VERSION
from routy.clock import SECOND
from routy.store.cursors import Writer
from routy.store.duck import SQL
from routy.store.months import Month, united

_LINKS = "/* storing.links */ SELECT DISTINCT link_key FROM fresh"

Store = Callable[[Writer, Month, str], int]


@dataclass(frozen=True)
class Rules:
    """What clicks are judged by, beside lists: 0 switches a rule off."""

    duplicate_seconds: int = 5
    most_per_minute: int = 120

    def values(self) -> dict[str, Any]:
        return {"duplicate_ms": self.duplicate_seconds * SECOND, "most_per_minute": self.most_per_minute}


def store_clicks(rules: Rules, touch: Callable[[Iterable[int]], None]) -> Store:
    """Stores the lines of `parsed` that belong into a month and stand in no segment that it knows: rows, classes,
    flags and roll-up. Returns how many rows were made. `oldest` is the name of the oldest segment offered;
    `touch` is told whose clicks they are."""

    def store(writer: Writer, month: Month, oldest: str) -> int:
        writer.run(statement("clicks_fresh"), {"month": month.name, "oldest": oldest})
        writer.run(statement("clicks_earlier").format(clicks=united("clicks", [month])))
        writer.run(statement("judge"), rules.values())
        made = writer.run(statement("clicks_insert"), {"version": RULES_VERSION})
        writer.run(statement("clicks_rollup"))
        touch(writer.column(_LINKS))
        return made

    return store


def store_requests(writer: Writer, month: Month, oldest: str) -> int:
    return writer.run(statement("api_requests_insert"), {"month": month.name, "oldest": oldest})


@cache
def statement(name: str) -> str:
    """The text of store/duck/<name>.sql."""
    return (SQL / f"{name}.sql").read_text()
