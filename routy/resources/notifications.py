"""Notifications: what a person is told inside of Routy."""

from datetime import datetime
from typing import Annotated, Literal, get_args

from routy.resource import Field, Resource

Topic = Literal["alerts", "webhooks", "tokens", "files", "system"]
TOPICS: tuple[str, ...] = get_args(Topic)
MAILED_BY_DEFAULT = ("webhooks", "tokens", "system")


class Notification(
    Resource,
    prefix="ntf",
    plural="notifications",
    scope="alerts",
    label="title",
    personal=True,
):
    """Something that one person is told; nobody else sees it. It is forgotten after 90 days."""

    user_id: Annotated[
        str,
        Field("Who is told.", read_only=True, refs="users", example="usr_01KAHGZ4T8Z6Q7V3M9W2R5X0CD"),
    ]
    topic: Annotated[Topic, Field("What it is about at large.", read_only=True, filters="eq ne", example="alerts")]
    title: Annotated[
        str,
        Field(
            "It in one line.",
            read_only=True,
            filters="contains",
            search=True,
            example="Clicks from Germany are low",
        ),
    ]
    text: Annotated[
        str,
        Field("The rest of it.", read_only=True, search=True, example="clicks in the last hour: 12, usually 400"),
    ]
    record_id: Annotated[
        str | None,
        Field(
            "The record that it is about.",
            read_only=True,
            filters="eq null",
            example="alert_01KAHGZ4T8Z6Q7V3M9W2R5X0CD",
        ),
    ]
    read_at: Annotated[
        datetime | None,
        Field("When it was read.", read_only=True, filters="gt gte lt lte null", sort=True),
    ]
