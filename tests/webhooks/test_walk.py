"""The walk of an event: a change, a delivery, a signed post, and all of it to be looked at."""

import json

from standardwebhooks import Webhook as Verifier

from tests.deliveries.receiver import Receiver, says
from tests.webhooks.post_office import PostOffice


def test_what_happens_is_posted_signed_and_can_be_looked_at(office: PostOffice, receiver: Receiver) -> None:
    receiver.answer(says(200, b"thanks", X_Seen="yes"))
    hook = office.webhook(f"{receiver.address}/hook?a=1")
    link = office.link("summer")
    office.deliver()
    [post] = receiver.received
    [event] = office.call("GET", "/events", type="link.created").data
    told = json.loads(post.body)
    assert post.path == "/hook?a=1"
    assert (told["id"], told["type"], told["sequence"]) == (event["id"], "link.created", event["seq"])
    assert (told["record_id"], told["data"]) == (link["id"], event["data"])
    assert post.headers["webhook-id"] == event["id"]
    [delivery] = office.deliveries()
    assert (delivery["status"], delivery["attempts"], delivery["last_status"]) == ("delivered", 1, 200)
    assert (delivery["target_id"], delivery["event_id"], delivery["payload"]) == (
        hook["id"],
        event["id"],
        post.body,
    )
    [attempt] = office.attempts(delivery)
    assert attempt["response"] == {
        "status": 200, "headers": attempt["response"]["headers"], "body": "thanks", "cut": False
    }  # fmt: skip
    assert attempt["response"]["headers"]["X-Seen"] == "yes"
    assert attempt["request"]["url"] == hook["url"] and attempt["request"]["body"] == post.body
    assert attempt["request"]["headers"]["webhook-signature"] == post.headers["webhook-signature"]


def test_the_signature_is_one_of_standard_webhooks(office: PostOffice, receiver: Receiver) -> None:
    hook = office.webhook(receiver.address)
    office.now = office.app.clock()
    office.link("summer")
    office.deliver()
    [post] = receiver.received
    assert Verifier(hook["secret"]).sign is not None
    assert post.headers["webhook-signature"].startswith("v1,")
