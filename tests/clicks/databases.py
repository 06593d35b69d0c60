"""Writes small databases in MaxMind's format (its specification, version 2.0): a tree of 32-bit records over IPv6,
IPv4 under ::/96, then the records, then what the file says of itself."""

import struct
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any

BUILT = 1_793_000_000  # 2026-10-26

LOS_ANGELES = {
    "country": {"iso_code": "US", "names": {"en": "United States"}},
    "subdivisions": [{"iso_code": "CA", "names": {"en": "California"}}],
    "city": {"names": {"de": "Los Angeles DE", "en": "Los Angeles"}},
}


def write(path: Path, networks: Mapping[str, Any], kind: str = "Test-City", built: int = BUILT) -> Path:
    path.write_bytes(database(networks, kind, built))
    return path


def database(networks: Mapping[str, Any], kind: str = "Test-City", built: int = BUILT) -> bytes:
    nodes: list[list[int | None]] = [[None, None]]
    data, places = b"", {}
    for text, record in networks.items():
        places[text] = len(data)
        data += _encoded(record)
    leaves: list[tuple[int, int, int]] = []
    for text in networks:
        at, bits = 0, _bits(text)
        for bit in bits[:-1]:
            if nodes[at][bit] is None:
                nodes.append([None, None])
                nodes[at][bit] = len(nodes) - 1
            at = nodes[at][bit] or 0
        leaves.append((at, bits[-1], places[text]))
    for at, bit, place in leaves:
        nodes[at][bit] = len(nodes) + 16 + place
    tree = b"".join(struct.pack(">I", len(nodes) if side is None else side) for node in nodes for side in node)
    about = {
        "binary_format_major_version": _number(5, 2),
        "binary_format_minor_version": _number(5, 0),
        "build_epoch": _number(9, built),
        "database_type": kind,
        "description": {"en": "made for a test"},
        "ip_version": _number(5, 6),
        "languages": ["en"],
        "node_count": _number(6, len(nodes)),
        "record_size": _number(5, 32),
    }
    return tree + b"\0" * 16 + data + b"\xab\xcd\xefMaxMind.com" + _encoded(about)


def _bits(text: str) -> list[int]:
    network = ip_network(text)
    length = network.prefixlen + (96 if network.version == 4 else 0)
    value = int(network.network_address)
    return [value >> (127 - place) & 1 for place in range(length)]


def _encoded(value: Any) -> bytes:
    if isinstance(value, str):
        return _control(2, len(value.encode())) + value.encode()
    if isinstance(value, bytes):
        return value  # it is encoded already
    if isinstance(value, int):
        return _number(6, value)
    if isinstance(value, list):
        return _control(11, len(value)) + b"".join(map(_encoded, value))
    return _control(7, len(value)) + b"".join(_encoded(key) + _encoded(one) for key, one in value.items())


def _number(kind: int, value: int) -> bytes:
    """Of 16 (5), 32 (6) or 64 (9) bits, without leading zeros."""
    raw = value.to_bytes((value.bit_length() + 7) // 8)
    return _control(kind, len(raw)) + raw


def _control(kind: int, size: int) -> bytes:
    """Type and size: types above 7 stand in a byte of their own, sizes above 28 too."""
    first, more = (size, b"") if size < 29 else (29, bytes([size - 29]))
    return bytes([kind << 5 | first]) + more if kind < 8 else bytes([first, kind - 7]) + more
