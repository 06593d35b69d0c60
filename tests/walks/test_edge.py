"""granian: a supervisor and one worker, and what happens when one of them goes."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.walks.process import CHECKOUT, ENGINES, ROUTY, Process, Received, expect_all_stored, until, visiting


@pytest.fixture
def edge(tmp_path: Path) -> Iterator[Process]:
    process = Process(tmp_path, "granian")
    process.begin()
    yield process
    process.close()


def serve(data: Path, engine: str, port: int = 0) -> subprocess.CompletedProcess[str]:
    """A server that is not expected to come about."""
    arguments = (*ROUTY, "serve", "--data", str(data), "--port", str(port))
    environ = {**os.environ, "ROUTY_SERVER_ENGINE": engine}
    return subprocess.run(
        arguments, cwd=CHECKOUT, env=environ, capture_output=True, text=True, timeout=30, check=False
    )


def is_gone(pid: int) -> bool:
    """A process that has ended may lie about until somebody asks how."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_a_worker_that_is_told_to_stop_finishes_and_another_begins(edge: Process) -> None:
    slugs, received, before = edge.make_links(10), Received(), edge.worker
    visitors = visiting(edge, slugs)
    os.kill(before, signal.SIGTERM)
    until(lambda: edge.log().count("serves on") == 2, "another worker")
    visitors.stop()  # those whose connection was closed between two visits have come back
    received.add(visitors)
    visitors = visiting(edge, slugs)
    assert edge.worker != before
    visitors.stop()
    received.add(visitors)
    expect_all_stored(edge, received)


def test_a_worker_dies_with_its_supervisor(edge: Process) -> None:
    worker = edge.worker
    edge.kill()
    until(lambda: is_gone(worker), "the worker to be gone")
    with pytest.raises(ConnectionRefusedError):
        edge.call("GET", "/health")


def test_a_worker_that_does_not_end_is_killed(edge: Process, torture: bool) -> None:
    if not torture:
        pytest.skip("it takes as long as a worker is given")
    os.kill(edge.worker, signal.SIGSTOP)
    assert edge.stop(20) == -signal.SIGKILL % 256
    assert "it is killed" in edge.log()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_second_server_on_the_same_data_says_who_has_it(edge: Process, engine: str) -> None:
    refused = serve(edge.data, engine)
    assert (refused.returncode, f"is held by process {edge.worker}" in refused.stderr) == (1, True), refused.stderr
    assert edge.call("GET", "/health")["ok"]


@pytest.mark.parametrize("engine", ENGINES)
def test_an_address_that_is_taken_is_told_and_nobody_serves(tmp_path: Path, engine: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = serve(tmp_path, engine, taken.getsockname()[1])
    assert (refused.returncode, "cannot listen on 127.0.0.1" in refused.stderr) == (1, True), refused.stderr


def test_the_link_to_set_it_up_is_said_once(tmp_path: Path) -> None:
    process = Process(tmp_path, "granian")
    try:
        process.start()
        assert process.stop() == 0
        assert process.log().count("/setup?token=") == 1
    finally:
        process.close()
