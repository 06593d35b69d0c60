/** A notification as a line, and what can be done to one: read, unread, all read. */

import {patch, post} from "../api.js";
import {attempt} from "../records/writing.js";
import {pageOf, resourceOf} from "../spec.js";
import {described, writes} from "../state.js";
import {html} from "../view.js";
import {Glyph} from "./glyph.js";
import {Time} from "./value.js";

const GLYPHS = {alerts: "siren", webhooks: "webhook", tokens: "key-round", files: "file-down", system: "activity"};

/** @param {any} row @param {boolean} read */
export async function setRead(row, read) {
  if (await attempt(() => patch(`/notifications/${row.id}`, {read}))) writes.value += 1;
}

export async function readAll() {
  if (await attempt(() => post("/notifications/readings"))) writes.value += 1;
}

/** The page of what a notification is about. @param {any} row @returns {?string} */
export function placeOf(row) {
  const resource = resourceOf(described.value, row.record_id);
  return resource && resource.operations.includes("get") ? pageOf(resource, row.record_id) : null;
}

/** @param {{row: any, onOpen: (row: any, href: string) => void}} props */
export function Told({row, onOpen}) {
  const href = placeOf(row);
  const open = (event) => {
    event.preventDefault();
    onOpen(row, href);
  };
  return html`
    <li class=${row.read_at ? "" : "unread"}>
      <${Glyph} name=${GLYPHS[row.topic] ?? "bell"} />
      <div>${href ? html`<a href=${href} onClick=${open}>${row.title}</a>` : html`<b>${row.title}</b>`}
        <p class="muted">${row.text}</p><span class="muted"><${Time} iso=${row.created_at} /></span></div>
      <button class="button quiet icon" type="button" aria-label=${`Mark as ${row.read_at ? "unread" : "read"}: ${row.title}`}
        title=${row.read_at ? "Mark as unread" : "Mark as read"} onClick=${() => setRead(row, !row.read_at)}>
        <${Glyph} name=${row.read_at ? "circle-dot" : "check"} /></button>
    </li>`;
}
