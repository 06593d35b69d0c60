import pytest

from routy.clicks.agent import describe
from routy.clicks.click import class_of_agent
from tests.clicks.yard import FIREFOX, GOOGLEBOT, IPHONE, SLACK, Yard

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0"
    " Safari/537.36"
)
ANDROID = (
    "Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile"
    " Safari/537.36"
)
TABLET = CHROME.replace("Windows NT 10.0; Win64; x64", "Linux; Android 15; SM-X910")
IPAD = IPHONE.replace("iPhone; CPU iPhone OS", "iPad; CPU OS")
TV = "Mozilla/5.0 (SMART-TV; Linux; Tizen 8.0) AppleWebKit/537.36 (KHTML, like Gecko) Version/8.0 TV Safari/537.36"
FACEBOOK_APP = IPHONE + " [FBAN/FBIOS;FBAV/440.0.0]"
CUBOT = ANDROID.replace("Pixel 9", "CUBOT X30")


@pytest.mark.parametrize("agent", [FIREFOX, CHROME, IPHONE, ANDROID, TABLET, IPAD, TV, FACEBOOK_APP, CUBOT])
def test_browsers_are_people(agent: str) -> None:
    assert class_of_agent(agent) == "human"


@pytest.mark.parametrize(
    "agent",
    ["", GOOGLEBOT, "curl/8.5.0", "python-requests/2.32", "Wget/1.21", "GPTBot/1.2", "ahrefsbot", "my-spider"],
)
def test_programs_are_bots(agent: str) -> None:
    assert class_of_agent(agent) == "bot"


@pytest.mark.parametrize(
    "agent",
    [SLACK, "facebookexternalhit/1.1", "WhatsApp/2.23.20.0", "TelegramBot (like TwitterBot)", "Discordbot/2.0"],
)
def test_what_unfurls_links_is_a_preview(agent: str) -> None:
    assert class_of_agent(agent) == "preview"


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (FIREFOX, "desktop"), (CHROME, "desktop"), (IPHONE, "mobile"), (ANDROID, "mobile"), (TABLET, "tablet"),
        (IPAD, "tablet"), (TV, "tv"), ("curl/8.5.0", "other"), ("", ""),
    ],
)  # fmt: skip
def test_a_device_is_of_a_kind(agent: str, device: str) -> None:
    assert describe(agent).device == device


def test_method_counts_before_purpose_and_purpose_before_agent(yard: Yard) -> None:
    yard.add_link("summer")
    prefetch = {"HTTP_SEC_PURPOSE": "prefetch"}
    assert yard.visit("/summer", REQUEST_METHOD="HEAD", agent=GOOGLEBOT, **prefetch).status == 302
    yard.visit("/summer", agent=GOOGLEBOT, **prefetch)
    yard.visit("/summer", agent=GOOGLEBOT)
    yard.visit("/summer", agent=SLACK)
    yard.visit("/summer")
    yard.load()
    assert [(row["class"], row["class_reason"]) for row in yard.rows()] == [
        ("head", "method"), ("prefetch", "purpose"), ("bot", "search-engine"), ("preview", "slack"),
        ("human", None),
    ]  # fmt: skip


def test_other_methods_are_no_clicks(yard: Yard) -> None:
    yard.add_link("summer")
    response = yard.visit("/summer", REQUEST_METHOD="POST")
    assert (response.status, response.headers["Allow"]) == (405, "GET, HEAD")
    assert yard.lines() == []


def test_the_id_shown_is_found_again(yard: Yard) -> None:
    yard.add_link("summer")
    for _ in range(20):
        yard.visit("/summer")
        yard.now += 7
    yard.load()
    ids = [row["id"] for row in yard.clicks().rows]
    assert len(set(ids)) == 20
    assert [yard.clicks(id=each).rows[0]["id"] for each in ids] == ids
    assert ids == sorted(ids, reverse=True)
