"""In which form an answer goes out: by `format` in the query, else by Accept (RFC 9110, 12.5.1), else as JSON."""

from collections.abc import Mapping
from pathlib import Path

from routy.api.call import Answer, Call
from routy.clock import iso
from routy.errors import Invalid, NotAcceptable

TYPES = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "ndjson": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
}
MEDIA = tuple(kind.partition(";")[0] for kind in TYPES.values())  # as the API's description lists them


def chosen(call: Call) -> str:
    """json, csv, ndjson or parquet; NotAcceptable where Accept names none of them."""
    named = [text for name, text in call.request.query if name == "format"]
    if named:
        if len(named) > 1 or named[0] not in TYPES:
            raise Invalid({"format": f"must be one of {', '.join(TYPES)}, once"})
        return named[0]
    return accepted(call.request.headers.get("accept", ""))


def accepted(accept: str, types: Mapping[str, str] = TYPES) -> str:
    """The form that Accept likes best; of several, or without one, the first of ours."""
    ranges = [_range(part) for part in accept.split(",") if part.strip()]
    liked = {form: _quality(kind.partition(";")[0], ranges) for form, kind in types.items()}
    best = max(liked, key=lambda form: liked[form])
    if ranges and not liked[best]:
        raise NotAcceptable(f"there is {', '.join(kind.partition(';')[0] for kind in types.values())}")
    return best if ranges else next(iter(types))


def _range(part: str) -> tuple[str, float]:
    kind, *parameters = (each.strip().lower() for each in part.split(";"))
    qualities = [text.removeprefix("q=") for text in parameters if text.startswith("q=")]
    try:
        return kind, min(max(float(qualities[0]), 0), 1) if qualities else 1.0
    except ValueError:
        return kind, 0.0


def _quality(kind: str, ranges: list[tuple[str, float]]) -> float:
    """How much this type is liked: the range that names it most closely counts."""
    for wanted in (kind, f"{kind.partition('/')[0]}/*", "*/*"):
        found = [quality for name, quality in ranges if name == wanted]
        if found:
            return max(found)
    return 0.0


def download(call: Call, file: Path, form: str, name: str, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    """A file to save, named by what it holds and the day."""
    saved = f'attachment; filename="{name}-{iso(call.now)[:10]}.{form}"'
    return Answer(
        file=file,
        content_type=TYPES[form],
        headers=(("Content-Disposition", saved), ("Vary", "Accept"), *headers),
    )
