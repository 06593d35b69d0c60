"""Redirects a second, each with its click in the spool and loaded meanwhile, against a bare WSGI 302 on the same
server, and against `return 302` of nginx where that is installed.

All servers run for the whole measurement and take turns; the ratio is that of neighbouring rounds.
"""

import importlib.util
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.result import Options, Result
from bench.visitors import CHECKOUT, CONNECTIONS, Rate, rate, tool
from tests.walks.process import Process

ROUNDS = 5
TARGETS = {"waitress": "≥ 0.70", "granian": "≥ 0.30"}
TARGET_OF_NGINX = "≥ 0.15"
NGINX = """worker_processes 1; daemon off; pid {0}/pid; error_log /dev/null;
events {{ worker_connections 4096; }}
http {{ access_log off; keepalive_requests 1000000; client_body_temp_path {0}; proxy_temp_path {0};
  fastcgi_temp_path {0}; uwsgi_temp_path {0}; scgi_temp_path {0};
  server {{ listen 127.0.0.1:{1}; return 302 https://shop.example/; }} }}
"""


def measure(options: Options) -> Iterator[Result]:
    for engine in TARGETS:
        if engine == "waitress" or importlib.util.find_spec("granian"):
            yield from _measure(engine, options)
        else:
            yield _missing(f"redirect rate, {engine}", engine, TARGETS[engine])
    if not shutil.which("nginx"):
        yield _missing("redirect rate, granian to nginx", "nginx", TARGET_OF_NGINX)


def _missing(name: str, what: str, target: str) -> Result:
    return Result(name, None, "ratio", target, f"not measured: {what} is not installed")


def _measure(engine: str, options: Options) -> Iterator[Result]:
    with (
        TemporaryDirectory() as directory,
        _bare(engine) as bare,
        _routy(Path(directory), engine) as routy,
        _nginx(Path(directory)) as nginx,
    ):
        addresses = [bare, routy, *([nginx] if nginx and engine == "granian" else [])]
        for address in addresses:
            rate(address, 1)
        rounds = [[rate(address, options.seconds) for address in addresses] for _ in range(ROUNDS)]
    yield from _results(engine, rounds, options.seconds)


def _results(engine: str, rounds: Sequence[Sequence[Rate]], seconds: float) -> Iterator[Result]:
    theirs, ours, *best = (median(each.redirects for each in side) for side in zip(*rounds, strict=True))
    said = f"{ROUNDS} rounds of {seconds:g} s each in turn: {ours:,.0f}/s"
    how = f"{said} of {theirs:,.0f}/s of a bare WSGI 302 on {engine}; {_said_of_tool(rounds, 2)}"
    ratio = median(one[1].redirects / one[0].redirects for one in rounds)
    yield Result(f"redirect rate, {engine}", ratio, "ratio", TARGETS[engine], how)
    if best:
        how = f"{said} of {best[0]:,.0f}/s of nginx's `return 302` in one process; {_said_of_tool(rounds, 3)}"
        ratio = median(one[1].redirects / one[2].redirects for one in rounds)
        yield Result(f"redirect rate, {engine} to nginx", ratio, "ratio", TARGET_OF_NGINX, how)


def _said_of_tool(rounds: Sequence[Sequence[Rate]], among: int) -> str:
    """Where it is busy all the time, the faster of two servers looks slower than it is."""
    busy = ", ".join(f"{median(one[at].busy for one in rounds):.0%}" for at in range(among))
    return f"{tool()} with {CONNECTIONS} connections was busy for {busy} of its core in turn"


@contextmanager
def _bare(engine: str) -> Iterator[str]:
    """The address of the baseline."""
    command = [sys.executable, "-m", "bench.bare", engine]
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        try:
            yield child.stdout.readline().decode().strip() + "/load-0"
        finally:
            child.terminate()


@contextmanager
def _routy(directory: Path, engine: str) -> Iterator[str]:
    """The address of a link."""
    process = Process(directory, engine)
    try:
        process.begin()
        yield f"{process.address}/{process.make_links(1)[0]}"
    finally:
        process.close()


@contextmanager
def _nginx(directory: Path) -> Iterator[str]:
    """The address of one worker of nginx; empty where it is not installed."""
    command = shutil.which("nginx")
    if not command:
        yield ""
        return
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    file = directory / "nginx.conf"
    file.write_text(NGINX.format(directory, port))
    with subprocess.Popen([command, "-c", str(file), "-p", str(directory)], stderr=subprocess.DEVNULL) as child:
        try:
            yield f"http://127.0.0.1:{port}/load-0"
        finally:
            child.terminate()
