"""Addresses that somebody has typed in lead out, and never in."""

from collections.abc import Callable

import pytest

from routy.deliveries.posting import Failed, Poster
from routy.outbound import Guard, Unreachable, is_public, place_of
from tests.deliveries.receiver import Receiver, receiving, says

HOSTILE = (
    "http://127.0.0.1/", "http://127.0.0.1:8080/", "http://127.1.2.3/", "http://0.0.0.0/", "http://localhost/",
    "http://LOCALHOST./", "http://a.localhost/", "http://2130706433/", "http://017700000001/",
    "http://0x7f000001/", "http://0x7f.0x0.0x0.0x1/", "http://0177.0.0.1/", "http://127.1/", "http://127.0.1/",
    "http://0/", "http://10.0.0.1/", "http://172.16.0.1/", "http://172.31.255.254/", "http://192.168.1.1/",
    "http://169.254.169.254/latest/meta-data/", "http://100.64.0.1/", "http://100.127.255.254/",
    "http://192.0.0.1/", "http://198.18.0.1/", "http://192.88.99.1/", "http://224.0.0.1/", "http://239.1.1.1/",
    "http://240.0.0.1/", "http://255.255.255.255/", "http://[::1]/", "http://[::]/", "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/", "http://[::ffff:8.8.8.8]/", "http://[::127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/", "http://[64:ff9b::808:808]/", "http://[64:ff9b:1::1]/",
    "http://[2002:7f00:1::]/", "http://[2001:0:7f00:1::]/", "http://[fe80::1]/", "http://[fe80::1%25eth0]/",
    "http://[fc00::1]/", "http://[fd12:3456::1]/", "http://[fec0::1]/", "http://[ff02::1]/",
    "http://[2001:db8::1]/", "http://[3fff::1]/", "http://[5f00::1]/", "http://[100::1]/",
    "http://１２７.0.0.1/", "http://127。0。0。1/", "http://①②⑦.0.0.1/",
    "http://user@good.example/", "http://user:pass@good.example/", "http://127.0.0.1:80@good.example/",
    "http://good.example\\@127.0.0.1/", "http://good.example:22/", "http://good.example:25/",
    "http://good.example:0/", "http://good.example:99999/", "http:///nowhere", "http://", "//good.example/",
    "ftp://good.example/", "file:///etc/passwd", "gopher://good.example/", "javascript:alert(1)",
    "http://good.example/{click_id}", "http://good.example/a b", "http://good.example/\r\nX: y",
)  # fmt: skip


def test_there_are_more_than_forty_hostile_addresses() -> None:
    assert len(set(HOSTILE)) == len(HOSTILE) > 40


@pytest.mark.parametrize("url", HOSTILE)
def test_a_hostile_address_is_refused_before_dns_is_asked(url: str) -> None:
    def resolve(host: str, seconds: float) -> list[str]:
        raise AssertionError(f"{host} was looked up")

    assert Guard().why_not_call(url)
    with pytest.raises(Failed):
        Poster(Guard(), lambda host, seconds: ["8.8.8.8"] if "good" in host else resolve(host, seconds), 1).post(
            url, {}, b""
        )


@pytest.mark.parametrize(
    "url", ["https://hooks.acme.example/a?b=c", "http://8.8.8.8:8080/", "https://[2606:4700::1]/"]
)
def test_a_public_address_is_not(url: str) -> None:
    assert Guard().why_not_call(url) == ""


PRIVATE = ("127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "fd00::1%eth0")


@pytest.mark.parametrize("address", PRIVATE)
@pytest.mark.parametrize("others", [[], ["8.8.8.8"]])
def test_a_name_that_leads_inside_with_any_of_its_addresses_is_refused(address: str, others: list[str]) -> None:
    place = place_of("http://rebind.example/")
    with pytest.raises(Unreachable, match="private network"):
        Guard().addresses(place, lambda host, seconds: [*others, address], 1)


def test_what_is_connected_to_is_what_was_checked() -> None:
    """DNS says another thing when it is asked again: it is asked once, and the socket goes to that very answer."""
    with receiving() as receiver:
        answers = [["127.0.0.2"], ["127.0.0.1"]]
        port = int(receiver.address.rpartition(":")[2])
        poster = Poster(Guard(["127.0.0.2/32"]), lambda host, seconds: answers.pop(0), 2)
        with pytest.raises(Failed, match="refused"):  # nobody listens at the second address of loopback
            poster.post(f"http://rebind.example:{port}/", {}, b"")
        with pytest.raises(Failed, match="private network"):
            poster.post(f"http://rebind.example:{port}/", {}, b"")
        assert receiver.received == [] and answers == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_into_the_inside_is_an_answer_and_nothing_more(
    status: int, receiver: Receiver, make_poster: Callable[..., Poster]
) -> None:
    with receiving() as inside:
        receiver.answer(says(status, Location=f"{inside.address}/admin"))
        reply = make_poster().post(receiver.address, {}, b"{}")
        assert (reply.status, reply.headers["Location"]) == (status, f"{inside.address}/admin")
        assert inside.received == []


def test_a_network_that_is_allowed_may_be_called_at_any_port() -> None:
    guard = Guard(["10.0.0.0/8", "fd00::/8"])
    assert guard.why_not_call("http://10.1.2.3:25/") == guard.why_not_call("http://[fd00::1]/") == ""
    assert "private network" in guard.why_not_call("http://192.168.0.1/")
    assert guard.addresses(place_of("http://a.example:81/"), lambda host, seconds: ["10.0.0.9"], 1) == ["10.0.0.9"]
    with pytest.raises(Unreachable, match="private network"):
        guard.addresses(place_of("http://a.example/"), lambda host, seconds: ["10.0.0.9", "192.168.0.1"], 1)
    with pytest.raises(Unreachable, match="port 81"):
        guard.addresses(place_of("http://a.example:81/"), lambda host, seconds: ["8.8.8.8"], 1)


def test_an_address_inside_an_address_counts_as_the_inner_one() -> None:
    assert Guard(["10.0.0.0/8"]).why_not_call("http://[::ffff:10.0.0.1]/") == ""
    assert Guard(["10.0.0.0/8"]).why_not_call("http://[64:ff9b::a00:1]/") != ""


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "93.184.215.14", "2606:4700::1111", "2a00:1450::1"])
def test_the_internet_is_public(address: str) -> None:
    assert is_public(address)


def test_a_url_goes_out_as_it_can_stand_in_a_request() -> None:
    place = place_of("https://gö.example:8443/ä/%20x?q=ö&r=%26#part")
    assert (place.host, place.port, place.authority) == ("xn--g-1ga.example", 8443, "xn--g-1ga.example:8443")
    assert place.target == "/%C3%A4/%20x?q=%C3%B6&r=%26"
    assert place_of("http://[2606:4700::1]").authority == "[2606:4700::1]"
