"""What only shows through a real socket, with each of the servers, or in the files that a real server leaves."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.house import House
from tests.serving import ENGINES, serving
from tests.walks.process import Process


@pytest.fixture(params=ENGINES)
def address(house: House, request: pytest.FixtureRequest) -> Iterator[str]:
    with serving(house, request.param) as address:
        yield address


def send(address: str, raw: bytes) -> bytes:
    """Exactly these bytes, and what comes back."""
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as connection:
        connection.sendall(raw)
        answer = b""
        with suppress(ConnectionResetError):  # it does not want to hear the rest
            while some := connection.recv(65536):
                answer += some
        return answer


def ask(address: str, line: str, *headers: str, body: bytes = b"") -> bytes:
    """A request on a connection that ends with it."""
    head = "\r\n".join((f"{line} HTTP/1.1", "Host: go.example", "Connection: close", *headers, "", ""))
    return send(address, head.encode() + body)


def status(answer: bytes) -> int:
    return int(answer.split(maxsplit=2)[1])


def headers(answer: bytes) -> dict[str, str]:
    lines = answer.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]
    return {name.lower(): text for name, text in (line.split(": ", 1) for line in lines)}


def body(answer: bytes) -> bytes:
    return answer.partition(b"\r\n\r\n")[2]


def error(answer: bytes) -> dict[str, object]:
    """A refusal, which has one shape whoever refuses."""
    told = json.loads(body(answer))
    assert (told["success"], set(told["error"]) >= {"code", "message", "details", "request_id"}) == (False, True)
    assert headers(answer)["content-type"] == "application/json"
    found: dict[str, object] = told["error"]
    return found


def bearer(house: House) -> str:
    return f"Authorization: Bearer {house.owner.token}"


def test_raw_bytes_in_an_address_are_as_good_as_encoded_ones(house: House, address: str) -> None:
    house.link("größe")
    answer = ask(address, "GET /größe?utm_source=größe")
    assert status(answer) == 302
    assert headers(answer)["location"] == "https://shop.example/?utm_source=gr%C3%B6%C3%9Fe"
    house.load()
    clicks = house.call("GET", "/clicks", fields="utm_source").data
    assert clicks == [{"utm_source": "größe"}]


def test_an_encoded_address_is_decoded_once(house: House, address: str) -> None:
    house.link("größe")
    assert status(ask(address, "GET /gr%C3%B6%C3%9Fe")) == 302
    assert status(ask(address, "GET /gr%25C3%25B6%25C3%259Fe")) == 404
    assert status(ask(address, "GET /%ff%00%0a")) == 404


def test_a_redirect_says_what_a_redirect_must_whatever_carries_it(house: House, address: str) -> None:
    house.link("summer")
    found = headers(ask(address, "GET /summer"))
    assert (found["location"], found["cache-control"]) == ("https://shop.example/", "private, no-store")
    assert (found["server"], found["content-length"]) == ("routy", "0")


def test_HEAD_answers_as_GET_without_its_body(house: House, address: str) -> None:
    house.link("summer")
    assert status(ask(address, "HEAD /summer")) == 302
    shown, told = ask(address, "GET /api/v1/health"), ask(address, "HEAD /api/v1/health")
    assert (status(told), body(told)) == (200, b"")
    assert headers(told)["content-length"] == headers(shown)["content-length"] == str(len(body(shown)))


def test_a_body_arrives_whole_by_its_length_and_in_chunks(house: House, address: str) -> None:
    sent = json.dumps({"slug": "long", "destination": "https://shop.example/", "title": "ö" * 200}).encode()
    given = (bearer(house), "Content-Type: application/json")
    answer = ask(address, "POST /api/v1/links", *given, f"Content-Length: {len(sent)}", body=sent)
    assert (status(answer), json.loads(body(answer))["data"]["title"]) == (201, "ö" * 200)
    again = sent.replace(b"long", b"next")
    parts = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (again[:7], again[7:])) + b"0\r\n\r\n"
    answer = ask(address, "POST /api/v1/links", *given, "Transfer-Encoding: chunked", body=parts)
    assert (status(answer), json.loads(body(answer))["data"]["slug"]) == (201, "next")


def test_a_body_that_is_too_large_is_refused_before_it_is_sent(house: House, address: str) -> None:
    given = (bearer(house), "Content-Type: application/json", f"Content-Length: {2**30}")
    answer = ask(address, "POST /api/v1/links", *given)
    assert (status(answer), error(answer)["code"]) == (413, "PAYLOAD_TOO_LARGE")


def test_a_body_that_was_cut_off_changes_nothing(house: House, address: str) -> None:
    sent = b'{"slug": "half", "destination": "https://shop.example/"}'
    parts = urlsplit(address)
    with house.unchanged(), socket.create_connection((parts.hostname, parts.port), timeout=10) as connection:
        head = f"POST /api/v1/links HTTP/1.1\r\nHost: go.example\r\n{bearer(house)}\r\nContent-Length: 90\r\n\r\n"
        connection.sendall(head.encode() + sent)
        connection.shutdown(socket.SHUT_WR)
        connection.recv(65536)


def test_headers_without_end_are_refused(house: House, address: str) -> None:
    house.link("summer")
    assert status(ask(address, "GET /summer", f"X-Long: {'a' * 20_000}")) == 302
    answer = ask(address, "GET /summer", *(f"X-{n}: {'a' * 60_000}" for n in range(10)))
    assert not answer or status(answer) == 431


def test_a_request_line_that_is_no_url_is_refused(address: str) -> None:
    assert status(send(address, b"GET http://[ HTTP/1.1\r\nHost: go.example\r\nConnection: close\r\n\r\n")) == 400
    assert status(send(address, b"rubbish\r\n\r\n")) == 400


def test_waitress_refuses_in_the_one_shape(house: House) -> None:
    with serving(house) as address:
        answer = send(address, b"GET http://[ HTTP/1.1\r\nHost: go.example\r\n\r\n")
    assert error(answer)["code"] == "VALIDATION_ERROR"


def test_granian_takes_no_chunks_whose_end_it_could_not_see(house: House) -> None:
    given = (bearer(house), "Content-Type: text/csv", "Transfer-Encoding: chunked")
    with serving(house, "granian") as address:
        answer = ask(address, "POST /api/v1/links/batch", *given, body=b"3\r\na,b\r\n0\r\n\r\n")
    assert (status(answer), error(answer)["code"]) == (411, "LENGTH_REQUIRED")


@pytest.mark.parametrize("engine", ENGINES)
def test_who_comes_through_a_proxy_is_believed_as_far_as_the_proxy_is_trusted(tmp_path: Path, engine: str) -> None:
    for number, proxies in enumerate([(), ("127.0.0.1",)]):
        (tmp_path / str(number)).mkdir()
        house = House(tmp_path / str(number), proxies=proxies)
        house.link("summer")
        with serving(house, engine) as address:
            forwarded = ("X-Forwarded-For: 198.51.100.7, 91.10.0.1", "X-Forwarded-For: 91.10.0.2")
            assert status(ask(address, "GET /summer", *forwarded)) == 302
        house.load()
        assert house.call("GET", "/clicks", fields="ip").data == [{"ip": "91.10.0.0" if proxies else "127.0.0.0"}]
        house.close()


def test_a_variable_of_the_environment_is_no_header(
    house: House, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_AUTHORIZATION", f"Bearer {house.owner.token}")
    assert status(ask(address, "GET /api/v1/links")) == 401


def test_loads_that_meet_do_not_disturb_each_other(house: House) -> None:
    """The worker's, a backup's, and the one at the end of the server."""
    house.link("summer")
    failures: list[BaseException] = []

    def load_often() -> None:
        try:
            for _ in range(20):
                house.app.loader.load_once()
        except BaseException as error:  # noqa: BLE001 (whatever it is, it is what the test looks for)
            failures.append(error)

    threads = [threading.Thread(target=load_often) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(100):
        house.ask("GET", "/summer")
        house.now += 1000
        house.app.walk.spool.seal_once()
    for thread in threads:
        thread.join()
    house.load()
    assert failures == []
    assert house.call("GET", "/reports", metrics="clicks", **{"class": "any"}).data["totals"] == {"clicks": 100}


def test_what_lies_in_the_data_directory_is_for_its_owner_alone(tmp_path: Path) -> None:
    process = Process(tmp_path)
    try:
        process.begin()
        process.make_links(3)
        process.command("backup", str(tmp_path / "backup"))
        process.stop()
        process.command("restore", str(tmp_path / "backup"))
    finally:
        process.close()
    files = [*process.data.rglob("*"), *(tmp_path / "backup").rglob("*")]
    assert len(files) > 8
    assert [str(path) for path in files if path.lstat().st_mode & 0o077] == []
