"""Exported and scheduled reports are questions that can be asked: what GET /reports would refuse is not taken."""

from routy.reports.saved import expect_question
from routy.resource import Actor, Row, Tx, check
from routy.resources.exports import REPORTS, Export
from routy.resources.schedules import Schedule


@check(Export)
@check(Schedule)
def can_be_asked(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    if after is None or after["source"] != REPORTS:
        return
    if before and all(before[name] == after[name] for name in ("source", "query")):
        return
    expect_question(after["query"], tx.now, whole_=True)
