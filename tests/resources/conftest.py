import pytest

from tests.house import House
from tests.resources.samples import Samples


@pytest.fixture(scope="module")
def samples(shared_house: House) -> Samples:
    """The tests of a module share one house: each makes records of its own."""
    return Samples(shared_house)
