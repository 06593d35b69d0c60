"""An alert asks a report: filters that GET /reports would refuse are not kept."""

from routy.errors import Invalid
from routy.reports.params import CONTROLS, parse
from routy.resource import Actor, Row, Tx, check
from routy.resources.alerts import MOST_FILTERS, Alert, question

FILTERS = ("class",)  # what of the controls of a report picks clicks


@check(Alert)
def its_figure_can_be_asked(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    if after is None or (before and all(before[name] == after[name] for name in ("filters", "subject_id"))):
        return
    try:
        given = question(after)
    except ValueError:
        raise Invalid({"filters": f"must be up to {MOST_FILTERS} filters of a URL, in UTF-8"}) from None
    controls = sorted({name for name, _ in given[1:] if name in CONTROLS and name not in FILTERS})
    if controls:
        raise Invalid({"filters": f"must hold filters alone, not {', '.join(controls)}"})
    try:
        parse(given, tx.now, "UTC")
    except Invalid as error:
        raise Invalid({"filters": f"cannot be asked: {error.message[:500]}"}) from None
