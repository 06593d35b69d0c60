"""What the API says of visits of every kind, from the redirect to the explanation."""

from typing import Any

import pytest

from tests.clicks.yard import FIREFOX, GOOGLEBOT, SLACK
from tests.house import House

BARRACUDA = "Mozilla/5.0 (compatible; Barracuda Sentinel (EE))"
HOUSEHOLD, HETZNER = "91.10.0.7", "95.216.1.1"


def visited(house: House, agent: str = FIREFOX, ip: str = HOUSEHOLD, method: str = "GET", **headers: str) -> Any:
    """The click of such a visit, as the API shows it."""
    house.link("summer")
    house.ask(method, "/summer", headers={"User-Agent": agent, **headers}, REMOTE_ADDR=ip)
    house.load()
    (click,) = house.call("GET", "/clicks").data
    return house.call("GET", f"/clicks/{click['id']}").data


@pytest.mark.parametrize(
    ("agent", "ip", "class_", "reason"),
    [
        (FIREFOX, HOUSEHOLD, "human", None),
        (FIREFOX, HETZNER, "datacenter", "hosting"),
        (GOOGLEBOT, HETZNER, "bot", "search-engine"),
        (SLACK, HETZNER, "preview", "slack"),
        (BARRACUDA, HETZNER, "scanner", "barracuda"),
        ("", HOUSEHOLD, "bot", "none"),
    ],
)
def test_a_click_tells_its_class_and_why(
    house: House, agent: str, ip: str, class_: str, reason: str | None
) -> None:
    click = visited(house, agent, ip)
    assert (click["class"], click["class_reason"]) == (class_, reason)
    assert click["class_explained"].endswith("(Rules version 2.)")


def test_head_is_told_before_the_agent_and_the_address(house: House) -> None:
    assert visited(house, GOOGLEBOT, HETZNER, "HEAD")["class"] == "head"


def test_a_prefetch_is_told_before_the_agent_and_the_address(house: House) -> None:
    assert visited(house, GOOGLEBOT, HETZNER, **{"Sec-Purpose": "prefetch"})["class"] == "prefetch"


def test_visits_from_the_workspaces_own_networks_are_its_own(house: House) -> None:
    changed = house.call(
        "PATCH", f"/workspaces/{house.owner.actor.workspace_id}", {"excluded_ips": ["91.10.0.0/24"]}
    )
    assert (changed.status, changed.data["excluded_ips"]) == (200, ["91.10.0.0/24"])
    click = visited(house, GOOGLEBOT)
    assert (click["class"], click["class_reason"]) == ("self", "excluded")
    assert "does not count" in click["class_explained"]


def test_networks_are_taken_in_their_one_spelling_and_nonsense_is_refused(house: House) -> None:
    path = f"/workspaces/{house.owner.actor.workspace_id}"
    given = ["203.0.113.7", "2001:db8::1/48"]
    assert house.call("PATCH", path, {"excluded_ips": given}).data["excluded_ips"] == [
        "203.0.113.7/32",
        "2001:db8::/48",
    ]
    with house.unchanged():
        refused = house.call("PATCH", path, {"excluded_ips": ["203.0.113.7", "here", "10.0.0.0/33"]})
    assert refused.status == 400 and all(name.startswith("excluded_ips") for name in refused.fields)


def test_health_tells_the_packaged_data(house: House) -> None:
    geo = house.call("GET", "/health").data["inside"]["geo"]
    assert geo["hosting"]["source"] == "X4BNet/lists_vpn" and geo["countries"]["source"].startswith("iptocc")
