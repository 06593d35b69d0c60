"""Takes the pictures of the README anew, of a server with the invented year:

python3 routy.py serve --demo            in one terminal
python -m tests.dashboard.pictures       in another; with its address if that is another one
"""

import sys
from pathlib import Path
from typing import Any

from routy.serving import DEMO
from tests.dashboard.chrome import chromium, somebody

FOLDER = Path(__file__).parents[2] / "docs" / "images"
SIZE = {"width": 1280, "height": 940}


def take(address: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    look: dict[str, Any] = {"viewport": SIZE, "device_scale_factor": 1.5}
    with chromium() as chrome:
        for name, path, scheme in (("overview", "/app", "light"), ("link-dark", "/app/links/{link}", "dark")):
            with somebody(chrome, address, color_scheme=scheme, **look) as person:
                person.log_in(DEMO["email"], DEMO["password"])
                link = person.call("GET", "/links?slug=black-friday")[0]["id"]
                person.go(path.format(link=link))
                person.page.screenshot(path=FOLDER / f"{name}.png")


if __name__ == "__main__":
    take(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8787")
