"""When a delivery is tried again: the schedule that docs/webhooks.md shows."""

import re
from email.utils import formatdate
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routy.clock import DAY, HOUR, MINUTE, SECOND
from routy.deliveries.backoff import JITTER, LONGEST_MS, MOST_ATTEMPTS, retry_after, wait_ms

GUIDE = Path(__file__).parents[2] / "docs" / "webhooks.md"
UNITS = {"s": SECOND, "min": MINUTE, "h": HOUR}


def documented() -> list[int]:
    """The longest wait before each try, from the guide's table: `| 2 | 10 s |`."""
    rows = re.findall(r"^\| (\d+) \| ((?:\d+ (?:s|min|h) )+)\|", GUIDE.read_text(), re.M)
    assert [int(number) for number, _ in rows] == list(range(2, MOST_ATTEMPTS + 1))
    return [sum(int(n) * UNITS[unit] for n, unit in re.findall(r"(\d+) (\w+)", text)) for _, text in rows]


def test_the_schedule_is_the_documented_one() -> None:
    assert [wait_ms(attempt, 0) for attempt in range(1, MOST_ATTEMPTS)] == documented()


@given(st.integers(1, 1000), st.floats(0, 1))
def test_a_wait_is_at_most_a_fifth_shorter_and_never_longer_than_a_day(attempt: int, draw: float) -> None:
    longest = wait_ms(attempt, 0)
    assert round(longest * (1 - JITTER)) <= wait_ms(attempt, draw) <= longest <= LONGEST_MS == DAY


@given(st.integers(1, 20), st.floats(0, 1), st.integers(0, 10**15))
def test_who_asks_for_more_time_gets_it_up_to_a_day(attempt: int, draw: float, asked: int) -> None:
    assert wait_ms(attempt, draw, asked) == max(wait_ms(attempt, draw), min(asked, DAY))


NOW = 1_795_262_400_000


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("120", 120 * SECOND),
        (" 0 ", 0),
        ("99999999999999999999", DAY),
        (formatdate(NOW / 1000 + 90, usegmt=True), 90 * SECOND),
        (formatdate(NOW / 1000 - 90, usegmt=True), 0),
        (formatdate(NOW / 1000 + 10**8, usegmt=True), DAY),
        *((text, None) for text in (None, "", "soon", "-5", "1.5", "१२", "Sat, 99 Foo 2026 00:00:00 GMT")),
    ],
)
def test_retry_after_is_seconds_or_a_date_or_nothing(text: str | None, ms: int | None) -> None:
    assert retry_after(text, NOW) == ms


@given(st.text(max_size=60))
def test_no_retry_after_is_a_fault(text: str) -> None:
    found = retry_after(text, NOW)
    assert found is None or 0 <= found <= DAY
