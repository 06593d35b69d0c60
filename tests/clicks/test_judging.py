"""What a click is taken for once its visitor is known: duplicates, programs in a hurry, uniques."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routy.clicks.storing import Rules
from routy.clock import DAY, MINUTE, SECOND
from tests.clicks.yard import FIREFOX, GOOGLEBOT, IPHONE, START, Yard


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[Yard]:
    """Judges as a server does."""
    yard = Yard(tmp_path, rules=Rules(5, 10))
    yard.add_link("a")
    yard.add_link("b")
    yield yard
    yard.close()


def judged(yard: Yard) -> list[tuple[Any, ...]]:
    yard.load()
    rows = yard.rows("SELECT * FROM clicks ORDER BY clicked_at, segment, line")
    return [(row["class"], row["class_reason"], row["is_unique"], row["is_new"]) for row in rows]


HUMAN = ("human", None, True, True)


def test_the_same_link_again_within_moments_is_a_duplicate(strict: Yard) -> None:
    strict.visit("/a")
    strict.now += 4 * SECOND
    strict.visit("/a")
    strict.now += 5 * SECOND
    strict.visit("/a")
    assert judged(strict) == [HUMAN, ("duplicate", "again", False, False), ("human", None, False, False)]


def test_a_duplicate_is_found_across_loads(strict: Yard) -> None:
    strict.visit("/a")
    strict.load()
    strict.visit("/a")
    assert [row[0] for row in judged(strict)] == ["human", "duplicate"]


def test_another_link_is_no_duplicate_and_its_visitor_not_new(strict: Yard) -> None:
    strict.visit("/a")
    strict.now += SECOND
    strict.visit("/b")
    assert judged(strict) == [HUMAN, ("human", None, True, False)]


def test_a_prefetch_before_the_person_takes_nothing_from_them(strict: Yard) -> None:
    strict.visit("/a", HTTP_SEC_PURPOSE="prefetch")
    strict.now += SECOND
    strict.visit("/a")
    assert judged(strict) == [("prefetch", "purpose", False, False), HUMAN]


def test_more_clicks_in_a_minute_than_people_make_are_a_programs(strict: Yard) -> None:
    for number in range(14):
        strict.now += 2 * SECOND
        strict.visit("/a" if number % 2 else "/b")
    classes = [row[:2] for row in judged(strict)]
    assert classes[10:] == [("bot", "rate")] * 4
    assert ("bot", "rate") not in classes[:10]


def test_the_next_day_a_visitor_is_unique_again(strict: Yard) -> None:
    strict.visit("/a")
    strict.now += DAY
    strict.visit("/a")
    assert judged(strict) == [HUMAN, HUMAN]


def test_bots_are_neither_unique_nor_new(strict: Yard) -> None:
    strict.visit("/a", agent=GOOGLEBOT)
    assert judged(strict)[0][2:] == (False, False)


def test_rules_can_be_switched_off(tmp_path: Path) -> None:
    yard = Yard(tmp_path, rules=Rules(0, 0))
    yard.add_link("a")
    for _ in range(30):
        yard.visit("/a")
    assert {row[0] for row in judged(yard)} == {"human"}
    yard.close()


VISITS = st.lists(
    st.tuples(
        st.sampled_from([0, 1, 1, 3, 8, 40, 90]),  # seconds since the one before
        st.sampled_from(["/a", "/b"]),
        st.sampled_from([FIREFOX, IPHONE, GOOGLEBOT]),
        st.booleans(),  # whether a load follows
    ),
    min_size=1,
    max_size=40,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(visits=VISITS)
def test_it_is_the_same_whether_clicks_come_in_one_load_or_in_many(
    tmp_path_factory: pytest.TempPathFactory, visits: list[tuple[int, str, str, bool]]
) -> None:
    found = []
    for loads in (False, True):
        yard = Yard(tmp_path_factory.mktemp("yard"), now=START, rules=Rules(5, 6))
        yard.add_link("a")
        yard.add_link("b")
        for pause, path, agent, load in visits:
            yard.now += pause * SECOND
            yard.visit(path, agent=agent)
            if load and loads:
                yard.load()
            elif load:
                yard.now += 2 * SECOND  # as a load takes
        found.append(sorted(judged(yard)[: len(visits)], key=str))
        uniques = yard.report(metrics="uniques")["totals"]["uniques"]
        assert uniques == sum(row[3] for row in judged(yard))
        yard.close()
    assert found[0] == found[1]


def test_roll_ups_are_what_the_rows_are(strict: Yard) -> None:
    for number in range(40):
        strict.now += 30 * SECOND
        strict.visit("/a" if number % 3 else "/b", agent=(FIREFOX, IPHONE, GOOGLEBOT)[number % 3])
        if number % 10 == 0:
            strict.load()
    strict.now += 90 * MINUTE
    strict.load()
    with strict.store.reading() as reader:
        rolled = reader.rows(
            "SELECT class, sum(clicks)::INT AS clicks, sum(uniques)::INT AS uniques, sum(new)::INT AS new,"
            f" sum(sent_people)::INT AS people FROM {reader.source('rollups')} GROUP BY class ORDER BY class"
        )
    assert rolled == strict.rows(
        "SELECT class, count(*)::INT AS clicks, count_if(is_unique)::INT AS uniques, count_if(is_new)::INT AS new,"
        " count_if(class_at_answer = 'human')::INT AS people FROM clicks GROUP BY class ORDER BY class"
    )
