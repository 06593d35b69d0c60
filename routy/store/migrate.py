"""Migrations of the record store: numbered immutable files in store/sqlite/, one transaction each.

Each applied file is recorded with its name and sha256; an applied file that was edited afterwards refuses to
start, because nobody could say any more what the store looks like.
"""

import hashlib
from pathlib import Path

from routy.store.sqlite import Records

FILES = Path(__file__).parent / "sqlite"

_LEDGER = """
CREATE TABLE IF NOT EXISTS migrations (
  name TEXT PRIMARY KEY,
  sha256 TEXT NOT NULL,
  applied_at INTEGER NOT NULL
) STRICT
"""


class Edited(Exception):
    """An applied migration is not the file that was applied, or is gone."""


def migrate(records: Records, now: int, files: Path = FILES) -> list[str]:
    """Apply what is missing, in order; returns the names applied."""
    records.script(_LEDGER)
    pending = _pending(records, files)
    for name, text in pending:
        with records.transaction(now) as tx:
            tx.run(text)
            tx.run(
                "/* migrate.record */ INSERT INTO migrations (name, sha256, applied_at) VALUES (?, ?, ?)",
                (name, _digest(text), now),
            )
    return [name for name, _ in pending]


def _pending(records: Records, files: Path) -> list[tuple[str, str]]:
    texts = {file.name: file.read_text() for file in sorted(files.glob("[0-9]*.sql"))}
    applied = records.rows("/* migrate.applied */ SELECT name, sha256 FROM migrations")
    for row in applied:
        if row["name"] not in texts:
            raise Edited(f"migration {row['name']} was applied by another version of Routy: this one is older")
        if _digest(texts[row["name"]]) != row["sha256"]:
            raise Edited(f"migration {row['name']} was edited after it was applied")
    done = {row["name"] for row in applied}
    return [(name, text) for name, text in texts.items() if name not in done]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
