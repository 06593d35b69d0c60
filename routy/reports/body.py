"""Reports that come as JSON bodies: the same names as in a URL, lists where a URL has commas."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from routy.errors import Invalid

MOST_PANELS = 50
COMMA = "\x1f"  # stands for a comma inside a value; no stored text holds a control character

Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Panel:
    """One report of a batch: what all share, and what is its own."""

    given: Mapping[str, Any]

    def parameters(self) -> Pairs:
        return pairs(self.given)


def pairs(body: Any) -> Pairs:
    """The parameters of a body; Invalid names each that is none."""
    if not isinstance(body, Mapping):
        raise Invalid({"body": "must be a JSON object"})
    found, errors = [], {}
    for name, value in body.items():
        try:
            found.append((str(name), _text(value)))
        except ValueError as error:
            errors[str(name)[:100]] = str(error)
    if errors:
        raise Invalid(errors)
    return found


def panels(body: Any) -> list[Panel]:
    """The panels of a batch, each over what stands beside them."""
    if not isinstance(body, Mapping):
        raise Invalid({"body": "must be a JSON object"})
    listed = body.get("panels")
    if not isinstance(listed, list) or not 1 <= len(listed) <= MOST_PANELS:
        raise Invalid({"panels": f"must be a list of 1 to {MOST_PANELS} objects"})
    wrong = {
        f"panels[{at}]": "must be an object" for at, each in enumerate(listed) if not isinstance(each, Mapping)
    }
    if wrong:
        raise Invalid(wrong)
    shared = {name: value for name, value in body.items() if name != "panels"}
    return [Panel({**shared, **each}) for each in listed]


def _text(value: Any) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ",".join(_plain(each).replace(",", COMMA) for each in value)
    return _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int):
        raise ValueError("must be a text, a whole number, true or false, or a list of those")
    return str(value)
