"""The whole of it: a real server, a click, an alert, a mail in a real mailbox, and none after one click."""

import http.client
from pathlib import Path
from urllib.parse import urlsplit

from tests.mail.mailbox import Mailbox
from tests.walks.process import Process, until, until_loaded


def test_a_click_becomes_a_mail_and_unsubscribing_ends_it(tmp_path: Path, mailbox: Mailbox) -> None:
    settings = {"host": "127.0.0.1", "port": str(mailbox.port), "security": "none", "sender": "routy@go.example"}
    process = Process(tmp_path, settings={f"mail.{name}": text for name, text in settings.items()})
    process.begin()
    try:
        process.visit(process.make_links(1)[0])
        until_loaded(process)
        rule = {"name": "Somebody came", "kind": "threshold", "emails": ["ada@acme.example"]}
        process.call("POST", "/alerts", rule)
        until(lambda: mailbox.messages, "a mail")
        assert mailbox.messages[0]["Subject"] == "Somebody came"
        assert _post(process.address, str(mailbox.messages[0]["List-Unsubscribe"]).strip("<>")) == 200
        process.call("POST", "/alerts", {**rule, "name": "Once more"})
        until(lambda: len(process.call("GET", "/mails")) == 2, "the second one in the log")
        assert process.call("GET", "/mails")[0]["status"] == "suppressed"
        assert mailbox.recipients == ["ada@acme.example"]
    finally:
        process.close()


def _post(server: str, address: str) -> int:
    connection = http.client.HTTPConnection(urlsplit(server).netloc, timeout=20)
    connection.request("POST", urlsplit(address).path, b"List-Unsubscribe=One-Click")
    status = connection.getresponse().status
    connection.close()
    return status
