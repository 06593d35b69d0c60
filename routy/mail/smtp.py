"""One message over SMTP (RFC 5321), and what the server's answer is worth.

A refusal with 5xx of the sender, the recipient or the message is for good; with 4xx it is for now. So is whatever
goes wrong before: a server that cannot be reached, that wants another login or knows no STARTTLS, is mended by its
operator, and the mail waits for that.
"""

import smtplib
import socket
import ssl
import threading
from contextlib import suppress
from email.message import EmailMessage

from routy.config import Mail
from routy.deliveries.channel import Outcome

WHOLE_SECONDS = 60.0  # a server that answers a byte at a time does not hold a thread for longer
PERMANENT = range(500, 600)


def send(settings: Mail, me: str, sender: str, recipient: str, message: EmailMessage, seconds: float) -> Outcome:
    """Hand a message over. `me` is the name that we greet with, `seconds` how long one answer may take."""
    lines: list[smtplib.SMTP] = []
    timer = threading.Timer(WHOLE_SECONDS, _cut, (lines,))
    timer.daemon = True
    timer.start()
    try:
        return _handed(settings, me, sender, recipient, message, seconds, lines)
    finally:
        timer.cancel()
        for line in lines:
            with suppress(OSError):
                line.quit()
            line.close()


def _handed(
    settings: Mail,
    me: str,
    sender: str,
    recipient: str,
    message: EmailMessage,
    seconds: float,
    lines: list[smtplib.SMTP],
) -> Outcome:
    try:
        server = _opened(settings, me, seconds, lines)
    except (OSError, ValueError) as error:  # smtplib's errors are OSErrors
        return Outcome(False, _code(error), f"the mail server cannot be used: {_words(error)}")
    try:
        server.send_message(message, sender, [recipient])
    except smtplib.SMTPRecipientsRefused as error:
        code, text = error.recipients[recipient]
        return _refused(code, text)
    except smtplib.SMTPResponseException as error:
        return _refused(error.smtp_code, error.smtp_error)
    except (smtplib.SMTPNotSupportedError, ValueError) as error:  # an address that this server cannot take
        return Outcome(False, None, _words(error), final=True)
    except OSError as error:
        return Outcome(False, None, f"the mail server went away: {_words(error)}")
    return Outcome(True, 250)


def _opened(settings: Mail, me: str, seconds: float, lines: list[smtplib.SMTP]) -> smtplib.SMTP:
    place = (settings.host, settings.port, me, seconds)
    server = _over_tls(*place) if settings.security == "tls" else _plainly(*place)
    lines.append(server)
    if settings.security == "starttls":
        server.starttls(context=ssl.create_default_context())
    if settings.username:
        server.login(settings.username, settings.password)
    return server


def _plainly(host: str, port: int, me: str, seconds: float) -> smtplib.SMTP:
    return smtplib.SMTP(host, port, me, timeout=seconds)


def _over_tls(host: str, port: int, me: str, seconds: float) -> smtplib.SMTP:
    return smtplib.SMTP_SSL(host, port, me, timeout=seconds, context=ssl.create_default_context())


def _refused(code: int, text: bytes | str) -> Outcome:
    plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return Outcome(False, code, f"{code} {plain}"[:500], final=code in PERMANENT)


def _code(error: BaseException) -> int | None:
    return error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else None


def _words(error: BaseException) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error
        return f"{error.smtp_code} {text.decode('utf-8', 'replace') if isinstance(text, bytes) else text}"[:500]
    return (str(error) or type(error).__name__)[:500]


def _cut(lines: list[smtplib.SMTP]) -> None:
    for line in lines:
        with suppress(OSError, AttributeError):
            line.sock.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]
