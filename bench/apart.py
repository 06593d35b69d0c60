"""A subject measured in a process of its own, with an end to waiting for it."""

import json
import os
import signal
import subprocess
import sys

from bench.result import Options, Result, failed, of_shown
from bench.visitors import CHECKOUT

PATIENCE = 300.0  # seconds for one subject, and what its options add
UPGRADED = 1_000_000  # clicks of an upgrade that is one subject of many


def measure_apart(name: str, options: Options) -> list[Result]:
    """Its results; one that says what went wrong, if it failed or did not end."""
    command = [sys.executable, "-m", "bench", name, "--json", *_flags(name, options)]
    child = subprocess.Popen(
        command, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        out, complaint = child.communicate(timeout=_patience(options))
    except subprocess.TimeoutExpired:
        return [failed(name, f"it did not end within {_patience(options):.0f} s")]
    finally:
        _end(child)
    if not out:
        return [failed(name, complaint.strip().rpartition("\n")[2] or f"exit status {child.returncode}")]
    return [of_shown(shown) for shown in json.loads(out)["results"]]


def _flags(name: str, options: Options) -> list[str]:
    rows = min(options.clicks, UPGRADED) if name == "upgrade" else options.clicks
    given = {"seconds": options.seconds, "links": options.links, "rows": rows, "cache": options.cache,
             "kills": options.kills, "soak": options.soak}  # fmt: skip
    return [f"--{flag}={value}" for flag, value in given.items()]


def _patience(options: Options) -> float:
    """Clicks that are not there yet take a minute for ten millions; a kill takes some seconds."""
    return PATIENCE + options.clicks / 40_000 + options.kills * 20 + options.soak * 60


def _end(child: subprocess.Popen[str]) -> None:
    """It, and the servers that it may have left."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    child.wait()
