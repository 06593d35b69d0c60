"""A House behind a real socket, for clients that are not ours."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from routy.server import Http
from tests.house import House


@contextmanager
def serving(house: House) -> Iterator[str]:
    """The address; the workers still stand still."""
    config = replace(house.app.config, server=replace(house.app.config.server, port=0))
    http = Http(config, house.app.front)
    thread = threading.Thread(target=http.run, args=(1,), daemon=True)
    thread.start()
    try:
        yield http.address
    finally:
        http.close()
        thread.join(5)
