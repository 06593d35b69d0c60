"""Erasures: clicks that were, or are to be, forgotten for somebody's sake."""

from datetime import datetime
from typing import Annotated, Literal

from routy.errors import Invalid
from routy.resource import ID, Actor, Field, Record, Row, Tx, check, fill


class Erasure(Record, prefix="era", plural="erasures", scope="clicks", label="subject"):
    """All clicks of a link, or of one visitor on one day, erased for good: rows, figures and all. It is done within
    a minute or so and cannot be undone; only one that is still pending can be deleted in time."""

    subject: Annotated[
        str,
        Field(
            "Whose clicks are to go: a link's, by its id (the link itself stays), or by the id of any click those "
            "of its visitor on that day (UTC). A visitor is somebody else on every other day.",
            create_only=True,
            pattern=f"^(link|clk)_{ID}",
            filters="eq",
            example="clk_01KAHGZ4T8Z6Q7V3M9W2R5X0CD",
        ),
    ]
    reason: Annotated[
        str | None, Field("Why, for the record.", max_length=500, format="prose", example="asked by mail")
    ]
    status: Annotated[
        Literal["pending", "done"], Field("Whether it is done.", read_only=True, filters="eq", example="done")
    ]
    clicks: Annotated[int | None, Field("How many clicks were erased.", read_only=True, example=12)]
    done_at: Annotated[datetime | None, Field("When it was done.", read_only=True)]


@fill(Erasure)
def begins_pending(tx: Tx, actor: Actor, before: Row | None, row: Row) -> Row:
    return {} if before else {"status": "pending"}


@check(Erasure)
def its_link_is_there(tx: Tx, actor: Actor, before: Row | None, after: Row | None) -> None:
    if before is not None or after is None or not after["subject"].startswith("link_"):
        return
    mine = tx.one(
        "/* erasures.link */ SELECT 1 FROM links WHERE id = ? AND workspace_id = ?",
        (after["subject"], actor.workspace_id),
    )
    if mine is None:
        raise Invalid({"subject": "there is no such link here"})
