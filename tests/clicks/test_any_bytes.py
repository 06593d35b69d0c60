"""Anybody may send anything: the answer is a redirect or an error page, and the spool stays whole."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routy.clicks.streams import CLICKS
from tests.clicks.yard import Yard

raw = st.binary(max_size=60).map(lambda raw: raw.decode("latin-1"))
nasty = st.sampled_from(
    [
        "\r\nSet-Cookie: a=b", "\0", "\t", "\n", "%00%0d%0a", "\xc0\xaf", "a" * 65_536, "\xff" * 65_536, "é" * 500,
        "../../etc/passwd", "<script>alert(1)</script>", "[::1", "]", ":::::", "qr=1&qr=1", "&&&==&qr=1", "\x85",
        "\u2028", "😀", "\ud800",
    ]
)  # fmt: skip
anything = st.one_of(raw, nasty, st.builds("{}{}".format, nasty, raw))
HEADERS = (
    "HTTP_HOST", "HTTP_REFERER", "HTTP_ACCEPT_LANGUAGE", "HTTP_SEC_PURPOSE", "HTTP_X_FORWARDED_FOR", "REMOTE_ADDR",
)  # fmt: skip
paths = st.one_of(
    anything, anything.map(lambda text: f"/{text}"), st.sampled_from(["/summer", "/SUMMER/", "/paused"])
)


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Yard]:
    yard = Yard(tmp_path_factory.mktemp("yard"), proxies=["10.0.0.0/8"])
    yard.add_link("summer", "https://shop.example/?a=1")
    yard.add_link("paused", status="paused")
    yield yard
    yard.close()


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=paths,
    query=anything,
    agent=anything,
    headers=st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(HEADERS, anything),
    ),
    method=st.sampled_from(["GET", "HEAD"]),
)  # fmt: skip
def test_any_request_gets_an_answer_and_one_whole_line_or_none(
    yard: Yard, path: str, query: str, agent: str, headers: dict[str, str], method: str
) -> None:
    size = _size(yard)
    response = yard.visit(path, query, agent, **{"REQUEST_METHOD": method, "REMOTE_ADDR": "10.0.0.1", **headers})
    assert response.status in (302, 404, 410)
    assert b"script" not in response.body
    written = _since(yard, size)
    if response.status == 404:
        assert written == b""
    else:
        assert written.startswith(b"\n")
        assert written.count(b"\n") == 1
        assert written.count(b"\t") == len(CLICKS.columns) - 1
        assert written.endswith(b"\t.")
        written.decode()


def test_all_of_it_loads(yard: Yard) -> None:
    count = len(yard.lines())
    yard.load()
    assert len(yard.rows("SELECT segment FROM clicks")) == count > 0
    assert yard.loader.figures()["quarantined"] == 0


def _file(yard: Yard) -> Path:
    return next((yard.path / "spool" / "clicks").glob("v*.tsv"))


def _size(yard: Yard) -> int:
    return _file(yard).stat().st_size


def _since(yard: Yard, size: int) -> bytes:
    with _file(yard).open("rb") as file:
        file.seek(size)
        return file.read()
