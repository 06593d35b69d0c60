"""The rules of links: slugs, destinations, what they take from their domain."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from routy.paths import RESERVED
from routy.records import beginning, write
from routy.resources.domains import Domain
from routy.resources.folders import Folder
from routy.resources.tags import Tag
from tests.house import House, Reply


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.close()


def post(house: House, **body: Any) -> Reply:
    return house.call("POST", "/links", {"destination": "https://shop.example/", **body})


def patch(house: House, link: Any, **body: Any) -> Reply:
    return house.call("PATCH", f"/links/{link['id']}", body)


def visit(house: House, path: str, host: str = "go.example") -> Reply:
    return house.ask("GET", path, headers={"Host": host})


# ---- slugs


def test_a_link_without_a_slug_gets_seven_random_characters(house: House) -> None:
    made = [house.link()["slug"] for _ in range(20)]
    assert len(set(made)) == 20
    assert all(len(slug) == 7 and slug.isascii() and slug.isalnum() for slug in made)
    assert post(house, slug="").fields == {"slug"}


def test_a_slug_is_taken_once_on_a_domain_whatever_its_case(house: House) -> None:
    house.link("Sale/Été")
    for same in ("Sale/Été", "sale/été", "SALE/ÉTÉ", "sale/e\u0301te\u0301", "ſale/été"):
        reply = post(house, slug=same)
        assert (reply.status, reply.fields) == (409, {"slug"}), same
    assert post(house, slug="sale").status == 201


def test_on_a_domain_with_cases_two_cases_are_two_slugs(house: House) -> None:
    domain = house.make(Domain, host="case.example", case_sensitive=True)
    for slug in ("Sale", "sale", "SALE"):
        assert post(house, slug=slug, domain_id=domain["id"]).status == 201
    assert post(house, slug="sale", domain_id=domain["id"]).status == 409
    assert post(house, slug="e\u0301", domain_id=domain["id"]).status == 201
    assert post(house, slug="é", domain_id=domain["id"]).status == 409


def test_the_same_slug_lives_on_two_domains(house: House) -> None:
    domain = house.make(Domain, host="second.example")
    assert [post(house, slug="both", domain_id=one).status for one in (None, domain["id"])] == [201, 201]


@pytest.mark.parametrize("word", sorted(RESERVED))
def test_what_routy_answers_itself_is_no_slug(house: House, word: str) -> None:
    for slug in (word, word.upper(), f"{word}/more"):
        reply = post(house, slug=slug)
        assert (reply.status, reply.fields) == (400, {"slug"})
    assert post(house, slug=f"x{word}").status == 201
    assert post(house, slug=f"more/{word}").status == 201


def test_a_slug_in_the_trash_is_free_and_cannot_come_back_onto_a_taken_one(house: House) -> None:
    old = house.link("summer")
    house.call("DELETE", f"/links/{old['id']}")
    new = house.link("summer", "https://new.example/")
    with house.unchanged():
        reply = house.call("POST", f"/links/{old['id']}/restoration")
        assert (reply.status, reply.fields) == (409, {"slug"})
    assert visit(house, "/summer").headers["Location"] == "https://new.example/"
    house.call("DELETE", f"/links/{new['id']}")
    assert house.call("POST", f"/links/{old['id']}/restoration").status == 200
    assert visit(house, "/summer").headers["Location"] == "https://shop.example/"


def test_a_renamed_link_answers_at_its_new_name_only(house: House) -> None:
    link = house.link("old-name")
    assert patch(house, link, slug="New-Name").data["slug"] == "New-Name"
    assert [visit(house, path).status for path in ("/old-name", "/new-name", "/NEW-NAME")] == [404, 302, 302]
    house.link("old-name")
    assert (patch(house, link, slug="OLD-name").status, patch(house, link, slug="OLD-name").fields) == (
        409,
        {"slug"},
    )


def test_a_link_that_moves_takes_the_case_rule_of_its_new_domain(house: House) -> None:
    domain = house.make(Domain, host="case.example", case_sensitive=True)
    link = house.link("Sale")
    assert patch(house, link, domain_id=domain["id"]).data["host"] == "case.example"
    assert post(house, slug="sale", domain_id=domain["id"]).status == 201
    assert post(house, slug="sale").status == 201, "its old place is free"
    home = house.call("GET", "/domains", is_default="true").data[0]["id"]
    assert patch(house, link, domain_id=home).status == 409, "back on its old domain the slug is taken"


# ---- destinations


LOOPS = (
    "http://go.example", "https://go.example/", "https://GO.example/x", "https://go.example./x", "https://go.example:443/",
    "http://go.example:80/", "https://go.example?x=1", "https://go.example#x", "https://second.example/",
    "https://elsewhere.example/any",
)  # fmt: skip


def verified(house: House, host: str) -> None:
    domain = house.make(Domain, host=host)
    with house.records.transaction(house.now) as tx:
        write.update(tx, house.owner.actor, Domain, domain["id"], beginning.verified(house.now, host))


@pytest.mark.parametrize("destination", LOOPS)
def test_a_destination_does_not_lead_back_to_a_domain_of_this_server(house: House, destination: str) -> None:
    verified(house, "second.example")
    link = house.link()
    for reply in (post(house, destination=destination), patch(house, link, destination=destination)):
        assert (reply.status, reply.fields) == (400, {"destination"})


def test_a_host_that_only_looks_like_ours_is_somebody_elses(house: House) -> None:
    for fine in (
        "https://go.example.com/",
        "https://xgo.example/",
        "https://www.go.example/",
        "https://a.example/go.example",
    ):
        assert post(house, destination=fine).status == 201


def test_an_app_is_opened_only_where_the_workspace_allows_it(house: House) -> None:
    assert post(house, destination="mailto:ada@acme.example").status == 201
    refused = post(house, destination="myapp://open")
    assert (refused.status, refused.fields) == (400, {"destination"})
    home = house.owner.actor.workspace_id
    house.call("PATCH", f"/workspaces/{home}", {"app_schemes": ["myapp"]})
    assert post(house, destination="myapp://open").status == 201
    assert post(house, destination="MYAPP://open").status == 201
    assert post(house, destination="mailto:ada@acme.example").status == 400


def test_no_workspace_allows_what_a_browser_would_run(house: House) -> None:
    home = house.owner.actor.workspace_id
    for scheme in ("javascript", "JavaScript", "data", "vbscript", "file", "blob"):
        reply = house.call("PATCH", f"/workspaces/{home}", {"app_schemes": ["mailto", scheme]})
        assert (reply.status, reply.fields) == (400, {"app_schemes"})
        assert post(house, destination=f"{scheme}:alert(1)").fields == {"destination"}


def test_a_wrong_destination_is_refused_and_never_a_fault(house: House) -> None:
    wrong = (
        "https://example.com:/",
        "tg://[bad",
        "https://[v1.a]/",
        "https://[::1",
        "//evil.example",
        "https://a@b/",
        "x:",
    )
    for destination in wrong:
        reply = post(house, destination=destination)
        assert reply.status == 201 if reply.status < 400 else reply.fields == {"destination"}, destination


# ---- from its domain


def test_a_link_takes_what_it_does_not_say_from_its_domain(house: House) -> None:
    domain = house.make(Domain, host="second.example", redirect_status=307, pass_query=False)
    taken, own = (
        house.link(domain_id=domain["id"]),
        house.link(domain_id=domain["id"], redirect_status=301, pass_query=True),
    )
    assert (taken["redirect_status"], taken["pass_query"]) == (307, False)
    assert (own["redirect_status"], own["pass_query"]) == (301, True)
    house.call("PATCH", f"/domains/{domain['id']}", {"redirect_status": 302, "pass_query": True})
    assert house.call("GET", f"/links/{taken['id']}").data["redirect_status"] == 307, (
        "it was taken when it was made"
    )


def test_a_permanent_redirect_warns_that_clicks_get_lost(house: House) -> None:
    for status, warned in ((301, True), (302, False), (307, False), (308, True)):
        assert bool(house.link(redirect_status=status)["warnings"]) == warned


def test_a_short_url_is_what_a_browser_can_be_given(house: House) -> None:
    assert house.link("Sale/été")["short_url"] == "http://go.example/Sale/%C3%A9t%C3%A9"
    domain = house.make(Domain, host="bücher.example")
    assert house.link("x", domain_id=domain["id"])["short_url"] == "https://xn--bcher-kva.example/x"


def test_links_need_a_domain_to_live_on(house: House) -> None:
    made = house.call("POST", "/workspaces", {"name": "Empty"}).data
    tenant = house._person(made["id"], "owner", "tenant")
    reply = house.call("POST", "/links", {"destination": "https://shop.example/"}, tenant)
    assert (reply.status, "domain" in reply.error["message"]) == (409, True)


# ---- tags and folders


def test_tags_are_a_set_and_find_their_links(house: House) -> None:
    red, blue = house.make(Tag, name="red")["id"], house.make(Tag, name="blue")["id"]
    both, one, none = house.link(tag_ids=[blue, red, blue]), house.link(tag_ids=[red]), house.link()
    assert both["tag_ids"] == sorted({red, blue})

    def found(**query: str) -> set[str]:
        return {row["id"] for row in house.call("GET", "/links", **query).data}

    assert found(tag_ids=red) == {both["id"], one["id"]}
    assert found(tag_ids=f"{red},{blue}") == {both["id"], one["id"]}
    assert found(**{"tag_ids[ne]": blue}) == {one["id"], none["id"]}
    assert found(**{"tag_ids[null]": "true"}) == {none["id"]}
    assert patch(house, both, tag_ids=[]).data["tag_ids"] == []


def test_a_tag_or_folder_that_links_have_is_not_deleted_for_good(house: House) -> None:
    """Its links would change without a version, an event or an audit entry."""
    tag, folder = house.make(Tag, name="red")["id"], house.make(Folder, name="spring")["id"]
    link = house.link(tag_ids=[tag], folder_id=folder)
    for there in (f"/tags/{tag}", f"/folders/{folder}"):
        confirm = house.call("DELETE", there, permanent="true").error["confirm"]
        assert house.call("DELETE", there, permanent="true", confirm=confirm).status == 409
    assert patch(house, link, tag_ids=[], folder_id=None).status == 200
    for there in (f"/tags/{tag}", f"/folders/{folder}"):
        confirm = house.call("DELETE", there, permanent="true").error["confirm"]
        assert house.call("DELETE", there, permanent="true", confirm=confirm).status == 204


def test_a_link_in_a_trashed_folder_can_still_be_changed(house: House) -> None:
    folder = house.make(Folder, name="spring")["id"]
    link = house.link(folder_id=folder)
    house.call("DELETE", f"/folders/{folder}")
    assert patch(house, link, title="changed").data["folder_id"] == folder
    assert patch(house, link, folder_id=None).data["folder_id"] is None


# ---- at once


def test_a_change_shows_in_the_next_redirect(house: House) -> None:
    link = house.link("summer", "https://old.example/")
    patch(house, link, destination="https://new.example/")
    assert visit(house, "/summer").headers["Location"] == "https://new.example/"
    patch(house, link, status="paused")
    assert visit(house, "/summer").status == 410
    patch(house, link, status="active", redirect_status=308)
    assert visit(house, "/summer").status == 308
    house.call("DELETE", f"/links/{link['id']}")
    assert visit(house, "/summer").status == 404
    house.call("POST", f"/links/{link['id']}/restoration")
    assert visit(house, "/summer").status == 308


def test_a_batch_of_a_thousand_links_redirects_at_once(house: House) -> None:
    items = [{"slug": f"many-{n}", "destination": f"https://shop.example/{n}"} for n in range(1000)]
    made = house.call("POST", "/links/batch", {"items": items}).data
    assert {result["status"] for result in made} == {201}
    for n in (0, 499, 999):
        assert visit(house, f"/many-{n}").headers["Location"] == f"https://shop.example/{n}"


# ---- where else it may lead

ELSEWHERE = ("android_url", "ios_url", "fallback_url")


@pytest.mark.parametrize("name", ("destination", *ELSEWHERE))
def test_no_url_of_a_link_leads_back_or_is_run_by_a_browser(house: House, name: str) -> None:
    link = house.link()
    for wrong in ("https://go.example/x", "javascript:alert(1)", "data:text/html,x", "myapp://open", "/path", ""):
        for reply in (post(house, **{name: wrong}), patch(house, link, **{name: wrong})):
            assert (reply.status, reply.fields) == (400, {name}), wrong
    assert post(house, **{name: "https://shop.example/{click_id}"}).status == 201


def test_an_app_is_opened_by_platform_and_never_as_a_fallback(house: House) -> None:
    assert post(house, android_url="market://details?id=a", ios_url="itms-apps://a.example").status == 201
    assert post(house, fallback_url="mailto:ada@acme.example").fields == {"fallback_url"}
    assert post(house, og_image="mailto:ada@acme.example").fields == {"og_image"}
    assert post(house, og_image="https://a.example/{slug}.png").fields == {"og_image"}


def test_all_wrong_urls_are_named_at_once(house: House) -> None:
    back = dict.fromkeys(ELSEWHERE, "https://go.example/")
    assert post(house, **back).fields == set(ELSEWHERE)


def test_a_url_that_was_fine_when_it_was_written_does_not_stop_other_changes(house: House) -> None:
    link = house.link("x", "https://second.example/", ios_url="https://second.example/app")
    verified(house, "second.example")
    assert patch(house, link, title="changed").status == 200
    assert patch(house, link, ios_url="https://second.example/other").fields == {"ios_url"}


# ---- macros and parameters


def test_an_unknown_macro_is_refused_with_the_list(house: House) -> None:
    link = house.link()
    wrong = dict.fromkeys(("destination", *ELSEWHERE), "https://a.example/{click}")
    wrong |= {"utm_term": "{sub11}"}
    assert post(house, **wrong).fields == set(wrong)
    for body in (wrong, {"parameters": {"a": "{Click_ID}", "b": "fine"}}):
        reply = patch(house, link, **body)
        assert (reply.status, reply.fields) == (400, set(body))
        assert all("{click_id} {sub1}" in detail["message"] for detail in reply.error["details"])


def test_known_macros_are_taken_wherever_they_may_stand(house: House) -> None:
    url = "https://a.example/{slug}?c={click_id}&g={country}&d={device}&r={referrer}&t={timestamp}"
    made = post(
        house, destination=url, utm_content="{sub10}", parameters={"a": "{campaign}-{source}", "b": "{x y}"}
    )
    assert made.status == 201
    assert made.data["parameters"] == {"a": "{campaign}-{source}", "b": "{x y}"}


@pytest.mark.parametrize("name", ["a b", "a=b", "a&b", "ä", "a%20", "[a]"])
def test_a_parameter_has_a_plain_name(house: House, name: str) -> None:
    assert post(house, parameters={name: "x"}).fields == {"parameters"}
    for field in ("click_id_parameter", "sub_id_parameter", "sub_id_target"):
        assert post(house, **{field: name}).fields == {field}


def test_a_parameter_is_given_once(house: House) -> None:
    assert post(house, utm_source="a", parameters={"utm_source": "b"}).fields == {"parameters"}
    assert post(house, parameters={"utm_source": "b"}).status == 201
    assert post(house, parameters={"cid": "b"}, click_id_parameter="cid").fields == {"click_id_parameter"}
    link = house.link(parameters={"cid": "b"})
    assert patch(house, link, click_id_parameter="cid").fields == {"click_id_parameter"}
    assert patch(house, link, click_id_parameter="cid", parameters={"cid": None}).status == 200


# ---- times, limits, mode


def test_a_link_starts_before_it_expires(house: House) -> None:
    early, late = "2026-12-01T00:00:00Z", "2026-12-02T00:00:00Z"
    assert post(house, starts_at=late, expires_at=early).fields == {"starts_at"}
    assert post(house, starts_at=late, expires_at=late).fields == {"starts_at"}
    link = house.link(starts_at=early, expires_at=late)
    assert patch(house, link, expires_at=early).fields == {"expires_at"}
    assert patch(house, link, starts_at=late).fields == {"starts_at"}
    assert patch(house, link, starts_at=None, expires_at=early).status == 200


@pytest.mark.parametrize("name", ["click_limit", "click_threshold"])
def test_a_limit_is_a_whole_number_from_one(house: House, name: str) -> None:
    for wrong in (0, -1, 1.5, "5", True, 10**13):
        assert post(house, **{name: wrong}).fields == {name}
    assert post(house, **{name: 1}).data[name] == 1


def marks(house: House, link: Any) -> tuple[Any, Any]:
    row = house.records.one("SELECT limit_reached_at, threshold_crossed_at FROM links WHERE id = ?", (link["id"],))
    assert row is not None
    return row["limit_reached_at"], row["threshold_crossed_at"]


def test_another_limit_or_threshold_is_told_of_again(house: House) -> None:
    link = house.link(click_limit=5, click_threshold=5)
    for body, expected in (
        ({"title": "x"}, (1, 1)), ({"click_limit": 6}, (None, 1)), ({"click_limit_counts": "people"}, (None, 1)),
        ({"click_threshold": 6}, (1, None)), ({"click_threshold": None}, (1, None)),
    ):  # fmt: skip
        house.records.script("UPDATE links SET limit_reached_at = 1, threshold_crossed_at = 1")
        assert patch(house, link, **body).status == 200
        assert marks(house, link) == expected, body


def test_a_mode_that_sends_nobody_anywhere_warns(house: House) -> None:
    assert house.link(redirect_mode="rule_only")["warnings"]
    assert not house.link(redirect_mode="rule_only", ios_url="https://a.example/")["warnings"]
    assert house.link(destination="mailto:ada@acme.example", utm_source="x")["warnings"]


# ---- passwords


def test_a_password_is_kept_as_a_hash_and_shown_to_nobody(house: House) -> None:
    link = house.link(password="open sesame")
    assert (link["has_password"], "password" in link) == (True, False)
    row = house.records.one("SELECT password FROM links WHERE id = ?", (link["id"],)) or {}
    assert row["password"].startswith("$argon2id$")
    removed = patch(house, link, password=None)
    assert removed.data["has_password"] is False
    assert house.ask("GET", f"/{link['slug']}").status == 302


def test_a_put_with_the_same_password_changes_nothing(house: House) -> None:
    body = {"destination": "https://shop.example/", "slug": "same", "password": "open sesame"}
    first = house.call("PUT", "/links/external/p-1", body)
    again = house.call("PUT", "/links/external/p-1", body)
    other = house.call("PUT", "/links/external/p-1", {**body, "password": "another"})
    assert [reply.data["version"] for reply in (first, again, other)] == [1, 1, 2]


def test_a_visitor_with_the_password_goes_on(house: House) -> None:
    link = house.link("secret", password="öffne dich")
    assert visit(house, "/secret").status == 200
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    wrong = house.ask("POST", "/secret", body=b"password=x", headers=kind)
    right = house.ask("POST", "/secret", body=b"password=%C3%B6ffne+dich", headers=kind)
    assert (wrong.status, right.status, right.headers["Location"]) == (401, 303, "https://shop.example/")
    assert link["has_password"]


# ---- counters


def test_counters_begin_at_nothing_and_are_in_no_history(house: House) -> None:
    link = house.link(title="x")
    assert [link[name] for name in ("clicks", "uniques", "last_click_at", "counted_at")] == [0, 0, None, None]
    house.records.script("UPDATE links SET clicks = 7, uniques = 5, last_click_at = 1000, counted_at = 2000")
    changed = patch(house, link, title="y").data
    assert (changed["clicks"], changed["uniques"], changed["last_click_at"]) == (7, 5, "1970-01-01T00:00:01.000Z")
    house.call("DELETE", f"/links/{link['id']}")
    entries = house.call("GET", "/audit-entries", record_id=link["id"]).data
    told = {name for entry in entries for name in entry["changes"]}
    assert "title" in told and not told & {"clicks", "uniques", "last_click_at", "counted_at", "version"}


def test_links_are_found_and_sorted_by_their_clicks(house: House) -> None:
    links = [house.link(f"l{n}")["id"] for n in range(4)]
    for link, clicks, last in zip(links, (5, 9, 0, 5), (1000, 3000, None, 2000), strict=True):
        with house.records.transaction(house.now) as tx:
            tx.run("UPDATE links SET clicks = ?, last_click_at = ? WHERE id = ?", (clicks, last, link))

    def found(**query: str) -> list[int]:
        return [links.index(row["id"]) for row in house.call("GET", "/links", **query).data]

    assert found(sort="-clicks,slug") == [1, 0, 3, 2]
    assert found(sort="last_click_at") == [2, 0, 3, 1]
    assert found(**{"clicks[gte]": "5", "clicks[lte]": "8", "sort": "slug"}) == [0, 3]
    assert found(**{"last_click_at[gte]": "1970-01-01T00:00:02Z", "sort": "slug"}) == [1, 3]
    plan = "EXPLAIN QUERY PLAN SELECT * FROM links t WHERE workspace_id = 'x' AND deleted_at IS NULL ORDER BY"
    for order in ("clicks DESC, id DESC", "COALESCE(last_click_at, -9223372036854775807), id"):
        assert "TEMP B-TREE" not in str(house.records.rows(f"{plan} {order} LIMIT 20"))
