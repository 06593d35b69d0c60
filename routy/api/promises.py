"""What v1 promises: a plain list of lines, made of the OpenAPI document, that may grow and must not shrink.

A line is an operation, an output field, a value of an enumeration, a parameter, an input field. Removing one breaks
somebody's client, and so does a new required input; `broken` finds both.
"""

from collections.abc import Iterable, Iterator
from typing import Any

Document = dict[str, Any]


def promises(document: Document) -> list[str]:
    """Sorted lines, such as `POST /links` and `schema LinkCreate.slug`."""
    found = set(_operations(document))
    for name, described in document["components"]["schemas"].items():
        found.update(_fields(f"schema {name}", described))
    return sorted(found)


def broken(promised: Iterable[str], document: Document) -> list[str]:
    """What a client may have relied on and would miss, or has to send and did not have to before."""
    before, now = set(promised), set(promises(document))
    gone = [f"gone: {line}" for line in sorted(before - now) if " needs " not in line]
    parents = {line.split(" needs ")[0] for line in before if " needs " in line or line.startswith("schema ")}
    asked = [line for line in sorted(now - before) if " needs " in line and line.split(" needs ")[0] in parents]
    return gone + [f"newly required: {line}" for line in asked]


def _operations(document: Document) -> Iterator[str]:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if method != "servers":
                where = f"{method.upper()} {path}"
                yield where
                for parameter in operation["parameters"]:
                    yield from _fields(f"{where} {parameter['in']} {parameter['name']}", parameter["schema"])
                yield from (f"{where} answers {status}" for status in operation["responses"] if status[0] == "2")


def _fields(where: str, described: Document) -> Iterator[str]:
    yield where
    for name, inner in described.get("properties", {}).items():
        yield from _fields(f"{where}.{name}", inner)
    for value in described.get("enum", ()):
        yield f"{where} may be {value}"
    if described.get("additionalProperties") is False:
        yield from (f"{where} needs {name}" for name in described.get("required", ()))
