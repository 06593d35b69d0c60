import pytest

from tests.house import House
from tests.resources.samples import Samples


@pytest.fixture(scope="module")
def samples(shared_house: House) -> Samples:
    return Samples(shared_house)


@pytest.fixture
def house(shared_house: House) -> House:
    """All tests of a module share one: each makes records of its own."""
    return shared_house
