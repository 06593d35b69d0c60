"""The click store as the API asks it: one door to reports, to lists of single rows, and to both as files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from routy.clock import Clock
from routy.errors import RoutyError
from routy.records.parameters import Query
from routy.records.read import Page
from routy.reports import body, files, rows, run
from routy.reports.schema import schema
from routy.resource import Actor, Resource, Row
from routy.store.cursors import Format
from routy.store.duck import ClickStore
from routy.store.sqlite import Records

Given = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Asking:
    """`watermark` tells up to which moment all clicks are in the store."""

    store: ClickStore
    records: Records
    clock: Clock
    watermark: Callable[[], int]

    def schema(self) -> dict[str, Any]:
        return schema()

    def given(self, asked: Any) -> Given:
        """A JSON body as parameters."""
        return body.pairs(asked)

    def report(self, actor: Actor, given: Given) -> dict[str, Any]:
        return run.report(self.store, self.records, actor, given, self.clock(), self.watermark())

    def batch(self, actor: Actor, asked: Any) -> Sequence[dict[str, Any] | RoutyError]:
        """A report, or what is wrong with it, for each panel of a JSON body."""
        panels = body.panels(asked)
        return run.batch(self.store, self.records, actor, panels, self.clock(), self.watermark())

    def version(self, actor: Actor, given: Given, format_: str) -> str:
        """Changes when the report's answer would."""
        now, whole = self.clock(), format_ != "json"
        return run.version(self.store, self.records, actor, given, now, self.watermark(), whole) + format_[0]

    def report_file(
        self, actor: Actor, given: Given, format_: Format, advance: files.Advance = files.unheard
    ) -> Path:
        """Whoever sends the file deletes it."""
        now = self.clock()
        return files.report(self.store, self.records, actor, given, now, self.watermark(), format_, advance)

    def rows(self, resource: type[Resource], actor: Actor, query: Query) -> Page:
        return rows.page(self.store, self.records, actor, resource, query)

    def row(self, resource: type[Resource], actor: Actor, row_id: str) -> Row:
        return rows.find(self.store, self.records, actor, resource, row_id)

    def rows_file(
        self,
        resource: type[Resource],
        actor: Actor,
        query: Query,
        limit: int | None,
        format_: Format,
        advance: files.Advance = files.unheard,
    ) -> Path:
        """Whoever sends the file deletes it."""
        now = self.clock()
        return files.single_rows(self.store, self.records, actor, resource, query, limit, now, format_, advance)
