"""Work in a fresh process of its own, so that one measurement does not warm or burden the next."""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.house import House


def in_child(run: Callable[..., Any], *arguments: Any) -> Any:
    """What `run(*arguments)` returns in another process."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as children:
        return children.submit(run, *arguments).result()


def in_house(run: Callable[[House], Any]) -> Any:
    """What `run(house)` returns in another process, with a house that is gone afterwards."""
    return in_child(_in_house, run)


def _in_house(run: Callable[[House], Any]) -> Any:
    with TemporaryDirectory() as directory:
        house = House(Path(directory))
        found = run(house)
        house.close()
        return found
