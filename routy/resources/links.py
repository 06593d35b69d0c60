"""Links: what everything is about. Their rules are in link_rules.py."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from routy.resource import Field, Form, Record
from routy.resources.domains import RedirectStatus

PARAMETER = "^[A-Za-z0-9_.-]{1,64}$"  # a name in a query string


class PasswordFailed(Form):
    """What the event link.password_failed says beside the link."""

    ip: Annotated[str, Field("As much of the address as is shown.", example="203.0.113.0")]
    locked_until: Annotated[datetime, Field("Until when it is locked out.")]


class Link(
    Record,
    prefix="link",
    plural="links",
    label="slug",
    tells={
        "limit_reached": "Its click limit is reached: it shows that it is not active. Once for each limit.",
        "password_failed": "Five wrong passwords came from one address, which is locked out for ten minutes.",
        "click_threshold": "It has had as many clicks as `click_threshold` says. Once for each threshold.",
        "expired": "Its `expires_at` has passed. Once for each moment that is set.",
        "clicked": "It was visited, by whomever: `class` says. Only for who asks for it by this very name.",
        "scanned": "It was visited by way of its QR code. Only for who asks for it by this very name.",
    },
    adds={"password_failed": PasswordFailed},
):
    """A slug on a domain that sends a visitor to a destination."""

    domain_id: Annotated[
        str,
        Field(
            "The domain that it lives on; left out: the workspace's default domain.",
            filled=True,
            refs="domains",
            filters="eq",
            example="dom_01KAHGZ4T8Z6Q7V3M9W2R5X0CD",
        ),
    ]
    host: Annotated[
        str, Field("The host of its domain.", read_only=True, joined="domain_id.host", example="go.acme.example")
    ]
    https: Annotated[bool, Field(hidden=True, joined="domain_id.https")]
    slug: Annotated[
        str,
        Field(
            "Its path on the domain, letters of any script, with slashes if you like; left out: seven random "
            "characters.",
            filled=True,
            min_length=1,
            max_length=128,
            format="slug",
            filters="eq prefix contains",
            sort=True,
            search=True,
            example="summer",
        ),
    ]
    slug_key: Annotated[str, Field(hidden=True)]
    destination: Annotated[
        str,
        Field(
            "Where it sends visitors: a URL, or an address of an app whose scheme the workspace allows. It may "
            "hold macros such as {click_id}, {sub1} or {country}.",
            min_length=1,
            max_length=8192,
            format="destination",
            filters="eq prefix contains",
            search=True,
            example="https://acme.example/summer?color=green",
        ),
    ]
    title: Annotated[
        str | None,
        Field(
            "What it is called on screen.",
            max_length=200,
            filters="eq prefix contains null",
            sort=True,
            search=True,
            example="Summer sale",
        ),
    ]
    notes: Annotated[
        str | None, Field("Notes for yourselves.", max_length=2000, format="prose", example="Ends in May")
    ]
    folder_id: Annotated[
        str | None,
        Field(
            "The folder that it lies in.",
            refs="folders",
            filters="eq ne null",
            example="fold_01KAHGZ4T8Z6Q7V3M9W2R5X0CD",
        ),
    ]
    tag_ids: Annotated[
        list[str],
        Field(
            "Its tags; the filter finds links that have any of those named.",
            default=[],
            max_length=50,
            refs="tags",
            through="link_tags",
            filters="eq ne null",
            example=["tag_01KAHGZ4T8Z6Q7V3M9W2R5X0CD"],
        ),
    ]
    status: Annotated[
        Literal["active", "paused", "archived"],
        Field(
            "Only an active link sends visitors on; the others show that it is not active, or the fallback.",
            default="active",
            filters="eq ne",
            sort=True,
            example="active",
        ),
    ]
    redirect_status: Annotated[
        RedirectStatus,
        Field(
            "The HTTP status of the redirect; left out: the domain's. Browsers remember 301 and 308 and do not "
            "come back, so their later clicks are lost.",
            filled=True,
            filters="eq",
            example=302,
        ),
    ]
    pass_query: Annotated[
        bool,
        Field(
            "Whether the visitor's query parameters are passed on; left out: as the domain says.",
            filled=True,
            filters="eq",
            example=True,
        ),
    ]
    starts_at: Annotated[
        datetime | None,
        Field(
            "When it begins to send visitors on; null: at once.",
            filters="gt gte lt lte null",
            example="2027-01-01T00:00:00.000Z",
        ),
    ]
    expires_at: Annotated[
        datetime | None,
        Field(
            "When it stops sending visitors on; null: never.",
            filters="gt gte lt lte null",
            sort=True,
            example="2027-01-31T00:00:00.000Z",
        ),
    ]
    click_limit: Annotated[
        int | None,
        Field(
            "After how many redirects it stops, exactly; null: never. Previews in chats never count.",
            least=1,
            most=10**12,
            filters="null",
            example=1000,
        ),
    ]
    click_limit_counts: Annotated[
        Literal["all", "people"],
        Field(
            "What the limit counts: all redirects, or only those of people, as far as method, headers and agent "
            "tell.",
            default="all",
            example="people",
        ),
    ]
    redirect_mode: Annotated[
        Literal["auto", "always", "rule_only", "never"],
        Field(
            "auto: to the URL of the visitor's platform, else the destination; where it cannot (not active, "
            "limit reached) to the fallback. always: the same, but a page instead of the fallback. rule_only: only "
            "to the URL of the visitor's platform, others to the fallback. never: the click is kept, the answer is "
            "204.",
            default="auto",
            filters="eq ne",
            example="auto",
        ),
    ]
    android_url: Annotated[
        str | None,
        Field(
            "Where visitors with Android go instead, such as an app's address.",
            min_length=1,
            max_length=8192,
            format="destination",
            filters="null",
            example="https://play.google.com/store/apps/details?id=example.acme",
        ),
    ]
    ios_url: Annotated[
        str | None,
        Field(
            "Where visitors with an iPhone, iPad or iPod go instead.",
            min_length=1,
            max_length=8192,
            format="destination",
            filters="null",
            example="https://apps.apple.com/app/id000000000",
        ),
    ]
    fallback_url: Annotated[
        str | None,
        Field(
            "Where visitors go when it cannot send them on; null: the domain's fallback, or a page.",
            max_length=8192,
            format="uri",
            filters="null",
            example="https://acme.example/over",
        ),
    ]
    utm_source: Annotated[
        str | None,
        Field(
            "The utm_source that it adds to where it leads, in place of one that is there.",
            min_length=1,
            max_length=255,
            filters="eq prefix null",
            example="newsletter",
        ),
    ]
    utm_medium: Annotated[
        str | None,
        Field("Its utm_medium.", min_length=1, max_length=255, filters="eq prefix null", example="email"),
    ]
    utm_campaign: Annotated[
        str | None,
        Field("Its utm_campaign.", min_length=1, max_length=255, filters="eq prefix null", example="summer"),
    ]
    utm_term: Annotated[
        str | None,
        Field("Its utm_term.", min_length=1, max_length=255, filters="eq prefix null", example="sandals"),
    ]
    utm_content: Annotated[
        str | None,
        Field("Its utm_content.", min_length=1, max_length=255, filters="eq prefix null", example="footer"),
    ]
    parameters: Annotated[
        dict[
            Annotated[str, msgspec.Meta(min_length=1, max_length=64)],
            Annotated[str, msgspec.Meta(max_length=500)],
        ],
        Field(
            "Fixed parameters that it adds to where it leads, in place of those of the same name; values may hold "
            "macros. A visitor's query never overrides them.",
            max_length=50,
            default={},
            example={"sub1": "{country}", "aff": "4711"},
        ),
    ]
    click_id_parameter: Annotated[
        str | None,
        Field(
            "The parameter in which the click's id goes along, as the network expects it.",
            pattern=PARAMETER,
            example="subid",
        ),
    ]
    sub_id_parameter: Annotated[
        str | None,
        Field(
            "The parameter of the visitor's query that is a private sub id: it is kept with the click and not "
            "passed on. Null: there is none.",
            default="s",
            pattern=PARAMETER,
            example="s",
        ),
    ]
    sub_id_target: Annotated[
        str | None,
        Field("The name under which the sub id is passed on after all.", pattern=PARAMETER, example="aff_sub"),
    ]
    password: Annotated[
        str | None,
        Field(
            "What visitors must type before they are sent on; only its argon2 hash is kept.",
            min_length=1,
            max_length=200,
            write_only=True,
            hashed=True,
            example="open sesame",
        ),
    ]
    click_threshold: Annotated[
        int | None,
        Field(
            "At how many clicks of people the event link.click_threshold tells; another value arms it again.",
            least=1,
            most=10**12,
            example=500,
        ),
    ]
    og_title: Annotated[
        str | None,
        Field(
            "The title that previews in chats and posts show.", min_length=1, max_length=200, example="Summer sale"
        ),
    ]
    og_description: Annotated[
        str | None,
        Field("The text that they show.", min_length=1, max_length=500, format="prose", example="Half price."),
    ]
    og_image: Annotated[
        str | None,
        Field(
            "The URL of the image that they show.",
            max_length=2048,
            format="uri",
            example="https://acme.example/summer.png",
        ),
    ]
    clicks: Annotated[
        int,
        Field(
            "Clicks of people, as of counted_at.",
            default=0,
            read_only=True,
            counter=True,
            filters="gte lte",
            sort=True,
            example=4711,
        ),
    ]
    uniques: Annotated[
        int,
        Field("Visitors, counted once a day.", default=0, read_only=True, counter=True, example=4200),
    ]
    last_click_at: Annotated[
        datetime | None,
        Field("When a person last clicked.", read_only=True, counter=True, filters="gte lte null", sort=True),
    ]
    counted_at: Annotated[
        datetime | None,
        Field("The moment up to which its clicks are counted.", read_only=True, counter=True),
    ]
    limit_reached_at: Annotated[datetime | None, Field(hidden=True, counter=True)]
    threshold_crossed_at: Annotated[datetime | None, Field(hidden=True, counter=True)]
    expiry_told_for: Annotated[datetime | None, Field(hidden=True, counter=True)]
