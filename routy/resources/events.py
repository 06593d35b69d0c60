"""Events: what happened to records, in the order of commits."""

from typing import Annotated, Any

from routy.resource import Field, Resource


class Event(Resource, prefix="evt", plural="events", feed=True, label="type"):
    """Something that happened to a record. Follow them with `after`: the cursor of each answer is the `after` of
    the next question, and nothing is ever skipped."""

    seq: Annotated[int, Field("Its place in the order of commits.", read_only=True, example=4711)]
    type: Annotated[str, Field("What happened.", read_only=True, filters="eq prefix", example="link.created")]
    resource: Annotated[str, Field("The kind of record.", read_only=True, filters="eq", example="links")]
    record_id: Annotated[
        str, Field("The record.", read_only=True, filters="eq", example="link_01KAHGZ4T8Z6Q7V3M9W2R5X0CD")
    ]
    actor: Annotated[str, Field("The token or user that did it.", read_only=True, filters="eq")]
    request_id: Annotated[str | None, Field("The request that did it.", read_only=True, filters="eq")]
    data: Annotated[
        dict[str, Any], Field("The record after it happened.", read_only=True, example={"slug": "summer"})
    ]
