"""Visitors for measurements: wrk where it is installed, else some connections of our own, in another process."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from tests.clicks.yard import FIREFOX

CHECKOUT = Path(__file__).parents[1]
CONNECTIONS = 32
HEADERS = {
    "User-Agent": FIREFOX,
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "de-DE,de;q=0.9,en;q=0.8",
    "Referer": "https://news.example/today",
}


def tool() -> str:
    return "wrk" if shutil.which("wrk") else "our own generator"


class Rate(NamedTuple):
    """Redirects a second, and the share of a core that asking for them took: near 1, it is the bottleneck."""

    redirects: float
    busy: float


def rate(url: str, seconds: float) -> Rate:
    """Over 32 connections; every answer must be a redirect."""
    before, began = os.times(), time.perf_counter()
    found = _wrk(url, seconds) if shutil.which("wrk") else _own(url, seconds)
    after, took = os.times(), time.perf_counter() - began
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return Rate(found, spent / took)


def request(host: str, path: str) -> bytes:
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}", *(f"{name}: {text}" for name, text in HEADERS.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def connect(address: str) -> socket.socket:
    parts = urlsplit(address)
    connection = socket.create_connection((parts.hostname, parts.port or 80), timeout=10)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def ask(connection: socket.socket, asked: bytes) -> None:
    """One request whose answer is a redirect without a body."""
    connection.sendall(asked)
    expect_redirect(connection)


def expect_redirect(connection: socket.socket) -> None:
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        some = connection.recv(4096)
        assert some, "the server hung up"
        answer += some
    assert answer.startswith(b"HTTP/1.1 302"), answer


def _wrk(url: str, seconds: float) -> float:
    headers = [part for name, text in HEADERS.items() for part in ("-H", f"{name}: {text}")]
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", *headers, url]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in printed, printed
    assert "Socket errors" not in printed, printed
    found = re.search(r"Requests/sec:\s*([\d.]+)", printed)
    assert found, printed
    return float(found[1])


def _own(url: str, seconds: float) -> float:
    command = [sys.executable, "-m", "bench.visitors", url, str(seconds)]
    return float(subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout)


def main(url: str, seconds: float) -> None:
    """All connections ask, then all are heard, again and again."""
    parts = urlsplit(url)
    asked = request(parts.netloc, parts.path)
    connections = [connect(url) for _ in range(CONNECTIONS)]
    answered, began = 0, time.perf_counter()
    while time.perf_counter() < began + seconds:
        for connection in connections:
            connection.sendall(asked)
        for connection in connections:
            expect_redirect(connection)
        answered += CONNECTIONS
    print(answered / (time.perf_counter() - began))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
