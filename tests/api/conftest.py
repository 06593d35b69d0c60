"""What the API's tests share."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.house import House


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Callable[..., House]]:
    """Houses with other settings than usual."""
    made: list[House] = []

    def one(**options: Any) -> House:
        directory = tmp_path / f"house{len(made)}"
        directory.mkdir()
        made.append(House(directory, **options))
        return made[-1]

    yield one
    for house in made:
        house.close()
