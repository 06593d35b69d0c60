"""What many links cost a redirect: one visitor asks two servers in turn, one with few links and one with many."""

import random
import shutil
import socket
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.filling import SLUG, kept_directory
from bench.result import Options, Result
from bench.visitors import ask, connect, request
from tests.walks.process import Process

FEW = 1_000
ROUNDS = 20
VISITS = 500


def measure(options: Options) -> list[Result]:
    cache = Path(options.cache)
    cache.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=cache) as few, TemporaryDirectory(dir=cache) as many:
        servers = [Process(Path(few)), Process(Path(many))]
        sizes = (FEW, options.links)
        try:
            for server, links in zip(servers, sizes, strict=True):
                shutil.copytree(kept_directory(cache, links), server.data)
                server.start()
            pairs = _ask_in_turn(servers, sizes)
        finally:
            for server in servers:
                server.close()
    fast, slow = (median(side) * 1e6 for side in zip(*pairs, strict=True))
    ratio = median(theirs / ours for ours, theirs in pairs)
    how = f"{ROUNDS} rounds in turn: {slow:.0f} µs with {options.links:,} links, {fast:.0f} µs with {FEW:,}"
    return [Result("redirect among many links", ratio, "ratio", "≤ 1.25", how)]


def _ask_in_turn(servers: list[Process], sizes: tuple[int, ...]) -> list[tuple[float, float]]:
    connections = [connect(server.address) for server in servers]
    chance = random.Random(7)
    rounds = [
        [_latency(connection, links, chance) for connection, links in zip(connections, sizes, strict=True)]
        for _ in range(ROUNDS + 1)
    ]
    for connection in connections:
        connection.close()
    return [(few, many) for few, many in rounds[1:]]


def _latency(connection: socket.socket, links: int, chance: random.Random) -> float:
    """The median of some visits to links that are not paused."""
    taken = []
    for _ in range(VISITS):
        number = chance.randrange(links) // 10 * 10 + 1
        asked = request("go.example", f"/{SLUG.format(number)}")
        began = time.perf_counter()
        ask(connection, asked)
        taken.append(time.perf_counter() - began)
    return median(taken)
