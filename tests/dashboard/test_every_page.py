"""Every page with the invented year, looked at by a browser: light, dark and at 360 px, and whether anybody is
kept from using it (axe-core). The pictures lie in screenshots/."""

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import ViewportSize

from tests.dashboard.chrome import WIDE, Demo, Person, somebody
from tests.walks.process import until

PHONE: ViewportSize = {"width": 360, "height": 780}
VENDOR = Path(__file__).parent / "vendor"
AXE = (VENDOR / "axe-core" / "axe.min.js").read_text()
SERIOUS = """async (asked) => {
  const {violations} = await axe.run(document, {resultTypes: ["violations"], ...asked});
  const told = ({html, any}) => `${html.slice(0, 160)} ${any[0]?.message ?? ""}`;
  return violations.filter(({impact}) => ["serious", "critical"].includes(impact))
    .map(({id, nodes}) => `${id}: ${nodes.slice(0, 3).map(told).join(" | ")}`);
}"""

PAGES = {
    "overview": "/app",
    "links": "/app/links",
    "links-trash": "/app/links?deleted_at[null]=false",
    "links-new": "/app/links/new",
    "link": "/app/links/{link}",
    "link-clicks": "/app/links/{link}?tab=clicks",
    "link-qr": "/app/links/{link}?tab=qr",
    "link-details": "/app/links/{link}?tab=details",
    "link-edit": "/app/links/{link}?edit=1",
    "reports": "/app/reports",
    "reports-days": "/app/reports?dimensions=day&compare=previous",
    "reports-world": "/app/reports?dimensions=country",
    "reports-heat": "/app/reports?dimensions=weekday,hour_of_day",
    "reports-pivot": "/app/reports?dimensions=link&pivot=device",
    "live": "/app/live",
    "tags": "/app/tags",
    "folders": "/app/folders",
    "domains": "/app/domains",
    "domain": "/app/domains/{domain}",
    "missing-slugs": "/app/missing-slugs",
    "clicks": "/app/clicks",
    "tokens": "/app/tokens",
    "tokens-new": "/app/tokens/new",
    "token": "/app/tokens/{token}",
    "events": "/app/events",
    "audit-log": "/app/audit-entries",
    "api-requests": "/app/api-requests",
    "health": "/app/health",
    "saved-reports": "/app/saved-reports",
    "shares": "/app/shares",
    "erasures": "/app/erasures",
    "webhooks": "/app/webhooks",
    "webhooks-new": "/app/webhooks/new",
    "webhook": "/app/webhooks/{webhook}",
    "deliveries": "/app/deliveries",
    "delivery": "/app/deliveries/{delivery}",
    "exports": "/app/exports",
    "export": "/app/exports/{export}",
    "schedules": "/app/schedules",
    "schedules-new": "/app/schedules/new",
    "imports": "/app/imports",
    "imports-new": "/app/imports/new",
    "import": "/app/imports/{import}",
    "alerts": "/app/alerts",
    "alerts-new": "/app/alerts/new?kind=change",
    "alert": "/app/alerts/{alert}",
    "notifications": "/app/notifications",
    "mails": "/app/mails",
    "mail": "/app/mails/{mail}",
    "settings": "/app/settings",
    "settings-workspace": "/app/settings?tab=workspace",
    "settings-members": "/app/settings?tab=members",
    "settings-users": "/app/settings?tab=users",
}


ALERT = {"name": "Clicks are few", "kind": "threshold", "operator": "lt", "value": 10**6, "filters": "country=DE",
         "emails": ["ada@acme.example"]}  # fmt: skip


@pytest.fixture(scope="module")
def known(demo: Demo, guest_once: Person) -> dict[str, str]:
    """Ids to put into addresses."""
    demo_domain = guest_once.call("POST", "/domains", {"host": "go.acme.example"})
    token = guest_once.call("POST", "/tokens", {"name": "Reporting script", "scopes": ["read-only"]})
    guest_once.visit("sumer", referrer="https://news.example/today")
    link = guest_once.call("GET", "/links?slug=summer")[0]
    return {"link": link["id"], "domain": demo_domain["id"], "token": token["id"], **in_and_out(guest_once)}


def in_and_out(person: Person) -> dict[str, str]:
    """One of each kind: a delivery that failed, a file, one that was tried, an alert that fired, its mail."""
    hook = person.call("POST", "/webhooks", {"url": "http://127.0.0.1:9/closed", "description": "CRM"})
    alert = person.call("POST", "/alerts", ALERT)
    export = person.call("POST", "/exports", {"source": "links", "query": "sort=slug"})
    tried = person.call("POST", "/imports", {"resource": "links", "name": "links.csv"})
    person.send(
        f"/imports/{tried['id']}/file?name=links.csv", "destination,slug,note\nhttps://a.example/,a1,x\n,b1,y\n"
    )
    person.call("POST", f"/imports/{tried['id']}/runs", {"dry_run": True})
    person.call("POST", "/schedules", {"name": "Weekly", "source": "links", "every": "week"})
    test = person.call("POST", f"/webhooks/{hook['id']}/tests")
    until(lambda: person.call("GET", f"/imports/{tried['id']}")["tried"], "the dry run to end")
    until(lambda: person.call("GET", f"/exports/{export['id']}")["status"] == "done", "the export to be done")
    mail = until(lambda: person.call("GET", "/mails"), "the alert to be mailed")[0]
    return {"webhook": hook["id"], "delivery": test["id"], "export": export["id"], "import": tried["id"],
            "alert": alert["id"], "mail": mail["id"]}  # fmt: skip


@pytest.fixture(scope="module")
def guest_once(chrome: Any, demo: Demo, demo_state: Any) -> Any:
    with somebody(chrome, demo.address, demo_state) as person:
        yield person


def findings(person: Person, asked: dict[str, Any] | None = None) -> list[str]:
    """What axe-core finds serious, by all of its rules or by some."""
    person.page.evaluate(AXE)
    found: list[str] = person.page.evaluate(SERIOUS, asked or {})
    return found


# The dark has other colours, a phone has another order; each is asked for what it may have changed.
LOOKS: list[tuple[str, Any, ViewportSize, dict[str, Any]]] = [
    ("light", "light", WIDE, {}),
    ("dark", "dark", WIDE, {"runOnly": ["color-contrast"]}),
    ("360", "light", PHONE, {"rules": {"color-contrast": {"enabled": False}}}),
]


def is_too_wide(person: Person) -> bool:
    return bool(person.page.evaluate("document.documentElement.scrollWidth > innerWidth"))


def looks(person: Person, name: str, folder: Path) -> None:
    """Look at a page in three ways; nothing serious may be in its way in any."""
    page = person.page
    for look, scheme, size, asked in LOOKS:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size(size)
        person.ready()
        page.screenshot(path=folder / f"{name}-{look}.png", full_page=True)
        assert (look, findings(person, asked)) == (look, [])
        assert (look, is_too_wide(person)) == (look, False)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_keeps_nobody_out_in_light_in_dark_and_on_a_phone(
    guest_once: Person, known: dict[str, str], screenshots: Path, name: str
) -> None:
    guest_once.page.set_viewport_size(WIDE)
    guest_once.go(PAGES[name].format(**known))
    looks(guest_once, name, screenshots)
    assert not guest_once.complaints, guest_once.complaints


@pytest.mark.parametrize("name", ["login", "setup", "docs/errors", "docs"])
def test_so_does_a_page_that_is_open_to_everybody(guest: Person, screenshots: Path, name: str) -> None:
    guest.page.context.clear_cookies()
    guest.page.goto(f"{guest.address}/{name}")
    guest.page.get_by_role("heading").first.wait_for()
    for scheme in ("light", "dark"):
        guest.page.emulate_media(color_scheme=scheme)
        guest.page.screenshot(path=screenshots / f"{name.replace('/', '-')}-{scheme}.png")
        assert name == "docs" or findings(guest) == []  # what swagger-ui draws is not ours


def test_every_resource_of_the_description_is_looked_at(guest: Person) -> None:
    document = guest.page.context.request.get(f"{guest.address}/api/v1/openapi.json").json()
    schemas = document["components"]["schemas"].values()
    paths = {schema["x-routy"]["path"] for schema in schemas if "path" in schema.get("x-routy", {})}
    in_settings = {"users", "memberships", "workspaces"}
    assert {f"/app/{path}" for path in paths - in_settings} <= {path.partition("?")[0] for path in PAGES.values()}


def test_each_file_of_others_is_the_one_that_was_recorded() -> None:
    told = dict(re.findall(r"\| `([^`]+)` \| `([0-9a-f]{64})` \|", (VENDOR / "README.md").read_text()))
    found = {path.relative_to(VENDOR).as_posix(): path for path in VENDOR.rglob("*") if path.is_file()}
    del found["README.md"]
    assert told == {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in found.items()}
