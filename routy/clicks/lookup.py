"""Step two of the click walk: which link was visited, from a table in memory that follows the record store.

Readers take no lock: they see dicts and objects that are put in place in one step. One writer at a time follows
the `events` that were committed after `seq`, reads the named rows again and puts them in or takes them out.
A link takes 0.6 kB, most of it its id, slug and destination; what few links use stands in their Options.
"""

import json
import threading
import unicodedata
from collections.abc import Iterable
from typing import Any

from routy.clicks.caps import Caps
from routy.clicks.macros import template
from routy.clicks.options import SQL as OPTIONS
from routy.clicks.options import location, options
from routy.clock import LAST
from routy.store.sqlite import Records

BATCH = 5_000

_DOMAINS = """/* lookup.domains */
SELECT d.id, d.key, d.workspace_id, w.key, d.host, d.status = 'verified', d.is_default, d.case_sensitive,
       d.fallback_url, d.not_found_url
FROM domains d JOIN workspaces w ON w.id = d.workspace_id
WHERE d.deleted_at IS NULL AND w.deleted_at IS NULL
ORDER BY w.key, d.key
"""

_LINK = (
    "id, key, domain_id, slug, destination, status, redirect_status, pass_query, expires_at,"
    f" {OPTIONS} AS options, deleted_at"
)
_ALL_LINKS = f"/* lookup.load */ SELECT {_LINK} FROM links WHERE deleted_at IS NULL"
_DOMAIN_LINKS = f"/* lookup.load_domain */ SELECT {_LINK} FROM links WHERE deleted_at IS NULL AND domain_id = ?"
_THESE_LINKS = f"/* lookup.reload */ SELECT {_LINK} FROM links WHERE id IN (SELECT value FROM json_each(?))"

_CHANGES = """/* lookup.follow */
SELECT seq, resource, record_id FROM events
WHERE seq > ? AND resource IN ('links', 'domains', 'workspaces') ORDER BY seq LIMIT ?
"""


class Link:
    """What the walk needs of a link. `inactive` is why it does not redirect, or empty."""

    __slots__ = (
        "destination", "domain_id", "expires_at", "inactive", "key", "options", "pass_query", "redirect_status",
        "slug_key",
    )  # fmt: skip

    def __init__(self, row: tuple[Any, ...], slug_key: str) -> None:
        _, self.key, self.domain_id, _, destination, status, self.redirect_status, pass_query, expires_at, *_ = row
        self.slug_key = slug_key
        self.options = options(row[9])
        self.destination = location(destination)
        self.inactive = "" if status == "active" else status
        self.pass_query = bool(pass_query)
        self.expires_at = LAST if expires_at is None else expires_at


class Domain:
    """A host with its links by slug, spelled as the domain's case rule wants it."""

    __slots__ = (
        "case_sensitive", "fallback_url", "host", "id", "is_default", "key", "links", "not_found_url", "verified",
        "workspace_id", "workspace_key",
    )  # fmt: skip

    def __init__(self, row: tuple[Any, ...], links: dict[str, Link]) -> None:
        self.id, self.key, self.workspace_id, self.workspace_key, self.host = row[:5]
        self.verified, self.is_default, self.case_sensitive = bool(row[5]), bool(row[6]), bool(row[7])
        self.fallback_url = template(location(row[8])) if row[8] else ""
        self.not_found_url = location(row[9]) if row[9] else ""
        self.links = links


class LinkTable:
    """All live links, and the limits that some have. Load it once, then `follow` after each write and once a
    second."""

    def __init__(self, records: Records, caps: Caps | None = None) -> None:
        self.seq = 0
        self.caps = caps or Caps()
        self._records = records
        self._lock = threading.Lock()
        self._hosts: dict[str, Domain] = {}
        self._default: Domain | None = None
        self._domains: dict[str, Domain] = {}
        self._links: dict[str, Link] = {}

    def __len__(self) -> int:
        return len(self._links)

    def find(self, host: str, slug: str | None) -> tuple[Domain | None, Link | None]:
        """The domain that answers for this host and the link that it has under this slug."""
        domain = self._hosts.get(host) or self._hosts.get(host.partition(":")[0], self._default)
        if domain is None or slug is None:
            return domain, None
        return domain, domain.links.get(_spelled(domain, slug))

    def load(self) -> None:
        """Read everything, of one moment."""
        with self._lock, self._records.snapshot():
            self.seq = next(self._records.tuples("/* lookup.seq */ SELECT COALESCE(max(seq), 0) FROM events"))[0]
            self._domains, self._links = {}, {}
            self._publish({row[0]: Domain(row, {}) for row in self._records.tuples(_DOMAINS)})
            self._put_all(self._records.tuples(_ALL_LINKS), made=False)

    def follow(self) -> bool:
        """Take in what was committed since; True when there is more."""
        with self._lock:
            changes = list(self._records.tuples(_CHANGES, (self.seq, BATCH)))
            if not changes:
                return False
            if any(resource != "links" for _, resource, _ in changes):
                self._read_domains()
            self._read_links({record_id for _, resource, record_id in changes if resource == "links"})
            self.seq = changes[-1][0]
            return len(changes) == BATCH

    # ---- inside the lock

    def _read_domains(self) -> None:
        """Domains are few: read them all. Links are read again only where they would be spelled anew."""
        known = self._domains
        fresh = {row[0]: Domain(row, {}) for row in self._records.tuples(_DOMAINS)}
        for domain in fresh.values():
            before = known.get(domain.id)
            if before is not None and before.case_sensitive == domain.case_sensitive:
                domain.links = before.links
            else:
                self._fill(domain)
        self._publish(fresh)
        if known.keys() - fresh.keys():
            self._links = {id_: link for id_, link in self._links.items() if link.domain_id in fresh}

    def _fill(self, domain: Domain) -> None:
        for row in self._records.tuples(_DOMAIN_LINKS, (domain.id,)):
            self._show(domain, row, made=False)

    def _publish(self, domains: dict[str, Domain]) -> None:
        self._domains = domains
        self._hosts = {domain.host: domain for domain in domains.values() if domain.verified}
        self._default = next((domain for domain in domains.values() if domain.is_default and domain.verified), None)

    def _read_links(self, ids: set[str]) -> None:
        listed = list(ids)
        for start in range(0, len(listed), BATCH):
            some = listed[start : start + BATCH]
            rows = {row[0]: row for row in self._records.tuples(_THESE_LINKS, (json.dumps(some),))}
            live = [row for row in rows.values() if row[-1] is None]
            self._put_all(live, made=True)
            for gone in set(some) - {row[0] for row in live}:
                self._remove(gone)

    def _put_all(self, rows: Iterable[tuple[Any, ...]], made: bool) -> None:
        """`made`: links that are not known have just been made, or restored."""
        for row in rows:
            domain = self._domains.get(row[2])
            if domain is not None:
                self._put(domain, row, made)

    def _put(self, domain: Domain, row: tuple[Any, ...], made: bool) -> None:
        """The new spelling goes in before the old one goes out: a changed link answers at every moment."""
        before = self._links.get(row[0])
        link = self._show(domain, row, made and before is None)
        if before is not None and (before.slug_key, before.domain_id) != (link.slug_key, link.domain_id):
            self._withdraw(before)

    def _show(self, domain: Domain, row: tuple[Any, ...], made: bool) -> Link:
        """Let visits find it. Its limit is there before they do; `made` and never changed, it was never clicked."""
        link = Link(row, _spelled(domain, row[3]))
        limit = link.options.limit
        if limit is not None:
            self.caps.put(link.key, limit, link.options.people, made and link.options.version == 1)
        self._links[row[0]] = domain.links[link.slug_key] = link
        if limit is not None:
            self.caps.opened(link.key)
        elif link.key in self.caps:
            self.caps.forget(link.key)
        return link

    def _remove(self, link_id: str) -> None:
        link = self._links.pop(link_id, None)
        if link is not None:
            self._withdraw(link)
            self.caps.forget(link.key)

    def _withdraw(self, link: Link) -> None:
        """Free its slug, unless another link has taken it already."""
        domain = self._domains.get(link.domain_id)
        if domain is not None and domain.links.get(link.slug_key) is link:
            del domain.links[link.slug_key]


def _spelled(domain: Domain, slug: str) -> str:
    return slug if domain.case_sensitive else folded(slug)


def folded(slug: str) -> str:
    """A slug where upper and lower case are the same (Unicode's rule: normalise, fold, normalise)."""
    if slug.isascii():
        return slug.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", slug).casefold())
