"""Where an address is: country, and with the operator's own databases region, city and network as well.

The country comes from the registries' own tables (data in the iptocc wheel): it says where an address is
registered, which agrees with commercial databases nine times in ten; good enough for a report, not for a licence. A
City and an ASN database in MaxMind's format (GeoLite2, DB-IP, ip-location-db …) may be named in the settings.
"""

from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from socket import AF_INET, AF_INET6, inet_ntop, inet_pton  # ten times as fast as ipaddress, a million times a load
from typing import Any, NamedTuple

import iptocc

from routy.clicks import networks
from routy.clicks.mmdb import Mmdb
from routy.clock import Clock, system_clock

KEPT_BYTES = {AF_INET: 3, AF_INET6: 6}  # of a truncated address: /24 and /48
LONGEST_TEXT = 100


class Place(NamedTuple):
    """Every text is empty where nothing is known."""

    country: str  # ISO 3166-1 alpha-2
    region: str  # ISO 3166-2, such as US-CA; the region's name where the database knows no code
    city: str  # its English name
    asn: str  # the number of its network, as digits
    network: str  # why it is a datacenter: `hosting`, or `AS16509 Amazon`
    kept: str  # what remains of the address


NOWHERE = Place("", "", "", "", "", "")


class Geo:
    """Looks addresses up. The databases are files that may be replaced at any time; `refresh` notices."""

    def __init__(
        self, city_db: str = "", asn_db: str = "", directory: Path | None = None, clock: Clock = system_clock
    ) -> None:
        """`directory` is where databases are copied to while they are read; the system's own place by default."""
        self._city = Mmdb(city_db, directory, clock, _knows_countries) if city_db else None
        self._asn = Mmdb(asn_db, directory, clock, _knows_numbers) if asn_db else None
        self.refresh()

    def refresh(self) -> None:
        """Take new files into use. Cheap: looks at the disk every few seconds at most."""
        for database in self._databases().values():
            database.refresh()

    def country(self, ip: str) -> str:
        """ISO 3166-1 alpha-2, empty where nothing is known. Fit for the redirect: no disk, no lock."""
        try:
            address, packed = _read(ip)
        except (OSError, ValueError):
            return ""
        return self._place_of(address, packed)[0]

    def place(self, ip: str, keep: str) -> Place:
        """`keep` is none, truncated or full. What is no address is nowhere, and nothing of it is kept."""
        try:
            address, packed = _read(ip)
        except (OSError, ValueError):
            return NOWHERE
        country, region, city = self._place_of(address, packed)
        asn, name = self._network_of(address)
        network = networks.packaged().why(packed, asn, name)
        return Place(country, region, city, str(asn or ""), network, _kept(address, packed, keep))

    def figures(self) -> dict[str, Any]:
        """For health: source and date of each database in use, and what is wrong with the operator's."""
        self.refresh()
        own = {name: database.figures() for name, database in self._databases().items()}
        return {"countries": {"source": _registries()}, "hosting": networks.packaged().about, **own}

    def problems(self) -> list[str]:
        """What a person has to see to, in words."""
        return [database.problem for database in self._databases().values() if database.problem]

    def _databases(self) -> dict[str, Mmdb]:
        return {name: one for name, one in (("city", self._city), ("asn", self._asn)) if one}

    def _place_of(self, address: str, packed: bytes) -> tuple[str, str, str]:
        record = self._city.get(address) if self._city else None
        if record:
            country, region, city = _city_of(record)
            if country:
                return country, region, city
        return iptocc.country_code(address) or "", "", ""

    def _network_of(self, address: str) -> tuple[int, str]:
        record = self._asn.get(address) if self._asn else None
        return _network_in(record) if record else (0, "")


@cache
def _registries() -> str:
    return f"iptocc {version('iptocc')}"


def _read(ip: str) -> tuple[str, bytes]:
    """The address in its one spelling, and its bytes; an IPv4 address in IPv6's clothes is an IPv4 address."""
    family = AF_INET6 if ":" in ip else AF_INET
    packed = inet_pton(family, ip)
    if family == AF_INET6 and packed.startswith(b"\0" * 10 + b"\xff\xff"):
        family, packed = AF_INET, packed[12:]
    return inet_ntop(family, packed), packed


def _kept(address: str, packed: bytes, keep: str) -> str:
    if keep == "truncated":
        family = AF_INET if len(packed) == 4 else AF_INET6
        return inet_ntop(family, packed[: KEPT_BYTES[family]].ljust(len(packed), b"\0"))
    return address if keep == "full" else ""


# ---- the shapes of records: MaxMind's and DB-IP's (nested), and the flat ones of ip-location-db and ipinfo

Record = Mapping[str, Any]


def _city_of(record: Record) -> tuple[str, str, str]:
    if "country" in record and isinstance(record["country"], Mapping):
        country = _text(record["country"].get("iso_code"))
        return country, _region(country, record.get("subdivisions")), _name(record.get("city"))
    country = _text(record.get("country_code") or record.get("country"))
    region = record.get("region_code") or record.get("state1") or record.get("region")
    return country, _text(region), _text(record.get("city"))


def _region(country: str, subdivisions: Any) -> str:
    """The first one is the largest. DB-IP's free database has names only."""
    first = subdivisions[0] if isinstance(subdivisions, list) and subdivisions else None
    code = _text(first.get("iso_code")) if isinstance(first, Mapping) else ""
    return f"{country}-{code}" if code else _name(first)


def _name(named: Any) -> str:
    names = named.get("names") if isinstance(named, Mapping) else None
    return _text(names.get("en")) if isinstance(names, Mapping) else ""


def _network_in(record: Record) -> tuple[int, str]:
    """Number and name: `autonomous_system_number` in most databases, `"asn": "AS15169"` in ipinfo's."""
    number = record.get("autonomous_system_number") or record.get("asn") or 0
    digits = str(number).upper().removeprefix("AS")
    name = record.get("autonomous_system_organization") or record.get("as_name") or record.get("name")
    return (int(digits) if digits.isascii() and digits.isdigit() else 0), _text(name)


def _text(value: Any) -> str:
    """On one line, as it goes into a file of lines."""
    return " ".join(value.split())[:LONGEST_TEXT] if isinstance(value, str) else ""


def _knows_countries(record: Record) -> bool:
    return bool(_city_of(record)[0])


def _knows_numbers(record: Record) -> bool:
    return bool(_network_in(record)[0])


# ---- for those who have no databases of their own

_PACKAGED = Geo()
country: Callable[[str], str] = _PACKAGED.country
place: Callable[[str, str], Place] = _PACKAGED.place
