"""Every wrong input gets the one shape of errors, with what is wrong named: never a 500, never HTML."""

import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routy.api.endpoints import ENDPOINTS
from routy.ids import is_id
from routy.resources.tags import Tag
from tests.house import House, Reply
from tests.serving import serving

KEYS = {"code", "message", "details", "request_id", "doc_url"}
MIB = 2**20


@pytest.fixture(scope="module")
def house(shared_house: House) -> House:
    return shared_house


def told(reply: Reply, status: int, code: str, *fields: str) -> Reply:
    """The one shape of errors, down to its headers."""
    assert reply.status == status, reply.body
    assert set(reply.json) == {"success", "error"} and reply.json["success"] is False
    assert set(reply.error) - {"retry_after", "count", "confirm"} == KEYS
    assert (reply.error["code"], reply.fields) == (code, set(fields)), reply.body
    assert reply.error["message"] and len(reply.body) < 20_000
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.error["request_id"] == reply.headers["X-Request-Id"]
    assert is_id("req", reply.headers["X-Request-Id"])
    assert reply.error["doc_url"].endswith(f"#{code}")
    return reply


def get(house: House, path: str, query: str = "", **headers: str) -> Reply:
    """As given, percent signs and all."""
    return house.ask("GET", path, query, headers={"X-API-Key": house.owner.token, **headers})


def post(
    house: House, body: bytes, path: str = "/api/v1/tags", kind: str = "application/json", **more: Any
) -> Reply:
    headers = {"X-API-Key": house.owner.token, "Content-Type": kind}
    return house.ask("POST", path, body=body, headers=headers, **more)


# ---- paths and methods


PATHS = (
    "/api", "/api/", "/api/v1", "/api/v1/", "/api/v2/links", "/v1", "/v1/nothing", "/api/v1/links/",
    "/api/v1//links", "/api/v1/links/x/y", "/api/v1/../links", "/api/v1/links\0", "/api/v1/lïnks",
    "/api/v1/links%2Fx", "/api/v1/LINKS",
    "/api/v1/" + "x" * 9000, "/api/v1/<script>", "/v1/links\r\nX-Evil: 1", "/api/v1/qr", "/api/v1/api_requests",
)  # fmt: skip


@pytest.mark.parametrize("path", PATHS, ids=lambda path: repr(path)[:30])
def test_an_unknown_path_is_a_404(house: House, path: str) -> None:
    reply = told(get(house, path), 404, "NOT_FOUND")
    assert not any("\n" in text or "\r" in text for text in reply.headers.values())


def test_a_path_that_is_not_utf_8_is_a_400(house: House) -> None:
    for path in ("/api/v1/\xff", "/api/v1/links/\xc3", "/v1/links/\xed\xa0\x80", "/api/v1/qr/link_\xfe.png"):
        raw = house.ask("GET", path, headers={"X-API-Key": house.owner.token}, PATH_INFO=path)
        told(raw, 400, "VALIDATION_ERROR", "path")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "FOO", "", "G\0T", "É"])
def test_a_wrong_method_is_a_405_that_names_the_right_ones(house: House, method: str) -> None:
    for path, allowed in (
        ("/api/v1/reports/schema", "GET"),
        ("/v1/health", "GET"),
        ("/healthz", "GET"),
        ("/metrics", "GET"),
    ):
        reply = house.ask(method, path, headers={"X-API-Key": house.owner.token})
        told(reply, 405, "METHOD_NOT_ALLOWED")
        assert reply.headers["Allow"] == allowed


def test_every_path_refuses_the_methods_that_it_has_not(house: House) -> None:
    paths: dict[str, set[str]] = {}
    for endpoint in ENDPOINTS:
        paths.setdefault(("" if endpoint.rooted else "/api/v1") + endpoint.path, set()).add(endpoint.method)
    for path, has in paths.items():
        records = paths.get(f"{path.rpartition('/')[0]}/{{id}}", set())  # of which its last word is the id
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - has - (records if path[-1] != "}" else set()):
            there = path.replace("{id}", "x").replace("{name}", "x").replace("{external_id}", "x")
            reply = house.ask(method, there, headers={"X-API-Key": house.owner.token})
            record = there.endswith("/batch") and "/reports/" not in there
            if method == "GET" and record:
                told(reply, 404, "NOT_FOUND")  # it is the place of a record, too
                continue
            if method in ("PATCH", "DELETE") and record:
                assert reply.status in (400, 404, 405, 415)
                continue
            told(reply, 405, "METHOD_NOT_ALLOWED")
            assert method not in reply.headers["Allow"].split(",")


def test_both_bases_answer_the_same(house: House) -> None:
    tag = house.make(Tag, name="bases")
    for path in (f"/tags/{tag['id']}", "/tags", "/openapi.json", "/reports/schema"):
        one, other = get(house, f"/api/v1{path}"), get(house, f"/v1{path}")
        assert (one.status, one.body) == (other.status, other.body) and one.status == 200


def test_head_is_get_without_its_body(house: House) -> None:
    tag = house.make(Tag, name="head")
    for path in (
        f"/api/v1/tags/{tag['id']}",
        "/api/v1/tags",
        "/healthz",
        "/api/v1/openapi.json",
        "/api/v1/nothing",
    ):
        got = get(house, path)
        head = house.ask("HEAD", path, headers={"X-API-Key": house.owner.token})
        assert (head.status, head.body) == (got.status, b"")
        same = ("Content-Length", "Content-Type", "ETag")
        assert [head.headers.get(name) for name in same] == [got.headers.get(name) for name in same]


def test_every_answer_has_a_request_id_of_its_own(house: House) -> None:
    asked = [
        ("GET", "/api/v1/tags"),
        ("OPTIONS", "/api/v1/tags"),
        ("HEAD", "/healthz"),
        ("GET", "/api/v1/openapi.json"),
    ]
    asked += [
        ("GET", "/api/v1/nothing"),
        ("POST", "/api/v1/sessions"),
        ("GET", "/metrics"),
        ("FOO", "/api/v1/tags"),
    ]
    ids = [house.ask(method, path).headers["X-Request-Id"] for method, path in asked]
    assert all(is_id("req", one) for one in ids) and len(set(ids)) == len(ids)
    mine = house.ask("GET", "/api/v1/tags", headers={"X-Request-Id": "mine"})
    assert is_id("req", mine.headers["X-Request-Id"]), "nobody chooses it"


def test_an_answer_is_not_to_be_cached_or_guessed_at(house: House) -> None:
    reply = house.call("GET", "/tags")
    assert (reply.headers["Cache-Control"], reply.headers["X-Content-Type-Options"]) == ("no-store", "nosniff")


# ---- bodies


BAD_JSON = (
    b"", b" ", b"{", b"}", b'{"name"}', b'{"name":}', b'{"name":"a",}', b"{'name':'a'}", b"{name:1}",
    b'{"name":"a"}x', b'{"name":"a"}{"name":"b"}', b"NaN", b"Infinity", b'{"name":NaN}', b"undefined",
    b"\xef\xbb\xbf{}", b"\xff\xfe{\0}\0", b'{"name":"\xff"}', b'{"name":"\xc3"}', b'{"name":"\\ud800"}',
    b'{"name":"\\udc00x"}', b'{"\\ud800":1}', b'{"name":"\\x41"}', b'{"name":"a\nb"}', b'{"name":1e999}',
    b'{"name":-1e999}', b'{"name":01}', b'{"name":.5}', b'{"name":0x10}', b'{"name":' + b"9" * 5000 + b"}",
    b"[" * 100_000, b'{"a":' * 100_000, b'{"name":"' + b"x" * 1000, b"[" * 5000 + b"]" * 5000,
    b'{"a":' * 5000 + b"1" + b"}" * 5000, b"\0", b"%7B%7D", b"<xml/>", b"name=a",
)  # fmt: skip


@pytest.mark.parametrize("body", BAD_JSON, ids=lambda body: repr(body)[:24])
def test_a_body_that_is_no_json_is_a_400(house: House, body: bytes) -> None:
    with house.unchanged():
        for path in ("/api/v1/tags", "/api/v1/tags/batch", "/api/v1/sessions"):
            told(post(house, body, path), 400, "VALIDATION_ERROR", "body")


def test_json_that_is_deep_but_well_formed_is_refused_field_by_field(house: House) -> None:
    deep: Any = "x"
    for _ in range(400):
        deep = [deep]
    with house.unchanged():
        told(
            post(house, json.dumps({"name": "a", "metadata": {"a": deep}}).encode()),
            400,
            "VALIDATION_ERROR",
            "metadata",
        )
        told(post(house, json.dumps({"name": deep}).encode()), 400, "VALIDATION_ERROR", "name")


@pytest.mark.parametrize(
    "number", ["1e400", "123456789012345678901234567890", "-0", "1.0", "1e2", "9223372036854775808"]
)
def test_huge_and_odd_numbers_are_refused_where_they_are_wrong(house: House, number: str) -> None:
    raw = f'{{"name":"number","scopes":["full"],"rate_per_minute":{number}}}'.encode()
    reply = post(house, raw, "/api/v1/tokens")
    assert reply.status == 201 if number == "-0" else reply.fields <= {"rate_per_minute", "body"}
    assert post(house, f'{{"name":{number}}}'.encode()).fields in ({"name"}, {"body"})


@pytest.mark.parametrize("text", ["a\0b", "\0", "a\x1fb", "a\nb", "\x7f", "\u0085"])
def test_a_control_character_is_stored_nowhere(house: House, text: str) -> None:
    reply = house.call("POST", "/tags", {"name": text})
    if text == "\u0085":
        assert reply.status in (201, 400)
    else:
        told(reply, 400, "VALIDATION_ERROR", "name")


def test_any_other_text_is_stored_as_it_is(house: House) -> None:
    for name in (
        "日本語",
        "👩‍👩‍👧",
        "e\u0301",
        "مرحبا",
        "\u202etxt",
        "'; DROP TABLE tags; --",
        "<b>",
        "%00",
        "\\u0000",
        "\ufeffx",
    ):
        assert house.make(Tag, name=name)["name"] == name
        assert name in [tag["name"] for tag in house.call("GET", "/tags", name=name).data]


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/xml",
             "json", "application/json-patch+json", "*/*", "\xff", "application/json, text/plain"]
)  # fmt: skip
def test_a_body_of_another_content_type_is_a_415(house: House, kind: str) -> None:
    with house.unchanged():
        told(post(house, b'{"name":"kind"}', kind=kind), 415, "UNSUPPORTED_MEDIA_TYPE")


def test_json_by_its_other_names_is_taken(house: House) -> None:
    kinds = (
        "application/json; charset=utf-8",
        "Application/JSON",
        "application/merge-patch+json",
        " application/json ;x",
    )
    for n, kind in enumerate(kinds):
        assert post(house, f'{{"name":"kind{n}"}}'.encode(), kind=kind).status == 201


def test_a_body_has_at_most_a_mebibyte(house: House) -> None:
    large = b'{"name":"' + b"x" * MIB + b'"}'
    with house.unchanged():
        told(post(house, large), 413, "PAYLOAD_TOO_LARGE")
        told(post(house, large, CONTENT_LENGTH=""), 413, "PAYLOAD_TOO_LARGE")
        told(post(house, large, CONTENT_LENGTH="5"), 413, "PAYLOAD_TOO_LARGE")
        told(post(house, b"{}", CONTENT_LENGTH=str(MIB + 1)), 413, "PAYLOAD_TOO_LARGE")
        told(post(house, b"{}", CONTENT_LENGTH="9" * 30), 413, "PAYLOAD_TOO_LARGE")
        for odd in ("x", "-1", "1.5", " ", "²"):
            told(post(house, b"{}", CONTENT_LENGTH=odd), 400, "VALIDATION_ERROR", "name")
        exactly = b'{"name":"' + b"x" * (MIB - 11) + b'"}'
        told(post(house, exactly), 400, "VALIDATION_ERROR", "name")


def test_a_batch_has_at_most_ten(house: House) -> None:
    large = b'{"items":["' + b"x" * (10 * MIB) + b'"]}'
    with house.unchanged():
        told(post(house, large, "/api/v1/tags/batch"), 413, "PAYLOAD_TOO_LARGE")
    below = b'{"items":["' + b"x" * (9 * MIB) + b'"]}'
    assert post(house, below, "/api/v1/tags/batch").data[0]["status"] == 400


def test_a_name_that_is_sent_twice_counts_once(house: House) -> None:
    assert post(house, b'{"name":"first","name":"last"}').data["name"] == "last"


def test_an_absurd_field_name_is_named_in_short(house: House) -> None:
    reply = house.call("POST", "/tags", {"name": "a", "x" * 100_000: 1})
    assert [len(field) for field in told(reply, 400, "VALIDATION_ERROR", "x" * 100).fields] == [100]
    reply = house.call("POST", "/tags", {"name": "a", **{f"field{n}": n for n in range(5000)}})
    assert reply.status == 400 and len(reply.body) < MIB


def test_a_refusal_does_not_echo_what_is_huge(house: House) -> None:
    for body in (
        {"destination": "https://a.example", "folder_id": "x" * 500_000},
        {"destination": "x:" + "y" * 500_000},
    ):
        assert len(house.call("POST", "/links", body).body) < 20_000
    lists = {"destination": "https://a.example", "tag_ids": ["x" * 300_000, "y" * 300_000]}
    assert len(house.call("POST", "/links", lists).body) < 20_000
    assert len(house.call("POST", "/tokens", {"name": "aa", "scopes": ["x" * 500_000]}).body) < 20_000


# ---- query strings


def test_a_query_that_is_not_utf_8_is_a_400(house: House) -> None:
    for query in ("q=%ff", "%ff=1", "name=%c3", "q=%ed%a0%80", "name[contains]=%80"):
        told(get(house, "/api/v1/tags", query), 400, "VALIDATION_ERROR", "query")


def test_a_parameter_given_twice_is_refused_by_name(house: House) -> None:
    for name in ("limit", "sort", "q", "cursor", "name", "fields", "id"):
        reply = get(house, "/api/v1/tags", f"{name}=1&{name}=1")
        assert name in told(reply, 400, "VALIDATION_ERROR", *reply.fields).fields
    told(get(house, "/api/v1/qr/link_x.png", "size=50&size=60"), 400, "VALIDATION_ERROR", "size")


def test_a_query_may_be_odd_but_not_wrong(house: House) -> None:
    told(get(house, "/api/v1/tags", "&".join(f"a{n}=1" for n in range(201))), 400, "VALIDATION_ERROR", "query")
    told(get(house, "/api/v1/tags", "=1"), 400, "VALIDATION_ERROR", "")
    told(get(house, "/api/v1/tags", "limit"), 400, "VALIDATION_ERROR", "limit")
    told(get(house, "/api/v1/tags", "name%00=1"), 400, "VALIDATION_ERROR", "name\0")
    for query in ("", "&", "&&&", "limit=5&", "limit=%35", "q=a+b", "q=%2500", "q=\xff"):
        assert get(house, "/api/v1/tags", query).status == 200, query


@pytest.mark.parametrize(
    "path", ["/links", "/clicks", "/reports", "/events", "/qr/link_x.png", "/sessions/current"]
)
def test_an_absurdly_long_query_is_refused_in_short(house: House, path: str) -> None:
    reply = get(house, f"/api/v1{path}", f"{'x' * 60_000}=1")
    assert reply.status in (400, 403) and len(reply.body) < 200_000
    assert reply.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("path", ["/health", "/openapi.json", "/reports/schema", "/sessions/current"])
def test_what_takes_no_parameter_takes_none(house: House, path: str) -> None:
    assert get(house, f"/api/v1{path}", "colour=red").status in (200, 400, 403)


# ---- headers


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer \xff\xfe"},
        {"Authorization": "Bearer " + "x" * 100_000},
        {"X-API-Key": ""},
        {"Cookie": "routy_session=" + "x" * 100_000},
        {"Cookie": 'routy_session="\\377"; a=b; ,,=;'},
        {"Cookie": "\0"},
    ],
    ids=lambda headers: repr(headers)[:40],
)
def test_an_absurd_credential_is_a_401(house: House, headers: dict[str, str]) -> None:
    reply = house.ask("GET", "/api/v1/tags", headers=headers)
    told(reply, 401, reply.error["code"])


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept": "\xff"},
        {"Accept": "x" * 100_000},
        {"If-Match": "\xff" * 1000},
        {"Idempotency-Key": "x" * 100_000},
        {"X-Workspace-Id": "\xff"},
        {"X-Forwarded-For": "x, " * 10_000},
        {"X-Forwarded-Proto": "gopher"},
        {"Host": "a" * 70_000},
        {"Host": "\xff"},
        {"User-Agent": "\xff" * 5000},
        {"Origin": "\xff"},
        {"Range": "bytes=0-1"},
        {"Expect": "100-continue"},
        {"Content-Encoding": "gzip"},
    ],
    ids=lambda headers: repr(headers)[:40],
)
def test_an_absurd_header_is_no_fault(house: House, headers: dict[str, str]) -> None:
    for method, path, body in (("GET", "/tags", b""), ("POST", "/tags", b"{}"), ("PATCH", "/tags/x", b"{}")):
        given = {"X-API-Key": house.owner.token, "Content-Type": "application/json", **headers}
        reply = house.ask(method, f"/api/v1{path}", body=body, headers=given)
        assert reply.status < 500
        assert reply.status == 200 or reply.headers["Content-Type"] == "application/json"


# ---- anything


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]),
    path=st.sampled_from([endpoint.path for endpoint in ENDPOINTS if endpoint.path != "/tokens"]),
    place=st.text(max_size=30).filter(lambda text: "/" not in text),
    query=st.dictionaries(st.text(max_size=20), st.text(max_size=40), max_size=4),
    body=st.one_of(
        st.binary(max_size=60),
        st.recursive(
            st.none()
            | st.booleans()
            | st.floats()
            | st.integers()
            | st.text(st.characters(codec="utf-8"), max_size=20),
            lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
            max_leaves=12,
        ).map(lambda value: json.dumps(value).encode()),
    ),
)
def test_no_input_is_ever_a_fault(
    house: House, method: str, path: str, place: str, query: dict[str, str], body: bytes
) -> None:
    there = "/api/v1" + path.replace("{id}", place).replace("{name}", place).replace("{external_id}", place)
    if method == "DELETE" and "{" not in path:
        query = {**query, "colour": "red"}  # this would empty the house
    if path == "/firehose":
        query = {**query, "follow": "false"}  # else the answer has no end
    asked = "&".join(
        f"{quote(name, errors='replace')}={quote(text, errors='replace')}" for name, text in query.items()
    )
    raw = there.encode("utf-8", "surrogatepass").decode("latin-1")
    headers = {"X-API-Key": house.owner.token, "Content-Type": "application/json"}
    reply = house.ask(method, "/", asked, body, headers, PATH_INFO=raw)
    assert reply.status < 500, reply.body
    if reply.status >= 400 and method != "HEAD":
        told(reply, reply.status, reply.error["code"], *reply.fields)


# ---- on the wire


@pytest.fixture(scope="module")
def address(house: House) -> Iterator[tuple[str, int]]:
    with serving(house) as url:
        host, _, port = url.removeprefix("http://").partition(":")
        yield host, int(port)


def send(address: tuple[str, int], raw: bytes) -> tuple[int, bytes, Any]:
    """The status, the head and the body of what comes back to these bytes."""
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_WR)
        came = b""
        while part := connection.recv(65_536):
            came += part
    assert came, f"no answer to {raw[:80]!r}"
    head, _, body = came.partition(b"\r\n\r\n")
    return int(head.split(b" ")[1]), head, json.loads(body) if body else None


def request(house: House, line: str, *headers: str, body: bytes = b"") -> bytes:
    lines = [line, "Host: go.example", f"X-API-Key: {house.owner.token}", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def test_what_the_server_itself_refuses_has_the_same_shape(house: House, address: tuple[str, int]) -> None:
    cases = {
        request(house, "GET /api/v1/tags HTTP/1.1", "X-Long: " + "x" * 262_200): (431,),
        request(house, "GET /api/v1/tags HTTP/1.1", "Content-Length: x"): (400,),
        request(house, "GET /api/v1/tags HTTP/1.1", "Content-Length: -1"): (400,),
        request(house, "GET /api/v1/tags HTTP/1.1", "Content-Length: 1", "Content-Length: 2"): (400,),
        request(house, "GET /api/v1/tags HTTP/1.1", "Transfer-Encoding: gzip"): (400, 501),
        request(house, "GET /api/v1/tags HTTP/1.1", "A\0b: c"): (400,),
        request(house, "GET /api/v1/tags HTTP/1.1", "no colon"): (400,),
        request(house, "GET  HTTP/1.1"): (400, 404),
        request(house, "get /api/v1/tags HTTP/1.1"): (400,),
        request(house, "GET http://[ HTTP/1.1"): (400,),
        b"\0\xff\r\n\r\n": (400,),
        request(house, "POST /api/v1/tags HTTP/1.1", f"Content-Length: {65 * MIB}"): (413,),
    }
    for raw, wanted in cases.items():
        status, head, body = send(address, raw)
        assert status in wanted, (raw[:80], status)
        assert b"application/json" in head and b"<html" not in head, raw[:80]
        assert body["success"] is False and {"code", "message", "details"} <= set(body["error"])


def test_every_refusal_of_the_server_has_a_request_id(house: House, address: tuple[str, int]) -> None:
    _, head, body = send(address, request(house, "GET /api/v1/tags HTTP/1.1", "Content-Length: x"))
    assert b"x-request-id: req_" in head.lower()
    assert is_id("req", body["error"]["request_id"]) and body["error"]["doc_url"]


def test_a_body_without_a_length_is_counted_as_it_comes(house: House, address: tuple[str, int]) -> None:
    chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    line, kind = "POST /api/v1/tags HTTP/1.1", "Content-Type: application/json"
    raw = request(house, line, kind, "Transfer-Encoding: chunked", body=chunk * 20 + b"0\r\n\r\n")
    status, _, body = send(address, raw)
    assert (status, body["error"]["code"]) == (413, "PAYLOAD_TOO_LARGE")
    small = b'10\r\n{"name":"chunks"\r\n1\r\n}\r\n0\r\n\r\n'
    assert send(address, request(house, line, kind, "Transfer-Encoding: chunked", body=small))[0] == 201


def test_a_smuggled_second_request_is_not_answered(house: House, address: tuple[str, int]) -> None:
    inner = request(house, "DELETE /api/v1/tags?id=x HTTP/1.1")
    raw = request(
        house, "POST /api/v1/tags HTTP/1.1", "Transfer-Encoding: chunked", "Content-Length: 4", body=inner
    )
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_WR)
        came = b""
        while part := connection.recv(65_536):
            came += part
    assert came.count(b"HTTP/1.1 ") == 1 and b" 200 " not in came.split(b"\r\n")[0]


def test_a_path_is_decoded_once(house: House, address: tuple[str, int]) -> None:
    for path in (
        "%ff",
        "links/%c3%28",
        "links/%00",
        "links/%252e%252e",
        "links/..%2f..%2fetc",
        "links/%0d%0aX-Evil:1",
    ):
        status, head, body = send(address, request(house, f"GET /api/v1/{path} HTTP/1.1"))
        assert status in (400, 404) and body["error"]["details"] is not None
        assert b"x-evil" not in head.lower()
