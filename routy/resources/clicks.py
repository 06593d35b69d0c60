"""Clicks: the visits that links had. They live in the click store and are only ever read."""

from typing import Annotated, Literal

from routy.resource import Field, Resource, Row, computed
from routy.resources.explained import explain

CLASSES = ("human", "bot", "prefetch", "preview", "scanner", "head", "datacenter", "duplicate", "self", "test")
BRANCHES = (
    "destination", "android", "ios", "fallback", "inactive", "password", "preview", "tracked", "not_found",
)  # fmt: skip

Class = Literal["human", "bot", "prefetch", "preview", "scanner", "head", "datacenter", "duplicate", "self", "test"]
Branch = Literal[
    "destination", "android", "ios", "fallback", "inactive", "password", "preview", "tracked", "not_found"
]
Text = str | None


def _word(doc: str, example: str) -> Field:
    """One of few words, good to filter by."""
    return Field(doc, read_only=True, filters="eq ne null", example=example)


def _text(doc: str, example: str) -> Field:
    return Field(doc, read_only=True, filters="eq ne prefix contains null", example=example)


class Click(Resource, prefix="clk", plural="clicks", store="clicks", label="id"):
    """A visit to a link, with what it was judged to be. Every visit is kept; `class` says whose it was."""

    link_id: Annotated[
        str | None,
        Field(
            "The link; null when it was deleted for good.",
            read_only=True,
            refs="links",
            filters="eq ne",
            example="link_01KAHGZ4T8Z6Q7V3M9W2R5X0CD",
        ),
    ]
    domain_id: Annotated[
        str | None,
        Field(
            "The domain that the visit came to; null when it was deleted for good.",
            read_only=True,
            refs="domains",
            filters="eq ne",
            example="dom_01KAHGZ4T8Z6Q7V3M9W2R5X0CD",
        ),
    ]
    slug: Annotated[Text, Field("The link's slug.", hidden=True, filters="eq ne prefix contains")]
    folder_id: Annotated[
        Text, Field("The folder that the link lies in now.", hidden=True, refs="folders", filters="eq ne null")
    ]
    tag_ids: Annotated[
        list[str], Field("The tags that the link has now.", hidden=True, refs="tags", filters="eq ne null")
    ]
    # `class` is no name that an annotation can be written for.
    __annotations__["class"] = Annotated[
        Class,
        Field(
            "Whose visit it was: a person's (human), or why not.", read_only=True, filters="eq ne", example="human"
        ),
    ]
    class_reason: Annotated[Text, _word("What gave it its class, such as the kind of crawler.", "search-engine")]
    class_version: Annotated[int | None, Field("The version of the rules that judged.", read_only=True, example=1)]
    class_at_answer: Annotated[
        Class,
        Field("Its class as far as it was known when the visitor was answered.", read_only=True, filters="eq ne"),
    ]
    method: Annotated[
        Literal["GET", "HEAD"], Field("The HTTP method.", read_only=True, filters="eq", example="GET")
    ]
    status: Annotated[int, Field("The HTTP status of the answer.", read_only=True, filters="eq", example=302)]
    branch: Annotated[
        Branch, Field("Where the visitor was sent, or what else answered.", read_only=True, filters="eq ne")
    ]
    branch_reason: Annotated[Text, _word("Why it was not the destination: paused, archived, expired.", "expired")]
    source: Annotated[Text, _word("How the visit came, where the link's address says so: `qr`.", "qr")]
    country: Annotated[Text, _word("Where the address is registered: ISO 3166-1 alpha-2.", "DE")]
    region: Annotated[Text, _word("The region, where a database knows it.", "BE")]
    city: Annotated[Text, _word("The city, where a database knows it.", "Berlin")]
    asn: Annotated[
        int | None,
        Field(
            "The network's number, where a database knows it.",
            read_only=True,
            filters="eq ne null",
            example=3320,
        ),
    ]
    browser: Annotated[Text, _word("The browser's family.", "Firefox")]
    os: Annotated[Text, _word("The operating system's family.", "Android")]
    device: Annotated[Text, _word("One of mobile, tablet, desktop, tv, other.", "mobile")]
    language: Annotated[Text, _word("The first language that the browser asks for: ISO 639.", "de")]
    referrer_host: Annotated[Text, _text("The host of the referrer, without www.", "news.example")]
    referrer: Annotated[Text, _text("The page that the visitor came from.", "https://news.example/today")]
    utm_source: Annotated[Text, _text("From the visit's query, or the link's own.", "newsletter")]
    utm_medium: Annotated[Text, _text("From the visit's query, or the link's own.", "email")]
    utm_campaign: Annotated[Text, _text("From the visit's query, or the link's own.", "summer")]
    utm_term: Annotated[Text, _text("From the visit's query, or the link's own.", "shoes")]
    utm_content: Annotated[Text, _text("From the visit's query, or the link's own.", "top-banner")]
    sub1: Annotated[Text, _text("A free parameter of the visit's query.", "site-7")]
    sub2: Annotated[Text, _text("A free parameter of the visit's query.", "top")]
    sub3: Annotated[Text, _text("A free parameter of the visit's query.", "red")]
    sub4: Annotated[Text, _text("A free parameter of the visit's query.", "a")]
    sub5: Annotated[Text, _text("A free parameter of the visit's query.", "b")]
    sub6: Annotated[Text, _text("A free parameter of the visit's query.", "c")]
    sub7: Annotated[Text, _text("A free parameter of the visit's query.", "d")]
    sub8: Annotated[Text, _text("A free parameter of the visit's query.", "e")]
    sub9: Annotated[Text, _text("A free parameter of the visit's query.", "f")]
    sub10: Annotated[Text, _text("A free parameter of the visit's query.", "g")]
    sub_id: Annotated[Text, _text("The private sub id of the visit, taken off the query.", "letter-7")]
    query: Annotated[Text, Field("The visit's query as it came.", read_only=True, example="utm_source=newsletter")]
    ip: Annotated[
        Text,
        Field("As much of the visitor's address as is kept.", read_only=True, filters="eq", example="203.0.113.0"),
    ]
    agent: Annotated[Text, _text("The User-Agent.", "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Firefox/145.0")]
    visitor: Annotated[
        str | None,
        Field(
            "The same for the same address and agent on the same day (UTC), and for nothing else.",
            read_only=True,
            filters="eq",
            pattern="^[0-9a-f]{12}$",
            example="8f3a52c10be4",
        ),
    ]
    is_unique: Annotated[
        bool,
        Field(
            "Whether it was this person's first click on the link on this day (UTC).",
            read_only=True,
            filters="eq",
            example=True,
        ),
    ]
    is_new: Annotated[
        bool,
        Field(
            "Whether it was this person's first click in the workspace on this day (UTC).",
            read_only=True,
            filters="eq",
            example=False,
        ),
    ]


LINK_SIDE = ("slug", "folder_id", "tag_ids")  # filters by what the link is now, not by what the row holds


@computed(Click)
def class_explained(row: Row) -> str:
    """Why it has its class, in plain words."""
    return explain(row["class"], row["class_reason"], row["class_version"])
