"""`routy.py tail`: beside a real server, in columns and as JSON, until Ctrl-C."""

import io
import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from routy import tail
from routy.control import Failed
from tests.house import House
from tests.walks.process import CHECKOUT, ROUTY, Process, until

CLICK: dict[str, Any] = {
    "created_at": "2026-11-21T12:00:00.000Z", "class": "human", "class_reason": None, "country": "DE",
    "slug": "summer", "source": None, "referrer_host": None, "utm_source": None, "browser": "Firefox",
    "os": "Linux", "device": "desktop", "branch": "destination", "branch_reason": None,
}  # fmt: skip


@contextmanager
def tailing(process: Process, out: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    with out.open("wb") as file:
        asked = (*ROUTY, "tail", *arguments, "--data", str(process.data))
        popen = subprocess.Popen(asked, cwd=CHECKOUT, stdout=file, stderr=subprocess.STDOUT, env=dict(os.environ))
    try:
        yield popen
    finally:
        if popen.poll() is None:
            popen.kill()
        popen.wait()


def test_events_and_clicks_come_and_ctrl_c_ends_it_cleanly(tmp_path: Path) -> None:
    process = Process(tmp_path)
    process.begin()
    process.make_links(2)
    events, clicks = tmp_path / "events", tmp_path / "clicks"
    try:
        with (
            tailing(process, events, "events", "--json", "--filter", "type[prefix]=tag.") as one,
            tailing(process, clicks, "clicks", "--filter", "slug=load-1") as other,
        ):
            until(lambda: _shows(process, events, clicks), "both to be shown")
            for popen in (one, other):
                popen.send_signal(signal.SIGINT)
                assert popen.wait(10) == 0
        shown = [json.loads(line) for line in events.read_text().splitlines()]
        assert {row["type"] for row in shown} == {"tag.created"}
        assert all("load-1" in line for line in clicks.read_text().splitlines())
    finally:
        process.close()


def _shows(process: Process, events: Path, clicks: Path) -> bool:
    """Make something happen, until what came is seen: nobody says when the commands have begun to look."""
    process.call("POST", "/tags", {"name": f"tag-{os.urandom(4).hex()}"})
    for slug in ("load-0", "load-1"):
        process.visit(slug)
    return bool(events.read_text() and clicks.read_text())


def run(*arguments: str, data: Path) -> subprocess.CompletedProcess[str]:
    asked = (*ROUTY, "tail", *arguments, "--data", str(data))
    return subprocess.run(asked, cwd=CHECKOUT, capture_output=True, text=True, check=False)


def test_without_a_server_or_with_a_bad_filter_it_says_so(house: House) -> None:
    done = run("clicks", data=house.path)
    assert done.returncode == 1 and "no server runs" in done.stderr
    done = run("clicks", "--filter", "human", data=house.path)
    assert done.returncode == 1 and "name=value" in done.stderr
    done = run("clicks", data=house.path / "nowhere")
    assert done.returncode == 1 and "there is no Routy in" in done.stderr


# ---- over the control socket, with the server in this process


@contextmanager
def answering(house: House) -> Iterator[None]:
    over = threading.Event()

    def answer() -> None:
        while not over.is_set():
            house.app.control.answer_once()

    thread = threading.Thread(target=answer)
    thread.start()
    yield
    over.set()
    thread.join(5)


class Sheet(io.StringIO):
    """A reader who has seen enough after so many lines."""

    def __init__(self, lines: int) -> None:
        super().__init__()
        self._left = lines

    def flush(self) -> None:
        self._left -= 1
        if not self._left:
            raise BrokenPipeError


def test_a_filter_that_does_not_exist_is_refused_by_name(house: House) -> None:
    with answering(house), pytest.raises(Failed, match="nothing"):
        tail.tail(house.path, "clicks", [("nothing", "1")], False, io.StringIO())


def test_a_look_shows_what_lies_behind_a_place_and_nothing_before(house: House) -> None:
    house.link("summer")
    begin = house.app.tail({"stream": "clicks"})
    assert begin["rows"] == []
    house.ask("GET", "/summer")
    house.load()
    found = house.app.tail({"stream": "clicks", "after": begin["after"], "filters": [["class", "human"]]})
    assert found["rows"] == [{**house.call("GET", "/clicks").data[0], "slug": "summer"}]
    assert house.app.tail({"stream": "clicks", "after": found["after"]})["rows"] == []
    assert house.app.tail({"stream": "events", "after": [0, 0]})["rows"][0]["seq"] == 1


def test_whoever_reads_it_may_stop(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = Sheet(2)
    ask = tail.control.ask
    looks = iter(range(100))

    def begin_before(directory: Path, command: str, **asked: Any) -> Any:
        return ask(directory, command, **{**asked, "after": asked["after"] if next(looks) else [0, 0]})

    monkeypatch.setattr(tail.control, "ask", begin_before)
    with answering(house):
        tail.tail(house.path, "events", [], True, sheet)
    assert [json.loads(line)["seq"] for line in sheet.getvalue().splitlines()] == [1, 2]


def column_of(**changed: Any) -> str:
    return tail._as_columns("clicks", io.StringIO())({**CLICK, **changed})


def test_a_click_is_a_line_that_can_be_read() -> None:
    words = column_of().split()
    assert words == ["2026-11-21T12:00:00.000Z", "human", "DE", "summer", "direct", "Firefox", "Linux", "desktop",
                     "destination"]  # fmt: skip
    assert "QR code" in column_of(source="qr") and "news.example" in column_of(referrer_host="news.example")
    assert "fallback (expired)" in column_of(branch="fallback", branch_reason="expired")
    assert "…" in column_of(slug="x" * 200) and "-" in column_of(slug=None).split()


def test_nothing_that_a_visitor_sent_reaches_the_terminal_as_a_command() -> None:
    assert "\x1b" not in column_of(referrer_host="\x1b[2J.example") and "\n" not in column_of(utm_source="a\nb")
