"""`GET /qr/{link_id}.png|svg|pdf`: the QR code of a link's address, with `?qr=1` so that scans are told apart.

A QR code is drawn by segno (ISO/IEC 18004). A logo covers the middle, so it asks for the highest correction; Pillow
puts it into PNG and PDF, and in an SVG it is an image element, where nothing in it can run.
"""

import base64
import binascii
import io
import re
from contextlib import suppress
from typing import Annotated, Any, Literal

import segno
from PIL import Image, UnidentifiedImageError

from routy.api.call import Answer, Call, Endpoint
from routy.errors import Invalid, NotFound
from routy.records import read
from routy.resource import Field, Form, Row
from routy.resources.link_rules import short_url
from routy.resources.links import Link

TYPES = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf"}
COLOUR = "^#[0-9a-fA-F]{6}$"
LOGO_SHARE = 0.22
MOST_LOGO_PIXELS = 4_000_000

Logo = tuple[str, bytes]  # its type and its bytes


class QrQuery(Form):
    size: Annotated[
        int, Field("Pixels a side, about: modules are whole pixels.", default=300, least=40, most=2000, example=300)
    ]
    margin: Annotated[int, Field("Quiet modules around it.", default=4, least=0, most=20, example=4)]
    correction: Annotated[
        Literal["L", "M", "Q", "H"],
        Field("How much of it may be damaged: 7, 15, 25 or 30 %.", default="M", example="M"),
    ]
    dark: Annotated[str, Field("Colour of the modules.", pattern=COLOUR, default="#000000", example="#0f766e")]
    light: Annotated[
        str,
        Field(
            "Colour behind them; `transparent` for none.",
            pattern="^(#[0-9a-fA-F]{6}|transparent)$",
            default="#ffffff",
            example="#ffffff",
        ),
    ]
    logo: Annotated[
        str | None,
        Field(
            "A picture for the middle as data: URL: PNG or JPEG, in SVG codes also SVG; at most 40,000 characters.",
            max_length=40_000,
            example="data:image/png;base64,iVBORw0KGgo=",
        ),
    ]


def _qr(call: Call) -> Answer:
    link_id, kind = _asked(call)
    asked = call.parameters()
    link = read.find(call.services.records, call.actor, Link, link_id)
    body = draw(scanned_url(link), kind, asked)
    return Answer(raw=body, content_type=TYPES[kind], headers=(("Cache-Control", "private, max-age=300"),))


def _asked(call: Call) -> tuple[str, str]:
    """The link and the kind of picture: by the path's ending, else by Accept, else PNG."""
    name = call.path["name"]
    found = re.fullmatch(r"(link_\w+)(?:\.(png|svg|pdf))?", name)
    if found is None:
        raise NotFound(f"there is no QR code {name[:60]}: the path is /qr/LINK_ID.png, .svg or .pdf")
    return found[1], found[2] or _accepted(call.request.headers.get("accept", ""))


def _accepted(header: str) -> str:
    wanted = [part.partition(";")[0].strip().lower() for part in header.split(",")]
    by_type = {content_type: kind for kind, content_type in TYPES.items()}
    return next((by_type[one] for one in wanted if one in by_type), "png")


def scanned_url(link: Row) -> str:
    return f"{short_url(link)}?qr=1"


def draw(text: str, kind: str, asked: dict[str, Any]) -> bytes:
    """The picture's bytes; Invalid names `logo` where it cannot be used."""
    logo = _logo(asked["logo"]) if asked["logo"] else None
    code = _code(text, "H" if logo else asked["correction"])
    modules = code.symbol_size(border=asked["margin"])[0]
    scale = max(1, asked["size"] // modules)
    light = None if asked["light"] == "transparent" else asked["light"]
    plain = io.BytesIO()
    drawn = "png" if logo and kind == "pdf" else kind
    code.save(plain, kind=drawn, scale=scale, border=asked["margin"], dark=asked["dark"], light=light)
    if logo is None:
        return plain.getvalue()
    if kind == "svg":
        return _into_svg(plain.getvalue(), str(asked["logo"]), scale * modules)
    return _into_picture(plain, logo, kind)


def _code(text: str, correction: str) -> segno.QRCode:
    """With the correction asked for, or the highest that leaves room for so long an address."""
    levels = "HQML"
    for level in levels[levels.index(correction) :]:
        with suppress(segno.DataOverflowError):
            return segno.make(text, error=level, boost_error=False, micro=False)
    raise Invalid({"name": "the link's address is too long for a QR code"})


def _logo(text: str) -> Logo:
    found = re.fullmatch(r"data:image/(png|jpeg|svg\+xml);base64,([A-Za-z0-9+/]+=*)", text)
    try:
        data = base64.b64decode(found[2], validate=True) if found else b""
    except binascii.Error:
        data = b""
    if found is None or not data:
        raise Invalid({"logo": "must be a data: URL of a PNG, JPEG or SVG in base64"})
    return found[1], data


def _into_svg(svg: bytes, logo: str, side: int) -> bytes:
    """An image element in the middle, on a plate of its own."""
    width = round(side * LOGO_SHARE)
    at, plate = (side - width) // 2, round(width * 0.08)
    drawn = (
        f'<rect x="{at - plate}" y="{at - plate}" width="{width + 2 * plate}" height="{width + 2 * plate}"'
        ' fill="#fff"/>'
        f'<image x="{at}" y="{at}" width="{width}" height="{width}" href="{logo}"/></svg>'
    )
    return svg.replace(b"</svg>", drawn.encode())


def _into_picture(plain: io.BytesIO, logo: Logo, kind: str) -> bytes:
    """The logo on a white plate over the middle of a PNG, which may become a PDF page."""
    picture = Image.open(plain).convert("RGBA")
    width = round(picture.width * LOGO_SHARE)
    small = _opened(logo).convert("RGBA")
    small.thumbnail((width, width))
    plate = Image.new("RGBA", (round(small.width * 1.16), round(small.height * 1.16)), "white")
    for part in (plate, small):
        picture.paste(part, ((picture.width - part.width) // 2, (picture.height - part.height) // 2), part)
    out = io.BytesIO()
    if kind == "pdf":
        page = Image.new("RGB", picture.size, "white")
        page.paste(picture, mask=picture)
        page.save(out, "PDF")
    else:
        picture.save(out, "PNG")
    return out.getvalue()


def _opened(logo: Logo) -> Image.Image:
    """The picture, unless it is none or would unfold into something huge."""
    try:
        picture = Image.open(io.BytesIO(logo[1]), formats=("PNG", "JPEG"))
        if picture.width * picture.height <= MOST_LOGO_PIXELS:
            picture.load()
            return picture
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise Invalid({"logo": "must be a PNG or JPEG picture for this kind of code"}) from None
    raise Invalid({"logo": f"may have at most {MOST_LOGO_PIXELS} pixels"})


ENDPOINTS = [
    Endpoint(
        "GET",
        "/qr/{name}",
        "get_qr",
        "The QR code of a link: LINK_ID.png, .svg or .pdf, or by Accept.",
        _qr,
        scope="links:read",
        tag="links",
        shape="raw",
        media=tuple(TYPES.values()),
        parameters=QrQuery.fields,
        raises=(400, 404),
    )
]
