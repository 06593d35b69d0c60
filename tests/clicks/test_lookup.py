from pathlib import Path

import pytest

from routy.clicks.lookup import LinkTable, folded
from routy.clicks.options import PLAIN
from routy.records import parse, write
from routy.resources.domains import Domain
from routy.resources.links import Link
from routy.resources.workspaces import Workspace
from tests.clicks.yard import Yard


def destination(yard: Yard, slug: str, host: str = "go.example") -> str | None:
    """What the followed table says, which a table that is loaded anew must say too."""
    _, link = yard.table.find(host, slug)
    fresh = LinkTable(yard.records)
    fresh.load()
    _, again = fresh.find(host, slug)
    assert (link and link.destination) == (again and again.destination)
    return link.destination if link else None


def test_a_new_link_is_found(yard: Yard) -> None:
    yard.add_link("summer", "https://a.example/")
    assert destination(yard, "summer") == "https://a.example/"


def test_a_changed_link_is_found_as_changed(yard: Yard) -> None:
    link = yard.add_link("summer", "https://a.example/")
    yard.change(Link, link["id"], destination="https://b.example/", slug="winter")
    assert destination(yard, "winter") == "https://b.example/"
    assert destination(yard, "summer") is None


def test_a_link_in_the_trash_is_gone_until_it_is_restored(yard: Yard) -> None:
    link = yard.add_link("summer")
    with yard.records.transaction(yard.now) as tx:
        write.delete(tx, yard.actor, Link, link["id"])
    yard.table.follow()
    assert destination(yard, "summer") is None
    with yard.records.transaction(yard.now) as tx:
        write.restore(tx, yard.actor, Link, link["id"], 30)
    yard.table.follow()
    assert destination(yard, "summer") is not None


def test_a_link_deleted_for_good_is_gone(yard: Yard) -> None:
    link = yard.add_link("summer")
    with yard.records.transaction(yard.now) as tx:
        write.purge(tx, yard.actor, Link, link["id"])
    yard.table.follow()
    assert destination(yard, "summer") is None
    assert len(yard.table) == 0


def test_a_slug_that_changes_hands_at_once_leads_to_its_new_owner(yard: Yard) -> None:
    first = yard.add_link("summer", "https://a.example/")
    with yard.records.transaction(yard.now) as tx:
        write.delete(tx, yard.actor, Link, first["id"])
    yard.add_link("summer", "https://b.example/")
    assert destination(yard, "summer") == "https://b.example/"


def test_two_links_can_swap_their_slugs(yard: Yard) -> None:
    one, two = yard.add_link("one", "https://1.example/"), yard.add_link("two", "https://2.example/")
    with yard.records.transaction(yard.now) as tx:
        for link_id, slug in ((one["id"], "free"), (two["id"], "one"), (one["id"], "two")):
            write.update(tx, yard.actor, Link, link_id, {"slug": slug})
    yard.table.follow()
    assert (destination(yard, "one"), destination(yard, "two")) == ("https://2.example/", "https://1.example/")
    assert destination(yard, "free") is None


def test_case_is_as_the_domain_has_it(yard: Yard) -> None:
    strict = yard.add_domain("strict.example", case_sensitive=True)
    yard.add_link("Straße", "https://lax.example/")
    yard.add_link("Sale", "https://big.example/", domain_id=strict["id"])
    yard.add_link("sale", "https://small.example/", domain_id=strict["id"])
    assert destination(yard, "STRASSE") == "https://lax.example/"
    assert destination(yard, "Sale", "strict.example") == "https://big.example/"
    assert destination(yard, "sale", "strict.example") == "https://small.example/"
    assert destination(yard, "SALE", "strict.example") is None


def test_a_recased_domain_spells_its_slugs_anew(yard: Yard) -> None:
    domain = yard.add_domain("b.example", case_sensitive=True)
    yard.change(Domain, domain["id"], case_sensitive=False)
    yard.add_link("Sale", "https://a.example/", domain_id=domain["id"])
    assert destination(yard, "SALE", "b.example") == "https://a.example/"


def test_links_of_one_domain_do_not_answer_on_another(yard: Yard) -> None:
    domain = yard.add_domain("b.example")
    yard.add_link("here", domain_id=domain["id"])
    assert destination(yard, "here", "go.example") is None
    assert destination(yard, "here", "b.example") is not None


def test_an_unknown_host_is_the_default_domain(yard: Yard) -> None:
    yard.add_link("summer")
    assert destination(yard, "summer", "203.0.113.9") is not None


def test_a_domain_answers_once_it_is_verified(yard: Yard) -> None:
    domain = yard.add_domain("b.example", verified=False)
    yard.add_link("here", domain_id=domain["id"])
    assert destination(yard, "here", "b.example") is None


def test_a_port_that_no_domain_names_is_passed_over(yard: Yard) -> None:
    domain = yard.add_domain("b.example")
    yard.add_link("here", domain_id=domain["id"])
    assert destination(yard, "here", "b.example:8443") is not None


def test_a_new_default_domain_takes_the_unknown_hosts(yard: Yard) -> None:
    domain = yard.add_domain("b.example")
    yard.add_link("here", domain_id=domain["id"])
    yard.change(Domain, domain["id"], is_default=True)
    assert destination(yard, "here", "nobody.example") is not None


def test_a_changed_workspace_leaves_its_links_alone(yard: Yard) -> None:
    yard.add_link("summer")
    yard.change(Workspace, yard.workspace_id, name="Elsewhere")
    assert destination(yard, "summer") is not None


def test_what_another_process_commits_is_followed(yard: Yard, tmp_path: Path) -> None:
    with yard.records.transaction(yard.now) as tx:
        for number in range(1_000):
            values = {"slug": f"n{number}", "destination": "https://a.example/", "domain_id": None}
            write.create(tx, yard.actor, Link, parse.creation(Link.fields, values))
    assert len(yard.table) == 0
    while yard.table.follow():
        pass
    assert len(yard.table) == 1_000
    assert yard.table.seq == yard.records.rows("SELECT max(seq) AS seq FROM events")[0]["seq"]


@pytest.mark.parametrize(("slug", "key"), [("ABC", "abc"), ("Straße", "strasse"), ("É", "é")])
def test_folding_is_unicode_case_folding(slug: str, key: str) -> None:
    assert folded(slug) == key


def test_links_that_use_no_option_share_one(yard: Yard) -> None:
    yard.add_link("plain", notes="nothing", expires_at="2030-01-01T00:00:00Z", status="paused")
    yard.add_link("other", utm_source="letter")
    assert yard.table.find("go.example", "plain")[1].options is PLAIN  # type: ignore[union-attr]
    assert yard.table.find("go.example", "other")[1].options is not PLAIN  # type: ignore[union-attr]


OPTIONS = {
    "starts_at": "2026-01-01T00:00:00Z", "click_limit": 5, "redirect_mode": "never",
    "android_url": "https://a.example/", "ios_url": "https://a.example/", "fallback_url": "https://a.example/",
    "utm_source": "a", "utm_medium": "a", "utm_campaign": "a", "utm_term": "a", "utm_content": "a",
    "parameters": {"a": "b"}, "click_id_parameter": "a", "sub_id_parameter": None, "sub_id_target": "a",
    "password": "a", "og_title": "a", "og_description": "a", "og_image": "https://a.example/a.png",
    "destination": "https://a.example/{slug}",
}  # fmt: skip


@pytest.mark.parametrize("name", OPTIONS)
def test_each_option_alone_makes_a_difference_to_the_walk(yard: Yard, name: str) -> None:
    yard.add_link(**{"slug": "one", "destination": "https://a.example/", name: OPTIONS[name]})  # type: ignore[arg-type]
    for table in (yard.table, LinkTable(yard.records)):
        if not len(table):
            table.load()
        found = table.find("go.example", "one")[1]
        assert found is not None
        assert found.options is not PLAIN
