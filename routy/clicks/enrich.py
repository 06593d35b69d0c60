"""What the loader adds to clicks: whose agent, which country, what remains of the address, which day's salt.

Only distinct values come out of DuckDB to be looked up, and the answers go back as a file; the rows themselves
never pass through Python.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

from routy.clicks.agent import RULES_VERSION, crawler, describe
from routy.clicks.geo import place
from routy.clicks.salt import Salts
from routy.store.duck import Writer

_AGENTS = "/* enrich.agents */ SELECT DISTINCT agent FROM parsed WHERE fault IS NULL"
_IPS = "/* enrich.ips */ SELECT DISTINCT ip FROM parsed WHERE fault IS NULL"
_DAYS = "/* enrich.days */ SELECT DISTINCT day FROM parsed WHERE fault IS NULL"


class ClickEnricher:
    """Puts the tables agents, places and salts beside the table parsed."""

    def __init__(self, salts: Salts, keep_ip: str, directory: Path) -> None:
        self._salts, self._keep_ip, self._directory = salts, keep_ip, directory

    def __call__(self, writer: Writer) -> None:
        self._look_up(writer, "agents", ("agent", "browser", "os", "device", "crawler", "version"), _AGENTS, _agent)
        self._look_up(writer, "places", ("ip", "country", "kept"), _IPS, self._place)
        self._look_up(writer, "salts", ("day", "salt"), _DAYS, lambda day: (self._salts.of(day),))

    def _look_up(
        self, writer: Writer, table: str, columns: Sequence[str], sql: str, run: Callable[[str], Sequence[str]]
    ) -> None:
        rows = ((value, *run(value)) for value in writer.column(sql))
        writer.take_lines(table, columns, rows, self._directory)

    def _place(self, ip: str) -> tuple[str, ...]:
        return place(ip, self._keep_ip)


@lru_cache(maxsize=16_384)
def _agent(agent: str) -> tuple[str, ...]:
    return (*describe(agent), crawler(agent) if agent else "none", str(RULES_VERSION))
