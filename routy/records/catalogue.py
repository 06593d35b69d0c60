"""All types of events that there are, by the declarations of the resources: what webhooks may ask for, and what the
API's description lists."""

from typing import NamedTuple

from routy.resource import Form, Resource
from routy.resources import RESOURCES
from routy.resources.clicks import Click

# Clicks are told from the click store, one event for each: never as part of `*` or `link.*`.
OPT_IN: dict[str, type[Resource]] = {"link.clicked": Click, "link.scanned": Click}

_CHANGES = {
    "created": "{} was made.",
    "updated": "{} was changed.",
    "deleted": "{} was moved to the trash, or deleted where there is none.",
    "restored": "{} was brought back from the trash.",
    "purged": "{} was deleted for good.",
}


class Told(NamedTuple):
    """One type of events, by its name. Its data are a `record`, as it is shown, and what `adds` names beside it."""

    name: str
    resource: type[Resource]
    doc: str
    record: type[Resource]
    adds: type[Form] | None = None


def type_of(resource: type[Resource], name: str) -> str:
    """`link.created`: what is declared as `deleted` may be called otherwise, such as `token.revoked`."""
    return f"{resource.singular}.{resource.called.get(name, name)}"


def _told(resource: type[Resource]) -> list[Told]:
    what = f"{'An' if resource.singular[0] in 'aeio' else 'A'} {resource.singular.replace('_', ' ')}"
    changes = {name: _CHANGES[name].format(what) for name in resource.events}
    return [
        Told(type_, resource, doc, OPT_IN.get(type_, resource), resource.adds.get(name))
        for name, doc in {**changes, **resource.tells}.items()
        for type_ in [type_of(resource, name)]
    ]


EVENTS: dict[str, Told] = {told.name: told for resource in RESOURCES.values() for told in _told(resource)}
