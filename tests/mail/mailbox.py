"""A real SMTP server on loopback that is told what to answer, and keeps what it was given."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

LOGIN = ("routy", "open sesame")


@dataclass
class Mailbox:
    """`answers` to RCPT and DATA by the recipient; everything else is taken."""

    port: int = 0
    messages: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    to_recipient: dict[str, str] = field(default_factory=dict)
    to_data: dict[str, str] = field(default_factory=dict)
    to_sender: str = ""

    @property
    def recipients(self) -> list[str]:
        return [one for _, to in self.envelopes for one in to]

    # ---- what aiosmtpd calls

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if self.to_sender:
            return self.to_sender
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if address in self.to_recipient:
            return self.to_recipient[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        refused = self.to_data.get(envelope.rcpt_tos[0])
        if refused:
            return refused
        content = cast(bytes, envelope.content)
        self.messages.append(cast(EmailMessage, message_from_bytes(content, policy=policy.default)))
        self.envelopes.append((str(envelope.mail_from), list(envelope.rcpt_tos)))
        return "250 OK"


class _Anywhere(Controller):
    """On a port that the system picks."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def receiving(context: ssl.SSLContext | None = None, smtps: bool = False, login: bool = False) -> Iterator[Mailbox]:
    """A mail server for the block: plain, with STARTTLS (a context), or over TLS from the first byte."""
    mailbox = Mailbox()
    more: dict[str, Any] = (
        {"authenticator": _knows, "auth_required": True, "auth_require_tls": False} if login else {}
    )
    if context is not None and smtps:
        more["ssl_context"] = context
    elif context is not None:
        more |= {"tls_context": context, "require_starttls": True}
    controller = _Anywhere(mailbox, hostname="127.0.0.1", port=0, **more)
    controller.start()
    try:
        mailbox.port = controller.port
        yield mailbox
    finally:
        controller.stop()


def _knows(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    return AuthResult(success=(data.login.decode(), data.password.decode()) == LOGIN, handled=False)
