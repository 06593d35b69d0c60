"""What can be counted. Each metric has one definition, and everything that shows a figure uses it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Metric:
    """`additive` says whether the figures of parts add up to the figure of the whole."""

    name: str
    sql: str
    unit: str
    additive: bool
    doc: str


_ALL = (
    Metric("clicks", "count(*)", "clicks", True, "Visits to links, of the classes asked for."),
    Metric(
        "uniques",
        "count(DISTINCT visitor) FILTER (WHERE class = 'human')",
        "visitors",
        False,
        "Human visitors, each counted once a day (UTC): a visitor of two days counts twice.",
    ),
)

METRICS = {metric.name: metric for metric in _ALL}
