"""QR codes of links."""

import base64
import io
import struct
import zlib
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.house import House, Reply

MAGIC = {"png": b"\x89PNG\r\n\x1a\n", "svg": b"<?xml", "pdf": b"%PDF-"}
TYPES = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf"}
KINDS = tuple(MAGIC)


@pytest.fixture(scope="module")
def house(shared_house: House) -> House:
    return shared_house


@pytest.fixture(scope="module")
def link(house: House) -> Any:
    return house.link("summer")


def draw(house: House, link: Any, ending: str = ".png", accept: str = "", **query: str) -> Reply:
    return house.call("GET", f"/qr/{link['id']}{ending}", headers={"Accept": accept} if accept else None, **query)


def side(png: bytes) -> int:
    width, height = struct.unpack(">II", png[16:24])
    assert width == height
    return int(width)


def picture(colour: tuple[int, int, int] = (200, 0, 0)) -> str:
    """A PNG of 4 by 4 pixels as a data: URL."""
    rows = (b"\0" + bytes(colour) * 4) * 4

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", 4, 4, 8, 2, 0, 0, 0)
    whole = MAGIC["png"] + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return "data:image/png;base64," + base64.b64encode(whole).decode()


@pytest.mark.parametrize("kind", KINDS)
def test_the_ending_says_what_is_drawn(house: House, link: Any, kind: str) -> None:
    reply = draw(house, link, f".{kind}")
    assert (reply.status, reply.headers["Content-Type"]) == (200, TYPES[kind])
    assert reply.body.startswith(MAGIC[kind])
    assert int(reply.headers["Content-Length"]) == len(reply.body)


@pytest.mark.parametrize("kind", KINDS)
def test_without_an_ending_accept_says_it(house: House, link: Any, kind: str) -> None:
    for accept in (TYPES[kind], f"text/html, {TYPES[kind]};q=0.5", TYPES[kind].upper()):
        assert draw(house, link, "", accept).headers["Content-Type"] == TYPES[kind]
    assert draw(house, link, f".{kind}", "image/gif").headers["Content-Type"] == TYPES[kind]


def test_otherwise_it_is_a_png(house: House, link: Any) -> None:
    for accept in ("", "*/*", "image/*", "text/html", "\xff"):
        assert draw(house, link, "", accept).headers["Content-Type"] == "image/png"


def test_a_code_is_about_as_large_as_asked_and_never_larger(house: House, link: Any) -> None:
    for size in (100, 300, 1000):
        assert size * 0.7 <= side(draw(house, link, size=str(size)).body) <= size
    assert side(draw(house, link, size="40").body) >= 21, "a module is never less than a pixel"


def test_a_margin_is_so_many_modules(house: House, link: Any) -> None:
    bare, wide = (ElementTree.fromstring(draw(house, link, ".svg", margin=n, size="40").body) for n in ("0", "10"))
    assert int(wide.attrib["width"]) - int(bare.attrib["width"]) == 20


def test_more_correction_takes_more_room(house: House, link: Any) -> None:
    sides = [side(draw(house, link, correction=level, size="40", margin="0").body) for level in "LMQH"]
    assert sides == sorted(sides) and sides[0] < sides[3]


def test_colours_are_those_asked_for(house: House, link: Any) -> None:
    svg = draw(house, link, ".svg", dark="#0f766e", light="#fff7ed").body.lower()
    assert b"#0f766e" in svg and b"#fff7ed" in svg
    assert (
        b"#ffffff" not in draw(house, link, ".svg", light="transparent").body
        and b"#fff" in draw(house, link, ".svg").body
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("light", ["transparent", "#000000"])
def test_odd_colours_are_drawn_too(house: House, link: Any, kind: str, light: str) -> None:
    assert draw(house, link, f".{kind}", light=light, dark="#000000").status == 200


def test_an_svg_is_well_formed_and_runs_nothing(house: House, link: Any) -> None:
    for query in ({}, {"logo": picture()}, {"light": "transparent"}):
        root = ElementTree.fromstring(draw(house, link, ".svg", **query).body)
        names = {element.tag.rpartition("}")[2] for element in root.iter()}
        assert names <= {"svg", "path", "rect", "image", "title", "desc", "g"}
        assert not any(name.lower().startswith("on") for element in root.iter() for name in element.attrib)


@pytest.mark.parametrize("kind", KINDS)
def test_a_logo_is_put_into_every_kind(house: House, link: Any, kind: str) -> None:
    plain, with_logo = draw(house, link, f".{kind}", correction="H"), draw(house, link, f".{kind}", logo=picture())
    assert (with_logo.status, with_logo.body.startswith(MAGIC[kind])) == (200, True)
    assert with_logo.body != plain.body


WRONG = {
    "size": ("39", "4001", "x", "", "1e3", "-300", "9" * 30, "300px"),
    "margin": ("-1", "21", "x", ""),
    "correction": ("l", "X", "", "LM"),
    "dark": ("red", "#fff", "#gggggg", "000000", "", "transparent", '#000000"/>'),
    "light": ("white", "#fff", "none", '#ffffff" onload="x'),
    "logo": (
        "x", "https://evil.example/x.png", "data:text/html;base64,PGI+", "data:image/png;base64,",
        "data:image/png,abc", 'data:image/png;base64,aGk="/><script>', "data:image/png;base64,aGk=\n", "file:///etc/passwd",
        "data:image/png;base64,a", "x" * 300_001,
    ),
    "colour": ("red",),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_parameter_is_named(house: House, link: Any, name: str) -> None:
    for kind in KINDS:
        for text in WRONG[name]:
            reply = draw(house, link, f".{kind}", **{name: text})
            assert (reply.status, reply.fields) == (400, {name}), (kind, text[:60])


def test_a_logo_that_is_no_picture_or_a_huge_one_is_refused(house: House, link: Any) -> None:
    junk = "data:image/png;base64," + base64.b64encode(MAGIC["png"] + b"junk" * 50).decode()
    whole = base64.b64decode(picture().partition(",")[2])
    bomb = whole[:16] + struct.pack(">II", 60_000, 60_000) + whole[24:29]
    bomb += struct.pack(">I", zlib.crc32(bomb[12:29])) + whole[33:]
    for body in (junk, "data:image/png;base64," + base64.b64encode(bomb).decode()):
        for kind in ("png", "pdf"):
            reply = draw(house, link, f".{kind}", logo=body)
            assert (reply.status, reply.fields) == (400, {"logo"})


def test_all_wrong_parameters_are_named_at_once(house: House, link: Any) -> None:
    wrong = {"size": "x", "margin": "x", "dark": "x", "colour": "x"}
    assert draw(house, link, **wrong).fields == set(wrong)


@pytest.mark.parametrize(
    "name", ["link_none.png", "none", "link_.png", "link_x.gif", ".png", "tag_x.png", "link_x.png.svg"]
)
def test_a_link_that_is_not_there_is_a_404(house: House, name: str) -> None:
    assert house.call("GET", f"/qr/{name}").status == 404


def test_a_link_in_the_trash_has_no_code(house: House) -> None:
    link = house.link("trashed")
    house.call("DELETE", f"/links/{link['id']}")
    assert draw(house, link).status == 404


@pytest.mark.parametrize("kind", KINDS)
def test_the_longest_address_still_has_a_code(house: House, kind: str) -> None:
    slug = {"png": "👩" * 128, "svg": "日" * 128, "pdf": "x" * 128}[kind]
    link = house.link(slug)
    for level in ("L", "H"):
        assert draw(house, link, f".{kind}", correction=level).status == 200


def test_a_scan_is_a_click_whose_source_is_qr(house: House, link: Any) -> None:
    where = house.ask("GET", "/summer", "qr=1&a=b").headers["Location"]
    assert where == "https://shop.example/?a=b"
    house.load()
    assert house.call("GET", "/clicks", source="qr").data[0]["link_id"] == link["id"]


def test_the_code_holds_the_short_url(house: House, link: Any) -> None:
    segno = pytest.importorskip("segno")
    out = io.BytesIO()
    code = segno.make(f"{link['short_url']}?qr=1", error="M", boost_error=False, micro=False)
    code.save(
        out, kind="svg", scale=300 // code.symbol_size(border=4)[0], border=4, dark="#000000", light="#ffffff"
    )
    assert draw(house, link, ".svg").body == out.getvalue()
