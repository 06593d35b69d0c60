"""Why a click has its class, in plain words: what each class and reason means to a person who asks about one."""

_APP_NAMES = {
    "discord": "Discord", "facebook": "Facebook", "fediverse": "a server of the fediverse", "imessage": "iMessage",
    "kakaotalk": "KakaoTalk", "line": "LINE", "linkedin": "LinkedIn", "pinterest": "Pinterest", "reddit": "Reddit",
    "skype": "Skype or Teams", "slack": "Slack", "snapchat": "Snapchat", "telegram": "Telegram",
    "twitter": "X (Twitter)", "viber": "Viber", "whatsapp": "WhatsApp",
}  # fmt: skip

_SCANNER_NAMES = {
    "barracuda": "Barracuda", "cisco": "Cisco", "mail-proxy": "a mail service's proxy", "microsoft": "Microsoft",
    "mimecast": "Mimecast", "proofpoint": "Proofpoint", "security": "a security product", "symantec": "Symantec",
    "trend-micro": "Trend Micro",
}  # fmt: skip

_BOTS = {
    "academic": "Its agent is on the list of crawlers for research.",
    "advertising": "Its agent is on the list of crawlers of advertisers.",
    "ai-crawler": "Its agent is on the list of crawlers for AI.",
    "app": "An app on a device asked for the link by itself; no browser opened it.",
    "archiver": "Its agent is on the list of archives.",
    "attack": "Its agent is a probe for weaknesses or a known forgery.",
    "bot": "Its agent is on the list of crawlers.",
    "bot-word": "Its agent calls itself a bot, crawler or the like.",
    "browser-automation": "Its agent is a browser that a program drives.",
    "capture": "Its agent makes pictures or copies of pages.",
    "contact": "Its agent names a web page or mail address to complain to, as programs do and browsers do not.",
    "feed-reader": "Its agent reads feeds.",
    "http-library": "Its agent is a library or tool for programmers.",
    "monitoring": "Its agent watches or checks web sites.",
    "none": "It sent no agent, as browsers always do.",
    "not-a-browser": "Its agent has not the form that browsers' agents have.",
    "office": "An office program looked at the link before a browser opened it.",
    "rate": "Its visitor clicked more often in a minute than a person would.",
    "scanner": "Its agent is on the list of scanners for weaknesses.",
    "search-engine": "Its agent belongs to a search engine.",
    "seo": "Its agent is on the list of crawlers of marketing tools.",
}

_CLASSES = {
    "human": "Nothing speaks against a person with a browser.",
    "bot": "A program clicked.",
    "prefetch": "A browser fetched the link ahead of a person, who had not clicked it.",
    "preview": "An app or site looked at the link to show a preview of it.",
    "scanner": "A security product looked at the link before a person could.",
    "head": "It asked with HEAD, for the headers only, as programs do.",
    "datacenter": "Its address belongs to a datacenter, where programs run and few people browse.",
    "duplicate": "The same visitor had clicked the same link a moment before.",
    "self": "Its address is among those that the workspace does not count.",
    "test": "It was made to test the link.",
}


def explain(kind: str, reason: str | None, version: int | None = None) -> str:
    """One sentence on why a click has its class, and by which version of the rules; any class and reason do."""
    sentence = _sentence(kind, reason or "")
    return f"{sentence} (Rules version {version}.)" if version else sentence


def _sentence(kind: str, reason: str) -> str:
    if kind == "bot" and reason in _BOTS:
        return _BOTS[reason]
    if kind == "preview" and reason in _APP_NAMES:
        return f"{_first_upper(_APP_NAMES[reason])} looked at the link to show a preview of it."
    if kind == "scanner" and reason in _SCANNER_NAMES:
        return f"{_first_upper(_SCANNER_NAMES[reason])} looked at the link before a person could."
    if kind == "datacenter" and reason.startswith("AS"):
        return f"Its address belongs to a datacenter ({reason}), where programs run and few people browse."
    return _CLASSES.get(kind, f"It was judged {kind}.")


def _first_upper(text: str) -> str:
    return text if text.startswith("iM") else text[:1].upper() + text[1:]
