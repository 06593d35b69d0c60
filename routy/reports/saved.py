"""Saved reports are questions that can be asked: what GET /reports would refuse is not saved."""

from routy.errors import Invalid
from routy.records.parameters import pairs
from routy.reports.params import parse
from routy.resource import Actor, Row, Tx, check
from routy.resources.saved_reports import SavedReport


@check(SavedReport)
def can_be_asked(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    if after is None or (before and before["query"] == after["query"]):
        return
    expect_question(after["query"], tx.now)


def expect_question(query: str, now: int, whole_: bool = False) -> None:
    """Invalid({"query": …}) unless these parameters of a URL are a report that can be asked."""
    given = pairs(query)
    try:
        parse(given, now, "UTC", whole_=whole_)
    except Invalid as error:
        raise Invalid({"query": f"cannot be asked: {error.message[:500]}"}) from None
