"""Which of all events a webhook's list of names means."""

from collections.abc import Sequence

from routy.errors import Forbidden
from routy.records.catalogue import EVENTS, OPT_IN
from routy.resource import Actor, Resource


def is_wanted(patterns: Sequence[str], type_: str) -> bool:
    """Whether `link.created`, `link.*` or `*` names an event. Those of single visitors must be named themselves."""
    if type_ in patterns:
        return True
    return type_ not in OPT_IN and ("*" in patterns or f"{_family(type_)}.*" in patterns)


def wanted(patterns: Sequence[str]) -> dict[str, type[Resource]]:
    """The events by name, with the resource whose record each of them shows."""
    return {type_: told.record for type_, told in EVENTS.items() if is_wanted(patterns, type_)}


def needed(patterns: Sequence[str]) -> set[str]:
    """The scopes that it takes to read what they tell."""
    return {f"{record.scope}:read" for record in wanted(patterns).values()}


def expect_readable(patterns: Sequence[str], actor: Actor) -> None:
    """Forbidden for an actor who may not read all that they tell."""
    if lacking := needed(patterns) - actor.scopes:
        raise Forbidden(f"these events need the scopes {', '.join(sorted(lacking))}")


def unknown(patterns: Sequence[str]) -> list[str]:
    """Those that name no event."""
    known = {*EVENTS, *(f"{_family(type_)}.*" for type_ in EVENTS), "*"}
    return [pattern for pattern in patterns if pattern not in known]


def _family(type_: str) -> str:
    return type_.partition(".")[0]
