from collections.abc import Iterator
from pathlib import Path

import pytest

from routy.config import Mail
from tests.house import House
from tests.mail.mailbox import Mailbox, receiving


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with receiving() as mailbox:
        yield mailbox


@pytest.fixture
def house(tmp_path: Path, mailbox: Mailbox) -> Iterator[House]:
    """One that has a mail server."""
    sender = "Routy of Acme <routy@go.example>"
    house = House(tmp_path, mail=Mail(host="127.0.0.1", port=mailbox.port, security="none", sender=sender))
    yield house
    house.close()
