"""What is usual at that hour of that weekday, a figure far from it, and silence."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routy.alerts.figures import see
from routy.alerts.judging import change, silence, usual_of
from routy.alerts.windows import QUARTER, running, weeks_before, whole
from routy.clock import DAY, MINUTE, SECOND, parse_iso
from tests.alerts.watch import Watch
from tests.house import START

AN_HOUR = {"window_minutes": 60}


def used_to(watch: Watch, *times: int) -> None:
    """So many clicks in this hour of the last weeks, the latest first; the alert comes after them."""
    for week in range(len(times), 0, -1):
        watch.weeks_ago(week, times[week - 1])
    watch.now = START


# ---- silence


def test_silence_fires_where_there_usually_is_something_and_ends_with_the_first_click(watch: Watch) -> None:
    used_to(watch, 8, 9, 7)
    alert = watch.alert(kind="silence", least_usual=5, name="Silence", **AN_HOUR)
    watch.at(59)
    assert watch.told() == []
    watch.at(61)
    assert watch.told() == ["fired"]
    shown = watch.state(alert)
    assert (shown["figure"], shown["usual"]) == (0, 8)
    watch.now = START + 70 * MINUTE
    watch.click(1)
    watch.at(76)
    assert watch.told() == ["fired", "resolved"]


def test_where_there_usually_is_little_silence_says_nothing(watch: Watch) -> None:
    used_to(watch, 4, 4, 4)
    watch.alert(kind="silence", least_usual=5, **AN_HOUR)
    watch.at(61)
    assert watch.told() == []


def test_a_night_without_usual_clicks_does_not_end_a_silence(watch: Watch) -> None:
    used_to(watch, 8, 8)
    watch.alert(kind="silence", least_usual=5, **AN_HOUR)
    for hours in range(1, 12):
        watch.at(hours * 60 + 1)
    assert watch.told() == ["fired"]


def test_what_began_a_week_ago_has_no_usual_figure_yet(watch: Watch) -> None:
    used_to(watch, 50)
    alert = watch.alert(kind="silence", least_usual=5, **AN_HOUR)
    watch.at(61)
    assert (watch.told(), watch.state(alert)["usual"]) == ([], None)


# ---- change


def test_a_figure_far_below_the_usual_fires_and_is_over_when_it_is_back(watch: Watch) -> None:
    used_to(watch, 10, 12, 10, 2)
    alert = watch.alert(kind="change", direction="down", percent=50, least_usual=5, **AN_HOUR)
    watch.now = START + 20 * MINUTE
    watch.click(5)
    watch.at(61)
    assert watch.told() == ["fired"]
    assert (watch.state(alert)["figure"], watch.state(alert)["usual"]) == (5, 10)
    watch.now = START + 62 * MINUTE
    watch.click(12)
    watch.at(76)
    assert watch.told() == ["fired", "resolved"]


def test_a_figure_far_above_the_usual_is_none_of_who_only_looks_down(watch: Watch) -> None:
    used_to(watch, 6, 6)
    watch.alert(kind="change", direction="down", percent=50, least_usual=5, **AN_HOUR)
    up = watch.alert(kind="change", direction="up", percent=50, least_usual=5, **AN_HOUR)
    both = watch.alert(kind="change", least_usual=5, **AN_HOUR)
    watch.now = START + 20 * MINUTE
    watch.click(9)
    watch.at(61)
    assert [watch.state(one)["state"] for one in (up, both)] == ["firing"] * 2
    assert watch.told() == ["fired"] * 2


def test_one_odd_week_does_not_change_what_is_usual(watch: Watch) -> None:
    used_to(watch, 10, 10, 0, 10)
    watch.alert(kind="change", percent=50, least_usual=5, **AN_HOUR)
    watch.now = START + 20 * MINUTE
    watch.click(10)
    watch.at(61)
    assert watch.told() == []


def test_uniques_and_filters_have_their_usual_figure_too(watch: Watch) -> None:
    used_to(watch, 6, 6)
    watch.alert(kind="silence", metric="uniques", filters="device=desktop", least_usual=5, **AN_HOUR)
    watch.alert(kind="silence", metric="uniques", filters="device=mobile", least_usual=5, **AN_HOUR)
    watch.at(61)
    assert watch.told() == ["fired"]


def test_weeks_of_which_retention_has_taken_rows_are_not_known() -> None:
    """The latest week is whole, of the one before some rows are gone."""
    taken = [None, None, None, "2026-11-01T00:00:00.000Z", None]
    clicks = [0, 10, 12, 1, 14]
    reports = [{"totals": {"clicks": n}, "detail_from": since} for n, since in zip(clicks, taken, strict=True)]
    alert = {"kind": "silence", "metric": "clicks", "filters": "", "subject_id": None, "workspace_id": "ws_1"}
    rule = {**alert, "window_minutes": 60, "weeks": 4, "least_usual": 5}
    seen = see(lambda actor, asked: reports, rule, {"judged_to": 0, "event_seq": 0}, "UTC", START, START)
    assert (seen.sights[0].wrong, seen.sights[0].usual) == (True, 12)


# ---- the judgement alone


@pytest.mark.parametrize(
    ("direction", "figure", "wrong", "clear"),
    [("both", 50, True, False), ("both", 150, True, False), ("both", 51, False, False), ("both", 60, False, True),
     ("up", 50, False, True), ("up", 150, True, False), ("down", 50, True, False), ("down", 150, False, True),
     ("down", 0, True, False), ("up", 145, False, False)],
)  # fmt: skip
def test_a_change_is_clear_at_four_fifths_of_its_per_cent(
    direction: str, figure: int, wrong: bool, clear: bool
) -> None:
    rule = {"kind": "change", "direction": direction, "percent": 50, "least_usual": 20}
    sight = change(rule, figure, 100)
    assert (sight.wrong, sight.clear) == (wrong, clear)


def test_without_a_basis_nothing_is_said() -> None:
    rule = {"kind": "change", "direction": "both", "percent": 50, "least_usual": 20}
    assert [change(rule, 0, usual).wrong for usual in (None, 0, 19)] == [None] * 3
    assert [silence(rule, 0, usual).wrong for usual in (None, 19, 20)] == [None, None, True]


def test_the_usual_figure_is_the_median_of_the_weeks_that_are_known() -> None:
    assert usual_of([10, 400, 12]) == 12
    assert usual_of([10, 12]) == 11
    assert usual_of([10, None, 12, None]) == 11
    assert usual_of([10, 12, 0, 0]) == 11, "weeks before the first that had anything"
    assert usual_of([0, 0, 0, 12]) == 0
    assert [usual_of(figures) for figures in ([], [10], [10, 0, 0], [None, 10])] == [None] * 4


@given(watermark=st.integers(10 * DAY, 10**13), minutes=st.sampled_from([15, 60, 1440]), lag=st.integers(0, DAY))
def test_windows_end_at_quarters_and_never_beyond_what_is_known(watermark: int, minutes: int, lag: int) -> None:
    over, ahead = whole(watermark, minutes), running(watermark, minutes, watermark + lag)
    assert over.to_ms % QUARTER == 0 and watermark - QUARTER < over.to_ms <= watermark
    assert over.to_ms - over.from_ms == minutes * MINUTE
    assert ahead.from_ms == over.from_ms + QUARTER and ahead.from_ms < ahead.to_ms <= over.to_ms + QUARTER


@given(
    at=st.integers(parse_iso("2024-01-01"), parse_iso("2027-01-01")),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"]),
)
def test_the_weeks_before_begin_at_the_same_local_time(at: int, zone: str) -> None:
    window = whole(at, 60)
    begin = datetime.fromtimestamp(window.from_ms / SECOND, ZoneInfo(zone))
    for week, earlier in enumerate(weeks_before(window, 4, zone), 1):
        then = datetime.fromtimestamp(earlier.from_ms / SECOND, ZoneInfo(zone))
        assert earlier.to_ms - earlier.from_ms == 60 * MINUTE
        assert (
            abs((begin.replace(tzinfo=None) - then.replace(tzinfo=None)).total_seconds() - week * 604_800) <= 3600
        )
        exists = then.utcoffset() == then.replace(fold=1 - then.fold).utcoffset()
        assert not exists or (then.weekday(), then.hour, then.minute) == (begin.weekday(), begin.hour, begin.minute)
