"""Shares as records: what can be shared, by whom, and what ends it."""

from typing import Any

import pytest

from routy.clock import DAY, iso
from routy.resources.shares import DIMENSIONS, Share
from routy.resources.tokens import Token
from tests.house import START
from tests.public.fair import Fair


def make(fair: Fair, **body: Any) -> Any:
    given = {"subject_id": fair.summer["id"], "title": "Figures", **body}
    return fair.house.call("POST", "/shares", given)


def save(fair: Fair, query: str) -> Any:
    return fair.house.call("POST", "/saved-reports", {"name": "A report", "query": query})


def test_a_share_has_addresses_that_nobody_can_guess(fair: Fair) -> None:
    shares = [fair.share() for _ in range(3)]
    assert len({share["slug"] for share in shares}) == 3
    assert all(len(share["slug"]) == 22 and share["id"] not in share["path"] for share in shares)
    assert shares[0]["embed_path"] == f"/embed/{shares[0]['slug']}"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("metrics", []),
        ("metrics", ["revenue"]),
        ("metrics", ["new"]),
        ("dimensions", ["visitor"]),
        ("dimensions", ["sub_id"]),
        ("dimensions", ["referrer"]),
        ("dimensions", ["utm_content"]),
        ("ranges", ["for ever"]),
        ("range", "1d"),
        ("first_day", "2026-02-30"),
        ("timezone", "Mars/Base"),
        ("frame_ancestors", ["acme.example"]),
        ("frame_ancestors", ["https://acme.example/path"]),
        ("frame_ancestors", ["https://acme.example; script-src *"]),
        ("frame_ancestors", ["'self' https://x.example"]),
        ("frame_ancestors", ["javascript:alert(1)"]),
        ("frame_ancestors", ["https://*"]),
        ("frame_ancestors", ["https://*.*.example"]),
        ("expires_at", "2020-01-01T00:00:00Z"),
        ("subject_id", "clk_01KAHGZ4T8Z6Q7V3M9W2R5X0CD"),
        ("subject_id", "link_01KAHGZ4T8Z6Q7V3M9W2R5X0CD"),
        ("badge_label", "x" * 41),
    ],
)
def test_what_cannot_be_shared_is_refused_by_name(fair: Fair, field: str, value: Any) -> None:
    with fair.house.unchanged():
        reply = make(fair, **{field: value})
        assert (reply.status, reply.fields) == (400, {field})


def test_days_that_end_before_they_begin_are_refused(fair: Fair) -> None:
    assert make(fair, first_day="2026-11-02", last_day="2026-11-01").fields == {"last_day"}


def test_another_workspaces_link_cannot_be_shared(fair: Fair) -> None:
    reply = fair.house.call(
        "POST", "/shares", {"subject_id": fair.summer["id"], "title": "Theirs"}, fair.house.stranger
    )
    assert reply.fields == {"subject_id"}


def test_nobody_shares_what_they_may_not_read(fair: Fair) -> None:
    token = fair.house.make(Token, name="shares alone", scopes=["shares:read", "shares:write"])["secret"]
    as_them = {"Authorization": f"Bearer {token}"}
    share = fair.share(status="paused")
    body = {"subject_id": fair.summer["id"], "title": "Figures"}
    there = f"/shares/{share['id']}"
    for method, path, given in (("POST", "/shares", body), ("PATCH", there, {"status": "active"}),
                                ("POST", f"{there}/embed-tokens", {})):  # fmt: skip
        with fair.house.unchanged():
            assert fair.house.call(method, path, given, None, as_them).status == 403


def test_who_may_not_read_reports_can_still_end_a_share(fair: Fair) -> None:
    token = fair.house.make(Token, name="ends shares", scopes=["shares:write"])["secret"]
    as_them = {"Authorization": f"Bearer {token}"}
    share = fair.share(requires_token=True)
    there = f"/shares/{share['id']}"
    assert fair.house.call("DELETE", f"{there}/embed-tokens", None, None, as_them).status == 204
    assert fair.house.call("PATCH", there, {"status": "paused"}, None, as_them).status == 200
    assert fair.house.call("DELETE", there, None, None, as_them).status == 204


@pytest.mark.parametrize(
    "query",
    [
        "dimensions=visitor",
        "dimensions=sub1",
        "dimensions=utm_source",
        "dimensions=referrer_host&sub_id=letter-7",
        "dimensions=country&visitor=8f3a52c10be4",
        "dimensions=country&ip=203.0.113.7",
        "dimensions=country&city=Berlin",
        "dimensions=country&referrer[contains]=x",
        "dimensions=country&agent[contains]=x",
        "metrics=new",
        "dimensions=hour,city,browser",
        "dimensions=quarter_hour",
    ],
)
def test_a_report_that_shows_too_much_cannot_be_shared(fair: Fair, query: str) -> None:
    reply = save(fair, query)
    if reply.status == 400:  # not even a question
        assert reply.fields == {"query"}
        return
    assert make(fair, subject_id=reply.data["id"]).fields == {"subject_id"}


@pytest.mark.parametrize(
    "query", ["metrics=revenue", "metrics=", "dimensions=planet", "from=tomorrow", "x=1", "%ff=1"]
)
def test_what_cannot_be_asked_is_not_saved(fair: Fair, query: str) -> None:
    with fair.house.unchanged():
        assert save(fair, query).fields == {"query"}


def test_a_shared_report_cannot_come_to_show_too_much(fair: Fair) -> None:
    report = save(fair, "dimensions=country").data
    share = fair.share(report)
    with fair.house.unchanged():
        reply = fair.house.call("PATCH", f"/saved-reports/{report['id']}", {"query": "dimensions=visitor&sub_id=x"})
        assert reply.status in (400, 409)
        reply = fair.house.call("PATCH", f"/saved-reports/{report['id']}", {"query": "dimensions=sub_id"})
        assert reply.status == 409
    fair.house.call("PATCH", f"/saved-reports/{report['id']}", {"query": "dimensions=device"})
    assert fair.look(share)["splits"]["report"]["rows"][0]["device"] == "mobile"


def test_a_report_is_shared_with_its_own_filters_and_dimensions(fair: Fair) -> None:
    found = fair.look(fair.share(fair.report))
    assert found["splits"] == {"report": {"rows": [{"device": "desktop", "clicks": 3}], "other": None}}
    assert found["totals"] == {"clicks": 3}


# ---- what ends a share


def test_a_share_ends_with_what_it_is_about_and_comes_back_with_it(fair: Fair) -> None:
    subjects = [("links", fair.house.link("gone")),
                ("tags", fair.house.call("POST", "/tags", {"name": "gone"}).data),
                ("folders", fair.house.call("POST", "/folders", {"name": "gone"}).data),
                ("saved-reports", save(fair, "dimensions=country").data)]  # fmt: skip
    for path, subject in subjects:
        share = fair.share(subject)
        assert fair.status(share) == 200
        fair.house.call("DELETE", f"/{path}/{subject['id']}")
        assert fair.status(share) == 404, path
        fair.house.call("POST", f"/{path}/{subject['id']}/restoration")
        assert fair.status(share) == 200, path


def test_a_share_ends_when_it_is_paused_deleted_or_over(fair: Fair) -> None:
    paused, deleted, over = fair.share(), fair.share(), fair.share(expires_at=iso(fair.house.now + DAY))
    fair.house.call("PATCH", f"/shares/{paused['id']}", {"status": "paused"})
    fair.house.call("DELETE", f"/shares/{deleted['id']}")
    assert fair.status(over) == 200
    fair.house.now += DAY
    found = [fair.house.ask("GET", share["path"]) for share in (paused, deleted, over)]
    never = fair.house.ask("GET", "/s/" + "x" * 22)
    assert {reply.status for reply in found} == {404}
    assert {reply.body for reply in found} == {never.body}, "nobody can tell one from the other"
    fair.house.call("POST", f"/shares/{deleted['id']}/restoration")
    assert fair.status(deleted) == 200


def test_a_share_ends_with_the_membership_of_who_made_it(fair: Fair) -> None:
    house = fair.house
    mate = house._person(house.owner.actor.workspace_id, "editor", "leaver")
    share = house.call("POST", "/shares", {"subject_id": fair.summer["id"], "title": "Mine"}, mate).data
    assert fair.status(share) == 200 and share["user_id"] == mate.actor.user_id
    members = house.call("GET", "/memberships", user_id=mate.actor.user_id).data
    house.call("DELETE", f"/memberships/{members[0]['id']}")
    assert [fair.status(share, end=end) for end in ("", ".json", ".csv")] == [404, 404, 404]
    house.call("PATCH", f"/shares/{share['id']}", {"title": "Ours"})
    assert fair.status(share) == 200, "who takes it over answers for it"


def test_ending_a_share_needs_no_waiting_for_what_is_kept(fair: Fair) -> None:
    share = fair.share()
    assert [fair.status(share, end=end) for end in ("", ".json")] == [200, 200]
    fair.house.call("PATCH", f"/shares/{share['id']}", {"status": "paused"})
    assert [fair.status(share, end=end) for end in ("", ".json")] == [404, 404]


def test_what_is_changed_is_shown_at_once(fair: Fair) -> None:
    share = fair.share(dimensions=["country"])
    assert list(fair.look(share)["splits"]) == ["country"]
    fair.house.call("PATCH", f"/shares/{share['id']}", {"dimensions": ["device"], "metrics": ["clicks"]})
    assert list(fair.look(share)["splits"]) == ["device"] and fair.look(share)["totals"] == {"clicks": 3}


def test_every_dimension_can_be_shown(fair: Fair) -> None:
    found = fair.look(fair.share(dimensions=list(DIMENSIONS), metrics=["clicks", "uniques", "humans", "bots"]))
    assert set(found["splits"]) == set(DIMENSIONS)
    assert found["splits"]["link"]["rows"][0]["link"] == "summer"


def test_a_share_can_be_found_by_what_it_is_about(fair: Fair) -> None:
    share = fair.share()
    ids = [row["id"] for row in fair.house.call("GET", "/shares", subject_id=fair.summer["id"], limit="1000").data]
    assert share["id"] in ids and Share.prefix == "share" and START
