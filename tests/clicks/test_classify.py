"""The judgement of agents, held against lists that its rules do not come from."""

from collections import Counter
from pathlib import Path

import pytest

from routy.clicks import agent as rules
from routy.clicks.classify import RULES_VERSION, judge_agent
from routy.resources.clicks import CLASSES
from routy.resources.explained import explain
from tests.clicks.measured import CORPUS, corpus, counted, share, tables, wrong

DOCS = Path(__file__).parents[2] / "docs"
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
CHROME = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/142.0.0.0 Safari/537.36"
PHONE = f"Mozilla/5.0 (Linux; Android 15; SM-S931B) {WEBKIT} Chrome/142.0.0.0 Mobile Safari/537.36"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"


def test_of_crawlers_no_more_than_one_in_a_hundred_passes_for_a_person() -> None:
    assert len(counted("crawlers")) >= 5_000
    assert share(counted("crawlers")) <= 0.01
    assert share(counted("crawlers", held_out=True)) <= 0.01


def test_of_browsers_no_more_than_one_in_two_hundred_is_taken_for_a_program() -> None:
    assert len(counted("browsers")) >= 5_000
    assert share(counted("browsers")) <= 0.005
    assert share(counted("browsers", held_out=True)) <= 0.005


def test_no_browser_of_todays_traffic_is_taken_for_a_program() -> None:
    todays = [row for row in counted("browsers") if row.list in ("user-agents", "top-user-agents")]
    assert len(todays) > 1_000 and wrong(todays) == []


def test_the_document_shows_what_is_measured() -> None:
    text = (DOCS / "classes.md").read_text()
    for table in tables():
        assert table in text, table


def test_every_row_that_is_set_aside_is_in_the_corpus_and_its_reason_is_explained() -> None:
    lines = (CORPUS / "set_aside.tsv").read_text().splitlines()[1:]
    aside = [row for row in corpus() if row.aside]
    readme = (CORPUS / "README.md").read_text()
    assert len(lines) == len(aside)
    for reason, rows in Counter(row.aside for row in aside).items():
        assert f"| `{reason}` | {rows} |" in readme


def test_every_list_of_the_corpus_tells_its_source_and_licence() -> None:
    readme = (CORPUS / "README.md").read_text()
    for file in CORPUS.glob("*/*.txt"):
        assert f"`{file.parent.name}/{file.name}` | {len(file.read_text().splitlines())} |" in readme


# ---- who is who


@pytest.mark.parametrize(
    ("agent", "judged"),
    [
        ("Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", ("preview", "slack")),
        ("Slack-ImgProxy (+https://api.slack.com/robots)", ("preview", "slack")),
        ("WhatsApp/2.24.20.89 A", ("preview", "whatsapp")),
        ("TelegramBot (like TwitterBot)", ("preview", "telegram")),
        ("Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)", ("preview", "discord")),
        ("Twitterbot/1.0", ("preview", "twitter")),
        ("LinkedInBot/1.0 (compatible; Mozilla/5.0; Jakarta Commons-HttpClient/3.1)", ("preview", "linkedin")),
        ("facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", ("preview", "facebook")),
        ("Mozilla/5.0 (Windows NT 6.1) SkypeUriPreview Preview/0.5", ("preview", "skype")),
        (f"{MAC} Safari/605.1.15 facebookexternalhit/1.1 Facebot Twitterbot/1.0", ("preview", "imessage")),
        ("facebookexternalhit/1.1;line-poker/1.0", ("preview", "line")),
        ("Mozilla/5.0 (compatible; redditbot/1.0; +http://www.reddit.com/feedback)", ("preview", "reddit")),
        ("Viber/13.3.0 CFNetwork/1126", ("preview", "viber")),
        ("Mozilla/5.0 (compatible; Barracuda Sentinel (EE))", ("scanner", "barracuda")),
        ("Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko (via ggpht.com GoogleImageProxy)", ("scanner", "mail-proxy")),
        ("YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html", ("scanner", "mail-proxy")),
        ("SpamExperts/128741 (Virus Scan)", ("scanner", "security")),
        ("Norton-Safeweb", ("scanner", "security")),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", ("bot", "search-engine")),
        ("Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)", ("bot", "ai-crawler")),
        ("curl/8.11.0", ("bot", "http-library")),
        ("python-requests/2.32.3", ("bot", "http-library")),
        (f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} HeadlessChrome/142.0.0.0", ("bot", "browser-automation")),
        ("Microsoft Office Existence Discovery", ("bot", "office")),
        ("Mozilla/4.0 (compatible; ms-office; MSOffice 16)", ("bot", "office")),
        ("Dalvik/2.1.0 (Linux; U; Android 15; SM-S931B)", ("bot", "app")),
        (f"{CHROME} (compatible; Example/1.0)", ("bot", "contact")),
        ("Example/1.0", ("bot", "not-a-browser")),
        ("Mozilla/5.0", ("bot", "not-a-browser")),
        ("Mozilla/5.0 (compatible; Example/1.0; Windows NT 10.0)", ("bot", "not-a-browser")),
        (CHROME.lower(), ("bot", "not-a-browser")),
        ("", ("bot", "none")),
        ("  ", ("bot", "none")),
        ("-", ("bot", "not-a-browser")),
    ],
)  # fmt: skip
def test_a_program_is_told_by_its_agent(agent: str, judged: tuple[str, str]) -> None:
    assert judge_agent(agent) == judged


@pytest.mark.parametrize(
    "agent",
    [
        CHROME,
        PHONE,
        f"{PHONE} [FB_IAB/FB4A;FBAV/490.0.0.63.82;] MetaIAB Facebook",
        f"{PHONE} Instagram 410.0.0.0 Android (35/15; 480dpi; 1080x2340; samsung; SM-S931B)",
        f"{PHONE} Viber/25.1",
        f"{PHONE} CamScanner/6.1",
        PHONE.replace("SM-S931B", "CUBOT NOTE 30"),
        PHONE.replace("SM-S931B", "HTC Butterfly"),
        PHONE.replace("SM-S931B", "CPH2557 Build/AP3A.240617.008; wv"),
        f"{PHONE} SogouMSE,SogouMobileBrowser/5.29",
        "Opera/9.80 (Android; Opera Mini/36.2/119.132; U; en) Presto/2.12.423 Version/12.16",
        "Lynx/2.9.2 libwww-FM/2.14 SSL-MM/1.4.1 OpenSSL/3.0.13",
        "NokiaN70-1/5.0609.2.0.1 Series60/2.8 Profile/MIDP-2.0 Configuration/CLDC-1.1",
        f"Mozilla/5.0 (PlayStation; PlayStation 5/9.20) {WEBKIT} Version/15.4 Safari/605.1.15",
        f"Mozilla/5.0 (Web0S; Linux/SmartTV) {WEBKIT} Chrome/108.0.5359.211 Safari/537.36",
        f"{MAC} Version/18.1 Safari/605.1.15",
    ],
)  # fmt: skip
def test_people_are_people_whatever_their_telephone_is_called(agent: str) -> None:
    assert judge_agent(agent) == ("human", "")


def test_a_harmless_word_does_not_hide_a_bot() -> None:
    assert judge_agent(f"{PHONE.replace('SM-S931B', 'CUBOT X')} examplebot/1.0")[0] == "bot"


@pytest.mark.parametrize(
    "agent",
    ["Mozilla/5.0 (" + "a " * 505, "x/1 " * 256, "Mozilla/5.0 " + "Win" * 337, "(" * 1024, "\x7f\ufffd" * 512],
)
def test_any_text_gets_a_class(agent: str) -> None:
    assert judge_agent(agent)[0] in ("human", "bot")


def test_patterns_that_are_left_out_are_still_those_of_the_package() -> None:
    listed = {known["pattern"] for known in rules.crawleruseragents.load_json()}
    assert set(rules._TOO_WIDE) <= listed


# ---- in plain words


def test_every_class_and_every_reason_of_the_corpus_has_a_sentence_of_its_own() -> None:
    found = {judge_agent(row.agent) for row in corpus()} | {(each, "") for each in CLASSES}
    for kind, reason in found:
        sentence = explain(kind, reason)
        assert sentence[0].isupper() or sentence.startswith("iMessage")
        assert sentence.endswith(".") and "was judged" not in sentence
    bots = {reason for kind, reason in found if kind == "bot"} - {""}
    assert len({explain("bot", reason) for reason in bots}) == len(bots)


def test_the_sentence_names_the_rules_that_judged() -> None:
    assert (
        explain("bot", "none", RULES_VERSION)
        == f"It sent no agent, as browsers always do. (Rules version {RULES_VERSION}.)"
    )
    assert explain("preview", "slack") == "Slack looked at the link to show a preview of it."
    assert explain("datacenter", "AS24940 Hetzner") == (
        "Its address belongs to a datacenter (AS24940 Hetzner), where programs run and few people browse."
    )
    assert explain("human", None) and explain("a class of tomorrow", "x") == "It was judged a class of tomorrow."
