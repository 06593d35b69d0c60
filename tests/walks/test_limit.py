"""A click limit is exact, whoever comes at once and however often the server dies meanwhile."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.walks.process import Process, Visitors, until

LIMIT, KILLS, CROWDS = 1_000, 3, 6  # a crowd is eight threads
ENOUGH = 200  # redirects before a kill, so that the limit is not reached before the last one


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    process = Process(tmp_path)
    process.begin()
    yield process
    process.close()


def crowds(process: Process) -> list[Visitors]:
    made = [Visitors(process.address, ["limited"]) for _ in range(CROWDS)]
    for visitors in made:
        visitors.start()
    return made


def received(made: list[Visitors]) -> int:
    return sum(visitors.received.total() for visitors in made)


def test_as_many_are_sent_on_as_the_limit_says_over_three_kills(process: Process) -> None:
    link = {"slug": "limited", "destination": "https://shop.example/", "click_limit": LIMIT}
    process.call("POST", "/links", link)
    came = broken = 0
    for life in range(KILLS + 1):
        made = crowds(process)
        if life < KILLS:
            until(lambda made=made: received(made) >= ENOUGH, "some redirects")
        else:
            until(lambda made=made: all(visitors.strange[410] > 20 for visitors in made), "the limit")
        process.kill()
        for visitors in made:
            visitors.join()
            assert not visitors.strange.keys() - {410}
        came += received(made)
        broken += sum(visitors.broken for visitors in made)
        process.start()
    until(
        lambda: not process.call("GET", "/health")["inside"]["spool"]["waiting"]["clicks"], "the spool to be loaded"
    )
    asked = {"metrics": "clicks", "class": "any", "branch": "destination"}
    previews = process.call("GET", "/reports", **asked, class_at_answer="preview")["totals"]["clicks"]
    sent = process.call("GET", "/reports", **asked)["totals"]["clicks"]
    assert sent - previews == LIMIT
    assert came <= sent <= came + broken
