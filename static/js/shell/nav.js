/** The bar at the side: pages of their own, then a list for each resource that one may read. */

import {chooseWorkspace, get, remove} from "../api.js";
import {Glyph} from "../parts/glyph.js";
import {Menu} from "../parts/menu.js";
import {attempt} from "../records/writing.js";
import {go, place} from "../router.js";
import {described, may, me} from "../state.js";
import {html, signal, useEffect} from "../view.js";

/** Pages of their own: [address, text, icon, group, scope]. */
export const OWN = [
  ["/app", "Overview", "layout-dashboard", "", "reports:read"],
  ["/app/links", "Links", "link", "", "links:read"],
  ["/app/reports", "Reports", "chart-column", "", "reports:read"],
  ["/app/live", "Live", "radio", "", "clicks:read"],
  ["/app/health", "Health", "activity", "System", "health:read"],
  ["/app/settings", "Settings", "settings", "System", null],
];
const ICONS = {
  tags: "tag", folders: "folder", domains: "globe", "missing-slugs": "map-pin-off", clicks: "mouse-pointer-click",
  tokens: "key-round", "audit-entries": "scroll-text", "api-requests": "arrow-left-right", events: "zap",
  shares: "share-2", "saved-reports": "bookmark", erasures: "eraser", webhooks: "webhook", exports: "file-down",
  imports: "file-up", alerts: "siren", notifications: "bell", mails: "mail", deliveries: "send",
  schedules: "calendar-clock",
};
const ORDER = ["", "Links", "Money", "In and out", "More", "System"];
const open = signal(false);

/** A list that stands as a tab beside another is found there. @param {import("../spec.js").Resource} resource */
const isTab = ({home}) => Boolean(home) && may(described.value.resources.get(home)?.reads ?? "nobody");

/** @returns {[string, [string, string, string][]][]} */
function groups() {
  const listed = [...described.value.resources.values()]
    .filter((resource) => may(resource.reads) && resource.group !== "Settings" && resource.path !== "links" &&
      resource.operations.includes("list") && !isTab(resource))
    .map((resource) => [`/app/${resource.path}`, resource.title, ICONS[resource.path] ?? "layers", resource.group]);
  const all = [...OWN.filter(([, , , , scope]) => may(scope)), ...listed];
  const names = [...new Set([...ORDER, ...all.map(([, , , group]) => group)])];
  return names.map((name) => [name, all.filter(([, , , group]) => group === name)]).filter(([, entries]) =>
    entries.length);
}

function isHere(href, path) {
  if (href === path) return true;
  const home = described.value.resources.get(path.split("/")[2])?.home;
  return (href !== "/app" && path.startsWith(`${href}/`)) || (Boolean(home) && href === `/app/${home}`);
}

export function Nav() {
  const {path} = place.value;
  useEffect(() => { open.value = false; }, [path]);
  return html`
    <nav class=${`nav ${open.value ? "open" : ""}`} aria-label="Main"><div class="nav-inner">
      <div class="nav-head"><${Brand} />
        <button class="button quiet icon nav-toggle" type="button" aria-expanded=${open.value}
          aria-controls="places" aria-label="Menu" onClick=${() => { open.value = !open.value; }}>
            <${Glyph} name=${open.value ? "x" : "menu"} /></button></div>
      <div class="places" id="places">
        ${groups().map(([name, entries]) => html`
          <div key=${name} role="group" aria-label=${name || "Pages"}>
            ${name && html`<p class="group" aria-hidden="true">${name}</p>`}
            ${entries.map(([href, text, icon]) => html`<a class="place" key=${href} href=${href}
              aria-current=${isHere(href, path) ? "page" : undefined}><${Glyph} name=${icon} />${text}</a>`)}
          </div>`)}
        <a class="place" href="/docs" target="_blank"><${Glyph} name="code" />API reference</a>
        <${Who} />
      </div>
    </div></nav>`;
}

const GLYPHS = new URL("../../images/glyphs.svg", import.meta.url).pathname;
const Brand = () => html`<a class="brand" href="/app"><svg aria-hidden="true"><use href=${`${GLYPHS}#routy`} />
  </svg>Routy</a>`;

const workspaces = signal(/** @type {any[]} */ ([]));

function Who() {
  const {user, workspace} = me.value;
  useEffect(() => {
    if (may("workspaces:read")) get("/workspaces?limit=100&fields=id,name&sort=name").then(({data}) =>
      { workspaces.value = data; }, () => {});
  }, []);
  const others = workspaces.value.filter((one) => one.id !== workspace.id);
  return html`
    <div class="who">
      <${Menu} kind="quiet who-button" label="You and your workspace" entries=${() => [
        ...others.map((one) => ({label: `Switch to ${one.name}`, glyph: "building-2", run: () =>
          switchTo(one.id)})),
        {label: "Settings", glyph: "settings", run: () => go("/app/settings")},
        {label: "Log out", glyph: "log-out", run: logOut},
      ]}><span class="cut"><b>${user.name}</b><br /><span class="muted">${workspace.name}</span></span>
        <${Glyph} name="chevron-down" /><//>
    </div>`;
}

function switchTo(id) {
  chooseWorkspace(id);
  location.assign("/app");
}

export async function logOut() {
  if (await attempt(() => remove("/sessions/current").then(() => true))) location.assign("/login");
}
