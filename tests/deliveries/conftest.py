from collections.abc import Callable, Iterator

import pytest

from routy.deliveries.posting import Poster
from routy.outbound import Guard, look_up
from tests.deliveries.receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def make_poster() -> Iterator[Callable[..., Poster]]:
    """Makes those that may call loopback, and lets go of their connections."""
    made: list[Poster] = []

    def make(seconds: float = 5, **more: object) -> Poster:
        made.append(Poster(Guard(["127.0.0.0/8"]), look_up, seconds, **more))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for poster in made:
        poster.close()
