"""What the loader reads out of an agent for reports."""

import pytest

from routy.clicks.agent import describe, kind

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
CHROME = f"{WEBKIT} Chrome/142.0.0.0"


IOS = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1"


@pytest.mark.parametrize(
    ("agent", "told"),
    [
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME} Safari/537.36", "Chrome Windows desktop"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox Linux desktop"),
        (f"Mozilla/5.0 (Linux; Android 14; SM-X716B) {CHROME} Safari/537.36", "Chrome Android tablet"),
        (f"Mozilla/5.0 (Linux; Android 15; K) {CHROME} Mobile Safari/537.36", "Chrome Mobile Android mobile"),
        (f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) {IOS}", "Mobile Safari iOS mobile"),
        (f"Mozilla/5.0 (iPad; CPU OS 17_6 like Mac OS X) {IOS}", "Mobile Safari iOS tablet"),
        (f"Mozilla/5.0 (Web0S; Linux/SmartTV) {WEBKIT} Chrome/108.0.5359.211 Safari/537.36", "Chrome Web0S tv"),
        ("Example/1.0", "  other"),
        ("", "  "),
    ],
)  # fmt: skip
def test_an_agent_tells_browser_system_and_device(agent: str, told: str) -> None:
    assert " ".join(describe(agent)) == told


def test_the_first_rule_that_holds_decides() -> None:
    assert kind("Slackbot 1.0 Googlebot/2.1 (+https://example.com)") == ("preview", "slack")
    assert kind("barracuda Googlebot/2.1") == ("scanner", "barracuda")
    assert kind("Mozilla/5.0 (Windows NT 10.0) Googlebot/2.1 examplebot") == ("bot", "search-engine")
