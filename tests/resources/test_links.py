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
