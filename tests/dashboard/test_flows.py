"""What people do at the dashboard, each as they would do it: seen, clicked, typed, by mouse or by keys alone."""

import csv
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect

from tests.dashboard.chrome import PASSWORD, PATIENT_MS, Person, somebody
from tests.walks.process import Process, until

expect.set_options(timeout=PATIENT_MS)
ADA = {"email": "ada@acme.example", "name": "Ada", "password": PASSWORD}


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Process]:
    """A server that nobody has set up yet."""
    process = Process(tmp_path)
    try:
        process.start()
        yield process
    finally:
        process.close()


def set_up(process: Process) -> None:
    """As the setup page does it."""
    token = re.search(r"/setup\?token=(\S+)", process.log())
    assert token
    process.call("POST", "/setup", {"token": token[1], **ADA})


def make_link(person: Person, slug: str, **more: Any) -> Any:
    return person.call("POST", "/links", {"slug": slug, "destination": "https://shop.example/", **more})


# ---- coming in


def test_the_setup_link_leads_to_the_overview_and_the_login_back_there(chrome: Chromium, empty: Process) -> None:
    link = re.search(r"(http\S+/setup\?token=\S+)", empty.log())
    assert link
    with somebody(chrome, empty.address) as person:
        person.page.goto(link[1].replace(link[1].split("/setup")[0], empty.address))
        person.page.get_by_label("Your name").fill("Ada")
        person.page.get_by_label("E-mail address").fill("ada@acme.example")
        person.page.get_by_label("Password").fill(PASSWORD)
        person.page.get_by_role("button", name="Set up Routy").click()
        person.page.wait_for_url("**/app")
        person.see("No clicks in these days, Ada")
        person.page.get_by_role("button", name=re.compile("Ada")).click()
        person.page.get_by_role("menuitem", name="Log out").click()
        person.page.wait_for_url("**/login")
        person.page.goto(f"{empty.address}/app/links?status=paused")
        person.page.wait_for_url(re.compile(r"/login\?next="))
        person.log_in("ada@acme.example", PASSWORD, person.page.url.removeprefix(empty.address))
        assert person.page.url == f"{empty.address}/app/links?status=paused"


def test_a_wrong_password_is_told_in_place_and_a_session_that_was_brought_along_is_not_kept(
    chrome: Chromium, server: Process
) -> None:
    with somebody(chrome, server.address) as person:
        context = person.page.context
        context.add_cookies([{"name": "routy_session", "value": "planted", "url": server.address}])
        person.page.goto(f"{server.address}/login")
        person.page.get_by_label("E-mail address").fill("owner@acme.example")
        person.page.get_by_label("Password").fill("not this one")
        person.page.get_by_role("button", name="Log in").click()
        expect(person.page.get_by_role("alert")).to_have_text("E-mail address or password is wrong")
        person.log_in("owner@acme.example", PASSWORD)
        cookie = next(one for one in context.cookies() if one["name"] == "routy_session")
        assert cookie["value"] != "planted"
        assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")


def test_logging_out_everywhere_else_ends_the_other_sessions_and_not_this(chrome: Chromium, empty: Process) -> None:
    set_up(empty)
    with somebody(chrome, empty.address) as other, somebody(chrome, empty.address) as person:
        other.log_in("ada@acme.example", PASSWORD)
        person.log_in("ada@acme.example", PASSWORD)
        person.go("/app/settings")
        person.page.get_by_role("button", name="Log out everywhere else").click()
        person.see(re.compile(r"\d sessions? ended"))
        other.page.goto(f"{empty.address}/app/links")
        other.page.wait_for_url(re.compile(r"/login\?next="))
        person.go("/app/links")
        assert person.page.url.endswith("/app/links")


# ---- links


def test_a_link_is_made_and_its_click_arrives(owner: Person) -> None:
    owner.go("/app")
    owner.page.get_by_role("button", name="New link").first.click()
    dialog = owner.page.get_by_role("dialog", name="New link")
    dialog.get_by_label("Destination").fill("shop.example/sale")
    dialog.get_by_label("Slug").fill("arrives")
    dialog.get_by_role("button", name="Make link").click()
    owner.page.get_by_role("button", name="Open it").click()
    expect(owner.page.locator("[data-short-url]")).to_have_text(re.compile("/arrives$"))
    owner.see("https://shop.example/sale")
    assert owner.visit("arrives", referrer="https://news.example/today") == 302
    expect(owner.page.locator("[data-feed] li")).to_have_text(re.compile("arrives from news.example"))


def test_by_keys_alone_a_link_is_made_copied_and_its_click_seen(owner: Person) -> None:
    owner.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    owner.go("/app")
    owner.press("c")
    owner.page.get_by_role("dialog", name="New link").wait_for()
    owner.page.keyboard.type("https://shop.example/keys")
    owner.press("Tab")
    owner.page.keyboard.type("by-keys")
    owner.press("Enter")
    owner.page.get_by_role("dialog", name="The link is made").wait_for()
    owner.press("Enter")
    owner.see(re.compile("by-keys copied"))
    address = owner.page.evaluate("navigator.clipboard.readText()")
    assert address.endswith("/by-keys")
    assert owner.visit("by-keys") == 302
    owner.press("g", "l")
    owner.page.get_by_role("heading", name="Links").wait_for()
    owner.page.get_by_role("link", name=re.compile("by-keys")).first.wait_for()
    owner.press("ArrowDown", "Enter")
    owner.page.wait_for_url(re.compile(r"/app/links/link_"))
    expect(owner.page.locator("[data-feed] li")).to_have_text(re.compile("by-keys direct"))


def test_every_wrong_field_of_a_form_is_told_in_its_place(owner: Person) -> None:
    owner.go("/app/links/new")
    owner.page.get_by_label("Destination").fill("nonsense")
    owner.page.get_by_label("Slug").fill("api/x")
    owner.page.get_by_role("button", name="Make link").click()
    wrong = owner.page.locator(".field .wrong:not(:empty)")
    wrong.first.wait_for()
    fields = owner.page.locator(".field:has(.wrong:not(:empty))")
    told = [fields.nth(at).get_attribute("data-field") for at in range(fields.count())]
    assert "destination" in told
    assert owner.page.get_by_label("Destination").get_attribute("aria-invalid") == "true"
    assert owner.call("GET", "/links?destination=nonsense") == []


def test_nothing_that_was_typed_is_lost_unasked(owner: Person) -> None:
    link = make_link(owner, "unsaved")
    owner.go(f"/app/links/{link['id']}?edit=1")
    owner.page.locator("[data-field=title] input").fill("Half a title")
    owner.page.get_by_role("link", name="Tags", exact=True).click()
    owner.page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    assert owner.page.locator("[data-field=title] input").input_value() == "Half a title"
    owner.page.get_by_role("link", name="Tags", exact=True).click()
    owner.page.get_by_role("button", name="Leave").click()
    owner.page.get_by_role("heading", name="Tags", exact=True).wait_for()
    assert owner.call("GET", f"/links/{link['id']}")["title"] is None


def test_a_change_that_came_in_between_is_not_written_over(owner: Person) -> None:
    link = make_link(owner, "between")
    owner.go(f"/app/links/{link['id']}?edit=1")
    owner.call("PATCH", f"/links/{link['id']}", {"title": "Theirs"})
    owner.page.locator("[data-field=title] input").fill("Mine")
    owner.page.get_by_role("button", name="Save").click()
    owner.see("Somebody has changed it meanwhile")
    assert owner.call("GET", f"/links/{link['id']}")["title"] == "Theirs"


def test_what_is_deleted_comes_back_by_a_key_and_from_the_trash(owner: Person) -> None:
    make_link(owner, "comes-back")
    owner.go("/app/links?q=comes-back")
    owner.page.get_by_role("button", name="Actions of comes-back").click()
    owner.page.get_by_role("menuitem", name="Delete").click()
    owner.see("comes-back is in the trash")
    owner.see("Nothing found")
    owner.press("u")
    owner.page.get_by_role("link", name=re.compile("comes-back")).wait_for()
    owner.page.get_by_role("button", name="Actions of comes-back").click()
    owner.page.get_by_role("menuitem", name="Delete").click()
    owner.see("Nothing found")
    owner.go("/app/links?deleted_at[null]=false&q=comes-back")
    owner.page.get_by_role("button", name="Actions of comes-back").click()
    owner.page.get_by_role("menuitem", name="Restore").click()
    owner.see("back from the trash")
    assert len(owner.call("GET", "/links?slug=comes-back")) == 1


def test_many_are_edited_and_deleted_at_once_after_their_count_was_confirmed(owner: Person) -> None:
    items = [{"slug": f"many-{n}", "destination": "https://shop.example/", "title": "Many"} for n in range(30)]
    owner.call("POST", "/links/batch", {"items": items})
    owner.go("/app/links?title=Many")
    owner.page.get_by_label("Choose all on this page").check()
    owner.page.get_by_role("button", name="Edit", exact=True).click()
    dialog = owner.page.get_by_role("dialog", name="Edit 30 links")
    dialog.get_by_label("Status").select_option("paused")
    dialog.get_by_role("button", name="Change 30 links").click()
    owner.see("30 links changed")
    assert {link["status"] for link in owner.call("GET", "/links?title=Many&limit=50")} == {"paused"}
    owner.page.get_by_label("Choose all on this page").check()
    owner.page.get_by_role("button", name="Delete", exact=True).click()
    owner.page.get_by_role("dialog", name="Delete 30 links?").get_by_role("button", name="Delete").click()
    owner.see("30 links deleted")
    assert owner.call("GET", "/links?title=Many") == []
    owner.press("u")
    owner.see("30 links back from the trash")
    assert len(owner.call("GET", "/links?title=Many&limit=50")) == 30


def test_a_slug_that_is_missed_becomes_a_link_by_one_click(owner: Person) -> None:
    assert owner.visit("sumer-sale") == 404
    until(lambda: owner.call("GET", "/missing-slugs?slug=sumer-sale"), "the slug to be missed")
    owner.go("/app/missing-slugs?slug=sumer-sale")
    owner.page.get_by_role("button", name="Make link").click()
    dialog = owner.page.get_by_role("dialog", name="New link")
    expect(dialog.get_by_label("Slug")).to_have_value("sumer-sale")
    dialog.get_by_label("Destination").fill("https://shop.example/summer-sale")
    dialog.get_by_role("button", name="Make link").click()
    owner.page.get_by_role("dialog", name="The link is made").wait_for()
    assert owner.visit("sumer-sale") == 302


def test_a_new_domain_says_how_it_is_verified_and_why_it_is_not_yet(owner: Person) -> None:
    owner.go("/app/domains/new")
    owner.page.get_by_label("Host").fill("not-there.invalid")
    owner.page.get_by_role("button", name="Make domain").click()
    owner.see("Show that it is yours")
    owner.see(re.compile(r"_routy\.not-there\.invalid\. TXT"))
    owner.page.get_by_role("button", name="Verify now").click()
    expect(owner.page.get_by_role("alert")).to_have_text(re.compile("^Not verified: "))


def test_a_viewer_is_offered_nothing_that_they_may_not_do(chrome: Chromium, owner: Person) -> None:
    make_link(owner, "looked-at")
    if not owner.call("GET", "/users?email=viewer@acme.example"):
        viewer = {"email": "viewer@acme.example", "name": "Viewer", "password": PASSWORD, "role": "viewer"}
        owner.call("POST", "/users", viewer)
    with somebody(chrome, owner.address) as person:
        person.log_in("viewer@acme.example", PASSWORD)
        person.go("/app/links?q=looked-at")
        person.page.get_by_role("link", name=re.compile("looked-at")).wait_for()
        for name in ("New link", "Trash", "Tokens", "Audit log", "Health"):
            assert person.page.get_by_role("button", name=name).count() == 0
            assert person.page.get_by_role("link", name=name, exact=True).count() == 0
        person.press("c")
        person.page.get_by_role("button", name="Actions of looked-at").click()
        expect(person.page.get_by_role("menuitem")).to_have_text(["Open", "Copy id"])


def test_the_dialog_of_a_new_link_asks_before_it_loses_what_was_typed(owner: Person) -> None:
    owner.go("/app/links")
    owner.press("c")
    owner.page.get_by_role("dialog").get_by_label("Destination").fill("https://shop.example/typed")
    owner.press("Escape")
    owner.page.get_by_role("dialog", name="Leave without saving?").get_by_role("button", name="Cancel").click()
    assert owner.page.locator("[data-field=destination] input").input_value() == "https://shop.example/typed"
    owner.press("Escape")
    owner.page.get_by_role("button", name="Leave", exact=True).click()
    expect(owner.page.get_by_role("dialog")).to_have_count(0)


def test_the_books_of_every_click_add_up_on_the_health_page(owner: Person) -> None:
    make_link(owner, "accounted")
    assert owner.visit("accounted") == 302
    owner.go("/app/health")
    owner.see("They add up, since the server started.")
    rows = owner.page.locator(".books tr").all_inner_texts()
    figures = {row.split("\t")[0]: int(row.split("\t")[1].replace("\u202f", "")) for row in rows}
    kept = figures["Stored"] + figures["In the spool"] + figures["Not recorded"]
    assert figures["Redirects answered"] == kept > 0


# ---- tokens


def test_a_token_is_shown_once_to_copy_or_as_a_file_and_works(owner: Person) -> None:
    owner.go("/app/tokens/new")
    owner.page.get_by_label("Name").fill("Reporting script")
    owner.page.get_by_text("Read everything").click()
    owner.page.get_by_role("button", name="Make token").click()
    secret = owner.page.locator("[data-secret]").inner_text()
    with owner.page.expect_download() as waiting:
        owner.page.get_by_role("button", name="Download as .txt").click()
    assert Path(waiting.value.path()).read_text() == f"{secret}\n"
    owner.page.get_by_role("button", name="Done").click()
    owner.page.get_by_role("heading", name="Reporting script").wait_for()
    for path in ("/app/tokens", "/app/audit-entries", "/app/events"):
        owner.go(path)
        assert secret not in owner.page.content()
    answer = owner.page.context.request.get(
        f"{owner.address}/api/v1/links", headers={"Authorization": f"Bearer {secret}", "Cookie": ""}
    )
    assert answer.status == 200


# ---- finding


def test_the_search_finds_across_kinds_by_keys(owner: Person) -> None:
    make_link(owner, "needle-link", title="A needle")
    owner.call("POST", "/tags", {"name": "needle-tag"})
    owner.go("/app")
    owner.press("/")
    owner.page.keyboard.type("needle")
    owner.page.get_by_role("option", name=re.compile("needle-tag")).wait_for()
    owner.page.get_by_role("option", name=re.compile("needle-link")).wait_for()
    owner.press("Enter")
    owner.page.wait_for_url(re.compile(r"/app/(links|tags)/"))


def test_who_presses_enter_before_anything_was_found_gets_there_too(owner: Person) -> None:
    made = owner.call("POST", "/tags", {"name": "haste-tag"})
    owner.go("/app")
    owner.press("/")
    owner.page.keyboard.type("haste-tag")
    owner.press("Enter")
    owner.page.wait_for_url(re.compile(f"/app/tags/{made['id']}"))


def test_a_list_is_filtered_sorted_and_shared_by_its_address(owner: Person) -> None:
    make_link(owner, "sorted-a", title="Sorted")
    make_link(owner, "sorted-b", title="Sorted")
    owner.go("/app/links")
    owner.page.get_by_role("button", name="Filter", exact=True).click()
    owner.page.get_by_label("Field", exact=True).select_option("title")
    owner.page.get_by_label("How it compares").select_option("eq")
    owner.page.get_by_label("Value").fill("Sorted")
    owner.page.get_by_role("button", name="Add filter").click()
    owner.page.wait_for_url(re.compile("title=Sorted"))
    owner.page.get_by_role("button", name="Slug").click()
    owner.page.wait_for_url(re.compile("sort=-slug"))
    owner.go(owner.page.url.removeprefix(owner.address))
    slugs = owner.page.locator("table.list tbody a.name")
    expect(slugs).to_have_text([re.compile("/sorted-b$"), re.compile("/sorted-a$")])


def test_what_is_on_screen_is_exported_as_it_is(owner: Person) -> None:
    make_link(owner, "exported", title='=HYPERLINK("x"), "quoted"')
    owner.go("/app/links?slug=exported")
    owner.page.get_by_role("button", name="Export", exact=True).click()
    with owner.page.expect_download() as waiting:
        owner.page.get_by_role("menuitem", name=re.compile("CSV")).click()
    with Path(waiting.value.path()).open(newline="") as file:
        head, row = csv.reader(file)
    assert head == [column for column in head if column in owner.call("GET", "/links?slug=exported")[0]]
    assert dict(zip(head, row, strict=True))["title"] == '\'=HYPERLINK("x"), "quoted"'


def test_what_is_on_screen_is_asked_for_by_the_call_that_the_page_shows(owner: Person) -> None:
    make_link(owner, "by-call", title="By call")
    secret = owner.call("POST", "/tokens", {"name": "call", "scopes": ["links:read"]})["secret"]
    owner.go("/app/links?title=By call&sort=slug")
    owner.page.get_by_role("button", name="API call").click()
    shown = owner.page.locator(".snippet pre").inner_text()
    assert owner.address in shown
    done = subprocess.run(["bash", "-c", shown.replace("rty_YOUR_TOKEN", secret)], capture_output=True, check=True)
    assert [link["slug"] for link in json.loads(done.stdout)["data"]] == ["by-call"]


def test_a_view_that_was_saved_is_there_again(owner: Person) -> None:
    owner.go("/app/links?status=paused")
    owner.page.get_by_role("button", name="Views").click()
    owner.page.get_by_label("Name of the view").fill("On hold")
    owner.page.get_by_role("button", name="Save this view").click()
    owner.go("/app/links")
    owner.page.get_by_role("button", name="Views").click()
    owner.page.get_by_role("button", name="On hold", exact=True).click()
    owner.page.wait_for_url(re.compile("status=paused"))


# ---- reports


def test_a_report_is_gone_into_by_pressing_a_value(guest: Person) -> None:
    guest.go("/app/reports?dimensions=link")
    first = guest.page.locator("table.report tbody tr").first
    first.locator("td.figure").first.wait_for()
    slug = first.locator("button").first.inner_text()
    clicks = first.locator("td.figure").first.inner_text()
    first.locator("button").first.click()
    guest.page.get_by_role("menuitem", name="by country").click()
    guest.page.wait_for_url(re.compile(r"dimensions=country"))
    guest.see(re.compile("^Link is"))
    total = guest.page.locator("table.report tfoot tr").last.locator("td.figure").first
    expect(total).to_have_text(clicks)
    expect(guest.page.locator(".chip.on", has_text=slug)).to_be_visible()


def test_the_figures_of_the_overview_are_those_of_the_api(guest: Person) -> None:
    guest.go("/app?range=30d")
    totals = guest.call("GET", "/reports?metrics=clicks")["totals"]
    shown = r"\s?".join(str(totals["clicks"]))
    expect(guest.page.locator(".metrics button").first.locator(".much")).to_have_text(re.compile(f"^{shown}"))


def test_a_chart_tells_its_figures_by_keys_and_as_a_table(guest: Person) -> None:
    guest.go("/app")
    guest.page.locator(".chart").focus()
    guest.press("Home", "ArrowRight")
    readout = guest.page.locator(".readout").first
    expect(readout).to_have_text(re.compile(r"^\d+ \w+ [\d\u202f]+ clicks before"))
    read = readout.inner_text()
    guest.page.get_by_role("button", name="as table").click()
    second = guest.page.locator(".figures tbody tr").nth(1).locator("td")
    second.nth(1).wait_for()
    day, clicks = second.all_inner_texts()[:2]
    assert read.startswith(f"{day} {clicks} clicks")


def test_a_report_is_kept_under_a_name_and_opened_again(owner: Person) -> None:
    owner.go("/app/reports?dimensions=country&range=7d")
    owner.page.get_by_role("button", name="Saved").click()
    owner.page.get_by_label("Name of the report").fill("Week by country")
    owner.page.get_by_role("button", name="Save this report").click()
    owner.see("Saved as Week by country")
    owner.go("/app/reports")
    owner.page.get_by_role("button", name="Saved").click()
    owner.page.get_by_role("button", name="Week by country").click()
    owner.page.wait_for_url(re.compile(r"dimensions=country.*range=7d"))


# ---- how it looks


def test_light_or_dark_is_chosen_and_kept(owner: Person) -> None:
    background = "getComputedStyle(document.body).backgroundColor"
    owner.go("/app")
    light = owner.page.evaluate(background)
    owner.page.get_by_role("button", name="Light or dark").click()
    owner.page.get_by_role("menuitemradio", name="Dark").click()
    dark = owner.page.evaluate(background)
    owner.go("/app/links")
    assert light != dark == owner.page.evaluate(background)


def test_another_workspace_is_another_world(owner: Person) -> None:
    make_link(owner, "only-here")
    if not owner.call("GET", "/workspaces?name=Elsewhere"):
        owner.call("POST", "/workspaces", {"name": "Elsewhere"})
    owner.go("/app/links")
    owner.page.get_by_role("button", name=re.compile("Owner")).click()
    owner.page.get_by_role("menuitem", name="Switch to Elsewhere").click()
    owner.page.wait_for_url("**/app")
    owner.page.get_by_role("button", name=re.compile("Owner.*Elsewhere", re.DOTALL)).wait_for()
    owner.go("/app/links")
    owner.see("No links yet")


def test_the_reference_tries_a_call_against_this_server(owner: Person) -> None:
    owner.page.goto(f"{owner.address}/docs#/tags/list_tags")
    operation = owner.page.locator("#operations-tags-list_tags")
    operation.get_by_role("button", name="Execute").click()
    expect(operation.locator(".live-responses-table .response-col_status").last).to_have_text(re.compile("200"))
    owner.complaints = [text for text in owner.complaints if "deep link" not in text]  # swagger-ui's own


# ---- what strangers bring along


MARKUP = '<img src=x onerror="window.broken=1"><script>window.broken=1</script>\'"--></title>'


def test_markup_of_strangers_is_shown_as_text_and_never_run(owner: Person) -> None:
    link = make_link(owner, "markup", title=MARKUP, notes=MARKUP)
    person_agent = f"Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0 {MARKUP}"
    assert owner.visit("markup", referrer=f"https://news.example/{MARKUP}", agent=person_agent) == 302
    owner.visit(f"missing-{len(MARKUP)}", referrer=f"https://news.example/{MARKUP}")
    owner.go(f"/app/links/{link['id']}")
    owner.page.locator("[data-feed] li").wait_for()
    for path in (
        "/app", "/app/links", "/app/live", "/app/clicks", "/app/missing-slugs", "/app/audit-entries", "/app/events",
        f"/app/links/{link['id']}?tab=details", "/app/reports?dimensions=referrer_host", f"/app/links?q={MARKUP}",
    ):  # fmt: skip
        owner.go(path)
        assert owner.page.evaluate("window.broken") is None, path
    owner.go(f"/app/links/{link['id']}?tab=details")
    assert owner.page.locator("main").inner_text().count("<script>window.broken=1</script>") >= 2


def test_a_destination_that_a_browser_would_run_is_no_link(owner: Person) -> None:
    link = make_link(owner, "app-link", destination="mailto:ada@acme.example")
    owner.go(f"/app/links/{link['id']}")
    addresses = owner.page.eval_on_selector_all("main a[href]", "all => all.map(a => a.getAttribute('href'))")
    assert all(re.match(r"/|https?://", address) for address in addresses)


def test_no_page_can_be_framed_by_another(owner: Person) -> None:
    owner.page.goto(f"{owner.address}/login")
    framed = owner.page.evaluate(
        """() => new Promise((resolve) => {
          const frame = document.createElement("iframe");
          const form = () => frame.contentDocument?.querySelector("form");
          const held = () => { try { return Boolean(form()); } catch { return false; } };
          frame.onload = () => resolve(held());
          frame.src = "/login";
          document.body.append(frame);
        })"""
    )
    assert framed is False
    assert "frame-ancestors" in owner.complaints.pop()
