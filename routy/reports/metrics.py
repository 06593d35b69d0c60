"""What can be counted. Each metric has one definition, and everything that shows a figure uses it.

`rows` counts single clicks, `rollups` adds up what is counted already; both give the same figure wherever both may
be used (reports/source.py says where). In them {chosen} is the condition of the classes asked for, {human} the same
for people alone, {flag} the roll-up's column that holds uniques.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Metric:
    """`additive` says whether the figures of parts add up to the figure of the whole. `classed` names the one class
    that it counts, whatever `class` asks for."""

    name: str
    rows: str
    rollups: str
    unit: str
    additive: bool
    doc: str
    classed: str = ""


def _of_class(name: str, class_: str, doc: str) -> Metric:
    return Metric(
        name,
        f"count(*) FILTER (WHERE class = '{class_}')",
        f"coalesce(sum(clicks) FILTER (WHERE class = '{class_}'), 0)::BIGINT",
        "clicks",
        True,
        f"{doc} Counted whatever `class` asks for.",
        class_,
    )


_ALL = (
    Metric(
        "clicks",
        "count(*) FILTER (WHERE {chosen})",
        "coalesce(sum(clicks) FILTER (WHERE {chosen}), 0)::BIGINT",
        "clicks",
        True,
        "Visits to links, of the classes asked for.",
    ),
    Metric(
        "uniques",
        "count(DISTINCT visitor) FILTER (WHERE {human})",
        "coalesce(sum({flag}) FILTER (WHERE {human}), 0)::BIGINT",
        "visitors",
        False,
        "Human visitors, each counted once a day (UTC): a visitor of two days counts twice.",
    ),
    Metric(
        "new",
        "count(*) FILTER (WHERE is_new AND {human})",
        "coalesce(sum(new) FILTER (WHERE {human}), 0)::BIGINT",
        "visitors",
        True,
        "Human visitors at their first click of the day (UTC) in the workspace: where visitors came in.",
    ),
    Metric(
        "links",
        "count(DISTINCT link_key) FILTER (WHERE {chosen})",
        "count(DISTINCT link_key) FILTER (WHERE {chosen})",
        "links",
        False,
        "Links that had clicks of the classes asked for.",
    ),
    _of_class("humans", "human", "Clicks of people."),
    _of_class("bots", "bot", "Visits of crawlers, scripts and other machines."),
    _of_class("prefetches", "prefetch", "Visits that a browser made ahead of its person."),
    _of_class("previews", "preview", "Visits of messengers and networks that show a preview of a link."),
    _of_class("scanners", "scanner", "Visits of mail and web security."),
    _of_class("heads", "head", "HEAD requests: somebody looked whether the link is alive."),
    _of_class("datacenters", "datacenter", "Visits from the networks of datacenters."),
    _of_class("duplicates", "duplicate", "The same visitor on the same link again within moments."),
    _of_class("selfs", "self", "Visits of your own, from addresses that the workspace excludes."),
    _of_class("tests", "test", "Visits that were marked as tests."),
)

METRICS = {metric.name: metric for metric in _ALL}
