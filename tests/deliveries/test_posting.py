"""One POST: its time, its answer, its connection, and what is said when it fails."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from routy.deliveries.posting import KEPT_BYTES, Failed, Poster, Reply
from routy.outbound import Guard, Unreachable, look_up
from tests.certificates import certificate, serving, trusting
from tests.deliveries.receiver import Receiver, raw, receiving, says

MakePoster = Callable[..., Poster]
LONG = 30.0  # more than any of these may take; each gives itself one second or two


def post(poster: Poster, url: str, body: str = "{}") -> Reply:
    return poster.post(url, {"Content-Type": "application/json"}, body.encode())


def test_an_answer_comes_back_whole(receiver: Receiver, make_poster: MakePoster) -> None:
    receiver.answer(says(201, b"made", X_Seen="yes"))
    reply = post(make_poster(), f"{receiver.address}/a?b=c", '{"ö":1}')
    assert (reply.status, reply.text, reply.cut, reply.headers["X-Seen"]) == (201, "made", False, "yes")
    [received] = receiver.received
    assert (received.path, received.body) == ("/a?b=c", '{"ö":1}')
    assert received.headers["host"] == receiver.address.removeprefix("http://")


@pytest.mark.parametrize(
    ("length", "cut"), [(0, False), (KEPT_BYTES, False), (KEPT_BYTES + 1, True), (10**6, True)]
)
def test_eight_kilobytes_of_an_answer_are_kept(
    length: int, cut: bool, receiver: Receiver, make_poster: MakePoster
) -> None:
    receiver.answer(says(200, b"x" * length))
    reply = post(make_poster(), receiver.address)
    assert (len(reply.text), reply.cut) == (min(length, KEPT_BYTES), cut)


def test_bytes_that_are_no_text_are_kept_as_text(receiver: Receiver, make_poster: MakePoster) -> None:
    receiver.answer(says(200, b"\xff\0\xfe"))
    assert post(make_poster(), receiver.address).text == "\ufffd" * 3


def test_an_answer_in_chunks_is_read(receiver: Receiver, make_poster: MakePoster) -> None:
    receiver.answer(raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n2\r\nef\r\n0\r\n\r\n"))
    assert post(make_poster(), receiver.address).text == "abcdef"


# ---- time


def hang(request: BaseHTTPRequestHandler) -> None:
    request.connection.recv(1)  # until the other side hangs up


def drip(begin: bytes, drop: bytes) -> Callable[[BaseHTTPRequestHandler], None]:
    """Something every tenth of a second, for ever."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(begin)
        while True:
            request.wfile.write(drop)
            time.sleep(0.1)

    return answer


SLOW = {
    "says nothing": hang,
    "drips its status line": drip(b"HTTP/1.1 200 ", b"O"),
    "drips headers": drip(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
    "drips interim answers": drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
}


@pytest.mark.parametrize("how", SLOW)
def test_who_is_slow_is_cut_off_in_time(how: str, receiver: Receiver, make_poster: MakePoster) -> None:
    receiver.answer(SLOW[how])
    began = time.monotonic()
    with pytest.raises(Failed, match=r"no answer within 0.3 s|no HTTP"):
        post(make_poster(0.3), receiver.address)
    assert time.monotonic() - began < LONG


def test_a_body_without_end_does_not_undo_its_status(receiver: Receiver, make_poster: MakePoster) -> None:
    receiver.answer(drip(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"x"))
    reply = post(make_poster(0.3), receiver.address)
    assert (reply.status, reply.cut) == (200, True)


@contextmanager
def listening(backlog: int = 1) -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0), backlog=backlog) as listener:
        yield listener


def test_a_handshake_that_never_comes_is_cut_off_in_time(make_poster: MakePoster) -> None:
    with listening() as listener, pytest.raises(Failed, match=r"no answer within 0\.3 s"):
        post(make_poster(0.3), f"https://127.0.0.1:{listener.getsockname()[1]}")


def test_dns_that_does_not_answer_is_cut_off_in_time() -> None:
    answered = threading.Event()

    def resolve(host: str, seconds: float) -> list[str]:
        answered.wait(seconds)
        raise Unreachable(f"DNS: no answer about {host} in time")

    with pytest.raises(Failed, match=r"DNS: no answer about slow\.example"):
        post(Poster(Guard(), resolve, 1), "http://slow.example/")


def test_a_name_that_does_not_exist_is_named() -> None:
    with pytest.raises(Failed, match=r"DNS: nowhere\.invalid has no address"):
        post(Poster(Guard(), look_up, 20), "http://nowhere.invalid/")


# ---- connections


def test_a_connection_is_used_again(receiver: Receiver, make_poster: MakePoster) -> None:
    poster = make_poster()
    receiver.answer(says(200, b"one"))
    assert [post(poster, receiver.address).text for _ in range(5)] == ["one"] * 5
    assert receiver.connections == 1


def test_one_whose_answer_was_not_read_to_its_end_is_not(receiver: Receiver, make_poster: MakePoster) -> None:
    poster = make_poster()
    receiver.answer(says(200, b"x" * 20_000))
    assert [post(poster, receiver.address).status for _ in range(3)] == [200] * 3
    assert receiver.connections == 3


def test_one_that_was_closed_meanwhile_costs_no_try(make_poster: MakePoster) -> None:
    """The other side takes the request, and closes the kept connection instead of answering."""
    poster = make_poster()
    with receiving() as receiver:
        receiver.answer(says(200), raw(b""), says(202))
        assert [post(poster, receiver.address).status for _ in range(2)] == [200, 202]
        assert len(receiver.received) == 3


def test_one_that_says_more_than_it_was_asked_is_dropped(receiver: Receiver, make_poster: MakePoster) -> None:
    """Else the surplus would be taken for the answer to the next question."""
    poster = make_poster()

    def surplus(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        request.wfile.flush()
        time.sleep(0.05)
        request.wfile.write(b"HTTP/1.1 500 Forged\r\nContent-Length: 0\r\n\r\n")

    receiver.answer(surplus, says(200))
    assert post(poster, receiver.address).status == 200
    time.sleep(0.3)
    assert post(poster, receiver.address).status == 200
    assert receiver.connections == 2


def test_no_more_connections_are_kept_than_are_good_for_anything(make_poster: MakePoster) -> None:
    poster, together = make_poster(), threading.Barrier(8)

    def meet(request: BaseHTTPRequestHandler) -> None:
        together.wait(LONG)
        says(200)(request)

    with receiving() as receiver:
        receiver.answer(meet)
        threads = [threading.Thread(target=post, args=(poster, receiver.address)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(LONG)
        assert sum(len(kept) for kept in poster._idle.values()) == 4


# ---- failures, in words


def test_a_refused_connection_is_named(make_poster: MakePoster) -> None:
    with listening() as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Failed, match="the connection was refused"):
        post(make_poster(), f"http://127.0.0.1:{port}")


BROKEN = {
    b"": "closed without an answer",
    b"SSH-2.0-OpenSSH_9.2\r\n": "no HTTP",
    b"HTTP/1.1 abc\r\n\r\n": "no HTTP",
    b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n": "no HTTP",
    b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n": "no HTTP",
}


@pytest.mark.parametrize("answer", BROKEN, ids=lambda answer: answer[:16].decode().strip() or "nothing")
def test_an_answer_that_is_none_is_named(answer: bytes, receiver: Receiver, make_poster: MakePoster) -> None:
    receiver.answer(raw(answer))
    with pytest.raises(Failed, match=BROKEN[answer]):
        post(make_poster(), receiver.address)


def test_tls_verifies_and_says_why_not(tmp_path: Path, make_poster: MakePoster) -> None:
    good, other, over = certificate(tmp_path), certificate(tmp_path, "a.example"), certificate(tmp_path, days=-1)
    poster = make_poster(context=lambda: trusting(good))
    with receiving(serving(good)) as receiver:
        assert post(poster, receiver.address).status == 204
        with pytest.raises(Failed, match="TLS: the certificate is not good: self-signed"):
            post(make_poster(), receiver.address)
    bad = {other: "IP address mismatch", over: "certificate has expired"}
    for file, why in bad.items():
        with receiving(serving(file)) as receiver, pytest.raises(Failed, match=f"is not good: {why}"):
            post(make_poster(context=partial(trusting, file)), receiver.address)


def test_a_name_is_what_the_certificate_and_the_host_header_are_held_against(tmp_path: Path) -> None:
    """Though the socket goes to the address."""
    file = certificate(tmp_path, "hooks.example")
    poster = Poster(Guard(["127.0.0.1"]), lambda host, seconds: ["127.0.0.1"], 5, lambda: trusting(file))
    with receiving(serving(file)) as receiver:
        port = receiver.address.rpartition(":")[2]
        assert post(poster, f"https://hooks.example:{port}/").status == 204
        assert receiver.received[0].headers["host"] == f"hooks.example:{port}"
        with pytest.raises(Failed, match="Hostname mismatch"):
            post(poster, f"https://other.example:{port}/")
    poster.close()


def test_what_speaks_no_tls_is_named(receiver: Receiver, make_poster: MakePoster) -> None:
    with pytest.raises(Failed, match="TLS: "):
        post(make_poster(), receiver.address.replace("http:", "https:"))


def test_the_next_address_of_a_name_is_tried_when_one_refuses(make_poster: MakePoster) -> None:
    with receiving() as receiver:
        port = receiver.address.rpartition(":")[2]
        poster = make_poster()
        poster.resolve = lambda host, seconds: ["127.0.0.2", "127.0.0.1"]
        assert post(poster, f"http://two.example:{port}/").status == 204
