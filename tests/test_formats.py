"""Formats: what each takes, what it makes of it, and what it refuses."""

import pytest

from routy.formats import FORMATS, host_with_port

TAKEN = {
    "uri": {
        "https://acme.example/": None,
        "http://acme.example": None,
        "HTTPS://acme.example/Ä?q=ü#x": None,
        "https://acme.example:8443/a;b=c?d=e&f=%20#g": None,
        "https://xn--bcher-kva.example/": None,
        "https://bücher.example/": None,
        "http://203.0.113.7:80/": None,
        "http://[2001:db8::1]:8080/x": None,
        "https://localhost/": None,
    },
    "destination": {
        "https://shop.example/?click={click_id}&s={sub1}": None,
        "mailto:ada@acme.example": None,
        "tel:+49301234": None,
        "myapp://open/x": None,
        "intent://scan/#Intent;scheme=zxing;end": None,
        "HTTPS://shop.example/": None,
    },
    "hostname": {
        "Go.Acme.Example": "go.acme.example",
        "go.acme.example.": "go.acme.example",
        "go.acme.example:443": "go.acme.example",
        "go.acme.example:80": "go.acme.example",
        "go.acme.example:8080": "go.acme.example:8080",
        "bücher.example": "xn--bcher-kva.example",
        "localhost": None,
        "203.0.113.7": None,
        "a_b.example": None,
    },
    "email": {
        "Ada@Acme.Example": "ada@acme.example",
        " ada+tag@acme.example ": "ada+tag@acme.example",
        "a'b@acme.example": None,
        "ädä@acme.example": None,
    },
    "timezone": {"UTC": None, "Europe/Berlin": None, "America/Argentina/Buenos_Aires": None},
    "day": {"2026-11-21": None, "0001-01-01": None},
    "color": {"#0F766E": "#0f766e", "#ffffff": None},
    "network": {
        "203.0.113.9/24": "203.0.113.0/24",
        "203.0.113.9": "203.0.113.9/32",
        "2001:DB8::1": "2001:db8::1/128",
        "::/0": None,
    },
    "slug": {
        "summer": None,
        "Summer-Sale_2026.html": None,
        "a/b/c": None,
        "日本語": None,
        "e\u0301te\u0301": "été",
        "~!$&'()*+,;=:@": None,
        "👩": None,
    },
    "line": {"any text": None, "": None, "tab is no line: é": None},
    "prose": {"two\nlines\tand a tab\r\n": None},
}

REFUSED = {
    "uri": (
        "", "acme.example", "//acme.example", "https://", "https:///x", "https:acme.example",
        "ftp://acme.example", "javascript:alert(1)", "https://ada:pw@acme.example/",
        "https://ada@acme.example/", "https://@acme.example/", "https://acme .example/",
        "https://acme.example/ x", "https://acme.example/\n", "\thttps://acme.example/",
        "https://acme.example:99999/", "https://acme.example:x/", "https://acme..example/",
        "https://-acme.example/", "https://acme.example\\@evil.example/", "https://acme.example/<b>",
        "https://acme.example/\x7f", "https://[::1", "https://[x]/", "http://[", "https://acme.example/\u2028",
        "https://ac%6de.example/", "https://acme.example/`x`", 'https://acme.example/"x"',
        "https://exa\u00admple..x/",
    ),
    "destination": (
        "", "shop", "javascript:alert(1)", "JavaScript:alert(1)", "java\tscript:alert(1)", " javascript:x",
        "data:text/html,x", "vbscript:x", "file:///etc/passwd", "blob:https://x", "about:blank",
        "view-source:https://x", "filesystem:x", "https://", "https://shop.example/{",
        "https://shop.example/{Not A Macro}", "mailto:", ":x", "1a:x", "ä:x", "tg://[bad", "https://[v1.a]/",
        "https:/\\evil.example", "http:evil.example", "mailto:a\r\nb", "tel:\x00",
    ),
    "hostname": (
        "", ".", "a b", "a/b", "http://a.example", "a.example/", "-a.example", "a-.example", "a..example",
        "*.a.example", "a.example:99999", "a.example:x", "a.example:", "a@b.example", "x" * 64 + ".example",
        "a." * 127 + "example", "a.example\n", "a\0.example", "a.example:-1", "a.example:٣",
    ),
    "email": (
        "", "ada", "@acme.example", "ada@", "ada@a b", "a da@acme.example", "a@b@c.example",
        "ada@acme..example", "ada,bob@acme.example", "<ada@acme.example>", '"a b"@acme.example',
        "ada@-x.example", "a\0@acme.example", "x" * 65 + "@acme.example",
    ),
    "timezone": (
        "", "utc", "Mars/Phobos", "../etc/passwd", "/etc/localtime", "localtime", "Factory", "Europe",
        "Europe/Berlin ", "GMT+25",
    ),
    "day": (
        "", "2026", "20261121", "2026-11-31", "2026-11-21T00:00", "2026-W47-6", " 2026-11-21", "٢٠٢٦-11-21",
    ),
    "color": (
        "", "red", "#fff", "#ggggggg", "0f766e", "#0f766e00", "#0f766e\n", "#٠٠٠٠٠٠",
    ),
    "network": (
        "", "x", "203.0.113.0/33", "203.0.113", "203.0.113.0/-1", "::1/129", "203.0.113.0/255.0.255.0 ", "*",
    ),
    "slug": (
        "", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "a/.", "a b", "a?b", "a#b", "a%20b", "a\\b", "a\tb",
        "a\nb", "a\0b", '"a"', "<a>", "a^b", "a`b", "a{b}", "a|b", "a\u200bb", "a\u202eb", "a\u00a0b",
        "\ufeffa", "a\u2028b", "\ue000", "\u0378",
    ),
    "line": (
        "a\nb", "a\rb", "a\tb", "a\0b", "\x7f", "\x1f",
    ),
    "prose": (
        "a\0b", "a\x0bb", "\x1b[0m",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_takes_what_is_right_and_gives_its_one_form(name: str) -> None:
    for text, normal in TAKEN[name].items():
        assert FORMATS[name](text) == (normal if normal is not None else text)


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_refuses_what_is_wrong_and_says_why(name: str) -> None:
    for text in REFUSED[name]:
        with pytest.raises(ValueError, match=r"\w") as refused:
            FORMATS[name](text)
            print(f"{name} took {text!r}")
        assert not isinstance(refused.value, UnicodeError), f"{text!r}: this is no reason for a person"
        assert len(str(refused.value)) < 200


@pytest.mark.parametrize(
    "text", ["example.com", "example.com:80", "example.com:443", "EXAMPLE.com.", "example.com.:443"]
)
def test_the_usual_ports_are_left_out(text: str) -> None:
    assert host_with_port(text) == "example.com"


def test_an_address_of_ipv6_keeps_its_port_apart() -> None:
    assert host_with_port("[2001:db8::1]:8080") == host_with_port("[2001:DB8:0::1]:8080")
    assert host_with_port("[2001:db8::1]:8080") != host_with_port("[2001:db8::1]")
