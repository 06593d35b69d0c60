"""Signatures, held against an independent library and against the examples of docs/webhooks.md as they are."""

import base64
import json
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from routy.clock import HOUR
from routy.webhooks.sealing import Sealer, Unreadable
from routy.webhooks.signing import headers
from tests.deliveries.receiver import Received, Receiver
from tests.webhooks.post_office import PostOffice

GUIDE = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text()
SECRET, OTHER = (f"whsec_{base64.b64encode(bytes(range(n, n + 24))).decode()}" for n in (0, 100))
NOW = 1795262400


# ---- an independent library


def verify(secret: str, post: Received) -> None:
    Verifier(secret).verify(post.body, post.headers)


@pytest.fixture
def now_office(office: PostOffice) -> PostOffice:
    """Whose clock shows the time by which the library judges."""
    office.now = int(time.time() * 1000)
    return office


def posted(office: PostOffice, receiver: Receiver) -> Received:
    office.call("POST", "/links", {"destination": "https://shop.example/", "title": "Größe ☃"})
    office.deliver()
    return receiver.received[-1]


def test_the_library_of_standard_webhooks_takes_our_posts(now_office: PostOffice, receiver: Receiver) -> None:
    hook = now_office.webhook(receiver.address)
    verify(hook["secret"], posted(now_office, receiver))


def test_and_no_others(now_office: PostOffice, receiver: Receiver) -> None:
    hook = now_office.webhook(receiver.address)
    post = posted(now_office, receiver)
    with pytest.raises(WebhookVerificationError):
        verify(OTHER, post)
    with pytest.raises(WebhookVerificationError):
        verify(hook["secret"], Received(post.path, post.headers, post.body.replace("Größe", "Grösse")))
    for name, value in (
        ("webhook-id", "evt_x"),
        ("webhook-timestamp", str(int(post.headers["webhook-timestamp"]) - 1)),
    ):
        with pytest.raises(WebhookVerificationError):
            verify(hook["secret"], Received(post.path, {**post.headers, name: value}, post.body))


def test_an_old_post_is_refused(now_office: PostOffice, receiver: Receiver) -> None:
    now_office.now -= HOUR
    hook = now_office.webhook(receiver.address)
    with pytest.raises(WebhookVerificationError, match="too old"):
        verify(hook["secret"], posted(now_office, receiver))


def test_during_a_rotation_either_secret_verifies_and_afterwards_the_new_one(
    now_office: PostOffice, receiver: Receiver
) -> None:
    hook = now_office.webhook(receiver.address)
    fresh = now_office.call("POST", f"/webhooks/{hook['id']}/rotation", {}).data
    assert fresh["secret"] not in ("", hook["secret"]) and fresh["hint"] == fresh["secret"][:10]
    post = posted(now_office, receiver)
    assert len(post.headers["webhook-signature"].split(" ")) == 2
    assert post.headers["x-routy-signature"].count("v1=") == 2
    for secret in (hook["secret"], fresh["secret"]):
        verify(secret, post)
    with now_office.records.transaction(now_office.now) as tx:
        tx.run("UPDATE webhooks SET previous_until = ?", (now_office.now,))
    post = posted(now_office, receiver)
    verify(fresh["secret"], post)
    with pytest.raises(WebhookVerificationError):
        verify(hook["secret"], post)


@settings(max_examples=100)
@given(st.text(st.characters(exclude_categories=["Cs"])), st.binary(min_size=24, max_size=64))
def test_any_text_is_signed_as_the_library_signs_it(body: str, key: bytes) -> None:
    secret = f"whsec_{base64.b64encode(key).decode()}"
    theirs = Verifier(secret).sign("evt_1", datetime.fromtimestamp(NOW, UTC), body)
    assert headers([secret], "evt_1", NOW, body)["webhook-signature"] == theirs


# ---- the guide's examples


def vector() -> dict[str, str]:
    return dict(re.findall(r"^\| ([\w-]+) \| `(.+)` \|$", GUIDE, re.M))


def example(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", GUIDE, re.S)
    assert found is not None
    return found[1]


def test_the_vector_of_the_guide_is_what_we_sign() -> None:
    told = vector()
    made = headers([told["secret"]], told["webhook-id"], int(told["webhook-timestamp"]), told["body"])
    assert {name: told[name] for name in made} == made


Runs = Callable[[Path, str], list[str]]


def python(directory: Path, code: str) -> list[str]:
    run = 'import json, sys\nc = json.load(sys.stdin)\nprint(verify(c["s"], c["h"], c["b"].encode(), c["n"]))\n'
    (directory / "main.py").write_text(code + run)
    return ["python3", "main.py"]


def node(directory: Path, code: str) -> list[str]:
    run = 'const c = JSON.parse(require("fs").readFileSync(0));\nconsole.log(verify(c.s, c.h, c.b, c.n));\n'
    (directory / "main.js").write_text(code + run)
    return ["node", "main.js"]


GO = """package main
import ("encoding/json"; "fmt"; "os")
func main() {
  var c struct { S string; H map[string]string; B string; N int64 }
  if err := json.NewDecoder(os.Stdin).Decode(&c); err != nil { panic(err) }
  fmt.Println(verify(c.S, c.H, []byte(c.B), c.N))
}
"""


def go(directory: Path, code: str) -> list[str]:
    (directory / "verify.go").write_text(code)
    (directory / "main.go").write_text(GO)
    return ["go", "run", "verify.go", "main.go"]


def ruby(directory: Path, code: str) -> list[str]:
    run = 'require "json"\nc = JSON.parse(STDIN.read)\nputs verify(c["s"], c["h"], c["b"], c["n"])\n'
    (directory / "main.rb").write_text(code + run)
    return ["ruby", "main.rb"]


def php(directory: Path, code: str) -> list[str]:
    run = "$c = json_decode(stream_get_contents(STDIN), true);\n"
    run += "echo verify($c['s'], $c['h'], $c['b'], $c['n']) ? 'true' : 'false';\n"
    (directory / "main.php").write_text(code + run)
    return ["php", "main.php"]


LANGUAGES: dict[str, Runs] = {"python": python, "javascript": node, "go": go, "ruby": ruby, "php": php}


def cases() -> list[tuple[bool, dict[str, object]]]:
    """Whether it is good, and what is given to a verifier."""
    told = vector()
    alone = headers([SECRET], told["webhook-id"], NOW, told["body"])
    good: dict[str, object] = {"s": told["secret"], "h": alone, "b": told["body"]}
    both = headers([OTHER, SECRET], told["webhook-id"], NOW, told["body"])
    return [
        (True, {**good, "n": NOW}),
        (True, {**good, "n": NOW + 299}),
        (True, {**good, "h": both, "n": NOW}),
        (False, {**good, "s": OTHER, "n": NOW}),
        (False, {**good, "b": told["body"] + " ", "n": NOW}),
        (False, {**good, "n": NOW + 301}),
        (False, {**good, "n": NOW - 301}),
        (False, {**good, "h": {**both, "webhook-signature": "v1,AAAA v2,"}, "n": NOW}),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_example_of_the_guide_verifies_the_good_and_refuses_the_rest(language: str, tmp_path: Path) -> None:
    command = LANGUAGES[language](tmp_path, example(language))
    if shutil.which(command[0]) is None:
        pytest.skip(f"there is no {command[0]} here")
    for good, case in cases():
        done = subprocess.run(
            command, input=json.dumps(case).encode(), cwd=tmp_path, capture_output=True, check=True
        )
        assert done.stdout.decode().strip().lower() == str(good).lower(), case


SAID: Mapping[str, tuple[str, ...]] = {
    "python": ("b64decode", "sha256", "compare_digest", "300"),
    "javascript": ('"base64"', "sha256", "timingSafeEqual", "300"),
    "go": ("base64.StdEncoding.DecodeString", "sha256.New", "hmac.Equal", "300"),
    "ruby": ("strict_decode64", "SHA256", "secure_compare", "300"),
    "php": ("base64_decode", "sha256", "hash_equals", "300"),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_example_decodes_the_key_compares_in_constant_time_and_refuses_the_old(language: str) -> None:
    code = example(language)
    assert [word for word in SAID[language] if word not in code] == []
    assert all(name in code for name in ("webhook-id", "webhook-timestamp", "webhook-signature", "whsec_", "v1,"))


# ---- sealing


@given(st.text(st.characters(exclude_categories=["Cs"])), st.binary(min_size=32, max_size=32))
def test_what_is_sealed_opens_again_for_its_record_alone(text: str, key: bytes) -> None:
    sealer = Sealer(key)
    sealed = sealer.seal(text, "wh_1")
    assert sealer.open(sealed, "wh_1") == text
    assert sealed != sealer.seal(text, "wh_1")
    for other, about in ((sealer, "wh_2"), (Sealer(key[::-1] + b"x"), "wh_1")):
        with pytest.raises(Unreadable):
            other.open(sealed, about)


@pytest.mark.parametrize("sealed", ["", "AAAA", "no base64 !", "A" * 60])
def test_what_is_damaged_does_not_open(sealed: str) -> None:
    with pytest.raises(Unreadable):
        Sealer(b"k" * 32).open(sealed, "wh_1")
