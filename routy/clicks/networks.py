"""Which addresses are a datacenter's: where servers and programs live, and few people browse.

Two lists of the X4BNet project (MIT, see hosting.md beside this file): the numbers of networks that sell hosting,
and the ranges that these announce. Exits of VPNs and relays (iCloud Private Relay among them) stand in datacenters
too, but people sit behind them: they are taken out again.
"""

import gzip
import json
import re
import sys
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import cache
from ipaddress import collapse_addresses, ip_network
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
RANGES, NUMBERS = HERE / "hosting.ranges.gz", HERE / "hosting.numbers.txt"
PARTS = ("hosting4", "hosting6", "shared4", "shared6")
LONGEST_NAME = 60
_ADDRESS = re.compile(r"[\s-]*https?://\S+")


class Ranges:
    """Sorted ranges that do not overlap, of IPv4 addresses or of the upper halves of IPv6 addresses."""

    __slots__ = ("ends", "starts")

    def __init__(self, starts: Sequence[int], ends: Sequence[int]) -> None:
        self.starts, self.ends = starts, ends

    def hold(self, value: int) -> bool:
        at = bisect_right(self.starts, value) - 1
        return at >= 0 and value <= self.ends[at]


class Networks(NamedTuple):
    """`about` tells source, date and licence; `names` are those of hosting networks by their number."""

    about: dict[str, Any]
    ranges: dict[str, Ranges]
    names: dict[int, str]

    def why(self, packed: bytes, asn: int | None = None, name: str = "") -> str:
        """Why this address is a datacenter's, `hosting` or `AS16509 AMAZON-02`; empty for any other.

        `packed` has 4 or 16 bytes. Where a database told the network's number, the number decides; else the ranges.
        """
        family, value = ("4", int.from_bytes(packed)) if len(packed) == 4 else ("6", int.from_bytes(packed[:8]))
        if self.ranges["shared" + family].hold(value):
            return ""
        if asn:
            return f"AS{asn} {name or self.names[asn]}".rstrip() if asn in self.names else ""
        return "hosting" if self.ranges["hosting" + family].hold(value) else ""


@cache
def packaged() -> Networks:
    return read(RANGES, NUMBERS)


def read(ranges: Path, numbers: Path) -> Networks:
    with gzip.open(ranges) as file:
        about = json.loads(file.readline())
        columns = {part: (_column(file.read(size)), _column(file.read(size))) for part, size in about.pop("bytes")}
    lines = (line.split("\t") for line in numbers.read_text().splitlines())
    found = {part: Ranges(starts, ends) for part, (starts, ends) in columns.items()}
    return Networks(about, found, {int(number): name for number, name in lines})


def _column(raw: bytes) -> Sequence[int]:
    column = array("Q", raw)
    if sys.byteorder == "big":
        column.byteswap()
    return column


# ---- making the two files anew, by hand: python -m routy.clicks.networks <checkout of the lists> <commit> <date>


def pack(lists: Path, commit: str, date: str, ranges: Path = RANGES, numbers: Path = NUMBERS) -> None:
    """Write both files from a checkout of the lists; the same checkout makes the same bytes."""
    columns, sizes = b"", []
    for part in PARTS:
        kind = "datacenter" if part.startswith("hosting") else "vpn"
        spans = _spans((lists / f"output/{kind}/ipv{part[-1]}.txt").read_text().splitlines())
        columns += _raw(start for start, _ in spans) + _raw(end for _, end in spans)
        sizes.append((part, 8 * len(spans)))
    about = {"source": "X4BNet/lists_vpn", "commit": commit, "date": date, "licence": "MIT", "bytes": sizes}
    ranges.write_bytes(gzip.compress(json.dumps(about).encode() + b"\n" + columns, mtime=0))
    numbers.write_text("".join(f"{number}\t{name}\n" for number, name in sorted(_numbers(lists).items())))


def _raw(values: Iterable[int]) -> bytes:
    column = array("Q", values)
    if sys.byteorder == "big":
        column.byteswap()
    return column.tobytes()


def _spans(lines: Iterable[str]) -> list[tuple[int, int]]:
    """Networks as ranges; neighbours become one. Of IPv6 addresses the upper 64 bits: nobody announces less."""
    networks = [ip_network(line.split()[0]) for line in lines if line.strip() and not line.startswith("#")]
    spans: list[tuple[int, int]] = []
    for network in collapse_addresses(networks):  # type: ignore[type-var]  # a file holds one family only
        shift = 0 if network.version == 4 else 64
        start, end = int(network[0]) >> shift, int(network[-1]) >> shift
        if spans and spans[-1][1] + 1 >= start:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return spans


def _numbers(lists: Path) -> dict[int, str]:
    """`AS16509 # AMAZON-02 - Amazon.com, Inc., US` → 16509, its name; those of VPNs are left out."""
    found: dict[str, dict[int, str]] = {}
    for kind in ("datacenter", "vpn"):
        lines = (
            line for line in (lists / f"input/{kind}/ASN.txt").read_text().splitlines() if line.startswith("AS")
        )
        pairs = (line[2:].partition("#") for line in lines)
        found[kind] = {
            int(number): _ADDRESS.sub("", " ".join(name.split()))[:LONGEST_NAME] for number, _, name in pairs
        }
    return {number: name for number, name in found["datacenter"].items() if number not in found["vpn"]}


if __name__ == "__main__":
    pack(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
