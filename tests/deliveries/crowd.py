"""`python -m tests.deliveries.crowd COUNT`: a process with so many receivers, each at a port of its own.

It prints their ports. What a receiver does stands in the path that is asked: /ok, /slow (a second and a half),
/fails, /hangs. `GET /seen` of any of them answers with the ids that this one took, by how often, and
`GET /count` with how many.
"""

import asyncio
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

CHECKOUT = Path(__file__).parents[2]
ANSWERS = {"/ok": 204, "/slow": 204, "/fails": 500}
SLOW_SECONDS = 1.5


class Member:
    """One receiver."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                await self._answer(head, reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass  # they hung up, or were killed
        finally:
            writer.close()

    async def _answer(self, head: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first, *lines = head.split("\r\n")
        path = first.split(" ")[1]
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        await reader.readexactly(int(headers.get("content-length", "0")))
        if path in ("/seen", "/count"):
            body = json.dumps(self.seen if path == "/seen" else self.seen.total()).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            raise ConnectionAbortedError
        if path == "/hangs":
            await reader.read(1)  # until they hang up
            raise ConnectionAbortedError
        await asyncio.sleep(SLOW_SECONDS if path == "/slow" else 0)
        self.seen[headers["webhook-id"]] += path != "/fails"
        writer.write(b"HTTP/1.1 %d Said\r\nContent-Length: 0\r\n\r\n" % ANSWERS[path])
        await writer.drain()


async def serve(count: int) -> None:
    servers = [await asyncio.start_server(Member().talk, "127.0.0.1", 0, limit=2**20) for _ in range(count)]
    print(*(server.sockets[0].getsockname()[1] for server in servers), flush=True)
    await asyncio.gather(*(server.serve_forever() for server in servers))


@contextmanager
def crowd(size: int) -> Iterator[list[str]]:
    """Their addresses, while they live."""
    command = [sys.executable, "-m", "tests.deliveries.crowd", str(size)]
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield [f"http://127.0.0.1:{port}" for port in process.stdout.readline().decode().split()]
        finally:
            process.kill()


def seen(address: str) -> Any:
    """How often each id has come."""
    with urlopen(f"{address}/seen", timeout=30) as answer:
        return json.loads(answer.read())


def count(address: str) -> int:
    """How many have come."""
    with urlopen(f"{address}/count", timeout=30) as answer:
        return int(answer.read())


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
