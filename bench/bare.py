"""The baseline of redirects: a WSGI function that answers 302, on Routy's own servers with the same settings."""

import importlib
import sys
from collections.abc import Callable, Iterable
from typing import Any

from routy.config import Config, Server

MODULES = {"waitress": "routy.server", "granian": "routy.edge"}


def redirect(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("302 Found", [("Location", "https://shop.example/"), ("Content-Length", "0")])
    return ()


if __name__ == "__main__":
    engine = sys.argv[1] if len(sys.argv) > 1 else "waitress"
    http = importlib.import_module(MODULES[engine]).Http(Config(server=Server(port=0)), redirect)
    print(http.address, file=sys.stdout, flush=True)
    http.run(1)
