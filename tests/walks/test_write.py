"""The walk of a write, from the request to what it leaves behind."""

from tests.house import House


def test_a_write_leaves_a_row_an_event_and_an_audit_entry(house: House) -> None:
    before = house.last_seq()
    reply = house.call("POST", "/links", {"destination": "https://shop.example/", "slug": "summer"})
    assert reply.status == 201
    link = reply.data
    assert reply.headers["Location"] == f"/api/v1/links/{link['id']}"
    assert reply.headers["ETag"] == '"1"'
    assert house.call("GET", f"/links/{link['id']}").data == link
    assert house.events(after=before) == ["link.created"]
    entry = house.call("GET", "/audit-entries", record_id=link["id"]).data[0]
    assert (entry["action"], entry["resource"], entry["request_id"]) == (
        "created",
        "links",
        reply.headers["X-Request-Id"],
    )
    assert entry["changes"]["slug"] == {"before": None, "after": "summer"}


def test_a_written_link_redirects_at_once(house: House) -> None:
    house.link("summer", "https://shop.example/?a=1")
    reply = house.ask("GET", "/summer", "b=2")
    assert (reply.status, reply.headers["Location"]) == (302, "https://shop.example/?a=1&b=2")


def test_a_refused_write_leaves_nothing(house: House) -> None:
    before = house.last_seq()
    reply = house.call("POST", "/links", {"destination": "javascript:alert(1)", "slug": "a b", "colour": "red"})
    assert (reply.status, reply.error["code"]) == (400, "VALIDATION_ERROR")
    assert reply.fields == {"destination", "slug", "colour"}
    assert house.events(after=before) == []
    assert house.call("GET", "/links").json["pagination"]["total"] == 0


def test_a_click_shows_in_the_report(house: House) -> None:
    house.link("summer")
    house.ask("GET", "/summer")
    house.load()
    report = house.call("GET", "/reports", metrics="clicks,uniques", dimensions="link,class").data
    assert report["totals"] == {"clicks": 1, "uniques": 1}
    assert [(row["slug"], row["class"], row["clicks"]) for row in report["rows"]] == [("summer", "human", 1)]
