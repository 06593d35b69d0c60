/** /app/links: the list of links. Making one is in new-link.js, what can be done to one in link-row.js. */

import {ApiError, get, session} from "./api.js";
import {copies} from "./copy.js";
import {byId, settled} from "./dom.js";
import {sentence} from "./form.js";
import {onKey} from "./keys.js";
import {linkRows} from "./link-row.js";
import {newLinks} from "./new-link.js";
import "./shell.js";
import {movesByArrows} from "./table.js";

const LIMIT = "50";
const FIELDS = "id,version,host,slug,short_url,destination,title,status,created_at";
const [table, search, status, count, more] = ["links", "search", "status", "count", "more"].map(byId);
const body = table.tBodies[0];
const rows = linkRows({body, belongs, changed: (by) => { total += by; tell(); }});

let total = 0;
/** @type {?string} */
let cursor = null;
let reading = new AbortController();

/** What is asked for, as the address of the page has it. */
const chosen = () => ({q: search.value.trim(), status: status.querySelector(":checked").value});

/** Whether a link is one of those that are shown. @param {import("./link-row.js").Link} link */
function belongs(link) {
  const wanted = chosen().status;
  return wanted ? link.status === wanted : link.status !== "archived";
}

/** @returns {URLSearchParams} */
function question() {
  const {q, status: wanted} = chosen();
  const asked = new URLSearchParams({limit: LIMIT, fields: FIELDS});
  if (q) asked.set("q", q);
  if (wanted) asked.set("status", wanted);
  else asked.set("status[ne]", "archived");
  return asked;
}

/** Read the list from its beginning. */
async function load() {
  reading.abort();
  reading = new AbortController();
  table.ariaBusy = "true";
  try {
    const {data, pagination} = await get(`/links?${question()}`, {signal: reading.signal});
    body.replaceChildren(...data.map(rows.draw));
    [total, cursor] = [pagination.total, pagination.next_cursor];
    tell();
  } catch (error) {
    if (error instanceof ApiError) fail(error);
  }
}

/** Read on where the list ends, and stand on the first link that came. */
async function loadMore() {
  const from = cursor;
  if (!from) return;
  cursor = null;
  const asked = question();
  asked.set("cursor", from);
  const {data, pagination} = await get(`/links?${asked}`, {signal: reading.signal}).catch((error) => {
    cursor = from;
    throw error;
  });
  const drawn = data.map(rows.draw);
  body.append(...drawn);
  cursor = pagination.next_cursor;
  drawn[0]?.querySelector("a, button").focus();
  tell();
}

/** How many there are, and what there is instead when there are none. */
async function tell() {
  table.ariaBusy = "false";
  more.hidden = !cursor;
  count.textContent = total.toLocaleString();
  const empty = total === 0 ? await reasonForNone() : null;
  table.hidden = total === 0;
  for (const id of ["none", "unmatched", "failed"]) byId(id).hidden = id !== empty;
}

/** @returns {Promise<"none" | "unmatched">} */
async function reasonForNone() {
  const {q, status: wanted} = chosen();
  const {pagination} = await get("/links?limit=1&fields=id");
  if (!q && !wanted && pagination.total === 0) return "none";
  const kind = {"": "link in use", paused: "paused link", archived: "archived link"}[wanted];
  const told = q ? `No ${kind} has “${q}” in its slug, title or destination.` : `There is no ${kind}.`;
  byId("unmatched-text").textContent = told;
  byId("show-all").hidden = !q && !wanted;
  return "unmatched";
}

/** @param {ApiError} error */
function fail(error) {
  table.hidden = more.hidden = true;
  count.textContent = "";
  byId("failed-text").textContent = sentence(error.message);
  for (const id of ["none", "unmatched", "failed"]) byId(id).hidden = id !== "failed";
}

/** Keep the address as the list is, so that it can be reloaded and passed on. */
function chose() {
  const kept = new URLSearchParams(Object.entries(chosen()).filter(([, value]) => value));
  history.replaceState(null, "", kept.size ? `?${kept}` : location.pathname);
  load();
}

function restoreChoice() {
  const asked = new URLSearchParams(location.search);
  search.value = asked.get("q") ?? "";
  const radio = status.querySelector(`[value="${CSS.escape(asked.get("status") ?? "")}"]`);
  if (radio) radio.checked = true;
}

/** The call that does what the dialog does, with this server's address. */
function exampleCall() {
  const shown = byId("curl");
  shown.textContent = [
    "TOKEN=$(python3 routy.py token create --name laptop --scopes links:write)",
    `curl ${location.origin}/api/v1/links \\`,
    '  -H "Authorization: Bearer $TOKEN" \\',
    '  -H "Content-Type: application/json" \\',
    `  -d '{"destination": "https://example.com/"}'`,
  ].join("\n");
  copies(shown.parentElement.querySelector("[data-copy]"), () => shown.textContent);
}

async function letMakeLinks() {
  const {scopes} = await session();
  if (!scopes.includes("links:write")) return;
  table.dataset.writable = "";
  const open = await newLinks((link) => rows.add(link));
  for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("[data-new]"))) {
    button.hidden = false;
    button.addEventListener("click", open);
  }
  onKey("c", "New link", open);
}

restoreChoice();
exampleCall();
movesByArrows(body);
search.addEventListener("input", settled(150, chose));
status.addEventListener("change", chose);
more.querySelector("button").addEventListener("click", loadMore);
byId("again").addEventListener("click", load);
byId("show-all").addEventListener("click", () => {
  search.value = "";
  status.querySelector('[value=""]').checked = true;
  search.focus();
  chose();
});
onKey("/", "Search", () => search.select());
load();
letMakeLinks();
