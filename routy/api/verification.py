"""`POST /domains/{id}/verification`: look for the domain's text in DNS, or under the host itself."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from routy.api.call import Answer, Call, Endpoint
from routy.api.writing import written
from routy.errors import Conflict
from routy.formats import host_with_port
from routy.outbound import Unreachable, fetch_text, txt_records
from routy.records import read, write
from routy.resource import Row
from routy.resources.domains import Domain
from routy.store.sqlite import Records

FILE = "/.well-known/routy-verification"


_TEXTS = """/* domains.verification */
SELECT verification FROM domains WHERE host = ? AND deleted_at IS NULL
"""


def well_known(records: Records, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """WSGI: under a host, the texts that prove that it leads to this server."""
    rows = []
    if environ["PATH_INFO"] == FILE:
        with suppress(ValueError):
            rows = records.rows(_TEXTS, (host_with_port(environ.get("HTTP_HOST", "")),))
    body = "\n".join(row["verification"] for row in rows).encode()
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
    start_response("200 OK" if rows else "404 Not Found", headers)
    return [body]


def _verify(call: Call) -> Answer:
    domain = read.find(call.services.records, call.actor, Domain, call.path["id"])
    if domain["status"] != "verified":
        _expect_proof(domain, alone=_is_only_claim(call, domain))
    with call.services.records.transaction(call.now) as tx:
        changes = {"status": "verified", "verified_at": domain["verified_at"] or call.now}
        row = write.update(tx, call.actor, Domain, domain["id"], changes)
    return written(call, Domain, row, 200)


def _is_only_claim(call: Call, domain: Row) -> bool:
    """The file shows that a host leads to this server, not whose it is: between two claims only DNS can tell."""
    others = call.services.records.one(
        "/* domains.claims */ SELECT count(*) AS claims FROM domains WHERE host = ? AND deleted_at IS NULL",
        (domain["host"],),
    )
    return others is not None and others["claims"] == 1


def _expect_proof(domain: Row, alone: bool) -> None:
    """Conflict says what was looked for and what was found instead."""
    name = f"_routy.{domain['host'].partition(':')[0]}"
    failures = []
    try:
        found = txt_records(name)
        if domain["verification"] in found:
            return
        failures.append(f"TXT {name} holds {', '.join(found)[:200] or 'nothing'}")
    except Unreachable as error:
        failures.append(str(error))
    if not alone:
        raise Conflict(f"not verified: {'; '.join(failures)}; another workspace claims this host too: use DNS")
    try:
        text = fetch_text(domain["host"], FILE)
        if domain["verification"] in text.split():
            return
        failures.append(f"http://{domain['host']}{FILE} holds something else")
    except Unreachable as error:
        failures.append(str(error))
    raise Conflict(f"not verified: {'; '.join(failures)}")


ENDPOINTS = [
    Endpoint(
        "POST",
        "/domains/{id}/verification",
        "verify_domain",
        "Verify a domain by its DNS TXT record or by the file under its host.",
        _verify,
        scope="domains:write",
        tag="domains",
        resource=Domain,
        shape="record",
        raises=(404, 409),
    )
]
