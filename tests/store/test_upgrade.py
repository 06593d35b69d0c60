"""A data directory of the first published version, opened by today's: nothing is lost, all says what it said.

What that version said of its own data lies beside it in the archive; fixtures/make.py made both.
"""

import json
import shutil
import tarfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from routy.clicks.generations import Retention, settle_once
from routy.clock import DAY, iso
from routy.store.duck import SQL
from routy.store.migrate import FILES
from tests.house import House, Person

ARCHIVE = Path(__file__).parent / "fixtures/2026-10.tar.gz"
SPAN = {"from": "2026-10-01T00:00:00Z", "to": "2026-12-01T00:00:00Z", "metrics": "clicks,uniques"}
LISTS = (
    "workspaces", "users", "memberships", "tokens", "domains", "links", "tags", "folders", "missing-slugs",
    "events", "audit-entries", "api-requests", "clicks",
)  # fmt: skip

Row = Mapping[str, Any]


@dataclass
class Old:
    """The house that today's version makes of it, and what the old one told."""

    house: House
    told: dict[str, Any]

    def person(self, name: str) -> Person:
        told = self.told["people"][name]
        return Person(None, told["token"], told.get("email", ""))  # type: ignore[arg-type]  # nobody acts inside

    def report(self, **asked: str) -> Any:
        found = self.house.call("GET", "/reports", as_=self.person("owner"), **SPAN, **asked)
        assert found.status == 200, found.body
        return found.data

    def everything(self, name: str, who: str = "owner") -> list[Row]:
        rows: list[Row] = []
        more: dict[str, str] = {"limit": "200"}
        while more:
            reply = self.house.call("GET", f"/{name}", as_=self.person(who), **more)
            assert reply.status == 200, reply.body
            rows, page = rows + reply.data, reply.json["pagination"]
            more = {"limit": "200", "cursor": page["next_cursor"]} if page["has_more"] else {}
        return rows


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("old")
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(directory)
    return directory


def opened(directory: Path) -> Old:
    old = Old(House(directory / "data", empty=True), json.loads((directory / "told.json").read_text()))
    assert old.house.now > old.told["now"]
    return old


@pytest.fixture(scope="module")
def old(unpacked: Path) -> Iterator[Old]:
    """As it is opened, before anything is loaded: for tests that only look."""
    old = opened(Path(shutil.copytree(unpacked, unpacked.with_name("looked-at"))))
    yield old
    old.house.close()


@pytest.fixture
def fresh(unpacked: Path, tmp_path: Path) -> Iterator[Old]:
    """For tests that go on with it."""
    old = opened(Path(shutil.copytree(unpacked, tmp_path / "copy")))
    yield old
    old.house.close()


def of_old_fields(rows: Sequence[Row], told: Sequence[Row]) -> list[Row]:
    """Fields that there were not yet are none of its business."""
    return [{name: row[name] for name in told[0]} for row in rows]


def in_order(rows: Sequence[Row]) -> list[str]:
    return sorted(json.dumps(row, sort_keys=True) for row in rows)


@pytest.mark.parametrize("name", LISTS)
def test_every_record_click_and_entry_is_there_with_all_its_fields(old: Old, name: str) -> None:
    told = old.told["lists"][name]
    assert told
    assert of_old_fields(old.everything(name), told) == told


def test_what_is_another_s_is_still_another_s(old: Old) -> None:
    assert of_old_fields(old.everything("links", "stranger"), old.told["strangers"]) == old.told["strangers"]


def test_every_report_says_what_it_said(old: Old) -> None:
    assert len(old.told["reports"]) > 8
    for asked, told in old.told["reports"]:
        unfilled = {"fill": "false"} if asked.get("dimensions") == "day" else {}  # days without a row had none
        found = old.report(**asked, **unfilled)
        assert found["totals"] == told["totals"], asked
        assert in_order(found["rows"]) == in_order(told["rows"]), asked


def test_roll_ups_count_what_rows_count(old: Old) -> None:
    """The first of the two can be answered from roll-ups alone, the other cannot."""
    by = {"class": "any", "dimensions": "class"}
    whole = old.report(**by)
    parts = [old.report(**by, **each) for each in ({"country": "US"}, {"country[ne]": "US"})]
    rows = sum((Counter({row["class"]: row["clicks"] for row in part["rows"]}) for part in parts), Counter())
    nowhere = old.report(**by, **{"country[null]": "true"})
    rows += Counter({row["class"]: row["clicks"] for row in nowhere["rows"]})
    assert rows == {row["class"]: row["clicks"] for row in whole["rows"]}


def test_verify_finds_nothing_before_the_spool_is_loaded_and_nothing_after(fresh: Old) -> None:
    before = fresh.house.app.verify()
    assert (before["ok"], before["problems"], before["spooled"]["clicks"]) == (True, [], 30)
    fresh.house.load()
    after = fresh.house.app.verify()
    assert (after["ok"], after["problems"], after["spooled"]["clicks"]) == (True, [], 0)


def test_what_waits_in_the_spool_is_loaded_and_every_click_counts_once(fresh: Old) -> None:
    fresh.house.load()
    slugs = {row["id"]: row["slug"] for row in fresh.everything("links")}
    found = Counter((slugs[row["link_id"]], row["created_at"]) for row in fresh.everything("clicks"))
    assert found == Counter((slug, iso(at)) for slug, at in fresh.told["clicked"])
    assert fresh.report(**{"class": "any"})["totals"]["clicks"] == len(fresh.told["clicked"])
    assert not list((fresh.house.path / "spool/clicks").glob("v1-*"))


def test_the_people_come_in_with_what_they_had(fresh: Old) -> None:
    assert fresh.house.call("GET", "/links", as_=fresh.person("teammate")).status == 200
    assert fresh.house.call("GET", "/links", as_=fresh.person("revoked")).status == 401
    body = {"email": fresh.person("owner").email, "password": fresh.told["password"]}
    assert fresh.house.call("POST", "/sessions", body, as_=None).status == 201


def test_old_links_go_on_to_be_changed_and_clicked(fresh: Old) -> None:
    house, owner = fresh.house, fresh.person("owner")
    link = house.call("GET", "/links", as_=owner, slug="link-5").data[0]
    changed = house.call("PATCH", f"/links/{link['id']}", {"title": "later", "click_limit": 10**6}, owner)
    assert (changed.status, changed.data["version"]) == (200, link["version"] + 1)
    house.load()
    asked = {"class": "any", "link_id": link["id"]}
    before = fresh.report(**asked)["totals"]["clicks"]
    assert house.ask("GET", "/link-5").status == 302
    house.load()
    assert fresh.report(**asked)["totals"]["clicks"] == before + 1


def test_months_are_sorted_and_say_the_same(fresh: Old) -> None:
    fresh.house.load()
    by = {"class": "any", "dimensions": "day,class"}
    before, clicks = fresh.report(**by), fresh.everything("clicks")
    store = fresh.house.app.clicks
    while settle_once(store, Retention(), fresh.house.now + 30 * DAY):
        pass
    assert {month.generation for month in store.months} == {2}
    assert (fresh.report(**by)["rows"], fresh.everything("clicks")) == (before["rows"], clicks)
    assert fresh.house.app.verify()["ok"]


def test_every_migration_is_applied_once(fresh: Old) -> None:
    names = [row["name"] for row in fresh.house.records.rows("SELECT name FROM migrations ORDER BY name")]
    assert names == sorted(file.name for file in FILES.glob("[0-9]*.sql"))
    for month in fresh.house.app.clicks.months:
        with fresh.house.app.clicks.reading() as reader:
            steps = reader.column(f"SELECT name FROM {month.alias}.migrations ORDER BY name")
        assert steps == sorted(file.name for file in SQL.glob("[0-9]*.sql"))


def test_a_second_start_changes_nothing(fresh: Old) -> None:
    fresh.house.load()
    links, report = fresh.everything("links"), fresh.report(dimensions="day")
    fresh.house.close()
    fresh.house = opened(fresh.house.path.parent).house
    assert (fresh.everything("links"), fresh.report(dimensions="day")["rows"]) == (links, report["rows"])
