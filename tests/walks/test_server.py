"""What only shows through a real socket, or in the files that a real server leaves."""

import socket
import threading
from pathlib import Path
from urllib.parse import urlsplit

from tests.house import House
from tests.serving import serving
from tests.walks.process import Process


def send(address: str, raw: bytes) -> bytes:
    """Exactly these bytes, and what comes back."""
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as connection:
        connection.sendall(raw)
        answer = b""
        while some := connection.recv(65536):
            answer += some
        return answer


def test_raw_bytes_in_an_address_are_as_good_as_encoded_ones(house: House) -> None:
    house.link("größe")
    with serving(house) as address:
        raw = "GET /größe?utm_source=größe HTTP/1.1\r\nHost: go.example\r\nConnection: close\r\n\r\n"
        answer = send(address, raw.encode())
    assert answer.startswith(b"HTTP/1.1 302 Found")
    assert b"Location: https://shop.example/?utm_source=gr%C3%B6%C3%9Fe" in answer
    house.load()
    clicks = house.call("GET", "/clicks", fields="utm_source").data
    assert clicks == [{"utm_source": "größe"}]


def test_a_request_line_that_is_no_url_is_refused_in_the_one_shape(house: House) -> None:
    with serving(house) as address:
        answer = send(address, b"GET http://[ HTTP/1.1\r\nHost: go.example\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400")
    assert b'"code": "VALIDATION_ERROR"' in answer


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
    assert house.call("GET", "/reports", metrics="clicks").data["totals"] == {"clicks": 100}


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
