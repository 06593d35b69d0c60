"""What figures can be broken down by. A dimension is one line here; its filters come from the Click resource."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Dimension:
    """`sql` may use {local}, the moment of the click in the report's time zone. A `link` or `domain` is grouped by
    its key and shown by its id."""

    name: str
    sql: str
    doc: str
    kind: Literal["text", "date", "link", "domain"] = "text"


def _column(name: str, doc: str) -> Dimension:
    return Dimension(name, name, doc)


_ALL = (
    Dimension("day", "CAST({local} AS DATE)", "The day in the report's time zone.", "date"),
    Dimension("link", "link_key", "The link, shown by id and slug.", "link"),
    Dimension("domain", "domain_key", "The domain, shown by id and host.", "domain"),
    _column("class", "Whose visits: human, bot, …; all of them unless `class` says otherwise."),
    _column("country", "The country of the visitor's address."),
    _column("browser", "The browser's family."),
    _column("os", "The operating system's family."),
    _column("device", "mobile, tablet, desktop, tv or other."),
    _column("language", "The visitor's first language."),
    _column("referrer_host", "The host of the page that the visitor came from."),
    _column("source", "How the visit came, such as qr."),
    _column("branch", "Where the visitor was sent."),
    _column("utm_source", "From the visit's query."),
    _column("utm_medium", "From the visit's query."),
    _column("utm_campaign", "From the visit's query."),
    _column("utm_term", "From the visit's query."),
    _column("utm_content", "From the visit's query."),
)

DIMENSIONS = {dimension.name: dimension for dimension in _ALL}
