"""Saved reports are questions that can be asked: what GET /reports would refuse is not saved."""

from urllib.parse import parse_qsl

from routy.errors import Invalid
from routy.reports.params import parse
from routy.resource import Actor, Row, Tx, check
from routy.resources.saved_reports import SavedReport

MOST_PARAMETERS = 100


@check(SavedReport)
def can_be_asked(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    if after is None or (before and before["query"] == after["query"]):
        return
    try:
        given = parse_qsl(after["query"], keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS)
    except ValueError:
        raise Invalid({"query": f"must be up to {MOST_PARAMETERS} parameters of a URL, in UTF-8"}) from None
    try:
        parse(given, tx.now, "UTC")
    except Invalid as error:
        raise Invalid({"query": f"cannot be asked: {error.message[:500]}"}) from None
