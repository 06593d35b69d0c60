"""A figure beyond a value: when it fires, when it is over, and that it does so once."""

from pathlib import Path
from typing import Any

import pytest

from routy.alerts.judging import threshold
from routy.alerts.looking import alert_once
from routy.clock import HOUR, MINUTE, iso
from tests.alerts.watch import HOME, Watch
from tests.house import START, House


def test_too_many_clicks_fire_once_as_soon_as_they_are_known(watch: Watch) -> None:
    alert = watch.alert(value=3)
    watch.at(1)
    watch.click(3)
    watch.at(2)
    assert watch.told() == []
    watch.click(1)
    watch.at(4)
    assert watch.told() == ["fired"]
    shown = watch.state(alert)
    assert (shown["state"], shown["figure"], shown["usual"], shown["firing"]) == ("firing", 4, 3, [])
    assert watch.now >= START + 4 * MINUTE and shown["fired_at"] == iso(watch.now)
    for minute in (5, 6, 20, 40):
        watch.at(minute)
    assert watch.told() == ["fired"]
    assert shown["version"] == watch.state(alert)["version"] == 1, "how it stands is no change of the rule"


def test_it_is_resolved_when_the_window_has_gone_by_and_fires_again_the_next_time(watch: Watch) -> None:
    alert = watch.alert(value=3)
    watch.at(1)
    watch.click(5)
    watch.at(3)
    watch.at(59)
    assert watch.told() == ["fired"]
    watch.at(76)
    assert watch.told() == ["fired", "resolved"]
    shown = watch.state(alert)
    assert (shown["state"], shown["figure"], shown["resolved_at"]) == ("ok", 0, iso(watch.now))
    watch.click(5)
    watch.at(78)
    assert watch.told() == ["fired", "resolved", "fired"]


def test_the_event_says_what_is_so_since_when_and_the_rule(watch: Watch) -> None:
    alert = watch.alert(value=3, name="Busy")
    watch.at(1)
    watch.click(5)
    watch.at(3)
    told = watch.last_told()
    assert (told["id"], told["name"], told["state"], told["value"]) == (alert["id"], "Busy", "firing", 3)
    assert (told["figure"], told["usual"], told["about_id"], told["since"]) == (5, 3, None, iso(watch.now))
    event = watch.call("GET", "/events", type="alert.fired").data[0]
    assert (event["record_id"], event["actor"]) == (alert["id"], "system")


def test_only_clicks_that_the_filters_let_through_count(watch: Watch) -> None:
    other = watch.link("winter")
    alert = watch.alert(value=1, filters="utm_source=letter&class=any")
    mine = watch.alert(value=1, subject_id=other["id"], name="Winter")
    watch.at(1)
    watch.click(3)
    watch.click(2, "winter")
    watch.at(4)
    assert (watch.state(alert)["state"], watch.state(mine)["state"]) == ("ok", "firing")


def test_too_few_are_only_judged_when_the_window_is_over_and_all_of_it_is_known(watch: Watch) -> None:
    watch.now = START + MINUTE
    watch.click(5)
    alert = watch.alert(value=2, operator="lt")
    watch.at(59)
    assert watch.told() == [], "the hour before began without anybody, but held five in the end"
    watch.at(61)
    assert watch.told() == []
    watch.at(76)
    assert watch.told() == ["fired"]
    assert watch.state(alert)["figure"] == 0


def test_nothing_is_judged_while_clicks_wait_in_the_spool(watch: Watch) -> None:
    watch.now = START + MINUTE
    watch.click(5)
    watch.alert(value=2, operator="lt")
    watch.at(61)
    before = watch.app.loader.watermark
    watch.now += 2 * HOUR
    while alert_once(watch.app.alerts):
        pass
    assert watch.app.loader.watermark == before
    assert watch.told() == []


def test_two_alerts_do_not_stand_in_each_others_way(watch: Watch) -> None:
    broken = watch.alert(value=1, name="Broken")
    watch.alert(value=1, name="Whole")
    watch.records.script(f"UPDATE alerts SET filters = 'nothing=such' WHERE id = '{broken['id']}'")
    watch.at(1)
    watch.click(3)
    watch.at(4)
    assert watch.told() == ["fired"]
    shown = watch.state(broken)
    assert (shown["state"], "nothing" in shown["problem"]) == ("ok", True)


def test_a_report_that_fails_neither_fires_nor_resolves_and_is_asked_again(watch: Watch) -> None:
    alert = watch.alert(value=1)
    watch.at(1)
    watch.click(3)
    watch.at(3)
    watch.app.clicks.close()
    watch.now = START + 2 * HOUR
    while alert_once(watch.app.alerts):
        pass
    assert watch.told() == ["fired"]
    assert watch.state(alert)["problem"] is not None
    watch.app.clicks.open()
    watch.now += 2 * MINUTE
    watch.look()
    assert watch.told() == ["fired", "resolved"]
    assert watch.state(alert)["problem"] is None


def test_a_changed_rule_is_judged_at_once(watch: Watch) -> None:
    alert = watch.alert(value=100)
    watch.at(1)
    watch.click(3)
    watch.at(31)
    assert watch.told() == []
    watch.call("PATCH", f"/alerts/{alert['id']}", {"value": 2})
    watch.look()
    assert watch.told() == ["fired"]
    watch.call("PATCH", f"/alerts/{alert['id']}", {"value": 100})
    watch.look()
    assert watch.told() == ["fired", "resolved"]


# ---- once, whatever happens


def test_a_restart_tells_nothing_twice(tmp_path: Path) -> None:
    watch = Watch(tmp_path)
    watch.alert(value=1, notify="owner")
    watch.at(1)
    watch.click(3)
    watch.at(3)
    watch.close()
    again = House(tmp_path, mail=HOME, empty=True)
    again.now = START + 6 * MINUTE
    again.load()
    while alert_once(again.app.alerts):
        pass
    told = again.records.rows("SELECT 1 FROM events WHERE type = 'alert.fired'")
    assert (len(told), len(again.records.rows("SELECT 1 FROM notifications"))) == (1, 1)
    again.close()


def test_of_two_workers_that_looked_at_the_same_time_one_tells(watch: Watch) -> None:
    alert = watch.alert(value=1, notify="owner")
    watch.at(1)
    watch.click(3)
    sources, looks = watch.app.alerts, []

    def slowly(*asked: Any) -> Any:
        """While the first one still counts, a second one looks at the same alert."""
        made = watch.app.asking.batch(*asked)
        looks.append(len(looks))
        if len(looks) == 1:
            watch.click(2)
            assert alert_once(sources)
        return made

    watch.now += 3 * MINUTE
    object.__setattr__(sources, "batch", slowly)
    alert_once(sources)
    assert looks == [0, 1]
    assert (watch.told(), watch.notices()) == (["fired"], ["Clicks"])
    assert watch.state(alert)["figure"] == 5, "what the slower one saw is old"


def test_a_look_at_a_rule_that_was_changed_meanwhile_does_not_count(watch: Watch) -> None:
    alert = watch.alert(value=1)
    watch.at(1)
    watch.click(3)
    sources = watch.app.alerts

    def slowly(*asked: Any) -> Any:
        made = watch.app.asking.batch(*asked)
        watch.call("PATCH", f"/alerts/{alert['id']}", {"value": 1000})
        return made

    watch.now += 3 * MINUTE
    object.__setattr__(sources, "batch", slowly)
    alert_once(sources)
    assert watch.told() == []


def test_when_the_event_cannot_be_written_nothing_has_happened(watch: Watch) -> None:
    alert = watch.alert(value=1, notify="owner", emails=["ada@acme.example"])
    watch.at(1)
    watch.click(3)
    watch.now += 3 * MINUTE
    watch.records.script("CREATE TRIGGER refuse BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'no room'); END")
    with pytest.raises(Exception, match="no room"):
        alert_once(watch.app.alerts)
    assert (watch.state(alert)["state"], watch.notices(), watch.mails()) == ("ok", [], [])
    watch.records.script("DROP TRIGGER refuse")
    alert_once(watch.app.alerts)
    assert (watch.told(), watch.notices(), len(watch.mails())) == (["fired"], ["Clicks"], 1)


# ---- hysteresis


def rule(operator: str, value: int) -> Any:
    return {"kind": "threshold", "operator": operator, "value": value}


@pytest.mark.parametrize(
    ("operator", "value", "figure", "wrong", "clear"),
    [("gt", 100, 101, True, False), ("gt", 100, 100, False, False), ("gt", 100, 91, False, False),
     ("gt", 100, 90, False, True), ("gte", 100, 100, True, False), ("gte", 1, 0, False, True),
     ("lt", 100, 99, True, False), ("lt", 100, 100, False, False), ("lt", 100, 110, False, True),
     ("lte", 0, 0, True, True), ("lte", 0, 1, False, True), ("lt", 1, 1, False, False), ("lt", 1, 2, False, True)],
)  # fmt: skip
def test_it_is_clear_of_the_limit_at_a_tenth_beyond_it(
    operator: str, value: int, figure: int, wrong: bool, clear: bool
) -> None:
    sight = threshold(rule(operator, value), figure, None)
    assert (sight.wrong, sight.clear) == (wrong, clear)


def test_near_the_limit_it_takes_four_quiet_windows_to_be_over(watch: Watch) -> None:
    alert = watch.alert(value=10, window_minutes=15)
    watch.at(1)
    watch.click(11)
    watch.at(3)
    states = []
    for quarter in range(1, 7):
        watch.now = START + (15 * quarter + 5) * MINUTE
        watch.click(10)
        watch.at(15 * quarter + 7)
        watch.at(15 * quarter + 9)
        states.append(watch.state(alert)["state"])
    assert watch.told() == ["fired", "resolved"]
    assert states == ["firing"] * 4 + ["ok"] * 2
