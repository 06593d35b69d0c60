"""Missing slugs: addresses that visitors ask for and that no link has."""

from datetime import datetime
from typing import Annotated

from routy.resource import Field, Resource


class MissingSlug(
    Resource,
    prefix="miss",
    plural="missing_slugs",
    scope="clicks",
    operations="list get delete",
    events="purged",
    label="slug",
):
    """An address that visitors asked for in vain: a misprint, an old link, or somebody who tries things out."""

    domain_id: Annotated[
        str,
        Field(
            "The domain that was asked.",
            read_only=True,
            refs="domains",
            filters="eq",
            example="dom_01KAHGZ4T8Z6Q7V3M9W2R5X0CD",
        ),
    ]
    slug: Annotated[
        str,
        Field(
            "What was asked for.",
            read_only=True,
            filters="eq prefix contains",
            sort=True,
            search=True,
            example="sumer",
        ),
    ]
    visits: Annotated[int, Field("How often.", read_only=True, filters="gt gte lt lte", sort=True, example=12)]
    last_referrer: Annotated[
        str | None,
        Field(
            "The page that the last visitor came from who told.",
            read_only=True,
            filters="prefix contains null",
            example="https://news.example/today",
        ),
    ]
    last_seen_at: Annotated[
        datetime, Field("When it was last asked for.", read_only=True, filters="gt gte lt lte", sort=True)
    ]
