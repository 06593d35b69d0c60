"""What figures can be broken down by. A dimension is one line here; its filters come from the Click resource.

A dimension of time is one of reports/zones.py's units; `link`, `domain`, `tag` and `folder` are grouped by the
record's key and shown by its id, with its name beside it.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "number", "record", "date", "moment", "cycle"]


@dataclass(frozen=True)
class Dimension:
    """`sql` is the column that it groups by, or the unit of time. `rolled` says that roll-ups know it. A `moment`
    is the beginning of a part of a day, a `date` one of whole days, a `cycle` a number that comes round again."""

    name: str
    sql: str
    doc: str
    kind: Kind = "text"
    rolled: bool = False
    label: str = ""  # what else is shown of a record: its slug, host or name

    @property
    def timed(self) -> bool:
        return self.kind in ("date", "moment", "cycle")


def _time(name: str, kind: Kind, doc: str) -> Dimension:
    return Dimension(name, name, doc, kind, rolled=True)


def _column(name: str, doc: str, kind: Kind = "text") -> Dimension:
    return Dimension(name, name, doc, kind)


_ALL = (
    _time("quarter_hour", "moment", "The quarter of an hour, as the local time it begins at, with its offset."),
    _time("hour", "moment", "The hour, as the local time it begins at, with its offset."),
    _time("day", "date", "The day in the report's time zone: 2026-11-21."),
    _time("week", "date", "The week, from Monday on, by ISO 8601: 2026-W47."),
    _time("month", "date", "The month: 2026-11."),
    _time("quarter", "date", "The quarter of the year: 2026-Q4."),
    _time("year", "date", "The year: 2026."),
    _time("weekday", "cycle", "The day of the week in the report's time zone, 1 (Monday) to 7."),
    _time("hour_of_day", "cycle", "The hour of the day in the report's time zone, 0 to 23."),
    Dimension("link", "link_key", "The link, shown by id and slug.", "record", rolled=True, label="slug"),
    Dimension("slug", "slug", "The slug alone: links of several domains may share one.", rolled=True),
    Dimension("domain", "domain_key", "The domain, shown by id and host.", "record", rolled=True, label="host"),
    Dimension(
        "tag", "tag_key", "A tag of the link, by id and name; a link with two counts for both.", "record",
        rolled=True, label="tag_name",
    ),
    Dimension(
        "folder", "folder_key", "The folder that the link lies in now, by id and name.", "record",
        rolled=True, label="folder_name",
    ),
    Dimension("class", "class", "Whose visits: human, bot, …; all of them unless `class` says otherwise.",
              rolled=True),
    _column("class_reason", "What gave the visits their class."),
    _column("country", "The country of the visitor's address."),
    _column("region", "The region, where a database knows it."),
    _column("city", "The city, where a database knows it."),
    _column("asn", "The number of the visitor's network, where a database knows it.", "number"),
    _column("browser", "The browser's family."),
    _column("os", "The operating system's family."),
    _column("device", "mobile, tablet, desktop, tv or other."),
    _column("language", "The visitor's first language."),
    _column("referrer_host", "The host of the page that the visitor came from."),
    _column("source", "How the visit came, such as qr."),
    _column("branch", "Where the visitor was sent."),
    _column("utm_source", "From the visit's query, or the link's own."),
    _column("utm_medium", "From the visit's query, or the link's own."),
    _column("utm_campaign", "From the visit's query, or the link's own."),
    _column("utm_term", "From the visit's query, or the link's own."),
    _column("utm_content", "From the visit's query, or the link's own."),
    *(_column(f"sub{n}", "A free parameter of the visit's query.") for n in range(1, 11)),
    _column("sub_id", "The private sub id of the visit, which was taken off the query."),
)  # fmt: skip

DIMENSIONS = {dimension.name: dimension for dimension in _ALL}
