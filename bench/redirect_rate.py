"""Redirects a second, each with its click in the spool and loaded meanwhile, against a bare WSGI 302.

Both servers run for the whole measurement and take turns; the ratio is that of neighbouring rounds.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.result import Options, Result
from bench.visitors import CHECKOUT, CONNECTIONS, rate, tool
from tests.walks.process import Process

ROUNDS = 5


def measure(options: Options) -> list[Result]:
    with TemporaryDirectory() as directory, _bare() as bare, _routy(Path(directory)) as routy:
        rate(bare, 1)
        rate(routy, 1)
        pairs = [(rate(bare, options.seconds), rate(routy, options.seconds)) for _ in range(ROUNDS)]
    ratio = median(ours / theirs for theirs, ours in pairs)
    theirs, ours = (median(side) for side in zip(*pairs, strict=True))
    how = (
        f"{tool()}, {CONNECTIONS} connections, {ROUNDS} rounds of {options.seconds:g} s each in turn: "
        f"{ours:,.0f}/s of {theirs:,.0f}/s of a bare WSGI 302 on the same waitress"
    )
    return [Result("redirect rate", ratio, "ratio", "≥ 0.70", how)]


@contextmanager
def _bare() -> Iterator[str]:
    """The address of the baseline."""
    with subprocess.Popen([sys.executable, "-m", "bench.bare"], cwd=CHECKOUT, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        try:
            yield child.stdout.readline().decode().strip() + "/load-0"
        finally:
            child.terminate()


@contextmanager
def _routy(directory: Path) -> Iterator[str]:
    """The address of a link."""
    process = Process(directory)
    try:
        process.begin()
        yield f"{process.address}/{process.make_links(1)[0]}"
    finally:
        process.close()
