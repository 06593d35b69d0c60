import pytest

from tests.house import House
from tests.public.fair import Fair


@pytest.fixture(scope="module")
def fair(shared_house: House) -> Fair:
    """One for all tests of a module: each makes shares of its own."""
    return Fair(shared_house)
