import pytest

from routy.clicks.visit import Proxies, Visit, client_ip, host_of, read, take_sub_id, url_safe

NOBODY = Proxies(())
OURS = Proxies(("10.0.0.0/8", "2001:db8::/32"))


def visit(**environ: str) -> Visit:
    return read({"REQUEST_METHOD": "GET", "PATH_INFO": "/", **environ}, 0, NOBODY)


def test_a_slug_is_utf8_in_its_composed_form() -> None:
    raw = "/Zu\u0308rich".encode().decode("latin-1")
    assert visit(PATH_INFO=raw).slug == "Zürich"


def test_a_slug_may_have_slashes_and_loses_one_at_its_end() -> None:
    assert visit(PATH_INFO="/a/b/").slug == "a/b"


@pytest.mark.parametrize("path", ["/\xff", "/\xc3", "/" + "a" * 600])
def test_bytes_that_are_no_text_are_no_slug(path: str) -> None:
    assert visit(PATH_INFO=path).slug is None


@pytest.mark.parametrize(
    ("header", "host"),
    [
        ("Go.Example", "go.example"),
        ("go.example:80", "go.example"),
        ("go.example.:443", "go.example"),
        ("localhost:8787", "localhost:8787"),
        ("", ""),
    ],
)
def test_a_host_is_written_as_domains_are(header: str, host: str) -> None:
    assert host_of(header) == host


def test_the_qr_parameter_becomes_the_source_and_is_taken_out() -> None:
    asked = visit(QUERY_STRING="a=1&qr=1&b=2")
    assert (asked.source, asked.query) == ("qr", "a=1&b=2")


def test_a_parameter_that_only_looks_like_qr_stays() -> None:
    asked = visit(QUERY_STRING="faqr=1&qr=12")
    assert (asked.source, asked.query) == ("", "faqr=1&qr=12")


def test_a_forwarded_address_counts_from_our_own_proxies_only() -> None:
    forwarded = {"HTTP_X_FORWARDED_FOR": "1.1.1.1, 8.8.8.8, 10.0.0.7"}
    assert client_ip({"REMOTE_ADDR": "10.0.0.1", **forwarded}, OURS) == "8.8.8.8"
    assert client_ip({"REMOTE_ADDR": "9.9.9.9", **forwarded}, OURS) == "9.9.9.9"
    assert client_ip({"REMOTE_ADDR": "10.0.0.1", **forwarded}, NOBODY) == "10.0.0.1"


@pytest.mark.parametrize(
    ("forwarded", "ip"),
    [
        ("8.8.8.8:5000", "8.8.8.8"),
        ("[2001:4860::1]:443", "2001:4860::1"),
        ("::ffff:8.8.8.8", "8.8.8.8"),
        ("8.8.8.8, rubbish", "10.0.0.1"),
        (",,", "10.0.0.1"),
        ("10.0.0.9", "10.0.0.9"),
    ],
)
def test_odd_forwarded_addresses_are_understood_or_left(forwarded: str, ip: str) -> None:
    assert client_ip({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": forwarded}, OURS) == ip


def test_what_may_not_stand_in_a_header_is_percent_encoded() -> None:
    assert url_safe("a=\r\nSet-Cookie: x\xfc%20") == "a=%0D%0ASet-Cookie:%20x%FC%20"


@pytest.mark.parametrize("header", ["HTTP_SEC_PURPOSE", "HTTP_PURPOSE", "HTTP_X_MOZ"])
def test_a_prefetch_is_known_by_its_purpose(header: str) -> None:
    assert visit(**{header: "prefetch;anonymous-client-ip"}).prefetch
    assert not visit().prefetch


def test_who_asks_not_to_be_tracked_is_known() -> None:
    assert visit(HTTP_DNT="1").private
    assert visit(HTTP_SEC_GPC="1").private
    assert not visit().private
    assert not visit(HTTP_DNT="0", HTTP_SEC_GPC="").private


@pytest.mark.parametrize(
    ("query", "left", "sub_id"),
    [
        ("s=letter", "", "letter"),
        ("a=1&s=b%20c+d&b=2", "a=1&b=2", "b c d"),
        ("s=&s=one&s=two", "", "one"),
        ("us=1&s", "us=1&s", ""),
        ("s=%FF", "", "\ufffd"),
    ],
)
def test_a_private_sub_id_is_taken_out_of_the_query(query: str, left: str, sub_id: str) -> None:
    asked = visit(QUERY_STRING=query)
    take_sub_id(asked, "s=")
    assert (asked.query, asked.sub_id) == (left, sub_id)


def test_a_sub_id_has_at_most_255_characters() -> None:
    asked = visit(QUERY_STRING=f"s={'x' * 300}")
    take_sub_id(asked, "s=")
    assert asked.sub_id == "x" * 255
