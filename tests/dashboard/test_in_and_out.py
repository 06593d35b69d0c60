"""What goes out and comes in, as people see it: webhooks, exports, imports, alerts and what they tell."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Download, expect
from standardwebhooks import Webhook

from tests.dashboard.chrome import PATIENT_MS, Person
from tests.dashboard.receiver import Receiver, receiving
from tests.walks.process import until

expect.set_options(timeout=PATIENT_MS)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


def make_links(person: Person, title: str, *slugs: str) -> None:
    items = [{"slug": slug, "destination": "https://shop.example/", "title": title} for slug in slugs]
    person.call("POST", "/links/batch", {"items": items})


# ---- webhooks


def test_a_webhook_is_made_its_secret_shown_once_and_what_it_got_looked_into_and_sent_again(
    owner: Person, receiver: Receiver
) -> None:
    owner.go("/app/webhooks/new")
    owner.page.get_by_label("Address").fill(receiver.address)
    owner.page.get_by_text("Choose", exact=True).click()
    owner.page.get_by_label("link.*", exact=True).check()
    owner.page.get_by_role("button", name="Make webhook").click()
    secret = owner.page.locator("[data-secret]").inner_text()
    with owner.page.expect_download():
        owner.page.get_by_role("button", name="Download as .txt").click()
    owner.page.get_by_role("button", name="Done").click()
    owner.page.get_by_role("heading", name="Deliveries").wait_for()
    assert secret not in owner.page.content()
    make_links(owner, "Hooked", "hooked")
    owner.page.get_by_role("link", name="link.created").click()
    owner.page.get_by_role("heading", name="link.created").wait_for()
    owner.see('"taken": true')
    owner.see(re.compile('"slug": "hooked"'))
    owner.page.get_by_role("button", name="Send again").click()
    until(lambda: len(receiver.of("link.created")) == 2, "the delivery to come again")
    (first, body), (again, _) = receiver.of("link.created")
    assert Webhook(secret).verify(body, first)["data"]["slug"] == "hooked"
    assert first["webhook-id"] == again["webhook-id"]


def test_a_test_says_what_the_receiver_answered_and_a_rotation_shows_another_secret(
    owner: Person, receiver: Receiver
) -> None:
    hook = owner.call("POST", "/webhooks", {"url": receiver.address, "events": ["tag.created"]})
    receiver.status = 503
    owner.go(f"/app/webhooks/{hook['id']}")
    owner.page.get_by_role("button", name="Send a test").click()
    owner.see(re.compile("The test did not arrive: .*503"))
    owner.page.get_by_role("button", name="New secret").click()
    owner.page.get_by_role("dialog").get_by_role("button", name="New secret").click()
    assert owner.page.locator("[data-secret]").inner_text() != hook["secret"]


# ---- files


def rows_of(waiting: Download) -> list[dict[str, str]]:
    with Path(waiting.path()).open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def test_all_rows_of_a_list_become_a_file_that_is_equal_to_it(owner: Person) -> None:
    make_links(owner, "To a file", *(f"file-{n}" for n in range(60)))
    owner.go("/app/links?title=To a file&sort=slug")
    owner.page.get_by_role("button", name="Export", exact=True).click()
    owner.page.get_by_role("menuitem", name="All 60 as a file").click()
    owner.page.get_by_role("button", name="Make the file").click()
    with owner.page.expect_download() as waiting:
        owner.page.get_by_role("button", name="Download", exact=True).click()
    listed = owner.call("GET", "/links?title=To a file&sort=slug&limit=100")
    found = rows_of(waiting.value)
    assert [row["slug"] for row in found] == [link["slug"] for link in listed]
    assert {row["title"] for row in found} == {"To a file"}


def test_a_file_is_mapped_tried_imported_and_taken_back(owner: Person, tmp_path: Path) -> None:
    file = tmp_path / "from-elsewhere.csv"
    file.write_text(
        "Long URL,Slug,What for\nhttps://shop.example/1,came-1,news\nhttps://shop.example/2,came-2,mail\n"
        "nonsense,came-3,x\n"
    )
    owner.go("/app/imports/new")
    owner.page.locator("input[type=file]").set_input_files(file)
    expect(owner.page.get_by_label("What Long URL becomes")).to_have_value("destination")
    owner.page.get_by_label("What What for becomes").select_option("utm_campaign")
    expect(owner.page.get_by_label("What What for becomes")).to_have_value("utm_campaign")
    owner.page.get_by_role("button", name="Dry run").click()
    owner.see(re.compile("^Destination must be"))
    assert owner.call("GET", "/links?slug[prefix]=came-") == []
    owner.page.get_by_role("button", name="Import 2 rows").click()
    owner.page.get_by_role("button", name="Take it all back").wait_for()
    made = owner.call("GET", "/links?slug[prefix]=came-&sort=slug")
    assert [link["utm_campaign"] for link in made] == ["news", "mail"]
    owner.page.get_by_role("button", name="Take it all back").click()
    owner.see(re.compile("2 records that it made go to the trash"))
    owner.page.get_by_role("button", name="Take it back", exact=True).click()
    expect(owner.page.get_by_role("heading", name="Taken back")).to_be_visible()
    assert owner.call("GET", "/links?slug[prefix]=came-") == []


# ---- alerts


def unread(person: Person) -> Any:
    return person.page.get_by_role("button", name=re.compile("^Notifications, "))


def test_an_alert_fires_and_what_it_tells_is_read(owner: Person) -> None:
    owner.go("/app/alerts/new")
    owner.page.get_by_label("Name").fill("Clicks are few")
    owner.page.get_by_label("Fires when it").select_option("lt")
    owner.page.get_by_label("This many").fill("1000000")
    owner.see("clicks in 1 hour: less than 1\u202f000\u202f000")
    owner.page.get_by_role("button", name="Watch for it").click()
    owner.page.get_by_role("heading", name="Clicks are few").wait_for()
    until(lambda: owner.call("GET", "/notifications?title[contains]=are few"), "the alert to be told of")
    owner.go("/app")
    expect(unread(owner)).to_have_text(re.compile(r"\d unread"))
    unread(owner).click()
    owner.page.get_by_role("link", name=re.compile("Clicks are few")).click()
    owner.page.get_by_role("heading", name="Clicks are few").wait_for()
    owner.see(re.compile("^firing since"))
    until(lambda: owner.call("GET", "/notifications?title[contains]=are few")[0]["read_at"], "it to be read")
    owner.page.get_by_role("button", name="Snooze").click()
    owner.page.get_by_role("menuitem", name="For a day").click()
    owner.see(re.compile("^quiet until"))
