"""Unsubscribing: one click of a mail program, or a person with a browser, and never again a mail of that topic."""

from typing import Any

import pytest

from routy import signing
from routy.clock import DAY, LAST
from tests.house import House, Reply
from tests.mail.mailbox import Mailbox
from tests.mail.writing import deliver, fates, statuses, write


@pytest.fixture
def there(house: House, mailbox: Mailbox) -> str:
    """The path that a mail to Ada names."""
    write(house, "ada@acme.example")
    deliver(house)
    whole = str(mailbox.messages[0]["List-Unsubscribe"]).strip("<>")
    return whole.removeprefix("http://go.example")


def click(house: House, path: str) -> Reply:
    """What a mail program sends (RFC 8058, 3.1)."""
    body = b"List-Unsubscribe=One-Click"
    return house.ask("POST", path, body=body, headers={"Content-Type": "application/x-www-form-urlencoded"})


def test_one_click_ends_it_without_a_login_a_cookie_or_a_redirect(house: House, there: str) -> None:
    reply = click(house, there)
    assert reply.status == 200
    assert "Set-Cookie" not in reply.headers
    assert b"Unsubscribed" in reply.body
    write(house, "ada@acme.example", "bob@acme.example")
    deliver(house)
    assert fates(house)["bob@acme.example"][0] == "sent"
    assert sorted(statuses(house)) == ["sent", "sent", "suppressed"]


def test_looking_at_the_page_changes_nothing(house: House, there: str) -> None:
    with house.unchanged():
        page = house.ask("GET", there)
        head = house.ask("HEAD", there)
    assert (page.status, head.status, head.body) == (200, 200, b"")
    assert b'<form method="post">' in page.body and b"ada@acme.example" in page.body
    assert page.headers["Cache-Control"] == "no-store"
    assert "form-action 'self'" in page.headers["Content-Security-Policy"]


def test_a_mail_that_waits_is_not_sent_any_more(house: House, mailbox: Mailbox, there: str) -> None:
    write(house, "ada@acme.example")
    click(house, there)
    deliver(house)
    assert len(mailbox.messages) == 1
    assert statuses(house)[-1] == "suppressed" or statuses(house)[0] == "suppressed"


def test_only_this_topic_of_this_workspace_ends(house: House, mailbox: Mailbox, there: str) -> None:
    click(house, there)
    write(house, "ada@acme.example", topic="webhooks")
    with house.records.transaction(house.now) as tx:
        values: Any = {"title": "Hello", "lines": [], "url": "", "action": "Look"}
        elsewhere = house.stranger.actor.workspace_id
        house.app.post.send(tx, elsewhere, ["ada@acme.example"], "notice", values, topic="alerts")
    deliver(house)
    assert len(mailbox.messages) == 3


def test_twice_is_as_good_as_once_and_it_works_for_as_long_as_the_mail_is_kept(house: House, there: str) -> None:
    house.now += 3000 * DAY
    assert [click(house, there).status for _ in range(2)] == [200, 200]
    assert len(house.records.rows("SELECT * FROM unsubscriptions")) == 1


def test_another_spelling_of_the_address_is_the_same_address(house: House, mailbox: Mailbox, there: str) -> None:
    click(house, there)
    write(house, "ADA@acme.example")
    deliver(house)
    assert len(mailbox.messages) == 1


@pytest.mark.parametrize("change", ["", "x", "a.b.c", "/more", "%00", "ä"])
def test_an_address_that_was_changed_does_nothing(house: House, there: str, change: str) -> None:
    wrong = f"/unsubscribe/{change}" if change else "/unsubscribe"
    with house.unchanged():
        assert [click(house, path).status for path in (wrong, there + (change or "0"))] == [404, 404]
        assert house.ask("GET", wrong).status == 404


def test_a_token_for_something_else_unsubscribes_nobody(house: House, there: str) -> None:
    claims = {"ws": house.owner.actor.workspace_id, "to": "ada@acme.example", "topic": "alerts"}
    other = signing.sign(house.app.post.secret, "embed", claims, LAST)
    with house.unchanged():
        assert click(house, f"/unsubscribe/{other}").status == 404


def test_other_methods_are_not_possible(house: House, there: str) -> None:
    with house.unchanged():
        reply = house.ask("DELETE", there)
    assert (reply.status, reply.headers["Allow"]) == (405, "GET, HEAD, POST")


def test_no_link_can_take_the_address(house: House) -> None:
    reply = house.call("POST", "/links", {"slug": "unsubscribe/x", "destination": "https://shop.example/"})
    assert (reply.status, reply.fields) == (400, {"slug"})
