"""Click limits: exactly as many as there are places, whoever asks at once."""

import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routy.clicks.caps import Caps
from routy.clicks.lookup import LinkTable
from routy.records import parse, write
from routy.resources.links import Link
from tests.clicks.yard import FIREFOX, GOOGLEBOT, SLACK, Yard

LINK = 7
THREADS = 48


class Time:
    def __init__(self) -> None:
        self.now = 1_000

    def __call__(self) -> int:
        return self.now


def capped(limit: int, people: bool = False, fresh: bool = True, clock: Time | None = None) -> Caps:
    caps = Caps(clock or Time())
    caps.put(LINK, limit, people, fresh)
    caps.opened(LINK)
    return caps


def sent(caps: Caps, class_: str = "human", now: int = 2_000) -> bool:
    return caps.reserve(LINK, class_, now)[0]


# ---- what counts


def test_the_last_place_is_given_and_no_more() -> None:
    caps = capped(3)
    assert [sent(caps) for _ in range(5)] == [True, True, True, False, False]
    assert caps.is_full(LINK)


def test_a_preview_takes_no_place_and_finds_the_door_shut_like_others() -> None:
    caps = capped(1)
    assert [sent(caps, "preview") for _ in range(3)] == [True] * 3
    assert [sent(caps, "bot"), sent(caps, "preview")] == [True, False]


def test_a_limit_of_people_lets_others_in_until_it_is_reached() -> None:
    caps = capped(2, people=True)
    asked = ["bot", "head", "prefetch", "human", "bot", "human", "bot", "human"]
    assert [sent(caps, class_) for class_ in asked] == [True] * 6 + [False] * 2


def test_a_link_without_a_limit_is_never_full() -> None:
    caps = capped(1)
    assert caps.reserve(8, "human", 2_000) == (True, False)
    assert not caps.is_full(8)


def test_a_place_given_back_is_given_again() -> None:
    caps = capped(1)
    assert caps.reserve(LINK, "human", 2_000) == (True, True)
    caps.release(LINK, "human")
    assert [sent(caps), sent(caps)] == [True, False]


def test_a_limit_that_was_raised_has_room_again_and_one_that_was_lowered_has_none() -> None:
    caps = capped(2)
    assert [sent(caps) for _ in range(3)] == [True, True, False]
    caps.put(LINK, 3, False, False)
    assert [sent(caps), sent(caps)] == [True, False]
    caps.put(LINK, 1, False, False)
    assert not sent(caps)


def test_a_changed_way_of_counting_knows_both_counts() -> None:
    caps = capped(3)
    for class_ in ("human", "bot"):
        sent(caps, class_)
    caps.put(LINK, 2, True, False)
    assert [sent(caps), sent(caps)] == [True, False]


def test_a_limit_that_is_reached_is_noted_once() -> None:
    caps = capped(2)
    for _ in range(5):
        sent(caps)
    assert [tuple(reached) for reached in caps.reached] == [(LINK, 2)]


# ---- the base


def test_what_was_sent_before_is_learned() -> None:
    caps = capped(5, fresh=False)
    assert caps.waiting() == {LINK: 1_001}
    caps.learn({LINK: (3, 1), 99: (1, 1)})
    assert caps.waiting() == {}
    assert [sent(caps) for _ in range(3)] == [True, True, False]


def test_a_base_that_fills_the_limit_is_noted() -> None:
    caps = capped(5, fresh=False)
    caps.learn({LINK: (5, 0)})
    assert len(caps.reached) == 1
    assert not sent(caps)


def test_a_base_is_learned_once() -> None:
    caps = capped(5, fresh=False)
    caps.learn({LINK: (1, 1)})
    caps.learn({LINK: (4, 4)})
    assert [sent(caps) for _ in range(5)] == [True] * 4 + [False]


def test_while_the_base_is_unknown_each_visit_is_counted_on_one_side_only() -> None:
    """Those before the moment are in the base, those from then on are counted at once."""
    clock = Time()
    caps = capped(10, fresh=False, clock=clock)
    since = caps.waiting()[LINK]
    moments = [since - 2, since - 1, since, since + 1, since + 2]
    taken = [caps.reserve(LINK, "human", at)[1] for at in moments]
    assert taken == [False, False, True, True, True]
    caps.learn({LINK: (2, 2)})
    assert [sent(caps) for _ in range(6)] == [True] * 5 + [False]


def test_a_link_that_is_not_shown_yet_waits_for_nobody() -> None:
    caps = Caps(Time())
    caps.put(LINK, 5, False, False)
    assert caps.waiting() == {}
    assert caps.reserve(LINK, "human", 10**12) == (True, False)


# ---- properties

CLASSES = st.sampled_from(["human", "bot", "head", "prefetch", "preview"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("reserve"), CLASSES),
        st.tuples(st.just("release"), st.just("")),
        st.tuples(st.just("limit"), st.integers(1, 8)),
        st.tuples(st.just("people"), st.booleans()),
    ),
    max_size=60,
)


@given(base=st.tuples(st.integers(0, 5), st.integers(0, 5)), steps=STEPS)
def test_caps_do_what_a_list_of_clicks_would(base: tuple[int, int], steps: list[tuple[str, object]]) -> None:
    limit, people, kept = 4, False, ["bot"] * max(0, base[0] - base[1]) + ["human"] * base[1]
    caps = capped(limit, fresh=False)
    caps.learn({LINK: (len(kept), kept.count("human"))})
    for step, value in steps:
        if step == "reserve":
            full = (kept.count("human") if people else len(kept)) >= limit
            counts = not full and value != "preview"
            assert caps.reserve(LINK, str(value), 5_000) == (not full, counts)
            kept += [str(value)] if counts else []
        elif step == "release" and kept:
            caps.release(LINK, kept.pop())
        elif step in ("limit", "people"):
            limit, people = (int(str(value)), people) if step == "limit" else (limit, bool(value))
            caps.put(LINK, limit, people, False)


def test_of_many_at_once_exactly_as_many_pass_as_there_are_places() -> None:
    limit, each = 1_000, 60
    caps = capped(limit)
    passed: list[int] = []
    begin = threading.Barrier(THREADS)

    def visitor() -> None:
        begin.wait()
        kept = 0
        for number in range(each):
            admitted, counted = caps.reserve(LINK, "human", 2_000)
            if counted and number % 7 == 0:
                caps.release(LINK, "human")  # its line could not be written
            else:
                kept += admitted
        passed.append(kept)

    _together(visitor)
    left = sum(sent(caps) for _ in range(limit))
    assert sum(passed) + left == limit
    assert not sent(caps)


def _together(run: object) -> None:
    threads = [threading.Thread(target=run) for _ in range(THREADS)]  # type: ignore[arg-type]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# ---- on the walk


def branches(yard: Yard) -> list[str]:
    return [line.split(b"\t")[9].decode() for line in yard.lines()]


def test_a_thousand_places_are_a_thousand_redirects(yard: Yard) -> None:
    yard.add_link("summer", click_limit=1_000)
    statuses: list[int] = []
    _together(lambda: statuses.extend(yard.visit("/summer").status for _ in range(30)))
    assert (statuses.count(302), statuses.count(410), len(statuses)) == (1_000, 440, 1_440)
    assert branches(yard).count("destination") == 1_000
    assert branches(yard).count("inactive") == 440


def test_a_full_link_says_so_in_its_rows_and_goes_to_its_fallback(yard: Yard) -> None:
    yard.add_link("summer", click_limit=1, fallback_url="https://a.example/over")
    assert [yard.visit("/summer").location for _ in range(2)] == ["https://shop.example/", "https://a.example/over"]
    assert yard.lines()[1].split(b"\t")[9:11] == [b"fallback", b"limit"]


def test_programs_do_not_use_up_a_limit_of_people(yard: Yard) -> None:
    yard.add_link("summer", click_limit=1, click_limit_counts="people")
    agents = (GOOGLEBOT, SLACK, FIREFOX, FIREFOX)
    assert [yard.visit("/summer", agent=agent).status for agent in agents] == [302, 302, 302, 410]


def test_a_click_that_could_not_be_kept_gives_its_place_back(yard: Yard) -> None:
    yard.add_link("summer", click_limit=2)
    yard.visit("/summer")
    yard.spool.close()
    assert [yard.visit("/summer").status for _ in range(5)] == [302] * 5, (
        "visitors go on, and are counted as refused"
    )
    yard.spool.open()
    assert [yard.visit("/summer").status for _ in range(2)] == [302, 410]


def test_a_restart_asks_for_what_was_sent_before(yard: Yard) -> None:
    link = yard.add_link("summer", click_limit=3)
    yard.visit("/summer")
    again = LinkTable(yard.records, Caps(yard.clock))
    again.load()
    key = yard.records.rows("SELECT key FROM links WHERE id = ?", (link["id"],))[0]["key"]
    assert list(again.caps.waiting()) == [key]
    again.caps.learn({key: (3, 3)})
    assert again.caps.is_full(key)


@pytest.fixture
def later(yard: Yard) -> Iterator[tuple[Yard, int]]:
    """A link that was clicked twice and gets a limit then."""
    link = yard.add_link("summer")
    for _ in range(2):
        yard.visit("/summer")
    yard.change(Link, link["id"], click_limit=4)
    yield yard, next(iter(yard.table.caps.waiting()))


def test_a_link_that_gets_a_limit_later_counts_what_was_before(later: tuple[Yard, int]) -> None:
    yard, key = later
    yard.now = yard.table.caps.waiting()[key]
    assert yard.visit("/summer").status == 302
    yard.table.caps.learn({key: (2, 2)})
    assert [yard.visit("/summer").status for _ in range(2)] == [302, 410]


def test_a_limit_that_was_taken_away_is_forgotten(later: tuple[Yard, int]) -> None:
    yard, key = later
    row = yard.records.rows("SELECT id FROM links WHERE key = ?", (key,))[0]
    yard.change(Link, row["id"], click_limit=None)
    assert key not in yard.table.caps
    yard.change(Link, row["id"], click_limit=1)
    assert key in yard.table.caps
    with yard.records.transaction(yard.now) as tx:
        write.delete(tx, yard.actor, Link, row["id"])
    yard.table.follow()
    assert key not in yard.table.caps


def test_a_link_made_and_limited_before_it_is_followed_is_not_taken_for_new(yard: Yard) -> None:
    with yard.records.transaction(yard.now) as tx:
        values = parse.creation(Link.fields, {"slug": "summer", "destination": "https://shop.example/"})
        link = write.create(tx, yard.actor, Link, values)
        write.update(tx, yard.actor, Link, link["id"], {"click_limit": 5})
    yard.table.follow()
    assert list(yard.table.caps.waiting()) == [link["key"]]
