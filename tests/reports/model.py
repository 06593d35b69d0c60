"""Reports as Python counts them: over what /clicks exports, and what links are, with no SQL at all."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from routy.clock import parse_iso
from routy.records import parse, write
from routy.records.beginning import SYSTEM
from routy.resource import Actor
from routy.resources.workspaces import Workspace
from tests.clicks.yard import Yard

Click = dict[str, Any]
Group = tuple[Any, ...]

CLASSED = {
    "humans": "human", "bots": "bot", "prefetches": "prefetch", "previews": "preview", "scanners": "scanner",
    "heads": "head", "datacenters": "datacenter", "duplicates": "duplicate", "selfs": "self", "tests": "test",
}  # fmt: skip


@dataclass
class Model:
    """`links` by their ids, with slug, folder_id and tag_ids."""

    clicks: list[Click]
    links: dict[str, Click] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Model of {len(self.clicks)} clicks"

    def chosen(self, from_ms: int, to_ms: int, asked: dict[str, str]) -> list[Click]:
        return [
            click
            for click in self.clicks
            if from_ms <= click["at"] < to_ms and all(self.kept(click, *pair) for pair in asked.items())
        ]

    def kept(self, click: Click, name: str, text: str) -> bool:
        field_, _, operator = name.removesuffix("]").partition("[")
        found = self.has(click, field_)
        if operator == "null":
            return (not found or found == [None]) == (text == "true")
        if operator == "prefix":
            return any(one is not None and one.startswith(text) for one in found)
        if operator == "contains":
            return any(one is not None and text.lower() in one.lower() for one in found)
        among = any(one is not None and str(one).lower() in text.lower().split(",") for one in found)
        return not among if operator == "ne" else among

    def has(self, click: Click, name: str) -> list[Any]:
        """The values of a filter's field: of tags there may be several or none."""
        link = self.links.get(click["link_id"] or "", {})
        if name == "tag_ids":
            return list(link.get("tag_ids", []))
        if name in ("slug", "folder_id"):
            return [link.get(name)]
        return [click[name]]

    def groups(self, clicks: Iterable[Click], dimensions: Sequence[str], zone: str) -> dict[Group, list[Click]]:
        found: dict[Group, list[Click]] = defaultdict(list)
        for click in clicks:
            places: list[Group] = [()]
            for name in dimensions:
                places = [(*place, one) for place in places for one in self.values(click, name, zone)]
            for place in places:
                found[place].append(click)
        return found

    def values(self, click: Click, name: str, zone: str) -> list[Any]:
        if name == "tag":
            return self.has(click, "tag_ids") or [None]
        if name in ("slug", "folder"):
            return self.has(click, {"slug": "slug", "folder": "folder_id"}[name])
        if name in ("link", "domain"):
            return [click[f"{name}_id"]]
        return [timed(name, click["at"], zone) if name in TIMED else click[name]]


def figures(clicks: Sequence[Click], classes: Sequence[str] | None, metrics: Sequence[str]) -> dict[str, int]:
    chosen = [click for click in clicks if classes is None or click["class"] in classes]
    people = [click for click in chosen if click["class"] == "human"]
    known = {
        "clicks": len(chosen),
        "uniques": len({click["visitor"] for click in people} - {None}),
        "new": sum(click["is_new"] for click in people),
        "links": len({click["link_id"] for click in chosen}),
    }
    for name, class_ in CLASSED.items():
        known[name] = sum(click["class"] == class_ for click in clicks)
    return {name: known[name] for name in metrics}


def scanned(clicks: Sequence[Click], classes: Sequence[str] | None, metrics: Sequence[str]) -> list[Click]:
    """A group is there when it has a click of the classes asked for, or of those that its metrics count."""
    wanted = {*(classes or ()), *(CLASSED[name] for name in metrics if name in CLASSED)}
    return [click for click in clicks if classes is None or click["class"] in wanted]


TIMED = ("quarter_hour", "hour", "day", "week", "month", "quarter", "year", "weekday", "hour_of_day")


def timed(unit: str, at_ms: int, zone: str) -> Any:
    local = datetime.fromtimestamp(at_ms / 1000, ZoneInfo(zone))
    if unit in ("hour", "quarter_hour"):
        return begun(local, 60 if unit == "hour" else 15).isoformat()
    if unit == "week":
        return "{}-W{:02d}".format(*local.isocalendar()[:2])
    return {
        "day": f"{local:%Y-%m-%d}", "month": f"{local:%Y-%m}", "quarter": f"{local:%Y}-Q{(local.month + 2) // 3}",
        "year": f"{local:%Y}", "weekday": local.isoweekday(), "hour_of_day": local.hour,
    }[unit]  # fmt: skip


def begun(local: datetime, minutes: int) -> datetime:
    """Back to a round local time, minute by minute, or to where the clocks were changed."""
    at = local.replace(second=0, microsecond=0)
    while at.minute % minutes:
        before = (at.astimezone(ZoneInfo("UTC")) - timedelta(minutes=1)).astimezone(at.tzinfo)
        if before.utcoffset() != at.utcoffset():
            return at
        at = before
    return at


def with_moments(exported: Iterable[Click]) -> list[Click]:
    return [{**click, "at": parse_iso(click["created_at"])} for click in exported]


def stranger(yard: Yard) -> Actor:
    """Somebody of another workspace."""
    with yard.records.transaction(yard.now) as tx:
        made = write.create(tx, SYSTEM, Workspace, parse.creation(Workspace.fields, {"name": "Elsewhere"}))
    return Actor("tok", "usr", made["id"], frozenset())
