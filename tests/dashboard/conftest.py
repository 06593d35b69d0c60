import pytest

from tests.dashboard.browser import Browser


@pytest.fixture(scope="session")
def browser() -> Browser:
    return Browser()
