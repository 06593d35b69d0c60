"""The judgement of a figure: is it wrong, and if not, is it far enough from wrong.

A figure that moves about its limit would fire and resolve all the time; so it is only over when it is well on the
right side (`clear`), or has stayed on the right side for CALM judgements of whole windows.
"""

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from routy.resource import Row
from routy.resources.alerts import percent_of, value_of

CALM = 4
KNOWN_WEEKS = 2  # fewer make no usual figure

COMPARE: dict[str, Callable[[int, int], bool]] = {
    "gt": operator.gt, "gte": operator.ge, "lt": operator.lt, "lte": operator.le,
}  # fmt: skip


@dataclass(frozen=True)
class Sight:
    """What is seen of one subject, which is empty for a figure. `wrong` None: nothing new can be said."""

    wrong: bool | None
    clear: bool = False
    figure: int | None = None
    usual: int | None = None
    subject: str = ""
    name: str = ""


NOTHING_NEW = Sight(None)


def grows(alert: Row) -> bool:
    """Whether it can be wrong before its window is over: a count that is too high already does not fall again."""
    return alert["kind"] == "threshold" and alert["operator"] in ("gt", "gte")


def threshold(alert: Row, whole: int | None, running: int | None) -> Sight:
    """`whole` is the figure of a window that is over (None: it was judged before), `running` that of one that is
    not."""
    limit, is_wrong = value_of(alert), COMPARE[alert["operator"]]
    if running is not None and is_wrong(running, limit):
        return Sight(True, figure=running, usual=limit)
    if whole is None:
        return NOTHING_NEW
    clear = 10 * whole <= 9 * limit if grows(alert) else 10 * whole >= 11 * limit
    return Sight(is_wrong(whole, limit), clear, whole, limit)


def change(alert: Row, whole: int, usual: int | None) -> Sight:
    if usual is None or usual < alert["least_usual"]:
        return Sight(None, figure=whole, usual=usual)
    distance = 100 * (whole - usual)
    if alert["direction"] != "up":
        distance = abs(distance) if alert["direction"] == "both" else -distance
    limit = percent_of(alert) * usual
    return Sight(distance >= limit, 10 * distance <= 8 * limit, whole, usual)


def silence(alert: Row, whole: int, usual: int | None) -> Sight:
    if whole > 0:
        return Sight(False, True, whole, usual)
    known = usual is not None and usual >= alert["least_usual"]
    return Sight(True if known else None, figure=whole, usual=usual)


def usual_of(figures: Sequence[int | None]) -> int | None:
    """The median of earlier weeks, the latest first. Weeks that cannot be counted any more are left out, and so are
    those before the first that had anything at all: nobody had begun yet."""
    known = [figure for figure in figures if figure is not None]
    while known and known[-1] == 0:
        known.pop()
    return round(median(known)) if len(known) >= KNOWN_WEEKS else None
