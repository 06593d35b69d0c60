from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.alerts.watch import Watch


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    watch = Watch(tmp_path)
    yield watch
    watch.close()
