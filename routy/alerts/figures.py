"""Kinds that judge a figure: it is asked as a report is, from roll-ups wherever those serve."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from routy.alerts import judging
from routy.alerts.judging import Sight
from routy.alerts.windows import QUARTER, Window, running, weeks_before, whole
from routy.clock import MINUTE, SECOND, iso
from routy.errors import RoutyError
from routy.records.beginning import system_of
from routy.resource import Actor, Row
from routy.resources.alerts import question

Batch = Callable[[Actor, Any], Sequence[dict[str, Any] | RoutyError]]

SETTLE_MS = 2 * SECOND  # so long after the end of a window its clicks are in the store, if nothing is in the way
SOON_MS = 30 * SECOND


class Seen(NamedTuple):
    """What a look has brought. `hold_ms` None: what is not among the sights is over; else so long after it was seen
    last. `judged_to` and `event_seq` say how far the next look need not go back."""

    sights: list[Sight]
    due_at: int
    judged_to: int
    event_seq: int
    hold_ms: int | None = None


def see(batch: Batch, alert: Row, watch: Row, timezone: str, watermark: int, now: int) -> Seen:
    """Judge the window that is over, unless it was judged before, and where it makes sense the one after it."""
    over = whole(watermark, alert["window_minutes"])
    is_new = watermark > 0 and over.to_ms > watch["judged_to"]
    ahead = [running(watermark, alert["window_minutes"], now)] if watermark > 0 and judging.grows(alert) else []
    earlier = weeks_before(over, alert["weeks"], timezone) if is_new and alert["kind"] != "threshold" else []
    figures = _asked(batch, alert, [*ahead, *([over] if is_new else []), *earlier])
    sight = _judged(alert, figures[: len(ahead)], figures[len(ahead) :])
    due_at = now + MINUTE if ahead else max(over.to_ms + QUARTER + SETTLE_MS, now + SOON_MS)
    return Seen([sight], due_at, max(over.to_ms, watch["judged_to"]), watch["event_seq"])


def _asked(batch: Batch, alert: Row, windows: Sequence[Window]) -> list[int | None]:
    """The figure of each window; None where retention has taken rows that it would need. Raises what is wrong."""
    if not windows:
        return []
    panels = [{"from": iso(each.from_ms), "to": iso(each.to_ms)} for each in windows]
    made = batch(system_of(alert["workspace_id"]), {**dict(question(alert)), "panels": panels})
    return [_figure(alert, report) for report in made]


def _figure(alert: Row, report: dict[str, Any] | RoutyError) -> int | None:
    if isinstance(report, RoutyError):
        raise report
    return None if report["detail_from"] else int(report["totals"][alert["metric"]])


def _judged(alert: Row, ahead: Sequence[int | None], rest: Sequence[int | None]) -> Sight:
    over = rest[0] if rest else None
    if alert["kind"] == "threshold":
        return judging.threshold(alert, over, ahead[0] if ahead else None)
    if over is None:
        return judging.NOTHING_NEW
    usual = judging.usual_of(rest[1:])
    return judging.change(alert, over, usual) if alert["kind"] == "change" else judging.silence(alert, over, usual)
