"""How alerts are said to people, in one line each."""

from collections.abc import Sequence

from routy.resource import Row
from routy.resources.alerts import percent_of, value_of

MOST_LINES = 20

_OPERATORS = {"gt": "more than", "gte": "at least", "lt": "less than", "lte": "at most"}
_HOURS = 60


def duration(minutes: int) -> str:
    """`45 minutes`, `6 hours`, `2 days`."""
    for size, word in ((24 * _HOURS, "day"), (_HOURS, "hour"), (1, "minute")):
        if minutes >= size and minutes % size == 0:
            return f"{minutes // size} {word}{'' if minutes == size else 's'}"
    return f"{minutes} minutes"


def rule(alert: Row) -> str:
    """What it watches for."""
    window, filters = duration(alert["window_minutes"]), f" ({alert['filters']})" if alert["filters"] else ""
    figure = f"{alert['metric']} in {window}{filters}"
    return {
        "threshold": f"{figure}: {_OPERATORS[alert['operator']]} {value_of(alert):,}",
        "change": f"{figure}: {percent_of(alert)} % {_way(alert)} the usual",
        "silence": f"{figure}: none where there usually are {alert['least_usual']:,}",
        "link_limit": f"a link has used {percent_of(alert)} % of its click limit",
        "link_expired": "a link's time is over",
        "webhook": f"a webhook was paused, or has failed for {window}",
        "token_unusual": "a token was used from a new network or at an odd hour",
        "spool_lag": f"clicks wait for more than {value_of(alert):,} seconds",
    }[str(alert["kind"])]


def _way(alert: Row) -> str:
    return {"up": "above", "down": "below", "both": "away from"}[str(alert["direction"])]


def firing(alert: Row, fired: Row) -> str:
    """What is so, of one thing that it fires for."""
    figure, usual = fired["figure"], fired["usual"]
    name = fired["name"] or fired["subject"]
    known = {
        "threshold": f"{alert['metric']}: {_figure(figure)}",
        "change": f"{alert['metric']}: {_figure(figure)}, usually {_figure(usual)}",
        "silence": f"{alert['metric']}: {_figure(figure)}, usually {_figure(usual)}",
        "link_limit": f"{name}: {_figure(figure)} of {_figure(usual)} clicks",
        "link_expired": f"{name} has expired",
        "webhook": f"{name}: {'paused' if figure is None else f'has failed for {duration(figure)}'}",
        "token_unusual": f"{name} was used unusually",
        "spool_lag": f"clicks wait for {_figure(figure)} seconds",
    }
    return known[str(alert["kind"])]


def lines(alert: Row, told: Sequence[Row]) -> list[str]:
    """What is so, of each thing, and the rule behind them."""
    said = [firing(alert, one) for one in told[:MOST_LINES]]
    said += [f"and {len(told) - MOST_LINES} more"] if len(told) > MOST_LINES else []
    return [*said, f"The rule: {rule(alert)}."]


def _figure(number: int | None) -> str:
    return "none" if number is None else f"{number:,}"
