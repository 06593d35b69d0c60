"""Tags: words on links."""

from typing import Annotated

from routy.resource import Field, Record


class Tag(Record, prefix="tag", plural="tags", scope="links"):
    """A word that links can be found and counted by; a link may have several."""

    name: Annotated[
        str,
        Field(
            "The word; unique in the workspace.",
            min_length=1,
            max_length=50,
            filters="eq prefix contains",
            sort=True,
            search=True,
            example="newsletter",
        ),
    ]
    color: Annotated[
        str, Field("Its colour on screen.", default="#64748b", format="color", max_length=7, example="#0f766e")
    ]
