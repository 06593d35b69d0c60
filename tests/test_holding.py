"""The lock on a data directory."""

import json
import multiprocessing
import os
from pathlib import Path

import pytest

from routy.holding import FILE, Held, held, hold, holder, is_held


def test_a_directory_is_held_by_one_at_a_time(tmp_path: Path) -> None:
    first = hold(tmp_path, "serve on 127.0.0.1:8787")
    with pytest.raises(Held, match=rf"process {os.getpid()} \(serve on 127\.0\.0\.1:8787\)"):
        hold(tmp_path, "restore")
    assert holder(tmp_path)["what"] == "serve on 127.0.0.1:8787", "whoever was refused wrote nothing"
    first.release()
    hold(tmp_path, "restore").release()


def test_whether_it_is_held_can_be_asked_without_holding_it(tmp_path: Path) -> None:
    assert not is_held(tmp_path)
    with held(tmp_path, "verify"):
        assert is_held(tmp_path)
        assert is_held(tmp_path)
    assert not is_held(tmp_path)


def test_a_directory_that_is_not_there_is_made(tmp_path: Path) -> None:
    with held(tmp_path / "a" / "b", "serve"):
        assert (tmp_path / "a" / "b" / FILE).is_file()


def test_a_failure_lets_go(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), held(tmp_path, "verify"):
        _ = 1 / 0
    assert not is_held(tmp_path)


def die_holding(directory: Path) -> None:
    hold(directory, "serve")
    os._exit(9)


def test_a_holder_that_died_holds_nothing(tmp_path: Path) -> None:
    child = multiprocessing.get_context("spawn").Process(target=die_holding, args=(tmp_path,))
    child.start()
    child.join(20)
    assert child.exitcode == 9
    assert holder(tmp_path)["what"] == "serve"
    assert not is_held(tmp_path)
    with held(tmp_path, "restore"):
        assert holder(tmp_path) == {"pid": os.getpid(), "what": "restore"}


@pytest.mark.parametrize("text", ["", "rubbish", "[]", '{"pid": ', "\0" * 10])
def test_a_lock_file_with_rubbish_in_it_is_a_lock_file(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    assert holder(tmp_path) == {}
    with held(tmp_path, "serve"):
        assert json.loads((tmp_path / FILE).read_text())["what"] == "serve"
        (tmp_path / FILE).write_text(text)
        with pytest.raises(Held, match="is held by process"):
            hold(tmp_path, "second")
