import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.house import House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.close()


@pytest.fixture(scope="module")
def shared_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One for all tests of a module, where they do not get in each other's way."""
    house = House(tmp_path_factory.mktemp("house"))
    yield house
    house.close()


LONGEST = ("tests/dashboard/", "tests/torture/", "tests/walks/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What stays together where tests are spread over processes: a file, as its fixtures are made once, and all of
    the dashboard, which shares a browser and a demo. What takes longest begins, so that all end at about the same
    time."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))
    for item in items:
        file = item.nodeid.partition("::")[0]
        group = "dashboard" if file.startswith("tests/dashboard/") else file
        item.add_marker(pytest.mark.xdist_group(group))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--torture", action="store_true", help="the long form of the torture suite")


def pytest_configure(config: pytest.Config) -> None:
    """What hypothesis draws is the same in every run, so that a run says something of the change before it; the
    long form looks elsewhere each time."""
    settings.register_profile("same", derandomize=True)
    if not config.getoption("--torture"):
        settings.load_profile("same")


@pytest.fixture(scope="session")
def torture(request: pytest.FixtureRequest) -> bool:
    """Whether the long form is wanted."""
    return bool(request.config.getoption("--torture"))


@pytest.fixture(scope="session")
def rounds(torture: bool) -> int:
    """How often a server is killed."""
    return int(os.environ.get("ROUTY_ROUNDS", "50" if torture else "2"))
