from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium

from tests.dashboard.browser import Browser
from tests.dashboard.chrome import LOOPBACK, PASSWORD, Demo, Person, chromium, somebody
from tests.walks.process import Process


@pytest.fixture(scope="session")
def browser() -> Browser:
    return Browser()


@pytest.fixture(scope="package")
def chrome() -> Iterator[Chromium]:
    """One for all tests of the dashboard, and gone with them: its loop must not meet others."""
    with chromium() as running:
        yield running


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """A real server with an owner, whom a person can be."""
    process = Process(tmp_path_factory.mktemp("dashboard"), settings=LOOPBACK)
    try:
        process.begin()
        process.call("PATCH", f"/users/{process.call('GET', '/users')[0]['id']}", {"password": PASSWORD})
        yield process
    finally:
        process.close()


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    process = Demo(tmp_path_factory.mktemp("demo"))
    try:
        process.fill()
        yield process
    finally:
        process.close()


def _logged_in(chrome: Chromium, address: str, email: str, password: str) -> Any:
    with somebody(chrome, address) as person:
        person.log_in(email, password)
        return person.page.context.storage_state()


@pytest.fixture(scope="package")
def owner_state(chrome: Chromium, server: Process) -> Any:
    return _logged_in(chrome, server.address, "owner@acme.example", PASSWORD)


@pytest.fixture(scope="package")
def demo_state(chrome: Chromium, demo: Demo) -> Any:
    return _logged_in(chrome, demo.address, demo.email, demo.password)


@pytest.fixture
def owner(chrome: Chromium, server: Process, owner_state: Any) -> Iterator[Person]:
    with somebody(chrome, server.address, owner_state) as person:
        yield person


@pytest.fixture
def guest(chrome: Chromium, demo: Demo, demo_state: Any) -> Iterator[Person]:
    """Somebody who looks at the invented year."""
    with somebody(chrome, demo.address, demo_state) as person:
        yield person


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """Git ignores it."""
    folder = Path(__file__).parent / "screenshots"
    folder.mkdir(exist_ok=True)
    return folder
