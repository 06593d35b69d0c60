from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.walks.process import ENGINES, Process


@pytest.fixture(params=ENGINES)
def process(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Process]:
    """A server with an owner, by each of the engines."""
    process = Process(tmp_path, request.param)
    process.begin()
    yield process
    process.close()
