"""Mails: the log of what was sent by mail, or was not."""

from datetime import datetime
from typing import Annotated, Literal

from routy.resource import Field, Resource


class Mail(Resource, prefix="mail", plural="mails", label="subject"):
    """A mail to one address, and what became of it. It is forgotten after as many days as a delivery is."""

    recipient: Annotated[
        str,
        Field("Whom it is to.", read_only=True, filters="eq prefix", search=True, example="ada@acme.example"),
    ]
    topic: Annotated[
        Literal["alerts", "webhooks", "tokens", "files", "system", "reports"],
        Field("What it is about at large; what one unsubscribes from.", read_only=True, filters="eq ne"),
    ]
    subject: Annotated[
        str,
        Field(
            "Its subject.", read_only=True, filters="contains", search=True, example="Clicks from Germany are low"
        ),
    ]
    about_id: Annotated[
        str | None,
        Field(
            "The record that it is about.",
            read_only=True,
            filters="eq null",
            example="alert_01KAHGZ4T8Z6Q7V3M9W2R5X0CD",
        ),
    ]
    status: Annotated[
        Literal["waiting", "sent", "failed", "unsent", "suppressed"],
        Field(
            "waiting: to be sent, or sent again. sent: the mail server took it. failed: it refused it for good, or "
            "for too long. unsent: no mail server is set. suppressed: whom it was to has unsubscribed.",
            read_only=True,
            filters="eq ne",
            sort=True,
            example="sent",
        ),
    ]
    error: Annotated[
        str | None,
        Field("What was wrong the last time.", read_only=True, filters="null", example="550 no such user"),
    ]
    attempts: Annotated[int, Field("How often it was tried.", read_only=True, example=1)]
    sent_at: Annotated[
        datetime | None,
        Field("When the mail server took it.", read_only=True, filters="gt gte lt lte null", sort=True),
    ]
    message_id: Annotated[
        str, Field("Its Message-ID.", read_only=True, filters="eq", example="<mail_01KAHG…@go.example>")
    ]
    text: Annotated[str, Field("What it says, as plain text.", read_only=True)]
    html: Annotated[str, Field("What it says, as HTML.", read_only=True)]
    link: Annotated[str | None, Field(hidden=True)]  # opens a file without a login: it goes out, and is not shown
