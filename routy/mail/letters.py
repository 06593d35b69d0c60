"""Letters: from a template and its values to a mail a recipient, in the log and in the queue of deliveries.

A template is two files: mail/NAME.txt, whose first line is the subject, and mail/NAME.html. Nothing of what they
say can become a header: the message is built from parts, and its subject is one line whatever it was made of.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, parseaddr
from typing import Any
from urllib.parse import urlsplit

from routy import formats
from routy.config import Mail
from routy.deliveries.queue import enqueue
from routy.ids import new_id
from routy.mail.unsubscribing import WORDS, Render, address, has_unsubscribed
from routy.resource import Row
from routy.store.sqlite import Transaction

CHANNEL = "mail"
UNSUBSCRIBE = "https://unsubscribe.invalid/"  # stands in the log where the recipient's own address goes out
DOWNLOAD = "https://download.invalid/"  # and where one goes out that opens a file without a login
LONGEST_SUBJECT = 200

_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


class NoAddress(Exception):
    """A text that is no address."""


@dataclass(frozen=True)
class Post:
    """What all mails have in common: the server's settings, and how they are made."""

    settings: Mail
    public_url: str
    secret: bytes
    render: Render

    @property
    def host(self) -> str:
        return urlsplit(self.public_url).hostname or "localhost"

    @property
    def missing(self) -> str:
        """Why nothing can be sent; empty: it can."""
        if not self.settings.host:
            return "no mail server is set (mail.host)"
        try:
            sender(self.settings)
        except NoAddress:
            return "no sender is set (mail.sender)"
        return ""

    def send(
        self,
        tx: Transaction,
        workspace_id: str,
        to: Iterable[str],
        template: str,
        values: Mapping[str, Any],
        *,
        topic: str,
        about: str | None = None,
        download: str | None = None,
    ) -> list[str]:
        """Write a mail to each address, inside of the caller's transaction; their ids. What cannot be sent is
        logged with the reason, and raises nothing. `download` is the `url` of the template, and not logged."""
        whole = values if download is None else {**values, "url": DOWNLOAD}
        subject, text, html = self._written(tx, workspace_id, template, whole, topic)
        made = {"workspace_id": workspace_id, "topic": topic, "about_id": about, "link": download}
        said = {"subject": subject, "text": text, "html": html}
        return [self._log(tx, {**made, **said, "recipient": each}) for each in dict.fromkeys(map(_normal, to))]

    def _written(
        self, tx: Transaction, workspace_id: str, template: str, values: Mapping[str, Any], topic: str
    ) -> tuple[str, str, str]:
        found = tx.one("/* workspaces.name */ SELECT name FROM workspaces WHERE id = ?", (workspace_id,))
        known = {
            "workspace": found["name"] if found else "",
            "public_url": self.public_url,
            "unsubscribe": UNSUBSCRIBE,
            "topic": WORDS[topic],
        }
        whole = {**known, **values}
        subject, _, text = self.render(f"mail/{template}.txt", whole).partition("\n")
        return one_line(subject), f"{text.strip()}\n", self.render(f"mail/{template}.html", whole)

    def _log(self, tx: Transaction, values: Row) -> str:
        mail_id = new_id("mail", tx.now)
        status, error = self._fate(tx, values)
        more = {"message_id": f"<{mail_id}@{self.host}>", "attempts": 0, "created_at": tx.now}
        tx.insert("mails", {"id": mail_id, **values, "status": status, "error": error, **more})
        if status == "waiting":
            body, type_ = "", f"mail.{values['topic']}"
            enqueue(
                tx, workspace_id=values["workspace_id"], channel=CHANNEL, target_id=mail_id, type=type_, body=body
            )
        return mail_id

    def _fate(self, tx: Transaction, values: Row) -> tuple[str, str | None]:
        if has_unsubscribed(tx, values["workspace_id"], values["recipient"], values["topic"]):
            return "suppressed", "they have unsubscribed"
        try:
            _address("", values["recipient"])
        except NoAddress:
            return "failed", "this is no e-mail address"
        return ("unsent", self.missing) if self.missing else ("waiting", None)

    def message(self, mail: Row) -> EmailMessage:
        """The message of a logged mail."""
        to = _address("", mail["recipient"])
        there = address(self.public_url, self.secret, mail["workspace_id"], mail["recipient"], mail["topic"])
        made = EmailMessage(SMTP if to.addr_spec.isascii() else SMTPUTF8)
        made["From"], made["To"], made["Subject"] = sender(self.settings), to, one_line(mail["subject"])
        made["Date"] = format_datetime(datetime.fromtimestamp(mail["created_at"] / 1000, UTC))
        made["Message-ID"] = mail["message_id"]
        made["Auto-Submitted"] = "auto-generated"  # RFC 3834
        made["List-Unsubscribe"] = f"<{there}>"
        made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
        made.set_content(_whole(mail, "text", there))
        made.add_alternative(_whole(mail, "html", there), subtype="html")
        return made


def _whole(mail: Row, form: str, unsubscribe: str) -> str:
    return str(mail[form]).replace(UNSUBSCRIBE, unsubscribe).replace(DOWNLOAD, mail["link"] or DOWNLOAD)


def sender(settings: Mail) -> Address:
    """Whom mails come from: the setting, else the login where that is an address."""
    name, plain = parseaddr(settings.sender or settings.username)
    return _address(one_line(name), plain)


def one_line(text: str) -> str:
    return " ".join(_UNSEEN.sub(" ", text).split())[:LONGEST_SUBJECT]


def _normal(text: str) -> str:
    try:
        return formats.email(text)
    except ValueError:
        return one_line(text)


def _address(name: str, text: str) -> Address:
    """An address as it stands in a header: its host in ASCII (RFC 5890). NoAddress where it is none."""
    try:
        local, _, domain = formats.email(text).rpartition("@")
        return Address(name, local, formats.host(domain))
    except ValueError:
        raise NoAddress(text) from None
