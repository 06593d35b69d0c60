"""Work in a fresh process of its own, so that one measurement does not warm or burden the next."""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any


def in_child(run: Callable[..., Any], *arguments: Any) -> Any:
    """What `run(directory, *arguments)` returns, run in another process with a directory that is gone afterwards."""
    with (
        TemporaryDirectory() as directory,
        ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as children,
    ):
        return children.submit(run, Path(directory), *arguments).result()
