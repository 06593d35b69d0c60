"""A House behind a real socket, for clients that are not ours."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from routy import edge, server
from tests.house import House

ENGINES: dict[str, Any] = {"waitress": server.Http, "granian": edge.Http}


@contextmanager
def serving(house: House, engine: str = "waitress") -> Iterator[str]:
    """The address; the workers still stand still."""
    config = replace(house.app.config, server=replace(house.app.config.server, port=0))
    http = ENGINES[engine](config, house.app.front)
    thread = threading.Thread(target=http.run, args=(1,), daemon=True)
    thread.start()
    try:
        yield http.address
    finally:
        http.close()
        thread.join(5)
