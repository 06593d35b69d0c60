"""The rules of domains: defaults, links that hang on them, proof."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from routy.errors import Conflict
from routy.records import write
from routy.resources.domains import Domain
from tests.house import House, Person, Reply


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.close()


def defaults(house: House) -> list[str]:
    return [row["host"] for row in house.call("GET", "/domains", is_default="true").data]


def patch(house: House, domain: Any, **body: Any) -> Reply:
    return house.call("PATCH", f"/domains/{domain['id']}", body)


def home(house: House) -> Any:
    return house.call("GET", "/domains", host="go.example").data[0]


def test_the_first_domain_is_the_servers_own_and_the_default(house: House) -> None:
    assert (home(house)["status"], home(house)["is_default"]) == ("verified", True)


def test_the_default_moves_and_never_just_goes(house: House) -> None:
    second = house.make(Domain, host="second.example")
    assert defaults(house) == ["go.example"]
    with house.unchanged():
        assert patch(house, home(house), is_default=False).fields == {"is_default"}
        assert house.call("DELETE", f"/domains/{home(house)['id']}").status == 400
    before = house.last_seq()
    assert patch(house, second, is_default=True).status == 200
    assert defaults(house) == ["second.example"]
    assert house.events(before) == ["domain.updated", "domain.updated"]
    assert house.link()["host"] == "second.example"
    house.make(Domain, host="third.example", is_default=True)
    assert defaults(house) == ["third.example"]


def test_a_workspaces_only_domain_is_its_default(house: House) -> None:
    made = house.call("POST", "/workspaces", {"name": "Empty"}).data
    tenant = house._person(made["id"], "owner", "tenant")
    first = house.make(Domain, tenant, host="first.example")
    assert (first["is_default"], first["status"]) == (True, "pending")
    assert house.call("DELETE", f"/domains/{first['id']}", as_=tenant).status == 204


def prove(house: House, domain: Any, who: Person) -> None:
    """As if its proof had been found."""
    with house.records.transaction(house.now) as tx:
        write.update(tx, who.actor, Domain, domain["id"], {"status": "verified", "verified_at": house.now})


def test_a_workspace_has_a_host_once_in_one_form(house: House) -> None:
    house.make(Domain, host="BÜCHER.example.")
    for same in ("bücher.example", "xn--bcher-kva.example", "xn--bcher-kva.example:443"):
        reply = house.call("POST", "/domains", {"host": same})
        assert (reply.status, reply.fields) == (409, {"host"})
    assert house.call("POST", "/domains", {"host": "bücher.example:8080"}).status == 201


def test_nobody_keeps_a_host_from_whom_it_belongs_to_by_claiming_it_first(house: House) -> None:
    theirs = house.make(Domain, house.stranger, host="second.example")
    mine = house.make(Domain, host="second.example")
    assert theirs["verification"] != mine["verification"]
    prove(house, mine, house.owner)
    with pytest.raises(Conflict):
        prove(house, theirs, house.stranger)
    link = house.link("x", domain_id=mine["id"])
    assert house.ask("GET", f"/{link['slug']}", headers={"Host": "second.example"}).status == 302


def test_every_claim_of_a_host_finds_its_own_proof_there(house: House) -> None:
    claims = [house.make(Domain, who, host="second.example") for who in (house.stranger, house.owner)]
    shown = house.ask("GET", "/.well-known/routy-verification", headers={"Host": "second.example"}).body.decode()
    assert {claim["verification"] for claim in claims} <= set(shown.split())


def test_a_domain_with_links_stays_and_keeps_its_case_rule(house: House) -> None:
    domain = house.make(Domain, host="second.example")
    link = house.link("x", domain_id=domain["id"])
    with house.unchanged():
        assert house.call("DELETE", f"/domains/{domain['id']}").status == 409
        assert patch(house, domain, case_sensitive=True).status == 409
        confirm = house.call("DELETE", f"/domains/{domain['id']}", permanent="true").error["confirm"]
        assert house.call("DELETE", f"/domains/{domain['id']}", permanent="true", confirm=confirm).status == 409
    house.call("DELETE", f"/links/{link['id']}")
    assert patch(house, domain, case_sensitive=True).status == 200
    assert house.call("DELETE", f"/domains/{domain['id']}").status == 204
    restored = house.call("POST", f"/links/{link['id']}/restoration")
    assert (restored.status, restored.fields) == (400, {"domain_id"}), "its domain is not there"


def test_a_link_restored_under_another_case_rule_is_found_by_that(house: House) -> None:
    domain = house.make(Domain, host="second.example")
    link = house.link("Sale", domain_id=domain["id"])
    house.call("DELETE", f"/links/{link['id']}")
    patch(house, domain, case_sensitive=True)
    assert house.call("POST", f"/links/{link['id']}/restoration").status == 200
    body = {"slug": "sale", "destination": "https://shop.example/", "domain_id": domain["id"]}
    assert house.call("POST", "/links", body).status == 201


def test_a_new_domain_waits_for_proof_and_says_how(house: House) -> None:
    domain = house.make(Domain, host="second.example:8080")
    assert (domain["status"], domain["verified_at"]) == ("pending", None)
    assert domain["verification"].startswith("routy-verify=")
    assert domain["dns_record"] == f'_routy.second.example. TXT "{domain["verification"]}"'
    assert domain["verification_url"] == "http://second.example:8080/.well-known/routy-verification"


def test_two_domains_have_two_proofs(house: House) -> None:
    proofs = {house.make(Domain, host=f"d{n}.example")["verification"] for n in range(5)}
    assert len(proofs) == 5


def test_the_server_shows_the_proof_under_the_host_that_it_is_for(house: House) -> None:
    domain = house.make(Domain, host="second.example")

    def shown(host: str, path: str = "/.well-known/routy-verification") -> tuple[int, bytes]:
        reply = house.ask("GET", path, headers={"Host": host})
        return reply.status, reply.body

    assert shown("second.example") == (200, domain["verification"].encode())
    assert shown("SECOND.example.") == (200, domain["verification"].encode())
    assert shown("third.example")[0] == 404
    assert shown("second.example", "/.well-known/other")[0] == 404
    house.call("DELETE", f"/domains/{domain['id']}")
    assert shown("second.example")[0] == 404


def test_a_domain_answers_only_once_it_is_verified(house: House) -> None:
    domain = house.make(Domain, host="second.example")
    house.link("x", "https://second-shop.example/", domain_id=domain["id"])
    assert house.ask("GET", "/x", headers={"Host": "second.example"}).status == 404
    prove(house, domain, house.owner)
    house.app.walk.table.follow()
    assert house.ask("GET", "/x", headers={"Host": "second.example"}).status == 302
    again = house.call("POST", f"/domains/{home(house)['id']}/verification")
    assert (again.status, again.data["status"]) == (200, "verified"), "a proven one is not asked again"


@pytest.mark.parametrize("name", ["fallback_url", "not_found_url"])
def test_a_domain_sends_nobody_back_to_this_server(house: House, name: str) -> None:
    second = house.make(Domain, host="second.example")
    for wrong in ("https://go.example/x", "http://SECOND.example./"):
        assert patch(house, second, **{name: wrong}).fields == {name}, wrong
    made = house.call("POST", "/domains", {"host": "third.example", name: "https://third.example/"})
    assert (made.status, made.fields) == (400, {name})
    assert patch(house, second, **{name: "https://third.example/"}).status == 200
    third = house.make(Domain, host="third.example")
    prove(house, third, house.owner)
    assert patch(house, second, pass_query=False).status == 200, "it was fine when it was written"


def test_a_fallback_may_hold_macros_and_a_404_may_not(house: House) -> None:
    assert patch(house, home(house), fallback_url="https://a.example/{slug}").status == 200
    assert patch(house, home(house), fallback_url="https://a.example/{slugs}").fields == {"fallback_url"}
    assert patch(house, home(house), not_found_url="https://a.example/{slug}").fields == {"not_found_url"}


@pytest.mark.parametrize(
    ("own", "spelled", "back"),
    [
        ("localhost:8787", "http://127.0.0.1:8787/", True),
        ("localhost:8787", "http://[::1]:8787/x", True),
        ("localhost:8787", "http://127.9.9.9:8787/", True),
        ("localhost:8787", "http://go.localhost:8787/", True),
        ("127.0.0.1:8787", "http://localhost:8787/", True),
        ("127.0.0.1:8787", "http://0.0.0.0:8787/", True),
        ("localhost:8787", "http://127.0.0.1:9999/", False),
        ("localhost:8787", "http://localhost/", False),
        ("other.example:8787", "http://localhost:8787/", False),
    ],
)
def test_this_machine_is_known_by_each_of_its_names(house: House, own: str, spelled: str, back: bool) -> None:
    prove(house, house.make(Domain, host=own), house.owner)
    assert house.call("POST", "/links", {"destination": spelled}).status == (400 if back else 201)
