"""Deliveries: what was sent to whom, what they answered, and what still waits."""

from datetime import datetime
from typing import Annotated, Literal

from routy.resource import Field, Resource


class Delivery(
    Resource, prefix="dlv", plural="deliveries", scope="webhooks", operations="list get", events="", label="type"
):
    """One message on its way to one target: tried until it arrives, or until there is no use in it any more. Its
    tries are at /deliveries/{id}/attempts."""

    channel: Annotated[
        Literal["webhook", "mail"],
        Field("The way that it takes.", read_only=True, filters="eq", example="webhook"),
    ]
    target_id: Annotated[
        str,
        Field(
            "The webhook or mail that it is for.",
            read_only=True,
            filters="eq",
            example="wh_01KAHGZ4T8Z6Q7V3M9W2R5X0CD",
        ),
    ]
    type: Annotated[
        str, Field("The event that it tells of.", read_only=True, filters="eq prefix", example="link.created")
    ]
    event_id: Annotated[
        str | None,
        Field(
            "The event's id, by which a receiver knows it again.",
            read_only=True,
            filters="eq null",
            example="evt_01KAHGZ4T8Z6Q7V3M9W2R5X0CD",
        ),
    ]
    record_id: Annotated[
        str | None,
        Field(
            "The record that the event is about.",
            read_only=True,
            filters="eq null",
            example="link_01KAHGZ4T8Z6Q7V3M9W2R5X0CD",
        ),
    ]
    sequence: Annotated[int, Field("The event's place among all.", read_only=True, example=4711)]
    status: Annotated[
        Literal["pending", "paused", "delivered", "failed"],
        Field(
            "Pending: it is tried, now or at next_attempt_at. Paused: its target is. Failed: it is not tried any "
            "more.",
            read_only=True,
            filters="eq ne",
            example="delivered",
        ),
    ]
    attempts: Annotated[int, Field("How often it was tried.", read_only=True, filters="gte lte", example=1)]
    forgiven: Annotated[int, Field(hidden=True)]  # attempts before its target was woken: the schedule began anew
    next_attempt_at: Annotated[
        datetime | None, Field("When it is tried next, at the earliest.", read_only=True, filters="gte lte null")
    ]
    delivered_at: Annotated[datetime | None, Field("When it arrived.", read_only=True, filters="gte lte null")]
    last_status: Annotated[
        int | None,
        Field("The HTTP status of the last answer.", read_only=True, filters="eq ne gte lte null", example=204),
    ]
    last_error: Annotated[str | None, Field("Why the last try failed.", read_only=True, filters="contains null")]
    payload: Annotated[str, Field("What is sent.", read_only=True, example='{"type":"link.created"}')]
