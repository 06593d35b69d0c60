"""The tables that stand beside the parsed clicks, made of their distinct values."""

from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from routy.clicks.enrich import ClickEnricher, Excluded, excluded_networks
from routy.clicks.geo import Geo
from routy.clicks.salt import Salts
from routy.errors import Invalid
from routy.resources.workspaces import Workspace
from routy.store.cursors import Writer
from tests.clicks.databases import LOS_ANGELES, write
from tests.clicks.yard import FIREFOX, SLACK, Yard

PARSED = """/* test.parsed */ CREATE OR REPLACE TEMP TABLE parsed AS
SELECT * FROM (VALUES (7, '91.10.3.7', $firefox, '2026-11-21', NULL),
  (7, '91.10.3.7', $firefox, '2026-11-21', NULL), (8, '91.10.3.7', $slack, '2026-11-21', NULL),
  (7, '2001:db8::1', '', '2026-11-21', NULL),
  (7, 'nonsense', '', '2026-11-21', NULL), (9, '198.51.100.1', 'torn', '2026-11-21', 'torn'))
  rows(workspace_key, ip, agent, day, fault)
"""


@contextmanager
def enriched(
    yard: Yard, keep: str = "truncated", geo: Geo | None = None, excluded: Excluded | None = None
) -> Iterator[Writer]:
    enrich = ClickEnricher(Salts(yard.path / "salts"), keep, yard.path / "enriched", geo, lambda: excluded or {})
    with yard.store.writing() as writer:
        writer.run(PARSED, {"firefox": FIREFOX, "slack": SLACK})
        enrich(writer)
        yield writer


def table(writer: Writer, name: str, order: str) -> list[dict[str, Any]]:
    return writer.rows(f"/* test.table */ SELECT * EXCLUDE (file) FROM {name} ORDER BY {order}")


def test_agents_are_described_and_judged_once_each(yard: Yard) -> None:
    with enriched(yard) as writer:
        rows = table(writer, "agents", "agent")
    assert list(rows[0]) == ["agent", "browser", "os", "device", "class", "reason"]
    assert [tuple(row.values()) for row in rows] == [
        ("", "", "", "", "bot", "none"),
        (FIREFOX, "Firefox", "Linux", "desktop", "human", ""),
        (SLACK, "Slackbot-LinkExpanding", "", "other", "preview", "slack"),
    ]


def test_agents_can_be_judged_anew_without_clicks(yard: Yard) -> None:
    enrich = ClickEnricher(Salts(yard.path / "salts"), "none", yard.path / "enriched")
    with yard.store.writing() as writer:
        enrich.agents(writer, ["", SLACK])
        assert writer.column("/* test.reasons */ SELECT reason FROM agents ORDER BY agent") == ["none", "slack"]


@pytest.mark.parametrize(("keep", "kept"), [("truncated", "91.10.3.0"), ("full", "91.10.3.7"), ("none", "")])
def test_addresses_are_placed_and_cut(yard: Yard, keep: str, kept: str) -> None:
    with enriched(yard, keep) as writer:
        rows = {row["ip"]: row for row in table(writer, "places", "ip")}
    assert rows["91.10.3.7"] == {
        "ip": "91.10.3.7", "country": "DE", "region": "", "city": "", "asn": "", "network": "", "kept": kept,
    }  # fmt: skip
    assert set(rows) == {"91.10.3.7", "2001:db8::1", "nonsense"} and rows["nonsense"]["kept"] == ""


def test_a_new_database_is_in_use_for_the_next_batch(yard: Yard, tmp_path: Path) -> None:
    now = [1_800_000_000_000]
    geo = Geo(str(tmp_path / "city.mmdb"), clock=lambda: now[0])
    with enriched(yard, geo=geo) as writer:
        assert writer.column("/* test.cities */ SELECT DISTINCT city FROM places") == [""]
    write(tmp_path / "city.mmdb", {"91.10.0.0/16": LOS_ANGELES})
    now[0] += 60_000
    with enriched(yard, geo=geo) as writer:
        assert "Los Angeles" in writer.column("/* test.cities */ SELECT DISTINCT city FROM places")


def test_a_workspaces_own_addresses_are_those_in_its_networks(yard: Yard) -> None:
    own = {
        7: [ip_network("2001:db8::/32"), ip_network("192.0.2.0/24")],
        8: [ip_network("91.10.3.7")],
        9: [ip_network("0.0.0.0/0")],
    }
    with enriched(yard, excluded=own) as writer:
        pairs = [(int(row["workspace_key"]), row["ip"]) for row in table(writer, "excluded", "workspace_key")]
    assert pairs == [(7, "2001:db8::1"), (8, "91.10.3.7")]


def test_without_networks_there_is_an_empty_table(yard: Yard) -> None:
    with enriched(yard) as writer:
        assert table(writer, "excluded", "ip") == []


def test_networks_are_read_from_the_workspaces_that_have_any(yard: Yard) -> None:
    assert excluded_networks(yard.records) == {}
    yard.change(Workspace, yard.workspace_id, excluded_ips=["203.0.113.7", "2001:db8::1/48"])
    (key,) = [
        row["key"] for row in yard.records.rows("SELECT key FROM workspaces WHERE id = ?", (yard.workspace_id,))
    ]
    assert excluded_networks(yard.records) == {key: [ip_network("203.0.113.7/32"), ip_network("2001:db8::/48")]}


def test_what_is_no_network_is_refused(yard: Yard) -> None:
    with pytest.raises(Invalid, match="excluded_ips"):
        yard.change(Workspace, yard.workspace_id, excluded_ips=["203.0.113.0/24", "here"])
    assert excluded_networks(yard.records) == {}
