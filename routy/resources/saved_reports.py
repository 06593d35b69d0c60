"""Saved reports: questions that are asked again."""

from typing import Annotated

from routy.errors import Conflict
from routy.resource import Actor, Field, Record, Row, Tx, check
from routy.resources.shares import Range, unshareable


class SavedReport(Record, prefix="rep", plural="saved_reports", scope="reports"):
    """A report that is kept under a name, to be asked again and to be shared."""

    name: Annotated[
        str,
        Field(
            "What it is called.",
            min_length=1,
            max_length=200,
            filters="eq prefix contains",
            sort=True,
            search=True,
            example="Clicks by country, without Germany",
        ),
    ]
    query: Annotated[
        str,
        Field(
            "What is asked: the parameters of GET /reports as they stand in a URL.",
            min_length=1,
            max_length=8000,
            filters="contains",
            example="metrics=clicks,uniques&dimensions=country&country[ne]=DE",
        ),
    ]
    range: Annotated[
        Range | None,
        Field("Days up to now that it is about; null: those of the query.", filters="eq null", example="30d"),
    ]


@check(SavedReport)
def a_shared_report_stays_shareable(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    if before is None or after is None or before["query"] == after["query"] or not unshareable(after["query"]):
        return
    sql = "/* shares.of_report */ SELECT title FROM shares WHERE subject_id = ? AND deleted_at IS NULL LIMIT 1"
    share = tx.one(sql, (before["id"],))
    if share is not None:
        raise Conflict(f"the share {share['title']} shows it, and {unshareable(after['query'])}")
