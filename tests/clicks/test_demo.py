from datetime import UTC, datetime

import pytest

from routy import demo
from routy.clicks.verify import verify
from tests.clicks.yard import START, Yard


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Yard:
    yard = Yard(tmp_path_factory.mktemp("demo"))
    demo.fill(yard.records, yard.loader, START, clicks=12_000)
    yard.table.follow()
    return yard


def test_a_year_comes_in_through_the_loader(year: Yard) -> None:
    found = verify(year.store, year.path / "spool")
    assert (found["ok"], found["spooled"]["clicks"]) == (True, 0)
    assert 11_000 < sum(month["rows"] for month in found["months"]) < 13_000
    assert len(year.store.months) == 13


def test_its_links_work(year: Yard) -> None:
    assert len(year.table) == len(demo.PLANS) == 40
    assert year.visit("/summer").status == 302
    assert year.visit("/beta").status == 410


def test_it_has_people_bots_seasons_and_uniques(year: Yard) -> None:
    given = {"from": "2025-11-21", "to": "2026-11-20"}
    classes = {row["class"]: row["clicks"] for row in year.report(dimensions="class", **given)["rows"]}
    assert classes["human"] > 5 * classes["bot"] > 0
    assert {"preview", "prefetch", "head"} < classes.keys()
    totals = year.report(metrics="clicks,uniques", **given)["totals"]
    assert 0.5 < totals["uniques"] / totals["clicks"] < 0.99
    days = year.report(dimensions="day", limit="400", **given)["rows"]
    summer = [row["clicks"] for row in days if "2026-06-15" < row["day"] < "2026-07-31"]
    winter = [row["clicks"] for row in days if "2026-01-05" < row["day"] < "2026-02-20"]
    assert sum(summer) > 1.5 * sum(winter)


def test_it_ends_now(year: Yard) -> None:
    last = year.clicks(limit="1").rows[0]["created_at"]
    assert START - 86_400_000 < last < START
    assert datetime.fromtimestamp(last / 1000, UTC).year == 2026
