"""Places and networks: the packaged data, and the operator's own databases while they change."""

import os
from pathlib import Path

import pytest

from routy.clicks import geo, networks
from routy.clicks.geo import Geo
from routy.clicks.mmdb import CHECK_MS, Mmdb
from routy.clock import SECOND
from tests.clicks.databases import LOS_ANGELES, database, write

HOME_LINE, OTHER_LINE = "73.0.0.1", "91.10.0.1"
AMAZON = {"autonomous_system_number": 16509, "autonomous_system_organization": "Amazon.com, Inc."}
TELEKOM = {"autonomous_system_number": 3320, "autonomous_system_organization": "Deutsche Telekom AG"}
PARIS = {"country": {"iso_code": "FR"}, "city": {"names": {"en": "Paris"}}}


class Desk:
    """Where an operator puts databases; the clock stands unless a test turns it."""

    def __init__(self, path: Path) -> None:
        self.now = 1_800_000_000_000
        self.city, self.asn, self.copies = path / "city.mmdb", path / "asn.mmdb", path / "copies"

    def put(self, path: Path, raw: bytes, age: int = 60) -> None:
        """A new file takes the old one's name, as `mv` does."""
        fresh = path.with_suffix(".new")
        fresh.write_bytes(raw)
        fresh.replace(path)
        self.written(path, age)

    def written(self, path: Path, age: int) -> None:
        at = self.now // SECOND - age
        os.utime(path, (at, at))

    def geo(self, city: bool = True, asn: bool = False) -> Geo:
        paths = (str(self.city) if city else "", str(self.asn) if asn else "")
        return Geo(*paths, self.copies, lambda: self.now)

    def later(self, geo: Geo) -> None:
        self.now += CHECK_MS
        geo.refresh()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


# ---- the packaged data


@pytest.mark.parametrize(
    ("ip", "keep", "kept"),
    [
        ("91.10.3.7", "full", "91.10.3.7"),
        ("91.10.3.7", "truncated", "91.10.3.0"),
        ("91.10.3.7", "none", ""),
        ("2003:ec:1:2:3:4:5:6", "truncated", "2003:ec:1::"),
        ("::ffff:91.10.3.7", "truncated", "91.10.3.0"),
    ],
)
def test_of_an_address_as_much_is_kept_as_the_setting_says(ip: str, keep: str, kept: str) -> None:
    assert geo.place(ip, keep).kept == kept
    assert geo.place(ip, keep).country == "DE"


@pytest.mark.parametrize("text", ["", "unknown", "1.2.3", "1.2.3.4.5", "::g", "91.10.3.7\0", "91.10.3.7:80"])
def test_what_is_no_address_is_nowhere(text: str) -> None:
    assert geo.place(text, "full") == geo.NOWHERE
    assert geo.country(text) == ""


def test_an_address_of_nobody_is_kept_and_nowhere() -> None:
    assert geo.place("127.0.0.1", "full") == geo.NOWHERE._replace(kept="127.0.0.1")
    assert geo.place("192.168.1.7", "truncated") == geo.NOWHERE._replace(kept="192.168.1.0")


@pytest.mark.parametrize("ip", ["52.95.110.1", "95.216.1.1", "51.75.1.1", "104.248.1.1", "2a01:4f8::1"])
def test_servers_addresses_are_a_datacenters(ip: str) -> None:
    assert geo.place(ip, "none").network == "hosting"


@pytest.mark.parametrize("ip", [HOME_LINE, OTHER_LINE, "2003:ec::1", "127.0.0.1", "10.0.0.1", "203.0.113.7"])
def test_lines_of_people_and_private_addresses_are_not(ip: str) -> None:
    assert geo.place(ip, "none").network == ""


def test_an_exit_of_a_relay_is_no_datacenter_whatever_its_network_is_called() -> None:
    relay = "172.224.226.1"  # iCloud Private Relay, in a network that sells hosting
    assert geo.place(relay, "none").network == ""
    assert networks.packaged().why(bytes(map(int, relay.split("."))), 36183) == ""


def test_lists_of_networks_become_ranges_and_back(tmp_path: Path) -> None:
    for kind, four, six in (("datacenter", "192.0.2.0/25\n192.0.2.128/25\n", "2001:db8::/33"), ("vpn", "", "")):
        (tmp_path / "output" / kind).mkdir(parents=True)
        (tmp_path / "input" / kind).mkdir(parents=True)
        (tmp_path / f"output/{kind}/ipv4.txt").write_text(f"# a remark\n{four}")
        (tmp_path / f"output/{kind}/ipv6.txt").write_text(six)
        (tmp_path / f"input/{kind}/ASN.txt").write_text(
            "AS64500 # Example Hosting - https://asn.example/1\n"[: 99 * bool(four)]
        )
    networks.pack(tmp_path, "c0ffee", "2026-01-01", tmp_path / "ranges.gz", tmp_path / "numbers.txt")
    read = networks.read(tmp_path / "ranges.gz", tmp_path / "numbers.txt")
    assert (read.about["date"], read.names) == ("2026-01-01", {64500: "Example Hosting"})
    assert list(read.ranges["hosting4"].starts) == [0xC0000200] and list(read.ranges["hosting4"].ends) == [
        0xC00002FF
    ]
    assert read.why(b"\xc0\0\2\xff") == "hosting" and read.why(b"\xc0\0\3\0") == read.why(b"\xc0\0\1\xff") == ""
    assert read.why(bytes.fromhex("20010db87fff" + "00" * 10)) == "hosting"
    assert read.why(bytes.fromhex("20010db88000" + "00" * 10)) == ""


# ---- the operator's own


def test_a_city_database_gives_country_region_and_city(desk: Desk) -> None:
    desk.put(desk.city, database({"91.10.0.0/16": LOS_ANGELES}))
    assert desk.geo().place(OTHER_LINE, "none")[:3] == ("US", "US-CA", "Los Angeles")
    assert desk.geo().country(OTHER_LINE) == "US"


def test_an_address_that_it_does_not_know_has_the_registries_country(desk: Desk) -> None:
    desk.put(desk.city, database({"91.10.0.0/16": LOS_ANGELES}))
    assert desk.geo().place(HOME_LINE, "none")[:3] == ("US", "", "")
    assert desk.geo().country("2003:ec::1") == "DE"


@pytest.mark.parametrize(
    ("record", "place"),
    [
        ({"country": {"iso_code": "DE"}, "subdivisions": [{"names": {"en": "Hesse"}}]}, ("DE", "Hesse", "")),
        ({"country_code": "JP", "state1": "Tokyo", "city": "Shinjuku"}, ("JP", "Tokyo", "Shinjuku")),
        ({"country": "BR", "region": "São Paulo", "city": "Santos"}, ("BR", "São Paulo", "Santos")),
        ({"country": {"iso_code": "FR"}, "city": {"names": {"fr": "Paris"}}}, ("FR", "", "")),
        ({"country": {"iso_code": "FR"}, "subdivisions": [], "city": {}}, ("FR", "", "")),
        ({"country": {"iso_code": "FR"}, "subdivisions": "IDF", "city": "Paris"}, ("FR", "", "")),
        ({"country_code": "FR", "city": "two\tcolumns\nand lines"}, ("FR", "", "two columns and lines")),
        ({"country": {"iso_code": 7}, "city": {"names": {"en": "Paris"}}}, ("DE", "", "")),
        ("a text", ("DE", "", "")),
    ],
)
def test_records_of_other_makers_and_odd_ones_are_read(desk: Desk, record: object, place: tuple[str, ...]) -> None:
    desk.put(desk.city, database({"91.10.0.0/16": record, "1.0.0.0/24": LOS_ANGELES}))
    assert desk.geo().place(OTHER_LINE, "none")[:3] == place


@pytest.mark.parametrize("record", [AMAZON, {"asn": "AS16509", "as_name": "Amazon.com, Inc."}])
def test_an_asn_database_gives_the_number_and_says_why_it_is_a_datacenter(desk: Desk, record: object) -> None:
    desk.put(desk.asn, database({"91.10.0.0/16": record, "73.0.0.0/8": TELEKOM, "52.95.0.0/16": TELEKOM}, "ASN"))
    found = desk.geo(city=False, asn=True)
    assert found.place(OTHER_LINE, "none")[3:5] == ("16509", "AS16509 Amazon.com, Inc.")
    assert found.place(HOME_LINE, "none")[3:5] == ("3320", "")
    assert found.place("52.95.110.1", "none")[3:5] == ("3320", "")  # its number counts, not the packaged ranges
    assert found.place("95.216.1.1", "none")[3:5] == ("", "hosting")


def test_a_number_without_a_name_has_the_lists_name(desk: Desk) -> None:
    desk.put(desk.asn, database({"91.10.0.0/16": {"autonomous_system_number": 24940}}, "ASN"))
    assert desk.geo(city=False, asn=True).place(OTHER_LINE, "none").network.startswith("AS24940 HETZNER")


# ---- swapped while running


def test_a_new_file_is_taken_into_use_and_its_date_told(desk: Desk) -> None:
    desk.put(desk.city, database({"91.10.0.0/16": LOS_ANGELES}))
    found = desk.geo()
    desk.put(desk.city, database({"91.10.0.0/16": PARIS}, built=1_796_000_000))
    assert found.country(OTHER_LINE) == "US"
    desk.later(found)
    assert found.place(OTHER_LINE, "none")[:3] == ("FR", "", "Paris")
    assert found.figures()["city"] | {"path": ""} == {
        "path": "", "source": "Test-City", "date": "2026-11-30", "problem": None,
    }  # fmt: skip


def test_the_disk_is_left_alone_for_some_seconds(desk: Desk) -> None:
    desk.put(desk.city, database({"91.10.0.0/16": LOS_ANGELES}))
    found = desk.geo()
    desk.put(desk.city, database({"91.10.0.0/16": PARIS}))
    desk.now += CHECK_MS - 1
    found.refresh()
    assert found.country(OTHER_LINE) == "US"


def test_a_file_that_is_written_to_just_now_is_not_taken_yet(desk: Desk) -> None:
    desk.put(desk.city, database({"91.10.0.0/16": LOS_ANGELES}))
    found = desk.geo()
    desk.put(desk.city, database({"91.10.0.0/16": PARIS}), age=-5)
    desk.later(found)
    assert found.country(OTHER_LINE) == "US"
    desk.later(found)
    assert found.country(OTHER_LINE) == "FR"


@pytest.mark.parametrize("part", [0, 1, 100, -100, -1])
def test_a_file_cut_short_leaves_the_one_before_in_use(desk: Desk, part: int) -> None:
    whole = database({f"91.{n}.0.0/16": PARIS for n in range(250)})
    desk.put(desk.city, database({"91.10.0.0/16": LOS_ANGELES}))
    found = desk.geo()
    desk.put(desk.city, whole[:part])
    desk.later(found)
    assert found.country(OTHER_LINE) == "US"
    assert "city.mmdb is no database that can be used" in found.problems()[0]
    desk.later(found)
    assert found.problems()
    desk.put(desk.city, whole)
    desk.later(found)
    assert (found.country(OTHER_LINE), found.problems()) == ("FR", [])


def test_a_file_that_is_overwritten_in_place_does_no_harm(desk: Desk) -> None:
    desk.put(desk.city, database({f"91.{n}.0.0/16": LOS_ANGELES for n in range(250)}))
    found = desk.geo()
    desk.city.write_bytes(b"")
    assert found.country(OTHER_LINE) == "US"
    desk.city.write_bytes(database({"91.10.0.0/16": PARIS}))
    desk.written(desk.city, 60)
    desk.later(found)
    assert found.country(OTHER_LINE) == "FR"
    assert list(desk.copies.iterdir()) == []


def test_front_of_a_new_file_and_end_of_the_old_one_are_not_taken(desk: Desk) -> None:
    old = database({f"91.{n}.0.0/16": LOS_ANGELES for n in range(250)})
    new = database({f"{n}.10.0.0/16": PARIS for n in range(1, 220)})
    desk.put(desk.city, old)
    found = desk.geo()
    desk.put(desk.city, new[: len(new) // 3] + old[len(new) // 3 :])
    desk.later(found)
    assert found.country(OTHER_LINE) == "US"
    assert found.problems()


def test_a_database_of_another_kind_is_not_taken(desk: Desk) -> None:
    desk.put(desk.city, database({"91.10.0.0/16": AMAZON}, "Test-ASN"))
    found = desk.geo()
    assert found.country(OTHER_LINE) == "DE"
    assert "holds nothing of what is wanted; it is a Test-ASN" in found.problems()[0]


def test_a_file_that_is_not_there_is_told_and_taken_once_it_comes(desk: Desk) -> None:
    found = desk.geo()
    assert found.country(OTHER_LINE) == "DE"
    assert "cannot be read: No such file" in found.problems()[0]
    desk.put(desk.city, database({"91.10.0.0/16": PARIS}))
    desk.later(found)
    assert (found.country(OTHER_LINE), found.problems()) == ("FR", [])


def test_a_file_that_goes_away_and_comes_back_is_fine_again(desk: Desk) -> None:
    desk.put(desk.city, database({"91.10.0.0/16": PARIS}))
    found = desk.geo()
    desk.city.rename(desk.city.with_suffix(".away"))
    desk.later(found)
    assert found.country(OTHER_LINE) == "FR" and "cannot be read" in found.problems()[0]
    desk.city.with_suffix(".away").rename(desk.city)
    desk.later(found)
    assert (found.country(OTHER_LINE), found.problems()) == ("FR", [])


def test_a_file_without_addresses_of_the_newer_kind_answers_for_the_older(desk: Desk, tmp_path: Path) -> None:
    path = write(tmp_path / "one.mmdb", {"91.10.0.0/16": PARIS})
    one = Mmdb(str(path), None, lambda: desk.now, bool)
    one.refresh()
    assert one.get("91.10.0.1") and one.get("2003::1") is None and one.get("nonsense") is None


def test_without_files_of_their_own_health_tells_the_packaged_sources() -> None:
    figures = Geo().figures()
    assert figures["countries"]["source"].startswith("iptocc ")
    assert figures["hosting"]["source"] == "X4BNet/lists_vpn" and figures["hosting"]["date"] >= "2026-08-22"
    assert set(figures) == {"countries", "hosting"} and Geo().problems() == []
