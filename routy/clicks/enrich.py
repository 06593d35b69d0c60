"""What the loader adds to clicks: whose agent and what class it makes, which place and network, what remains of the
address, which addresses a workspace does not count, which day's salt.

Only distinct values come out of DuckDB to be looked up, and the answers go back as a file; the rows themselves
never pass through Python.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path

from routy.clicks.agent import describe
from routy.clicks.classify import judge_agent
from routy.clicks.geo import Geo
from routy.clicks.salt import Salts
from routy.resource import Reader
from routy.store.cursors import Writer

_AGENTS = "/* enrich.agents */ SELECT DISTINCT agent FROM parsed WHERE fault IS NULL"
_IPS = "/* enrich.ips */ SELECT DISTINCT ip FROM parsed WHERE fault IS NULL"
_DAYS = "/* enrich.days */ SELECT DISTINCT day FROM parsed WHERE fault IS NULL"
_VISITORS = """/* enrich.visitors */
SELECT DISTINCT workspace_key, ip FROM parsed WHERE fault IS NULL AND workspace_key IN (SELECT unnest($keys))
"""
_EXCLUDED = "/* workspaces.excluded */ SELECT key, excluded_ips FROM workspaces WHERE excluded_ips <> '[]'"

AGENTS = ("agent", "browser", "os", "device", "class", "reason")
PLACES = ("ip", "country", "region", "city", "asn", "network", "kept")

Network = IPv4Network | IPv6Network
Excluded = Mapping[int, Sequence[Network]]  # by the workspace's key


def excluded_networks(records: Reader) -> Excluded:
    """The networks that workspaces do not count, of those that have any."""
    rows = records.rows(_EXCLUDED)
    return {row["key"]: [ip_network(text) for text in json.loads(row["excluded_ips"])] for row in rows}


class ClickEnricher:
    """Puts the tables agents, places, excluded and salts beside the table parsed."""

    def __init__(
        self,
        salts: Salts,
        keep_ip: str,
        directory: Path,
        geo: Geo | None = None,
        excluded: Callable[[], Excluded] = dict,
    ) -> None:
        self._salts, self._keep_ip, self._directory = salts, keep_ip, directory
        self._geo, self._excluded = geo or Geo(), excluded

    def __call__(self, writer: Writer) -> None:
        self._geo.refresh()
        self.agents(writer, writer.column(_AGENTS))
        self._look_up(writer, "places", PLACES, writer.column(_IPS), self._place)
        writer.take_lines("excluded", ("workspace_key", "ip"), self._pairs(writer), self._directory)
        self._look_up(writer, "salts", ("day", "salt"), writer.column(_DAYS), lambda day: (self._salts.of(day),))

    def agents(self, writer: Writer, agents: Iterable[str]) -> None:
        """Make the table agents for these agents, '' being none; judging anew needs no other table."""
        self._look_up(writer, "agents", AGENTS, agents, _agent)

    def _look_up(
        self,
        writer: Writer,
        table: str,
        columns: Sequence[str],
        values: Iterable[str],
        run: Callable[[str], Sequence[str]],
    ) -> None:
        writer.take_lines(table, columns, ((value, *run(value)) for value in values), self._directory)

    def _place(self, ip: str) -> tuple[str, ...]:
        return self._geo.place(ip, self._keep_ip)

    def _pairs(self, writer: Writer) -> Iterator[tuple[str, str]]:
        """Workspace and address, where the workspace does not count the address."""
        excluded = self._excluded()
        if excluded:
            for row in writer.rows(_VISITORS, {"keys": list(excluded)}):
                if _lies_in(row["ip"], excluded[row["workspace_key"]]):
                    yield str(row["workspace_key"]), row["ip"]


def _lies_in(ip: str, networks: Sequence[Network]) -> bool:
    try:
        address = ip_address(ip)
    except ValueError:
        return False
    return any(address in network for network in networks)


@lru_cache(maxsize=16_384)
def _agent(agent: str) -> tuple[str, ...]:
    return (*describe(agent), *judge_agent(agent))
