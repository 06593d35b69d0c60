from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deliveries.receiver import Receiver, receiving
from tests.webhooks.post_office import PostOffice


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def office(tmp_path: Path) -> Iterator[PostOffice]:
    office = PostOffice(tmp_path)
    yield office
    office.close()
