"""Month files that are gone or damaged, clocks that jump: redirects go on, health tells, what can be is mended."""

from collections.abc import Callable
from pathlib import Path

import pytest

from routy.clicks.verify import verify
from routy.clock import DAY, HOUR, SECOND, parse_iso
from tests.clicks.yard import Yard
from tests.house import House


def corrupted(file: Path) -> None:
    """Its first blocks say other than their checksums."""
    content = bytearray(file.read_bytes())
    content[12_288:] = b"\x5a" * (len(content) - 12_288)
    file.write_bytes(content)


def overwritten(file: Path) -> None:
    file.write_bytes(b"something else" * 10_000)


def truncated(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:8_192])


def deleted(file: Path) -> None:
    file.unlink()


HARM: list[Callable[[Path], None]] = [corrupted, overwritten, truncated, deleted]


def visits(house: House, count: int) -> None:
    assert [house.ask("GET", "/summer").status for _ in range(count)] == [302] * count


def clicks(house: House) -> int:
    totals = house.call("GET", "/reports", metrics="clicks", **{"class": "any"}).data["totals"]
    return int(totals["clicks"])


def problems(house: House) -> list[str]:
    found: list[str] = house.app.inspect()["problems"]
    return found


@pytest.fixture
def harmed(house: House) -> Callable[[Callable[[Path], None]], Path]:
    """A house with 200 clicks in its store, whose month file comes to harm."""

    def harm(how: Callable[[Path], None]) -> Path:
        house.link("summer")
        visits(house, 200)
        house.load()
        with house.app.clicks.writing() as writer:
            writer.run(f"CHECKPOINT {house.app.clicks.months[0].alias}")
        file = house.path / "clicks" / house.app.clicks.months[0].file
        how(file)
        return file

    return harm


@pytest.mark.parametrize("how", HARM)
def test_a_month_file_that_came_to_harm_is_told_and_filled_again_from_loaded_segments(
    house: House, harmed: Callable[[Callable[[Path], None]], Path], how: Callable[[Path], None]
) -> None:
    harmed(how)
    visits(house, 10)
    house.app.clicks.reopen()  # what happens at the next start, and when DuckDB gives up on a file
    visits(house, 10)
    told = problems(house)
    assert len(told) == 1 and "restore it, or delete" in told[0]
    house.load()
    assert clicks(house) == 220
    assert house.app.verify()["ok"]
    next((house.path / "clicks").glob("*-at-*.duckdb")).unlink()
    assert problems(house) == []


def test_a_month_file_that_is_deleted_under_the_server_is_noticed_by_the_next_load(
    house: House, harmed: Callable[[Callable[[Path], None]], Path]
) -> None:
    harmed(deleted)
    visits(house, 10)
    house.load()
    assert clicks(house) == 210
    assert "was found missing" in problems(house)[0]


def test_what_was_damaged_is_kept_for_whoever_can_mend_it(
    house: House, harmed: Callable[[Callable[[Path], None]], Path]
) -> None:
    file = harmed(overwritten)
    content = file.read_bytes()
    house.app.clicks.reopen()
    kept = next((house.path / "clicks").glob("damaged-*-at-*.duckdb"))
    assert kept.read_bytes() == content
    house.app.clicks.reopen()
    assert kept.exists(), "a start deletes generations that do not count, and this is none of them"


def test_other_months_keep_what_they_have_when_one_begins_anew(yard: Yard) -> None:
    yard.now = parse_iso("2026-10-31T23:59:59Z")
    yard.add_link("summer")
    yard.visit("/summer")
    yard.now += 2 * SECOND
    yard.visit("/summer")  # one segment, two months
    yard.load()
    (yard.path / "clicks" / yard.store.months[0].file).unlink()
    yard.store.reopen()
    yard.load()
    assert len(yard.rows()) == 2
    assert verify(yard.store, yard.path / "spool")["ok"]


@pytest.mark.parametrize("jump", [-DAY, -HOUR, -1, HOUR, DAY, 40 * DAY, -40 * DAY])
def test_a_clock_that_jumps_costs_no_click_and_doubles_none(yard: Yard, jump: int) -> None:
    yard.add_link("summer")
    for _ in range(3):
        yard.visit("/summer")
        yard.now += SECOND
    yard.now += jump
    for _ in range(3):
        yard.visit("/summer")
        yard.load()
    assert len(yard.rows()) == 6, "a clock that was set back once kept clicks waiting until it had caught up"
    yard.now += abs(jump) + SECOND
    yard.visit("/summer")
    yard.load()
    assert len(yard.rows()) == 7
    figures = yard.books.figures(yard.spool)
    assert (figures["answered"], figures["stored"], figures["holds"]) == (7, 7, True)
    assert verify(yard.store, yard.path / "spool")["ok"]
    names = [path.name for path in (yard.path / "spool/loaded/clicks").iterdir()]
    assert len(names) == len(set(names))


def test_midnight_and_the_end_of_a_month_fall_into_a_segment(yard: Yard) -> None:
    yard.now = parse_iso("2026-11-30T23:59:58Z")
    yard.add_link("summer")
    for _ in range(8):
        yard.visit("/summer")
        yard.now += SECOND // 2
    yard.load()
    by_day = yard.rows(
        "SELECT clicked_at::DATE::VARCHAR AS day, count(*) AS rows FROM clicks GROUP BY day ORDER BY day"
    )
    assert by_day == [{"day": "2026-11-30", "rows": 4}, {"day": "2026-12-01", "rows": 4}]
    assert [month.name for month in yard.store.months] == ["2026-11", "2026-12"]
    assert verify(yard.store, yard.path / "spool")["ok"]


def test_a_segment_that_is_offered_twice_in_any_order_counts_once(yard: Yard) -> None:
    yard.add_link("summer")
    for _ in range(3):
        yard.visit("/summer")
        yard.load()
    loaded = yard.path / "spool/loaded/clicks"
    for path in loaded.iterdir():
        (yard.spool.directory / path.name).write_bytes(path.read_bytes())
    yard.visit("/summer")
    yard.load()
    assert len(yard.rows()) == 4
    assert yard.books.figures(yard.spool)["stored"] == 4
    assert verify(yard.store, yard.path / "spool")["ok"]
