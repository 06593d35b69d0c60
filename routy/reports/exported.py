"""Exported and scheduled reports are questions that can be asked: what GET /reports would refuse is not taken."""

from urllib.parse import parse_qsl

from routy.errors import Invalid
from routy.reports.params import parse
from routy.reports.saved import MOST_PARAMETERS
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
    try:
        given = parse_qsl(after["query"], keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS)
        parse(given, tx.now, "UTC", whole_=True)
    except Invalid as error:
        raise Invalid({"query": f"cannot be asked: {error.message[:500]}"}) from None
    except ValueError:
        raise Invalid({"query": f"must be up to {MOST_PARAMETERS} parameters of a URL, in UTF-8"}) from None
