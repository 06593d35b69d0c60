"""The control socket: how a command beside a running server asks it for what only it can do (verify, backup).

A unix socket in the data directory that only its owner may use. One JSON line in, one JSON line out:
`{"command": "backup", "to": "/srv/backup"}` → `{"ok": true, "answer": {…}}` or `{"ok": false, "error": "…"}`.
"""

import json
import logging
import os
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

log = logging.getLogger("routy.control")

FILE = "routy.sock"
LONGEST_LINE = 65_536
WAIT_SECONDS = 0.5

Command = Callable[[dict[str, Any]], Any]


class Failed(Exception):
    """The server could not do it; the message is its own."""


class Control:
    """The server's side: `answer_once` is a worker's step."""

    def __init__(self, directory: Path, commands: Mapping[str, Command]) -> None:
        self._path = directory / FILE
        self._place = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        self._commands = commands
        self._path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX)
        before = os.umask(0o177)
        try:
            self._socket.bind(_short(self._place))
        finally:
            os.umask(before)
        self._socket.listen(4)
        self._socket.settimeout(WAIT_SECONDS)

    def answer_once(self) -> bool:
        """Wait a moment for a command and do it."""
        try:
            connection, _ = self._socket.accept()
        except TimeoutError:
            return True
        except OSError:
            return False
        with connection:
            connection.settimeout(5)
            try:
                asked = connection.makefile("rb").readline(LONGEST_LINE)
                connection.sendall(json.dumps(self._answer(asked)).encode() + b"\n")
            except OSError as error:
                log.warning("a command was not heard to its end: %s", error)
        return True

    def close(self) -> None:
        self._socket.close()
        self._path.unlink(missing_ok=True)
        os.close(self._place)

    def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            asked = json.loads(line)
            return {"ok": True, "answer": self._commands[asked["command"]](asked)}
        except Exception as error:  # noqa: BLE001 (whatever it is, whoever asked is told)
            log.warning("a command failed: %s", error)
            return {"ok": False, "error": str(error) or type(error).__name__}


def _short(place: int) -> str:
    """The socket by its open directory: its own path may be longer than the 107 bytes that a socket may have."""
    return f"/proc/self/fd/{place}/{FILE}"


def ask(directory: Path, command: str, **values: Any) -> Any:
    """The client's side; Failed with the server's own words, or when it does not answer."""
    with socket.socket(socket.AF_UNIX) as connection:
        place = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            connection.connect(_short(place))
            connection.sendall(json.dumps({"command": command, **values}).encode() + b"\n")
            answer = json.loads(connection.makefile("rb").readline())
        except (OSError, ValueError) as error:
            raise Failed(f"the server does not answer: {error}") from None
        finally:
            os.close(place)
    if not answer["ok"]:
        raise Failed(answer["error"])
    return answer["answer"]
