/** Keys without a modifier, such as `/`, `c` and `g l`; they do nothing while somebody types. */

import {Dialog} from "../parts/dialog.js";
import {undoLatest} from "../parts/toast.js";
import {go} from "../router.js";
import {can, described} from "../state.js";
import {html, signal} from "../view.js";
import {newLink} from "./new-link.js";

export const helping = signal(false);

/** @type {[string, string, () => void][]} */
const TABLE = [
  ["/", "Search", () => document.getElementById("search")?.focus()],
  ["c", "New link", () => can(described.value.resources.get("links"), "create") && newLink()],
  ["g o", "Overview", () => go("/app")],
  ["g l", "Links", () => go("/app/links")],
  ["g r", "Reports", () => go("/app/reports")],
  ["g v", "Live", () => go("/app/live")],
  ["g t", "Tokens", () => go("/app/tokens")],
  ["g w", "Webhooks", () => go("/app/webhooks")],
  ["g a", "Alerts", () => go("/app/alerts")],
  ["g n", "Notifications", () => go("/app/notifications")],
  ["g h", "Health", () => go("/app/health")],
  ["g s", "Settings", () => go("/app/settings")],
  ["u", "Undo, while it is offered", undoLatest],
  ["?", "This list", () => { helping.value = true; }],
];
const TOLD = [["↓ ↑", "Up and down in tables and menus"], ["Enter", "Open what is focused"],
  ["← →", "Along a chart, figure by figure"], ["Esc", "Close"]];
let before = "";
let timer = 0;

/** @param {KeyboardEvent} event */
function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.key === "Shift" || isBusy(event.target)) return;
  const key = event.key.toLowerCase();
  const found = TABLE.find(([keys]) => keys === `${before} ${key}`) ?? TABLE.find(([keys]) => keys === key);
  before = key;
  clearTimeout(timer);
  timer = setTimeout(() => { before = ""; }, 800);
  if (key === "arrowdown" && (event.target === document.body || event.target.id === "page")) return first(event);
  if (!found) return;
  event.preventDefault();
  found[2]();
}

/** From nowhere, the arrow goes into the table of the page. @param {KeyboardEvent} event */
function first(event) {
  const stop = /** @type {?HTMLElement} */ (document.querySelector("main .table tbody a[href]"));
  if (!stop) return;
  event.preventDefault();
  stop.focus();
}

/** @param {EventTarget} target */
function isBusy(target) {
  if (document.querySelector("dialog[open], [popover]:popover-open")) return true;
  return /** @type {Element} */ (target).matches?.("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]") ?? false;
}

export const listen = () => document.addEventListener("keydown", pressed);

export function Help() {
  if (!helping.value) return null;
  const rows = [...TABLE.map(([keys, text]) => [keys, text]), ...TOLD];
  return html`
    <${Dialog} title="Keyboard" onClose=${() => { helping.value = false; }}>
      <dl class="keys">${rows.map(([keys, text]) => html`<dt key=${keys}>${keys.split(" ").map((key) => html`<kbd
        key=${key}>${key}</kbd>`)}</dt><dd>${text}</dd>`)}</dl>
    <//>`;
}
