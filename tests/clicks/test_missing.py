from typing import Any

import pytest

from routy.clicks import missing
from routy.records import write
from routy.resources.domains import Domain
from tests.clicks.yard import Yard


def rows(yard: Yard) -> list[dict[str, Any]]:
    while yard.missing.flush_once(yard.records, yard.clock):
        pass
    return yard.records.rows("SELECT slug, visits, last_referrer FROM missing_slugs ORDER BY key")


def test_visits_add_up_over_flushes(yard: Yard) -> None:
    yard.visit("/sumer")
    yard.visit("/sumer", HTTP_REFERER="https://a.example/")
    rows(yard)
    yard.visit("/sumer")
    assert rows(yard) == [{"slug": "sumer", "visits": 3, "last_referrer": "https://a.example/"}]


def test_what_is_no_slug_is_not_remembered(yard: Yard) -> None:
    for path in ("/", "/\xff", "/" + "a" * 129, "/\x00"):
        yard.visit(path)
    assert rows(yard) == []


def test_memory_and_rows_are_bounded(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(missing, "MOST_REMEMBERED", 5)
    monkeypatch.setattr(missing, "MOST_ROWS", 3)
    yard.visit("/often")
    for number in range(10):
        yard.visit(f"/n{number}")
        yard.visit("/often")
    assert yard.missing.overlooked == 6
    found = rows(yard)
    assert len(found) == 3
    assert found[0] == {"slug": "often", "visits": 11, "last_referrer": None}


def test_a_domain_that_went_meanwhile_is_passed_over(yard: Yard) -> None:
    domain = yard.add_domain("b.example")
    yard.visit("/sumer", HTTP_HOST="b.example")
    with yard.records.transaction(yard.now) as tx:
        write.purge(tx, yard.actor, Domain, domain["id"])
    assert rows(yard) == []


def test_what_could_not_be_written_is_written_the_next_time(yard: Yard) -> None:
    yard.visit("/sumer")
    yard.records.script("CREATE TRIGGER broken BEFORE INSERT ON missing_slugs BEGIN SELECT RAISE(ABORT, 'no'); END")
    with pytest.raises(Exception, match="no"):
        rows(yard)
    yard.visit("/sumer")
    yard.records.script("DROP TRIGGER broken")
    assert [row["visits"] for row in rows(yard)] == [2]
