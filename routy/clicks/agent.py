"""Who is behind a User-Agent: for the judgement the kind of program, for the loader browser, system and device.

Programs are those of crawler-user-agents and of the rules below, compiled into one matcher in Rust; browsers and
systems are those of uap-core. The lists are data in wheels: no network.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import crawleruseragents
import ua_parser_rs
from ua_parser.core import Domain
from ua_parser.loaders import load_builtins
from ua_parser.regex import Resolver

# ---- classes. Each rule: what an agent holds → what it is; the first that holds decides.

_PEOPLE = (r"SogouM(?:SE|obileBrowser)|coccocbrowser|(?:[\d.]|\) )coccoc$",)  # browsers of firms that crawl as well

_PREVIEWS = (
    ("facebookexternalhit.*Facebot Twitterbot", "imessage"),
    ("SkypeUriPreview|Teams.*LinkPreview", "skype"),
    ("Slackbot|Slack-ImgProxy", "slack"),
    ("WhatsApp", "whatsapp"),
    ("TelegramBot", "telegram"),
    ("Discordbot", "discord"),
    ("LinkedInBot", "linkedin"),
    ("Twitterbot", "twitter"),
    ("line-poker|Linespider", "line"),
    ("kakaotalk-scrap", "kakaotalk"),
    (r"(?i)facebookexternal|Facebot|meta-externalfetcher|cf-facebook", "facebook"),
    ("Pinterestbot|(?i:pinterest\\.com/bot)", "pinterest"),
    ("redditbot", "reddit"),
    ("^Viber", "viber"),
    ("Snap URL Preview Service|SnapURLPreview", "snapchat"),
    ("Mastodon|Friendica|Pleroma|Misskey|Lemmy|SummalyBot", "fediverse"),
    (r"(?i)link[ -]?(?:preview|expand|unfurl|embed|resolver)|unfurl|url[ -]?preview|GoogleMessages/", "preview"),
    (r"^mattermost|Mattermost-Bot|^Rocket\.Chat|ZulipURLPreview|Iframely|Embedly", "preview"),
    ("NotionEmbedder|^(?:Notion|Bluesky|Tumblr)/", "preview"),
)

_SCANNERS = (
    ("(?i)GoogleImageProxy|ggpht\\.com|YahooMailProxy|FastmailUA|Image Fetcher|mail.{0,10} proxy", "mail-proxy"),
    ("(?i)barracuda", "barracuda"),
    ("(?i)proofpoint|urldefense", "proofpoint"),
    ("(?i)mimecast", "mimecast"),
    ("(?i)safe-?links|(?:microsoft|windows|office) ?365? ?defender|Exchange Online Protection", "microsoft"),
    ("(?i)trend ?micro|TMASE|WRS_", "trend-micro"),
    ("(?i)symantec|messagelabs|blue ?coat|cerberian", "symantec"),
    ("(?i)ironport|cisco[- ](?:umbrella|talos|secure email|email)|OpenDNS", "cisco"),
    ("(?i)forti(?:guard|mail|sandbox)|sophos(?:labs|[- ]email|/)|zscaler|forcepoint|websense|trellix", "security"),
    ("(?i)fireeye|mandiant|palo ?alto ?networks|avanan|checkpoint[- ]|vadesecure|vade ?retro", "security"),
    ("(?i)hornetsecurity|spamexperts|spamtitan|cloudmark|ironscales|abnormal ?security|cofense", "security"),
    ("(?i)phish|urlscan|virus ?(?:total|scan|check)|netcraft|bitdefender|kaspersky lab", "security"),
    ("(?i)norton-?safe-?web|safe-?agent-?scanner|webroot|brightcloud|web-?inspector", "security"),
    (r"(?i)safedns|cyberpatrol|filterdb\.iss\.net|Google-Safety|Google-Safe-?Browsing", "security"),
    ("CloudflareRadarURLScanner|developers\\.cloudflare\\.com/security-center", "security"),
)

# Patterns of crawler-user-agents that hold for people too: telephones, a version of Android, a maker of browser
# windows, and browsers inside of apps.
_TOO_WIDE = (
    "Butterfly", "Sonic", r"AP3A\.240617\.008", "Fluid", "Blackboard", "MetaIAB Facebook", "Viber", r"Notion\/",
    r"Bluesky\/", r"Tumblr\/",
)  # fmt: skip

# Programs on a person's device that open links by themselves, before or without a browser.
_APPS = (
    (r"Microsoft Office|MSOffice|ms-office|(?:Word|Excel|PowerPoint|Outlook)/\d+\.\d|MacOutlook", "office"),
    (r"CFNetwork/|^Dalvik/|^[\w .%-]+/[\w.]+ .*Dalvik/|AppleCoreMedia|stagefright", "app"),
)

# What says of itself that it is a program, without being on a list.
_WORDS = (
    (r"(?i)b[o0]t(?:[^a-z]|$)|botu|robot|crawl|spider|scrap(?:e|ing|y)", "bot-word"),
    (r"(?i)headless|phantomjs|selenium|puppeteer|playwright|webdriver|zombie\.js|cypress/", "browser-automation"),
    (r"\.0\.0MQQBrowser|(?i)[(+ ]select[ (]|sleep\(|<\?|\$\{|/etc/passwd|<script", "attack"),
    (r"(?i)https?:/|www\.|[a-z0-9_.+-]+@[a-z0-9-]+\.[a-z]|mailto:| at gmail| at [a-z]+ dot ", "contact"),
    (r"(?i)(?:^|[ (;])[a-z0-9-]{3,}\.(?:com|net|org|info|io)(?:[ /);,]|$)", "contact"),
    (r"\).*\((?i:compatible);|like Gecko[;,] ?compatible|\+; \)", "contact"),
    (r"(?i)check(?:er|ing|\.|$|[ /_-]?\d)|(?:link|health|site)-?check|monitor|validat|uptime", "monitoring"),
    (r"(?i)scan(?:ner|ning)?(?:[^a-z]|$)|page ?speed|synthetic", "monitoring"),
    (r"(?i)PTST|neustar wpm|debugbear|nodemeter|observatory|gomez|siege/|iplabel|dejaclick", "monitoring"),
    (r"(?i)preview|thumb|screen-?shot|screenie|snapshot|web-?snap|snapsearch|capture|mshots", "capture"),
    (r"(?i)wkhtmlto|webkit2|html2|imgsizer|wpif|favicon|analy[sz]er", "capture"),
    (r"(?i)fetch|feed|rss/\d|(?:^|[^a-z0-9])rss(?:[^a-z0-9]|$)|archiv|extractor|harvest|retriev", "bot-word"),
    (r"(?i)index(?:er|ing)|classifier|inspector|transcoder|collector", "bot-word"),
    (r"(?i)seo(?:[^a-z]|$|company)|backlink|searchbyimage|research", "seo"),
    (r"(?i)http[ -]?client|winhttp|urllib|curl|wget|python|okhttp|(?:^|[^a-z])java/\d", "http-library"),
    (r"(?i)node\.js|go-http|request\.|web services client|soap|indy library|jakarta", "http-library"),
    (r"like Gecko[;,] ?Google|Google-[A-Z]|-Google[/)]|Google favicon|google_|BingLocal", "search-engine"),
    (r"(?i)yandex\.translate|claude-web|stumbleupon|daum(?:oa)? ?/?\d|criteo|kimonolabs", "bot-word"),
    (r"(?i)agent/\d|agent \d|\(\w+ agent\)|dts agent", "bot-word"),
)

# Telephones and add-ons of browsers whose names hold such a word.
_WORD = "word: "
_HARMLESS = re.compile(r"cubot|camscanner|from: http://bsalsa\.com", re.IGNORECASE)


# The forms of browsers' agents (RFC 9110, 10.1.5, as browsers came to fill it in).
_PLATFORMS = (
    "Windows|Win[39]|Macintosh|Mac_|Mac OS|X11|Linux|Android|iPhone|iPad|iPod|CrOS|Tizen|Web0S|webOS|BlackBerry"
    "|BB10|PlayBook|PlayStation|PSP|Nintendo|Xbox|Symbian|Series[3-9]|Nokia|Maemo|MeeGo|Bada|KAIOS|Mobile|Tablet"
    "|Smart-?TV|OS/2|Amiga|MorphOS|BeOS|Haiku|RISC|[A-Z]BSD|SunOS|Darwin|Fuchsia|HarmonyOS|OpenHarmony|Sailfish"
    "|Ubuntu|Fedora|Wayland|DirectFB|QNX|Palm|AIX|HP-UX|IRIX|Samsung|SonyEricsson|LGE?-|Vodafone|FOMA|DTV|HbbTV"
    "|OpenTV|WebTV|Willcom|MIDP|NetFront|CrKey|jig browser|U;"
)
_COMPATIBLE = (  # what stands behind "compatible" in a browser's agent; programs put their own name there
    "MSIE|Konqueror|ABrowse|iCab|IBrowse|OmniWeb|NetPositive|Opera|Amiga|AvantGo|Netscape|Dillo|Polaris|Windows|Linux"
    "|SonyEricsson|Nokia|X11|U;|Go\\.Web|Teleca|OSS/"
)
_TELEPHONES = (  # and the like: what does not begin with Mozilla
    "samsung|sec-|nokia|lge?[-/_ ]|mot-|motorola|htc|docomo|kddi|j-phone|softbank|vodafone|sonyericsson|sie-"
    "|alcatel|lenovo|huawei|zte|pantech|blackberry|palm|philips|sagem|sharp|sanyo|kwc|kyocera|amoi|bird|panasonic|nec-"
    "|portalmmm|playstation|nintendo|hbbtv|lynx/|links ?\\(|elinks|w3m/|dillo|netsurf|ncsa|ibrowse|amiga|mobile/"
    "|ucweb|juc|mqqbrowser|netfront|onebrowser"
)
_MOZILLA = r"^M(?:ozilla|OZILLA)/\d+[.,]\d+"
_FORMS = (
    (rf"{_MOZILLA} ?\((?i:compatible)[;,] *(?i:{_COMPATIBLE})", "human"),
    (rf"{_MOZILLA} ?\((?i:compatible)[;,]", "bot not-a-browser"),
    (rf"{_MOZILLA}[^)]*(?i:{_PLATFORMS})|{_MOZILLA} \(;;;.*HbbTV|^Opera[/ ]", "human"),
    (r"^[\w ]+/[\d.]+ Mozilla/5\.0 \([^)]*; wv\)", "human"),
    (f"(?i)^(?:{_TELEPHONES})", "human"),
    ("(?i)mozilla/", "bot not-a-browser"),
    (r"(?i)midp|maui|up\.browser|up\.link|obigo|teleca|ucbrowser|opera mini|applewebkit/", "human"),
)


def kind(agent: str) -> tuple[str, str]:
    """Class (human · preview · scanner · bot) and reason of an agent; the reason of a human is empty.

    Known programs come first, then what calls itself one; what has not the form of a browser's agent is none.
    """
    found = _matcher().extract(agent)
    if found and found.family.startswith(_WORD) and _HARMLESS.search(agent):
        found = _matcher().extract(_HARMLESS.sub("", agent))
    class_, _, reason = found.family.removeprefix(_WORD).partition(" ") if found else ("bot", "", "not-a-browser")
    return class_, reason


@cache
def _matcher() -> ua_parser_rs.UserAgentExtractor:
    return ua_parser_rs.UserAgentExtractor([(pattern, name, None, None, None, None) for pattern, name in _rules()])


def _rules() -> Iterator[tuple[str, str]]:
    yield from ((pattern, "human") for pattern in _PEOPLE)
    yield from ((pattern, f"preview {reason}") for pattern, reason in _PREVIEWS)
    yield from ((pattern, f"scanner {reason}") for pattern, reason in _SCANNERS)
    for known in crawleruseragents.load_json():
        reason = (known.get("tags") or ["bot"])[0]
        if known["pattern"] not in _TOO_WIDE:
            yield known["pattern"], f"{'preview' if reason == 'social-preview' else 'bot'} {reason}"
    yield from ((pattern, f"bot {reason}") for pattern, reason in _APPS)
    yield from ((pattern, f"{_WORD}bot {reason}") for pattern, reason in _WORDS)
    yield from _FORMS


# ---- browser, system, device


class Agent(NamedTuple):
    browser: str
    os: str
    device: str


@cache
def _resolver() -> Resolver:
    return Resolver(load_builtins())


def describe(agent: str) -> Agent:
    """Browser family, system family and one of mobile · tablet · desktop · tv · other; empty where unknown."""
    parsed = _resolver()(agent, Domain.USER_AGENT | Domain.OS)
    os = parsed.os.family if parsed.os else ""
    return Agent(parsed.user_agent.family if parsed.user_agent else "", os, _device(agent, os))


_TV = re.compile(r"smart-?tv|\btv\b|appletv|googletv|hbbtv|bravia|roku|web0s|crkey|aft[a-z]", re.IGNORECASE)
_TABLET = re.compile(r"ipad|tablet|kindle|silk/|playbook", re.IGNORECASE)
_MOBILE = re.compile(r"mobi|iphone|ipod|windows phone|blackberry|opera mini", re.IGNORECASE)
_DESKTOP = ("Windows", "Mac OS X", "Linux", "Chrome OS", "Ubuntu", "Fedora", "Debian", "FreeBSD", "OpenBSD")


def _device(agent: str, os: str) -> str:
    if _TV.search(agent):
        return "tv"
    if _TABLET.search(agent) or (os == "Android" and "Mobile" not in agent):
        return "tablet"
    if _MOBILE.search(agent):
        return "mobile"
    return "desktop" if os in _DESKTOP else "other" if agent else ""
