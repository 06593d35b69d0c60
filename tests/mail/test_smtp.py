"""One message over SMTP: encryption, login, and servers that do not behave."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from routy.config import Mail
from routy.deliveries.channel import Outcome
from routy.mail import smtp
from tests.certificates import certificate
from tests.mail.mailbox import LOGIN, receiving

SENDER, RECIPIENT = "routy@go.example", "ada@acme.example"


def send(port: int, host: str = "127.0.0.1", security: str = "none", **settings: Any) -> Outcome:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = SENDER, RECIPIENT, "Hello"
    message.set_content("Hello\n")
    return smtp.send(Mail(host, port, security, **settings), "go.example", SENDER, RECIPIENT, message, 2)


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """Of a server named localhost, which we trust."""
    file = certificate(tmp_path, "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    return context


@contextmanager
def saying(*lines: bytes) -> Iterator[int]:
    """A server on loopback that says these lines, one to each of ours, and then hangs up; its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        line, _ = listener.accept()
        with line, line.makefile("rb") as file:
            for text in lines:
                line.sendall(text)
                if not file.readline():
                    return

    thread = threading.Thread(target=answer)
    thread.start()
    with listener:
        yield listener.getsockname()[1]
    thread.join()


# ---- encryption and login


def test_starttls_encrypts_what_follows(context: ssl.SSLContext) -> None:
    with receiving(context) as mailbox:
        assert send(mailbox.port, "localhost", "starttls").ok
        assert not send(mailbox.port, "localhost", "none").ok, "the server wants it"
    assert len(mailbox.messages) == 1


def test_tls_is_spoken_from_the_first_byte(context: ssl.SSLContext) -> None:
    with receiving(context, smtps=True) as mailbox:
        assert send(mailbox.port, "localhost", "tls").ok
    assert mailbox.recipients == [RECIPIENT]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_for_another_name_is_refused_and_nothing_is_sent(
    context: ssl.SSLContext, security: str
) -> None:
    with receiving(context, smtps=security == "tls") as mailbox:
        outcome = send(mailbox.port, "127.0.0.1", security)
    assert (outcome.ok, outcome.final, mailbox.messages) == (False, False, [])
    assert "certificate" in outcome.error.lower()


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate(tmp_path, "localhost"))
    with receiving(context, smtps=True) as mailbox:
        assert "certificate" in send(mailbox.port, "localhost", "tls").error.lower()


def test_where_starttls_is_asked_for_and_not_offered_nothing_is_sent() -> None:
    with receiving() as mailbox:
        outcome = send(mailbox.port, security="starttls")
    assert (outcome.ok, outcome.final, mailbox.messages) == (False, False, [])
    assert "STARTTLS" in outcome.error


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # of the server, for a login without TLS
def test_a_login_is_needed_and_given() -> None:
    name, password = LOGIN
    with receiving(login=True) as mailbox:
        assert send(mailbox.port, username=name, password=password).ok
        wrong = send(mailbox.port, username=name, password="wrong")
    assert (wrong.ok, wrong.final, wrong.status) == (False, False, 535), "its operator can mend it"
    assert "wrong" not in wrong.error
    assert len(mailbox.messages) == 1


# ---- servers that do not behave


def test_a_server_that_is_not_there_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    outcome = send(port)
    assert (outcome.ok, outcome.final) == (False, False)


def test_a_name_that_does_not_exist_is_tried_again() -> None:
    outcome = send(25, "mail.nowhere.invalid")
    assert (outcome.ok, outcome.final) == (False, False)


@pytest.mark.parametrize(
    "greeting", [b"554 go away\r\n", b"421 too busy\r\n", b"HTTP/1.1 400 Bad Request\r\n", b"\r\n"]
)
def test_a_greeting_that_is_none_is_tried_again(greeting: bytes) -> None:
    with saying(greeting) as port:
        outcome = send(port)
    assert (outcome.ok, outcome.final) == (False, False)
    assert outcome.error.startswith("the mail server cannot be used: ")


def test_a_server_that_hangs_up_in_the_middle_is_tried_again() -> None:
    with saying(b"220 hello\r\n", b"250 hello\r\n", b"250 sender\r\n", b"250 to\r\n") as port:
        outcome = send(port)
    assert (outcome.ok, outcome.final) == (False, False)
    assert outcome.error.startswith("the mail server went away: ")


def test_a_server_that_says_nothing_is_not_waited_for_long() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        outcome = send(listener.getsockname()[1])
    assert (outcome.ok, outcome.final) == (False, False)
    assert "timed out" in outcome.error


def test_a_server_that_drips_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "WHOLE_SECONDS", 0.3)
    lines = [b"220 hello\r\n", *([b"250-more\r\n"] * 50)]
    listener = socket.create_server(("127.0.0.1", 0))
    stopping = threading.Event()

    def drip() -> None:
        line, _ = listener.accept()
        with line:
            for text in lines:
                try:
                    line.sendall(text)
                except OSError:
                    return
                stopping.wait(0.2)

    thread = threading.Thread(target=drip)
    thread.start()
    with listener:
        outcome = send(listener.getsockname()[1])
    stopping.set()
    thread.join()
    assert (outcome.ok, outcome.final) == (False, False)


def test_an_address_that_this_server_cannot_take_is_refused_for_good() -> None:
    message = EmailMessage()
    message["From"], message["Subject"] = SENDER, "Hello"
    message.set_content("Hello\n")
    with saying(b"220 hello\r\n", b"250 hello\r\n", b"221 bye\r\n") as port:
        outcome = smtp.send(Mail("127.0.0.1", port, "none"), "go.example", SENDER, "ädä@acme.example", message, 2)
    assert (outcome.ok, outcome.final) == (False, True)


def test_a_long_answer_is_kept_in_part() -> None:
    with saying(
        b"220 hello\r\n", b"250 hello\r\n", b"250 sender\r\n", b"550 " + b"x" * 3000 + b"\r\n", b"250 ok\r\n"
    ) as port:
        outcome = send(port)
    assert (outcome.status, outcome.final, len(outcome.error)) == (550, True, 500)
