"""`routy.py verify`: what does not agree is named."""

from pathlib import Path

import pytest

from routy.clicks.verify import repair, verify
from tests.clicks.yard import Yard


def loaded(yard: Yard) -> Path:
    """A day's only segment, as it lies after loading."""
    yard.add_link("summer")
    for _ in range(3):
        yard.visit("/summer")
    yard.load()
    return next((yard.path / "spool" / "loaded" / "clicks").iterdir())


def problems(yard: Yard) -> list[str]:
    found = verify(yard.store, yard.path / "spool")
    assert found["ok"] == (not found["problems"])
    return list(found["problems"])


def test_a_store_that_agrees_has_no_problems(yard: Yard) -> None:
    loaded(yard)
    assert problems(yard) == []


def test_a_line_that_was_written_after_loading_is_found(yard: Yard) -> None:
    segment = loaded(yard)
    with segment.open("ab") as file:
        file.write(b"\nlate")
    assert len(problems(yard)) == 1
    assert "4 lines in the loaded segment, 3 in the ledger" in problems(yard)[0]


def test_a_row_that_is_missing_is_found(yard: Yard) -> None:
    loaded(yard)
    with yard.store.writing() as writer, writer.transaction("2026-11"):
        writer.run("DELETE FROM clicks WHERE line = 2")
    assert any("3 in the ledger, 2 rows" in problem for problem in problems(yard))


@pytest.mark.parametrize(
    "wrong",
    [
        "DELETE FROM clicks WHERE line = 1",
        "INSERT INTO clicks SELECT * FROM clicks WHERE line = 1",
        "UPDATE clicks SET segment = segment + 7 WHERE line = 1",
        "UPDATE clicks SET class = 'bot' WHERE line = 1",
        "UPDATE clicks SET is_unique = false",
        "UPDATE clicks SET clicked_at = clicked_at + INTERVAL 1 HOUR WHERE line = 1",
        "UPDATE ledger SET stored = stored + 1",
        "DELETE FROM ledger",
        "UPDATE rollup_partials SET clicks = clicks + 1",
        "UPDATE rollup_partials SET uniques = uniques - 1",
        "DELETE FROM rollup_partials",
    ],
)
def test_whatever_is_changed_behind_its_back_is_found(yard: Yard, wrong: str) -> None:
    loaded(yard)
    with yard.store.writing() as writer, writer.transaction("2026-11"):
        assert writer.run(wrong) > 0
    assert problems(yard) != []


def test_what_waits_in_the_spool_is_no_problem(yard: Yard) -> None:
    loaded(yard)
    yard.visit("/summer")
    found = verify(yard.store, yard.path / "spool")
    assert (found["ok"], found["spooled"]["clicks"]) == (True, 1)


def test_roll_ups_and_flags_that_are_wrong_are_found_and_derived_anew(yard: Yard) -> None:
    loaded(yard)
    with yard.store.writing() as writer, writer.transaction("2026-11"):
        writer.run("UPDATE clicks SET is_unique = true")
        writer.run("UPDATE rollup_partials SET clicks = clicks + 1, sent = sent + 5")
    assert len(problems(yard)) == 2
    assert repair(yard.store, yard.now) == ["2026-11"]
    assert problems(yard) == []
    with yard.store.reading() as reader:
        found = reader.rows(
            f"SELECT sum(clicks)::INT AS clicks, sum(sent)::INT AS sent FROM {reader.source('rollups')}"
        )
    assert found == [{"clicks": 3, "sent": 8}], "what counts against limits is remembered, not derived"
    assert repair(yard.store, yard.now) == []
