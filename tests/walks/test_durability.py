"""The setting `clicks.durability`, from the configuration to the disk."""

import os
from pathlib import Path

import pytest

from routy.app import App
from routy.clicks.streams import API_REQUESTS, CLICKS, Stream
from routy.config import Clicks, Config


def values(stream: Stream) -> tuple[str, ...]:
    return tuple("x" for _ in stream.columns[:-1])


@pytest.mark.parametrize(("durability", "files"), [("process", []), ("disk", ["clicks"])])
def test_with_disk_a_click_waits_for_the_disk_and_a_line_of_the_request_log_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, durability: str, files: list[str]
) -> None:
    app = App(Config(data=str(tmp_path), clicks=Clicks(durability=durability)))
    app.walk.spool.open()
    app.requests.open()
    synced: list[str] = []
    with monkeypatch.context() as patch:
        patch.setattr(
            os, "fdatasync", lambda one: synced.append(Path(f"/proc/self/fd/{one}").resolve().parent.name)
        )
        app.walk.spool.append(values(CLICKS))
        app.requests.append(values(API_REQUESTS))
    app.stop()
    assert synced == files
