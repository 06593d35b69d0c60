"""From the command to the first redirect, with 100,000 links in the record store."""

import importlib.util
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.child import in_child
from bench.filling import SLUG, fill_directory
from bench.result import Options, Result
from bench.visitors import CHECKOUT, ask, connect, request

LINKS = 100_000
STARTS = 5
PATIENCE = 30.0


def measure(options: Options) -> list[Result]:
    with TemporaryDirectory() as directory:
        data = Path(directory) / "data"
        in_child(fill_directory, data, LINKS)
        return [_result(name, command, data) for name, command in _commands().items()]


def _commands() -> dict[str, Sequence[str]]:
    """The launcher is asked only where it has nothing to install."""
    commands: dict[str, Sequence[str]] = {"start": (sys.executable, "-m", "routy.cli")}
    python = shutil.which("python3")
    if python and _is_installed():
        commands["start, by routy.py"] = (python, "routy.py")
    return commands


def _is_installed() -> bool:
    """As the launcher itself sees it."""
    spec = importlib.util.spec_from_file_location("launcher", CHECKOUT / "routy.py")
    assert spec is not None
    assert spec.loader is not None
    launcher = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(launcher)
    return bool(launcher.usable(launcher.pins()))


def _result(name: str, command: Sequence[str], data: Path) -> Result:
    _seconds(command, data)
    taken = sorted(_seconds(command, data) for _ in range(STARTS))
    how = f"the median of {STARTS} starts with {LINKS:,} links, {taken[0]:.2f} to {taken[-1]:.2f} s"
    return Result(name, median(taken), "s", "< 1.5", how)


def _seconds(command: Sequence[str], data: Path) -> float:
    """One start, and a stop that does not count."""
    port = _free_port()
    arguments = (*command, "serve", "--data", str(data), "--port", str(port))
    began = time.perf_counter()
    with subprocess.Popen(arguments, cwd=CHECKOUT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        try:
            _wait_for_redirect(f"http://127.0.0.1:{port}")
            return time.perf_counter() - began
        finally:
            child.terminate()


def _wait_for_redirect(address: str) -> None:
    deadline = time.monotonic() + PATIENCE
    asked = request("go.example", f"/{SLUG.format(77)}")
    while True:
        try:
            with connect(address) as connection:
                ask(connection, asked)
                return
        except ConnectionRefusedError:
            assert time.monotonic() < deadline, "the server does not start"
            time.sleep(0.005)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
