"""Many connections to the real server, of which few have something to say."""

import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import pytest
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel

from tests.house import House
from tests.serving import serving

ASK = b"GET /summer HTTP/1.1\r\nHost: go.example\r\n\r\n"


@pytest.fixture
def address(shared_house: House) -> Iterator[str]:
    if not shared_house.call("GET", "/links", slug="summer").data:
        shared_house.link("summer")
    with serving(shared_house) as address:
        yield address


def connect(address: str) -> socket.socket:
    parts = urlsplit(address)
    return socket.create_connection((parts.hostname, parts.port), timeout=20)


@contextmanager
def connected(address: str, count: int) -> Iterator[list[socket.socket]]:
    with ExitStack() as stack:
        yield [stack.enter_context(connect(address)) for _ in range(count)]


def redirected(connection: socket.socket, times: int = 1) -> bool:
    for _ in range(times):
        connection.sendall(ASK)
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            answer += connection.recv(4096)
        if not answer.startswith(b"HTTP/1.1 302 "):
            return False
    return True


def test_who_is_idle_is_not_asked_again_and_again(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: Counter[HTTPChannel] = Counter()
    readable = HTTPChannel.readable

    def counting(channel: HTTPChannel) -> bool:
        asked[channel] += 1
        return bool(readable(channel))

    with connected(address, 50) as idle, connected(address, 1) as [busy]:
        assert all(redirected(each) for each in idle)
        monkeypatch.setattr(HTTPChannel, "readable", counting)
        assert redirected(busy, 200)
    (_, most), *others = asked.most_common()
    assert most >= 200
    assert sum(count for _, count in others) < 50 * 20  # each was asked once a second


def test_who_has_been_idle_is_heard_at_once(address: str) -> None:
    with connected(address, 20) as idle, connected(address, 1) as [busy]:
        assert redirected(busy, 100)
        assert all(redirected(each, 2) for each in idle)


def test_who_hangs_up_or_says_half_a_request_is_nobody_s_business(address: str) -> None:
    with connected(address, 20) as some, connected(address, 1) as [busy]:
        for each in some[:10]:
            each.sendall(ASK[:20])
        for each in some[5:15]:
            each.close()
        assert redirected(busy, 100)
        some[0].sendall(ASK[20:])
        assert some[0].recv(4096).startswith(b"HTTP/1.1 302 ")


def test_requests_that_come_all_at_once_are_answered_in_their_order(address: str) -> None:
    with connected(address, 1) as [connection]:
        connection.sendall(b"".join(ASK.replace(b"/summer", b"/summer?n=%d" % number) for number in range(50)))
        answers = b""
        while answers.count(b"\r\n\r\n") < 50:
            answers += connection.recv(65536)
    assert answers.count(b"HTTP/1.1 302 ") == 50


def test_a_large_answer_arrives_whole_however_slowly_it_is_read(address: str, shared_house: House) -> None:
    whole = shared_house.ask("GET", "/api/v1/openapi.json").body
    with connected(address, 1) as [connection]:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        connection.sendall(b"GET /api/v1/openapi.json HTTP/1.1\r\nHost: go.example\r\nConnection: close\r\n\r\n")
        answer = b"".join(iter(lambda: connection.recv(3000), b""))
    assert answer.partition(b"\r\n\r\n")[2] == whole


def test_who_is_idle_for_too_long_is_let_go(shared_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Adjustments, "channel_timeout", 0)
    monkeypatch.setattr(Adjustments, "cleanup_interval", 0)
    with serving(shared_house) as address, connected(address, 3) as idle:
        assert [each.recv(1) for each in idle] == [b"", b"", b""]


def test_all_is_closed_in_the_end(shared_house: House) -> None:
    with serving(shared_house) as address, connected(address, 5) as idle:
        assert all(redirected(each) for each in idle)  # who is being let in at that moment is nobody's yet
    with pytest.raises(ConnectionRefusedError):
        connect(address)
