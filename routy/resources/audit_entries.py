"""The audit log: who changed what."""

from typing import Annotated, Any

from routy.resource import Field, Resource


class AuditEntry(Resource, prefix="aud", plural="audit_entries", scope="logs", label="action"):
    """One change of one record: who, what, from which value to which, in which request."""

    action: Annotated[str, Field("What was done.", read_only=True, filters="eq", example="updated")]
    resource: Annotated[str, Field("The kind of record.", read_only=True, filters="eq", example="links")]
    record_id: Annotated[
        str, Field("The record.", read_only=True, filters="eq", example="link_01KAHGZ4T8Z6Q7V3M9W2R5X0CD")
    ]
    changes: Annotated[
        dict[str, Any],
        Field(
            "Each changed field with its values before and after; secrets only as (hidden).",
            read_only=True,
            example={"title": {"before": "Sale", "after": "Summer sale"}},
        ),
    ]
    actor: Annotated[str, Field("The token or user that did it.", read_only=True, filters="eq")]
    request_id: Annotated[str | None, Field("The request that did it.", read_only=True, filters="eq")]
    ip: Annotated[str | None, Field("Where it was done from.", read_only=True, filters="eq", example="203.0.113.7")]
