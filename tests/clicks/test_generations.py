"""Months written anew: sorted, pruned, erased, judged again; and what a crash in the middle leaves."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from routy.clicks import generations
from routy.clicks.erasing import erase, keep_other_links, keep_other_visitors
from routy.clicks.generations import ALL, Miscounted, Retention, rewrite, settle_once
from routy.clicks.reclassify import reclassify
from routy.clicks.rollups import merge_once
from routy.clicks.storing import Rules
from routy.clicks.verify import verify
from routy.clock import DAY, HOUR, MINUTE, SECOND, parse_iso
from routy.store.cursors import Writer
from routy.store.duck import ClickStore
from tests.clicks.yard import FIREFOX, GOOGLEBOT, IPHONE, Yard

OCTOBER, NOVEMBER = parse_iso("2026-10-20T12:00:00Z"), parse_iso("2026-11-20T12:00:00Z")
AGENTS = (FIREFOX, IPHONE, GOOGLEBOT)


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    """Two months with clicks of three visitors on three links; the clock stands in the second."""
    yard = Yard(tmp_path, now=OCTOBER, rules=Rules(5, 120))
    for slug in "abc":
        yard.add_link(slug)
    for start in (OCTOBER, NOVEMBER):
        yard.now = start
        for number in range(36):
            yard.now += 7 * MINUTE
            yard.visit(f"/{'abc'[number % 3]}", agent=AGENTS[number // 3 % 3])
        yard.load()
    yield yard
    yard.close()


def month(yard: Yard, name: str = "2026-10") -> Any:
    return next(month for month in yard.store.months if month.name == name)


def figures(yard: Yard) -> list[Any]:
    """Everything that a person sees of two months."""
    given = {"from": "2026-10-01", "to": "2026-11-30"}
    totals = [yard.report(metrics="clicks,uniques", dimensions=by, **given)["rows"] for by in ("class", "link")]
    return [totals, rolled(yard), sorted(row["id"] for row in yard.clicks(limit="500").rows)]


def rolled(yard: Yard) -> list[dict[str, Any]]:
    with yard.store.reading() as reader:
        return reader.rows(
            "SELECT link_key, class, sum(clicks)::INT AS clicks, sum(uniques)::INT AS uniques, sum(new)::INT AS new"
            f" FROM {reader.source('rollups')} GROUP BY ALL HAVING sum(clicks) <> 0 ORDER BY ALL"
        )


def problems(yard: Yard) -> list[str]:
    return list(verify(yard.store, yard.path / "spool")["problems"])


def files(yard: Yard) -> list[str]:
    return sorted(path.name for path in yard.store.directory.glob("*.duckdb*") if not path.name.endswith(".wal"))


# ---- sorting


def test_a_month_that_is_over_is_sorted_once_and_nothing_changes_to_the_eye(yard: Yard) -> None:
    before = figures(yard)
    assert settle_once(yard.store, Retention(), yard.now) is True
    assert settle_once(yard.store, Retention(), yard.now) is False
    assert files(yard) == ["2026-10.g2.duckdb", "2026-11.g1.duckdb"]
    assert figures(yard) == before
    assert problems(yard) == []
    links = [row["link_key"] for row in yard.rows(f"SELECT link_key FROM {month(yard).alias}.clicks")]
    assert links == sorted(links)


def test_a_report_goes_on_over_a_swap_and_the_old_file_goes_when_it_is_done(yard: Yard) -> None:
    with yard.store.reading() as reader:
        source = reader.source("clicks")
        before = reader.rows(f"SELECT * FROM {source} ORDER BY clicked_at")
        thread = threading.Thread(target=settle_once, args=(yard.store, Retention(), yard.now))
        thread.start()
        thread.join()
        assert "2026-10.g1.duckdb" in files(yard)
        assert reader.rows(f"SELECT * FROM {source} ORDER BY clicked_at") == before
    yard.store.let_go_once()
    assert files(yard) == ["2026-10.g2.duckdb", "2026-11.g1.duckdb"]


def test_late_rows_of_a_closed_month_are_counted_and_sorted_in(yard: Yard) -> None:
    settle_once(yard.store, Retention(), yard.now)
    later, yard.now = yard.now, OCTOBER + 3 * HOUR + 30 * SECOND
    yard.visit("/a", agent=IPHONE)
    yard.now = later
    yard.load()
    assert len(yard.rows()) == 73
    assert settle_once(yard.store, Retention(), yard.now) is False, "more may come"
    before = figures(yard)
    assert settle_once(yard.store, Retention(), yard.now + 2 * HOUR) is True
    assert (figures(yard), problems(yard)) == (before, [])
    assert files(yard)[0] == "2026-10.g3.duckdb"


def test_a_month_that_changes_while_it_is_written_is_left_for_the_next_time(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill = generations._fill

    def fill_while_a_late_row_comes(*arguments: Any) -> None:
        fill(*arguments)
        later, yard.now = yard.now, OCTOBER + 5 * MINUTE
        yard.visit("/a")
        yard.now = later
        yard.load()

    monkeypatch.setattr(generations, "_fill", fill_while_a_late_row_comes)
    assert rewrite(yard.store, month(yard), ALL, yard.now) is False
    assert files(yard) == ["2026-10.g1.duckdb", "2026-11.g1.duckdb"]
    assert (len(yard.rows()), problems(yard)) == (73, [])


STEPS = ["begin_generation", "_fill", "replace_month", "_publish", "give_up"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_restart_at_any_step_of_a_swap_finds_every_row_once(
    yard: Yard, monkeypatch: pytest.MonkeyPatch, step: str, when: str
) -> None:
    """The step dies, the process with it, and another one opens what is there."""
    before = figures(yard)
    where: Any = generations if step == "_fill" else ClickStore
    run = getattr(where, step)

    def die(*arguments: Any, **named: Any) -> Any:
        if when == "after":
            run(*arguments, **named)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(where, step, die)
        with pytest.raises(KeyboardInterrupt):
            rewrite(yard.store, month(yard), ALL, yard.now)
    yard.spool.close()
    yard.requests.close()
    yard.die()
    again = Yard(yard.path, now=yard.now)
    assert (figures(again), problems(again)) == (before, [])
    assert len(files(again)) == 2
    again.close()


def test_a_generation_that_lacks_rows_is_given_up(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generations, "_COPY", generations._COPY.replace("WHERE {keep}", "WHERE {keep} LIMIT 3"))
    monkeypatch.setattr(
        generations,
        "_COPY",
        generations._COPY.replace(" LIMIT 3 ORDER BY link_key, clicked_at, segment, line", " LIMIT 3"),
    )
    with pytest.raises(Miscounted):
        rewrite(yard.store, month(yard), ALL, yard.now)
    assert files(yard) == ["2026-10.g1.duckdb", "2026-11.g1.duckdb"]
    assert len(yard.rows()) == 72


# ---- merging


def test_partials_are_merged_when_their_hour_is_over(yard: Yard) -> None:
    before = rolled(yard)
    merge_once(yard.store, yard.now)
    assert rolled(yard) == before
    with yard.store.reading() as reader:
        partials = " UNION ALL ".join(f"SELECT quarter FROM {m.alias}.rollup_partials" for m in reader.months)
        left = [row["quarter"].timestamp() * 1000 for row in reader.rows(partials)]
    assert all(at >= yard.now // HOUR * HOUR for at in left)


# ---- retention


def test_retention_takes_rows_and_leaves_totals(yard: Yard) -> None:
    before = rolled(yard)
    now = NOVEMBER + 30 * DAY
    assert settle_once(yard.store, Retention(other_days=10), now) is True
    assert [row["n"] for row in yard.rows("SELECT count(*)::INT AS n FROM clicks WHERE class = 'bot'")] == [12]
    settle_once(yard.store, Retention(other_days=10), now)
    with yard.store.reading() as reader:
        assert reader.erased(OCTOBER, OCTOBER + DAY) == {"bot": 12}
    assert rolled(yard) == before
    assert problems(yard) == []


def test_retention_of_everything_leaves_no_row(yard: Yard) -> None:
    before = rolled(yard)
    while settle_once(yard.store, Retention(1, 1), NOVEMBER + 400 * DAY):
        pass
    assert (yard.rows(), rolled(yard), problems(yard)) == ([], before, [])


# ---- erasure


def test_a_links_clicks_are_erased_everywhere(yard: Yard) -> None:
    key = yard.rows("SELECT min(link_key) AS key FROM clicks")[0]["key"]
    assert erase(yard.store, keep_other_links(key), yard.now) == 24
    assert yard.rows(f"SELECT 1 FROM clicks WHERE link_key = {key}") == []
    assert [row for row in rolled(yard) if row["link_key"] == key] == []
    assert problems(yard) == []
    new = yard.rows(
        "SELECT count_if(is_new)::INT AS new, count(DISTINCT visitor)::INT AS visitors FROM clicks"
        " WHERE class = 'human'"
    )[0]
    assert new["new"] == new["visitors"], "who was new on the erased link is new on another one now"


def test_a_visitors_day_is_erased_and_no_other(yard: Yard) -> None:
    row = yard.rows("SELECT visitor, workspace_key, count(*) AS n FROM clicks GROUP BY ALL ORDER BY ALL")[0]
    visitor = row["visitor"]
    days = [OCTOBER // DAY * DAY, NOVEMBER // DAY * DAY]
    gone = [erase(yard.store, keep_other_visitors(row["workspace_key"], visitor, day), yard.now) for day in days]
    assert sorted(gone) == [0, row["n"]]
    assert (len(yard.rows()), problems(yard)) == (72 - row["n"], [])
    assert erase(yard.store, keep_other_visitors(99, visitor, days[0]), yard.now) == 0


# ---- judged again


def look_up(directory: Path, bots: tuple[str, ...]) -> Any:
    """Agents as a list of tomorrow may know them."""

    def run(writer: Writer, agents: list[str]) -> None:
        rows = [(agent, "", "", "", *(("bot", "known") if agent in bots else ("human", ""))) for agent in agents]
        writer.take_lines("agents", ("agent", "browser", "os", "device", "class", "reason"), rows, directory)

    return run


def again(yard: Yard, *bots: str, since: int = 0) -> dict[str, int]:
    found = reclassify(yard.store, Rules(5, 120), 9, look_up(yard.path, bots), since, yard.now)
    return dict(found["changed"])


def classes(yard: Yard) -> dict[str, int]:
    return {
        row["class"]: row["n"] for row in yard.rows("SELECT class, count(*)::INT AS n FROM clicks GROUP BY class")
    }


def test_what_the_lists_of_today_say_lies_over_the_rows(yard: Yard) -> None:
    assert classes(yard) == {"human": 48, "bot": 24}
    assert again(yard, GOOGLEBOT, IPHONE) == {"2026-10": 24, "2026-11": 24}
    assert classes(yard) == {"human": 24, "bot": 48}
    assert problems(yard) == []
    row = yard.clicks(class_reason="known", limit="1").rows[0]
    assert (row["class"], row["class_version"]) == ("bot", 9)
    assert again(yard, GOOGLEBOT, IPHONE) == {"2026-10": 0, "2026-11": 0}


def test_judging_back_leaves_everything_as_it_was(yard: Yard) -> None:
    before = figures(yard)
    again(yard, GOOGLEBOT, IPHONE)
    again(yard, GOOGLEBOT)
    assert (figures(yard)[1:], problems(yard)) == (before[1:], [])


def test_only_the_days_asked_for_are_judged_again(yard: Yard) -> None:
    assert again(yard, GOOGLEBOT, IPHONE, since=NOVEMBER + HOUR) == {"2026-11": 24}


def test_uniques_are_right_after_a_day_was_judged_again(yard: Yard) -> None:
    again(yard, FIREFOX)
    counted = "count(DISTINCT (link_key, visitor)) FILTER (WHERE class = 'human')::INT AS uniques"
    row = yard.rows(f"SELECT count_if(is_unique)::INT AS flags, {counted} FROM clicks")[0]
    assert row["flags"] == row["uniques"] > 0


def test_a_click_that_comes_after_its_day_was_judged_again_sees_the_judgement(yard: Yard) -> None:
    again(yard, GOOGLEBOT, IPHONE, FIREFOX)
    assert yard.rows("SELECT 1 FROM clicks WHERE is_new") == []
    yard.visit("/a")
    yard.load()
    assert [row["visitor"] is not None for row in yard.rows("SELECT visitor FROM clicks WHERE is_new")] == [True]
    assert problems(yard) == []


def test_a_new_generation_takes_judgements_in(yard: Yard) -> None:
    again(yard, GOOGLEBOT, IPHONE)
    before = figures(yard)
    settle_once(yard.store, Retention(), yard.now)
    assert not month(yard).overlaid
    assert (figures(yard), problems(yard)) == (before, [])


def test_judgements_are_seen_after_a_restart(yard: Yard) -> None:
    again(yard, GOOGLEBOT, IPHONE)
    before = figures(yard)
    yard.store.close()
    yard.store.open()
    assert figures(yard) == before


def test_an_erased_link_leaves_nothing_in_the_roll_ups_that_retention_left(yard: Yard) -> None:
    while settle_once(yard.store, Retention(1, 1), NOVEMBER + 400 * DAY):
        pass
    key = rolled(yard)[0]["link_key"]
    before = sum(row["clicks"] for row in rolled(yard) if row["link_key"] == key)
    assert erase(yard.store, keep_other_links(key), yard.now) == before > 0
    assert [row for row in rolled(yard) if row["link_key"] == key] == []
    assert erase(yard.store, keep_other_links(key), yard.now) == 0
