"""API requests: who called what, kept in the click store beside the clicks."""

from typing import Annotated

from routy.resource import Field, Resource


class ApiRequest(Resource, prefix="req", plural="api_requests", scope="logs", store="clicks", label="route"):
    """One call of the API: the credential, what it called, and how that went."""

    actor_id: Annotated[
        str | None,
        Field(
            "The token or user that called.",
            read_only=True,
            filters="eq ne null",
            example="tok_01KAHGZ4T8Z6Q7V3M9W2R5X0CD",
        ),
    ]
    method: Annotated[str, Field("The HTTP method.", read_only=True, filters="eq ne", example="POST")]
    route: Annotated[
        str | None,
        Field(
            "The route, with names in place of ids.", read_only=True, filters="eq ne prefix", example="/links/{id}"
        ),
    ]
    status: Annotated[
        int, Field("The HTTP status of the answer.", read_only=True, filters="eq ne gt gte lt lte", example=201)
    ]
    ms: Annotated[
        int, Field("Milliseconds that the answer took.", read_only=True, filters="gt gte lt lte", example=3)
    ]
    ip: Annotated[
        str | None, Field("Where the call came from.", read_only=True, filters="eq", example="203.0.113.7")
    ]
    bytes: Annotated[
        int, Field("The length of the answer's body.", read_only=True, filters="gt gte lt lte", example=512)
    ]
