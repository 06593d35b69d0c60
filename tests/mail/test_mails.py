"""Mails: from a template to a real SMTP server on loopback, with the log and the queue in between."""

import re
from dataclasses import replace
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest

from routy.clock import DAY, HOUR, MINUTE
from routy.config import Mail
from routy.mail.channel import MailChannel
from routy.mail.letters import one_line
from tests.house import House
from tests.mail.mailbox import Mailbox
from tests.mail.writing import deliver, fates, logged, statuses, write


def part(message: Any, kind: str) -> str:
    found = message.get_body((kind,))
    return str(found.get_content())


def test_a_mail_arrives_as_text_and_html_from_the_sender_to_one_recipient_each(
    house: House, mailbox: Mailbox
) -> None:
    write(house, "ada@acme.example", "bob@acme.example")
    deliver(house)
    assert sorted(mailbox.recipients) == ["ada@acme.example", "bob@acme.example"]
    assert {sender for sender, _ in mailbox.envelopes} == {"routy@go.example"}
    message = mailbox.messages[0]
    assert message["From"] == "Routy of Acme <routy@go.example>"
    assert message["Subject"] == "Clicks are low"
    assert len(message["To"].addresses) == 1 and message["Cc"] is None and message["Bcc"] is None
    assert "a <b> & c" in part(message, "plain")
    assert "a &lt;b&gt; &amp; c" in part(message, "html")


def test_its_headers_say_that_a_machine_sent_it_when_and_how_to_end_it(house: House, mailbox: Mailbox) -> None:
    mail_id = write(house, "ada@acme.example")[0]
    deliver(house)
    message = mailbox.messages[0]
    assert message["Message-ID"] == f"<{mail_id}@go.example>" == logged(house)[0]["message_id"]
    assert parsedate_to_datetime(message["Date"]).timestamp() * 1000 == house.now
    assert message["Auto-Submitted"] == "auto-generated"
    assert re.fullmatch(r"<http://go\.example/unsubscribe/[\w.-]+>", message["List-Unsubscribe"])
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Unsubscribe"].strip("<>") in part(message, "plain")


def test_the_log_holds_what_became_of_a_mail_and_nobodys_own_address_of_unsubscribing(
    house: House, mailbox: Mailbox
) -> None:
    write(house, "ada@acme.example")
    before = logged(house)[0]
    assert (before["status"], before["attempts"], before["sent_at"]) == ("waiting", 0, None)
    deliver(house)
    after = logged(house)[0]
    assert (after["status"], after["attempts"], after["error"]) == ("sent", 1, None)
    assert after["sent_at"] is not None
    assert (after["recipient"], after["subject"], after["about_id"]) == (
        "ada@acme.example", "Clicks are low", "alert_1",
    )  # fmt: skip
    assert "go.example/unsubscribe" not in after["text"] + after["html"]


@pytest.mark.parametrize(
    "text", ["Low\r\nBcc: eve@evil.example", "Low\nX-Evil: 1", "Low\x0b\x0c\x85\u2028Bcc: eve@x.example"]
)
def test_nothing_that_is_said_becomes_a_header(house: House, mailbox: Mailbox, text: str) -> None:
    write(house, "ada@acme.example", title=text)
    deliver(house)
    message = mailbox.messages[0]
    assert mailbox.recipients == ["ada@acme.example"]
    assert message["Bcc"] is None and message["X-Evil"] is None
    assert "\n" not in message["Subject"] and message["Subject"].startswith("Low")


def test_a_subject_is_one_line_of_so_many_characters() -> None:
    assert one_line(" a\r\nb\tc\u202ed ") == "a b c d"
    assert len(one_line("x" * 1000)) == 200


@pytest.mark.parametrize(
    "address",
    ["", "ada", "ada@", "@acme.example", "ada@acme example", "ada@acme.example\nBcc: eve@evil.example",
     "a@b.example, c@d.example", "<ada@acme.example>", "ada@-acme.example", "ada@acme.example@evil.example"],
)  # fmt: skip
def test_what_is_no_address_is_logged_and_goes_nowhere(house: House, mailbox: Mailbox, address: str) -> None:
    write(house, address, "bob@acme.example")
    deliver(house)
    assert mailbox.recipients == ["bob@acme.example"]
    assert fates(house).pop("bob@acme.example")[0] == "sent"
    assert set(fates(house).values()) == {("sent", None, 1), ("failed", "this is no e-mail address", 0)}
    assert not any("\n" in recipient for recipient in fates(house))


def test_letters_of_any_script_arrive_and_a_host_in_ascii(house: House, mailbox: Mailbox) -> None:
    write(house, "ada@gö.example", title="Größe — 尺寸")
    deliver(house)
    assert mailbox.recipients == ["ada@xn--g-1ga.example"]
    assert mailbox.messages[0]["Subject"] == "Größe — 尺寸"


def test_an_address_is_written_to_once_however_it_is_spelled(house: House, mailbox: Mailbox) -> None:
    write(house, "Ada@Acme.Example", "ada@acme.example")
    deliver(house)
    assert mailbox.recipients == ["ada@acme.example"]


# ---- without a server


@pytest.mark.parametrize(
    ("settings", "reason"),
    [(Mail(), "no mail server is set (mail.host)"), (Mail(host="127.0.0.1"), "no sender is set (mail.sender)"),
     (Mail(host="127.0.0.1", sender="Routy"), "no sender is set (mail.sender)")],
)  # fmt: skip
def test_without_a_server_mails_are_logged_with_the_reason_and_health_says_so(
    tmp_path: Path, settings: Mail, reason: str
) -> None:
    house = House(tmp_path, mail=settings)
    write(house, "ada@acme.example")
    deliver(house)
    assert [(mail["status"], mail["error"]) for mail in logged(house)] == [("unsent", reason)]
    health = house.call("GET", "/health").data
    assert health["inside"]["mail"]["problem"] == reason
    assert health["ok"] is True, "it is no fault to have none"
    house.close()


def test_the_login_is_the_sender_where_it_is_an_address(house: House) -> None:
    settings = replace(house.app.post.settings, sender="", username="routy@acme.example")
    assert replace(house.app.post, settings=settings).missing == ""


# ---- what the server answers


def test_a_refusal_for_good_ends_it(house: House, mailbox: Mailbox) -> None:
    mailbox.to_recipient["ada@acme.example"] = "550 no such user"
    mailbox.to_data["bob@acme.example"] = "554 spam"
    write(house, "ada@acme.example", "bob@acme.example")
    deliver(house)
    ended = {"ada@acme.example": ("failed", "550 no such user", 1), "bob@acme.example": ("failed", "554 spam", 1)}
    assert fates(house) == ended
    house.now += 3 * DAY
    deliver(house)
    assert fates(house) == ended


def test_a_refusal_for_now_is_tried_again_with_the_same_message_id(house: House, mailbox: Mailbox) -> None:
    mailbox.to_recipient["ada@acme.example"] = "451 greylisted"
    write(house, "ada@acme.example")
    deliver(house)
    assert [(mail["status"], mail["error"]) for mail in logged(house)] == [("waiting", "451 greylisted")]
    mailbox.to_recipient.clear()
    house.now += HOUR
    deliver(house)
    mail = logged(house)[0]
    assert (mail["status"], mail["attempts"], mail["error"]) == ("sent", 2, None)
    assert [message["Message-ID"] for message in mailbox.messages] == [mail["message_id"]]


def test_a_server_that_is_away_is_tried_again_and_given_up_at_last(house: House, mailbox: Mailbox) -> None:
    settings = replace(house.app.post.settings, port=1)
    channel = house.app.dispatcher.channels["mail"]
    assert isinstance(channel, MailChannel)
    channel.post = replace(house.app.post, settings=settings)
    write(house, "ada@acme.example")
    deliver(house)
    assert statuses(house) == ["waiting"]
    assert "the mail server cannot be used" in logged(house)[0]["error"]
    for _ in range(40):
        house.now += DAY
        deliver(house)
    assert statuses(house) == ["failed"]
    assert 5 < logged(house)[0]["attempts"] < 40


def test_a_refused_sender_is_a_refusal_of_the_mail(house: House, mailbox: Mailbox) -> None:
    mailbox.to_sender = "553 not you"
    write(house, "ada@acme.example")
    deliver(house)
    assert [(mail["status"], mail["error"]) for mail in logged(house)] == [("failed", "553 not you")]


def test_a_mail_that_is_not_in_the_log_any_more_ends_quietly(house: House, mailbox: Mailbox) -> None:
    write(house, "ada@acme.example")
    house.records.script("DELETE FROM mails")
    deliver(house)
    assert mailbox.messages == []
    assert house.call("GET", "/deliveries").data[0]["status"] == "failed"


def test_a_report_has_its_rows_its_totals_and_its_file(house: House, mailbox: Mailbox) -> None:
    report = {
        "name": "Countries", "period": "16 to 22 November", "columns": ["Country", "Clicks"],
        "rows": [["Germany", "12"], ["<script>", "3"]], "totals": {"clicks": "15"}, "more": 7,
        "url": "http://go.example/f/1", "expires": "29 November",
    }  # fmt: skip
    write(house, "ada@acme.example", template="report", topic="reports", **report)
    deliver(house)
    message = mailbox.messages[0]
    assert message["Subject"] == "Countries: 16 to 22 November"
    text, html = part(message, "plain"), part(message, "html")
    assert "Germany | 12" in text and "clicks: 15" in text and "http://go.example/f/1" in text
    assert "<td" in html and "&lt;script&gt;" in html and "<script>" not in html and "7 more rows" in html


def test_old_mails_are_forgotten_but_none_that_waits(house: House, mailbox: Mailbox) -> None:
    mailbox.to_recipient["bob@acme.example"] = "451 later"
    write(house, "ada@acme.example", "bob@acme.example")
    deliver(house)
    house.now += 30 * DAY + MINUTE
    work = next(worker for worker in house.app.loop.workers if worker.name == "forget notices")
    assert work.step() is False
    assert [mail["recipient"] for mail in logged(house)] == ["bob@acme.example"]
