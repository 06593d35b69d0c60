from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routy.clicks import loader as loading
from routy.clicks.loader import Loader
from routy.clicks.spool import Spool
from routy.clicks.verify import verify
from routy.clock import DAY, HOUR, parse_iso
from routy.store import duck
from routy.store.cursors import Writer
from routy.store.duck import ClickStore
from tests.clicks.yard import START, Yard

NEW_YEAR = parse_iso("2026-12-31T23:59:59.500Z")


def count(yard: Yard) -> int:
    return len(yard.rows("SELECT segment FROM clicks"))


def ledger(yard: Yard) -> list[dict[str, Any]]:
    with yard.store.reading() as reader:
        return reader.rows(f"SELECT * FROM {reader.source('ledger')}")


def quarantined(yard: Yard) -> list[bytes]:
    files = (yard.path / "spool" / "quarantine").glob("*/*.tsv")
    return [line for file in files for line in file.read_bytes().splitlines()]


def click_over_new_year(yard: Yard) -> int:
    """Clicks of two years in one segment."""
    yard.now = NEW_YEAR
    for step in (0, 100, 600, 700):
        yard.now = NEW_YEAR + step
        yard.visit("/summer")
    return 4


# ---- what becomes of a line


def test_every_value_of_a_line_arrives(yard: Yard) -> None:
    link = yard.add_link("summer")
    yard.visit(
        "/summer",
        "utm_source=a%20b&utm_medium=c+d&sub10=%C3%BC&sub1=%FF&x=%",
        HTTP_REFERER="https://www.News.Example:443/a?b",
        HTTP_ACCEPT_LANGUAGE="de-AT,de;q=0.9",
        REMOTE_ADDR="2001:4860:4860::8888",
    )
    yard.load()
    row = yard.rows()[0]
    assert (row["utm_source"], row["utm_medium"], row["sub10"], row["sub1"]) == ("a b", "c d", "ü", "%FF")
    assert (row["referrer_host"], row["language"]) == ("news.example", "de")
    assert (row["ip"], row["country"]) == ("2001:4860:4860::", "US")
    assert row["query"] == "utm_source=a%20b&utm_medium=c+d&sub10=%C3%BC&sub1=%FF&x=%"
    assert yard.clicks().rows[0]["link_id"] == link["id"]


def test_quotes_backslashes_and_separators_come_through(yard: Yard) -> None:
    yard.add_link("summer")
    agents = ['"', '""x', "\\N", "a\tb", "a\nb", "NULL", "ü€😀"]
    for agent in agents:
        yard.visit("/summer", agent=agent.encode().decode("latin-1"))
    yard.load()
    expected = ['"', '""x', "\\N", "a b", "a b", "NULL", "ü€😀"]
    assert [row["agent"] for row in yard.rows()] == expected


@pytest.mark.parametrize(("keep", "kept"), [("none", None), ("truncated", "73.8.8.0"), ("full", "73.8.8.8")])
def test_as_much_of_an_address_is_kept_as_the_settings_say(tmp_path: Path, keep: str, kept: str | None) -> None:
    yard = Yard(tmp_path, ip=keep)
    yard.add_link("summer")
    yard.visit("/summer")
    yard.load()
    assert [(row["ip"], row["country"]) for row in yard.rows()] == [(kept, "US")]
    yard.close()


def test_a_visitor_is_one_for_a_day_and_an_address_and_an_agent(yard: Yard) -> None:
    yard.add_link("summer")
    for at, ip, agent in (
        (0, "1.1.1.1", "a"),
        (0, "1.1.1.1", "a"),
        (0, "1.1.1.2", "a"),
        (0, "1.1.1.1", "b"),
        (DAY, "1.1.1.1", "a"),
    ):
        yard.now = START + at
        yard.visit("/summer", agent=f"Mozilla/5.0 {agent}", REMOTE_ADDR=ip)
    yard.load()
    visitors = [row["visitor"] for row in yard.rows()]
    assert visitors[0] == visitors[1]
    assert len(set(visitors)) == 4


def test_lines_keep_their_order(yard: Yard) -> None:
    yard.add_link("summer")
    for number in range(500):
        yard.visit("/summer", f"sub1={number}")
    yard.load()
    assert [row["sub1"] for row in yard.rows()] == [str(number) for number in range(500)]
    assert [row["line"] for row in yard.rows()] == list(range(1, 501))


# ---- exactly once


def test_a_segment_that_is_offered_again_makes_no_rows(yard: Yard) -> None:
    yard.add_link("summer")
    yard.visit("/summer")
    yard.load()
    loaded = next((yard.path / "spool" / "loaded" / "clicks").iterdir())
    loaded.replace(yard.path / "spool" / "clicks" / loaded.name)
    yard.load()
    assert count(yard) == 1
    assert len(ledger(yard)) == 1
    assert loaded.exists()


def test_a_segment_over_two_months_stands_in_both_ledgers(yard: Yard) -> None:
    yard.add_link("summer")
    clicks = click_over_new_year(yard)
    yard.load()
    assert [month.name for month in yard.store.months][-2:] == ["2026-12", "2027-01"]
    assert sorted(row["stored"] for row in ledger(yard) if row["stored"]) == [2, 2]
    assert len({row["segment"] for row in ledger(yard)}) == 1
    assert count(yard) == clicks
    assert verify(yard.store, yard.path / "spool")["ok"]


class Crash(Exception):
    pass


class Crashing:
    """Lets the first `after` steps of a load happen and then none."""

    def __init__(self, patch: pytest.MonkeyPatch, after: int) -> None:
        self.left = after
        for owner, name in (
            (Writer, "run"), (Writer, "_fetch"), (Writer, "read_lines"), (Loader, "_move"), (Spool, "settle"),
            (Loader, "_quarantine"), (ClickStore, "_attach"), (duck, "write_manifest"),
            (loading, "count_lines"),
        ):  # fmt: skip
            patch.setattr(owner, name, self.counted(getattr(owner, name)))

    def counted(self, step: Callable[..., Any]) -> Callable[..., Any]:
        def run(*given: Any, **named: Any) -> Any:
            self.left -= 1
            if self.left < 0:
                raise Crash
            return step(*given, **named)

        return run


@pytest.mark.parametrize("start", range(4))
def test_a_crash_between_any_two_steps_loads_every_line_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: int
) -> None:
    """Each life gets some steps further than the one before it, and dies there."""
    yard = Yard(tmp_path)
    yard.add_link("summer")
    clicks = click_over_new_year(yard)
    crashes = 0
    for steps in range(start, 200, 4):
        with monkeypatch.context() as patch:
            Crashing(patch, steps)
            try:
                yard.load()
                break
            except Crash:
                crashes += 1
        yard.die()
        yard = Yard(tmp_path, now=yard.now + 1_000)
        yard.visit("/summer")
        clicks += 1
    assert crashes > 5
    yard.load()
    assert count(yard) == clicks
    found = verify(yard.store, yard.path / "spool")
    assert (found["ok"], found["spooled"]["clicks"]) == (True, 0)
    yard.close()


def test_a_segment_keeps_its_number_when_its_second_month_comes_later(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    yard.add_link("summer")
    click_over_new_year(yard)
    commit = Loader._commit

    def only_the_old_year(loader: Loader, *given: Any) -> None:
        if given[-1] == "2027-01":
            raise Crash
        commit(loader, *given)

    with monkeypatch.context() as patch:
        patch.setattr(Loader, "_commit", only_the_old_year)
        with pytest.raises(Crash):
            yard.load()
    assert count(yard) == 2
    yard.load()
    assert count(yard) == 4
    assert len({row["segment"] for row in ledger(yard)}) == 1


def test_the_books_hold_when_a_load_has_to_be_done_again(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    yard.add_link("summer")
    yard.visit("/summer")
    with monkeypatch.context() as patch:
        patch.setattr(Loader, "_move", lambda *given: (_ for _ in ()).throw(Crash))
        with pytest.raises(Crash):
            yard.load()
    yard.load()
    figures = yard.books.figures(yard.spool)
    assert (figures["stored"], figures["spooled"], figures["holds"]) == (1, 0, True)


def test_segments_keep_their_numbers_apart_over_restarts(tmp_path: Path) -> None:
    numbers: list[int] = []
    for life in range(3):
        yard = Yard(tmp_path, now=START + life * HOUR)
        if life == 0:
            yard.add_link("summer")
        yard.visit("/summer")
        yard.load()
        numbers = [row["segment"] for row in yard.rows()]
        yard.close()
    assert numbers == sorted(set(numbers))
    assert len(numbers) == 3


# ---- torn lines


def test_a_torn_line_is_set_aside_with_its_reason_and_spoils_no_other(yard: Yard) -> None:
    yard.add_link("summer")
    yard.visit("/summer")
    with next((yard.path / "spool" / "clicks").iterdir()).open("ab") as file:
        file.write(b"\n1763\tabc")
    yard.visit("/summer")
    yard.load()
    assert count(yard) == 2
    assert quarantined(yard) == [b"2\tmissing columns\t1763\tabc"]
    assert [row["quarantined"] for row in ledger(yard)] == [1]


@pytest.mark.parametrize(
    "damage",
    [
        b"\n" + b"\0" * 300,
        b"\n" + b"x\t" * 40,
        b"\n\xff\xfe" + b"\t" * 20 + b".",
        b"\n" + b"\t" * 20 + b".",
        b"\n\n\n\nx",
        b"\n" + b"\t".join([b"99999999999999999999"] * 20) + b"\t.",
    ],
)
def test_damage_is_set_aside(yard: Yard, damage: bytes) -> None:
    yard.add_link("summer")
    yard.visit("/summer")
    with next((yard.path / "spool" / "clicks").iterdir()).open("ab") as file:
        file.write(damage)
    yard.visit("/summer")
    yard.load()
    assert (count(yard), len(quarantined(yard))) == (2, 1)
    assert yard.loader.figures()["aside"] == 0


@pytest.fixture(scope="module")
def segment(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    yard = Yard(tmp_path_factory.mktemp("segment"))
    yard.add_link("summer")
    for number in range(6):
        yard.visit("/summer", f"x={number}&y=ü", HTTP_REFERER="https://caf\xe9.example/")
    raw = next((yard.path / "spool" / "clicks").iterdir()).read_bytes()
    yard.close()
    return raw


@pytest.fixture(scope="module")
def worn(tmp_path_factory: pytest.TempPathFactory) -> Yard:
    return Yard(tmp_path_factory.mktemp("worn"))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.floats(0, 1))
def test_a_segment_cut_at_any_byte_gives_its_whole_lines(worn: Yard, segment: bytes, cut: float) -> None:
    left = segment[: round(cut * len(segment))]
    whole = sum(line.endswith(b"\t.") for line in left.split(b"\n")[1:])
    torn = len([line for line in left.split(b"\n")[1:] if line]) - whole
    before = count(worn)
    set_aside = len(quarantined(worn))
    worn.now += 5_000
    spool = Spool(worn.spool.stream, worn.spool.directory, worn.clock)
    path = spool._begin().path
    path.write_bytes(left)
    worn.load()
    assert count(worn) - before == whole
    assert len(quarantined(worn)) - set_aside == torn
    assert not path.exists()


def test_a_segment_that_does_not_add_up_is_put_aside_and_holds_up_no_other(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    yard.add_link("summer")
    yard.visit("/summer")
    yard.seal()
    yard.visit("/summer")
    yard.seal()
    bad = yard.spool.sealed()[0]
    counted = loading.count_lines
    monkeypatch.setattr(loading, "count_lines", lambda path: counted(path) + (path == bad))
    yard.load()
    assert count(yard) == 1
    assert yard.loader.figures()["aside"] == 1


def test_a_segment_of_an_unknown_version_is_put_aside_unread(yard: Yard) -> None:
    yard.add_link("summer")
    yard.visit("/summer")
    yard.seal()
    newer = yard.spool.sealed()[0]
    newer.replace(newer.with_name(newer.name.replace("v2-", "v99-")))
    yard.visit("/summer")
    yard.load()
    assert count(yard) == 1
    assert yard.loader.figures()["aside"] == 1
    assert quarantined(yard) == []


# ---- around it


def test_the_watermark_is_where_the_oldest_waiting_line_can_be(yard: Yard) -> None:
    yard.add_link("summer")
    yard.load()
    assert yard.loader.watermark == yard.now - 1_000
    yard.visit("/summer")
    visited = yard.now
    yard.now += 500
    yard.loader.load_once()
    assert yard.loader.watermark <= visited
    yard.load()
    assert yard.loader.watermark > visited


def test_loaded_segments_are_kept_for_a_while(yard: Yard) -> None:
    yard.add_link("summer")
    yard.visit("/summer")
    yard.load()
    yard.loader.prune_once(24)
    assert len(list((yard.path / "spool" / "loaded" / "clicks").iterdir())) == 1
    yard.now += 25 * HOUR
    yard.loader.prune_once(24)
    assert list((yard.path / "spool" / "loaded" / "clicks").iterdir()) == []
