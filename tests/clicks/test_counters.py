from collections.abc import Iterator
from pathlib import Path

import pytest

from routy.clicks.counters import count_once, sent
from routy.clicks.erasing import erase, keep_other_links
from routy.clock import DAY, SECOND
from tests.clicks.yard import GOOGLEBOT, IPHONE, SLACK, Yard


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    yard = Yard(tmp_path)
    for slug in "ab":
        yard.add_link(slug)
    yield yard
    yard.close()


def counted(yard: Yard, slug: str = "a") -> tuple[int, int, int | None]:
    count_once(yard.store, yard.records, yard.loader.touched, yard.now)
    row = yard.records.one("SELECT * FROM links WHERE slug = ?", (slug,))
    assert row is not None
    return row["clicks"], row["uniques"], row["last_click_at"]


def key(yard: Yard, slug: str) -> int:
    row = yard.records.one("SELECT key FROM links WHERE slug = ?", (slug,))
    assert row is not None
    return int(row["key"])


def test_people_are_counted_and_bots_are_not(yard: Yard) -> None:
    assert counted(yard) == (0, 0, None)
    at = yard.now
    yard.visit("/a")
    yard.visit("/a")
    yard.visit("/a", agent=GOOGLEBOT)
    yard.load()
    assert counted(yard) == (2, 1, at)
    assert counted(yard, "b") == (0, 0, None)


def test_months_add_up_and_the_last_click_may_lie_in_an_old_one(yard: Yard) -> None:
    at = yard.now
    for later in (0, 40 * DAY):
        yard.now = at + later
        yard.visit("/a")
        yard.visit("/b" if later == 0 else "/a", agent=IPHONE)
        yard.load()
    assert counted(yard) == (3, 3, at + 40 * DAY)
    assert counted(yard, "b") == (1, 1, at)


def test_counting_is_no_change_of_the_link(yard: Yard) -> None:
    before = yard.records.one("SELECT version, seq, updated_at FROM links WHERE slug = 'a'")
    yard.visit("/a")
    yard.load()
    assert counted(yard)[0] == 1
    assert yard.records.one("SELECT version, seq, updated_at FROM links WHERE slug = 'a'") == before


def test_a_restart_puts_right_what_a_crash_left_behind(yard: Yard) -> None:
    yard.visit("/a")
    yard.load()
    yard.loader.touched.take()
    assert counted(yard)[0] == 0, "as if the server had died before it counted"
    yard.close()
    again = Yard(yard.path, now=yard.now + SECOND)
    assert counted(again)[:2] == (1, 1)
    again.close()


def test_what_failed_to_be_written_is_counted_the_next_time(yard: Yard) -> None:
    counted(yard)
    yard.visit("/a")
    yard.load()
    yard.records.script("CREATE TRIGGER broken BEFORE UPDATE ON links BEGIN SELECT RAISE(ABORT, 'no'); END")
    with pytest.raises(Exception, match="no"):
        counted(yard)
    yard.records.script("DROP TRIGGER broken")
    assert counted(yard)[0] == 1


def test_an_erased_link_counts_nothing(yard: Yard) -> None:
    yard.visit("/a")
    yard.load()
    assert counted(yard)[0] == 1
    erase(yard.store, keep_other_links(key(yard, "a")), yard.now)
    yard.loader.touched.add_all()
    assert counted(yard) == (0, 0, None)


# ---- against click limits


def found(yard: Yard, *slugs: str, since: int | None = None) -> dict[str, tuple[int, int]]:
    asked = {key(yard, slug): yard.now + 1 if since is None else since for slug in slugs}
    counts = sent(yard.store, yard.path / "spool" / "clicks", asked)
    return {slug: counts[key(yard, slug)] for slug in slugs}


def test_rows_and_waiting_lines_count_against_a_limit_and_previews_do_not(yard: Yard) -> None:
    for _ in range(2):
        yard.visit("/a")
        yard.visit("/a", agent=GOOGLEBOT)
        yard.visit("/a", agent=SLACK)
        yard.visit("/b")
        yard.load()
    yard.visit("/a")
    yard.visit("/a", agent=GOOGLEBOT)
    assert found(yard, "a", "b") == {"a": (6, 3), "b": (2, 2)}


def test_only_what_came_before_the_moment_counts(yard: Yard) -> None:
    yard.visit("/a")
    yard.load()
    since = yard.now
    yard.visit("/a")
    yard.load()
    yard.visit("/a")
    assert found(yard, "a", since=since) == {"a": (1, 1)}
    assert found(yard, "a") == {"a": (3, 3)}


def test_what_was_erased_still_counts_against_a_limit(yard: Yard) -> None:
    yard.visit("/a")
    yard.load()
    erase(yard.store, keep_other_links(key(yard, "a")), yard.now)
    assert found(yard, "a") == {"a": (1, 1)}


def test_a_segment_that_was_loaded_and_not_moved_counts_once(yard: Yard) -> None:
    yard.visit("/a")
    yard.load()
    loaded = next((yard.path / "spool" / "loaded" / "clicks").iterdir())
    (yard.path / "spool" / "clicks" / loaded.name).write_bytes(loaded.read_bytes())
    assert found(yard, "a") == {"a": (1, 1)}
