"""oEmbed (https://oembed.com): whoever pastes the address of a share into an editor gets its embed."""

import json
import re
from html import escape
from typing import Any
from urllib.parse import urlsplit

from routy.errors import NotFound
from routy.public.asked import SLUG, Asked
from routy.public.shared import Shared

WIDTH, HEIGHT = 640, 480
CACHE_SECONDS = 300
_PATH = re.compile(f"/(?:s|embed)/{SLUG}", re.ASCII)


def slug_of(asked: Asked, hosts: tuple[str, ...]) -> str:
    """The share that the address means; NotFound for one that is not an address of this server."""
    try:
        parts = urlsplit(asked.url)
        found = _PATH.fullmatch(parts.path)
    except ValueError:
        found = None
    if found is None or parts.scheme not in ("http", "https") or parts.netloc.lower() not in hosts:
        raise NotFound("there is no share at this address")
    return found[1]


def answer(shared: Shared, asked: Asked) -> bytes:
    """A frame where the share may stand in one, else a link."""
    parts = urlsplit(asked.url)
    base = f"{parts.scheme}://{parts.netloc.lower()}"
    told: dict[str, Any] = {
        "version": "1.0",
        "type": "rich" if shared.row["frame_ancestors"] else "link",
        "title": shared.row["title"],
        "provider_name": "Routy",
        "provider_url": base,
        "cache_age": CACHE_SECONDS,
    }
    if shared.row["frame_ancestors"]:
        width, height = _fit(WIDTH, asked.maxwidth), _fit(HEIGHT, asked.maxheight)
        told |= {"width": width, "height": height, "html": frame(base, shared, width, height)}
    return json.dumps(told, ensure_ascii=False).encode()


def _fit(wanted: int, most: int) -> int:
    return min(wanted, most) if most else wanted


def frame(base: str, shared: Shared, width: int, height: int) -> str:
    return (
        f'<iframe src="{escape(base)}/embed/{shared.row["slug"]}" title="{escape(shared.row["title"])}"'
        f' width="{width}" height="{height}" loading="lazy" referrerpolicy="no-referrer"></iframe>'
    )
