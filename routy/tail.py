"""`routy.py tail`: the clicks or events of a running server as they come, asked for over its control socket, so
that no token is needed. All workspaces are shown: whoever may use the socket owns the data directory."""

import json
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TextIO

from routy import control

EVERY_SECONDS = 0.5
STREAMS = ("clicks", "events")
_WIDTHS = {
    "clicks": (
        ("created_at", 24),
        ("class", 10),
        ("country", 3),
        ("slug", 24),
        ("from", 26),
        ("on", 30),
        ("to", 0),
    ),
    "events": (("created_at", 24), ("seq", 8), ("type", 26), ("record_id", 32), ("actor", 0)),
}

Row = dict[str, Any]


def tail(directory: Path, stream: str, filters: Sequence[tuple[str, str]], as_json: bool, out: TextIO) -> None:
    """Print until Ctrl-C, or whoever reads `out`, ends it. A server that is started anew is waited for.
    control.Failed when none answers to begin with, or when it refuses the filters."""
    asked: dict[str, Any] = {"stream": stream, "filters": [list(pair) for pair in filters], "after": None}
    found = control.ask(directory, "tail", **asked)
    write = _as_json if as_json else _as_columns(stream, out)
    try:
        while True:
            for row in found["rows"]:
                print(write(row), file=out, flush=True)
            if not found["rows"]:
                time.sleep(EVERY_SECONDS)
            found = _ask(directory, {**asked, "after": found["after"]})
    except (KeyboardInterrupt, BrokenPipeError):
        return


def _ask(directory: Path, asked: dict[str, Any]) -> Any:
    """Again and again, while the server is being started anew."""
    told = False
    while True:
        try:
            return control.ask(directory, "tail", **asked)
        except control.Failed as error:
            if not told:
                print(f"routy: {error}; waiting for it", file=sys.stderr, flush=True)
            told = True
            time.sleep(EVERY_SECONDS)


def filters_of(texts: Sequence[str]) -> list[tuple[str, str]]:
    """`class=human` → a filter, as in the address of a list; ValueError names what is none."""
    wrong = [text for text in texts if "=" not in text]
    if wrong:
        raise ValueError(f"--filter {wrong[0]} must be of the form name=value, such as class=human")
    return [(name, value) for name, _, value in (text.partition("=") for text in texts)]


def _as_json(row: Row) -> str:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))


def _as_columns(stream: str, out: TextIO) -> Callable[[Row], str]:
    """Columns that fit a terminal; where there is none, nothing is cut off."""

    def write(row: Row) -> str:
        cells = {**row, **_told(row)} if stream == "clicks" else row
        line = "  ".join(_cell(cells.get(name), width) for name, width in _WIDTHS[stream]).rstrip()
        return line[: shutil.get_terminal_size().columns] if out.isatty() else line

    return write


def _told(click: Row) -> Row:
    """What several fields say together."""
    origin = "QR code" if click["source"] == "qr" else click["referrer_host"] or click["utm_source"] or "direct"
    on = " ".join(text for text in (click["browser"], click["os"], click["device"]) if text)
    reason = f" ({click['branch_reason']})" if click["branch_reason"] else ""
    return {"from": origin, "on": on or click["class_reason"], "to": f"{click['branch']}{reason}"}


def _cell(value: Any, width: int) -> str:
    """Control characters have no business in a terminal, and a long text ends in three dots."""
    text = "".join(letter if letter.isprintable() else "?" for letter in str("-" if value is None else value))
    if not width:
        return text
    return (text if len(text) <= width else f"{text[: width - 1]}…").ljust(width)
