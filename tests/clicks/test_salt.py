from pathlib import Path

from routy.clicks.salt import LIFETIME, Salts
from routy.clock import DAY, HOUR, parse_iso
from tests.clicks.yard import Yard

TODAY = parse_iso("2026-11-21")


def test_a_day_keeps_its_salt_and_shares_it_with_no_other(tmp_path: Path) -> None:
    salts = Salts(tmp_path / "salts")
    first = salts.of("2026-11-21")
    assert len(first) == 32
    assert Salts(tmp_path / "salts").of("2026-11-21") == first
    assert salts.of("2026-11-22") != first
    assert (tmp_path / "salts" / "2026-11-21").stat().st_mode & 0o777 == 0o600


def test_a_salt_is_forgotten_two_days_after_its_day_began(tmp_path: Path) -> None:
    salts = Salts(tmp_path)
    salts.of("2026-11-21")
    salts.prune_once(TODAY + LIFETIME, None)
    assert (tmp_path / "2026-11-21").exists()
    salts.prune_once(TODAY + LIFETIME + 1, None)
    assert not (tmp_path / "2026-11-21").exists()


def test_a_salt_stays_while_a_line_in_the_spool_needs_it(tmp_path: Path) -> None:
    salts = Salts(tmp_path)
    salts.of("2026-11-21")
    salts.prune_once(TODAY + 9 * DAY, oldest_needed=TODAY + HOUR)
    assert (tmp_path / "2026-11-21").exists()


def test_without_a_salt_nobody_can_tell_that_a_visitor_came_back(yard: Yard) -> None:
    yard.add_link("summer")
    yard.visit("/summer")
    yard.load()
    yard.salts.prune_once(yard.now + 9 * DAY, yard.loader.oldest_waiting())
    yard.visit("/summer")
    yard.load()
    assert len({row["visitor"] for row in yard.rows()}) == 2
