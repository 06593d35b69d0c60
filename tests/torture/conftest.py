from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.clicks.yard import Yard
from tests.walks.process import Process

Begin = Callable[..., Process]


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    """Begins servers, and ends them with the test."""
    begun: list[Process] = []

    def begin(engine: str = "waitress", directory: Path = tmp_path, **how: object) -> Process:
        process = Process(directory, engine, **how)  # type: ignore[arg-type]
        begun.append(process)
        process.begin()
        return process

    yield begin
    for process in begun:
        process.close()


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    yard = Yard(tmp_path)
    yield yard
    yard.close()
