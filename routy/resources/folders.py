"""Folders: where links lie."""

from typing import Annotated

from routy.resource import Field, Record


class Folder(Record, prefix="fold", plural="folders", scope="links"):
    """A place for links; a link lies in one or none."""

    name: Annotated[
        str,
        Field(
            "Its name; unique in the workspace.",
            min_length=1,
            max_length=100,
            filters="eq prefix contains",
            sort=True,
            search=True,
            example="Spring launch",
        ),
    ]
    notes: Annotated[
        str | None, Field("Notes for yourselves.", max_length=2000, format="prose", example="Until May")
    ]
