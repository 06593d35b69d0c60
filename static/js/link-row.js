/** One link in the list: how it is drawn, and what can be done to it. Every change can be taken back. */

import {ApiError, get, patch, post, remove} from "./api.js";
import {copies} from "./copy.js";
import {byId, draw, find, slot} from "./dom.js";
import {sentence} from "./form.js";
import {opensMenu} from "./menu.js";
import {showTime} from "./time.js";
import {toast} from "./toast.js";

/**
 * @typedef {{id: string, version: number, host: string, slug: string, short_url: string, destination: string,
 *   title: ?string, status: "active" | "paused" | "archived", created_at: string}} Link
 * @typedef {{body: HTMLTableSectionElement, belongs: (link: Link) => boolean, changed: (by: number) => void}} List
 *   changed: told how many rows came (1) or went (-1)
 */

const TAGS = {active: "tag good", paused: "tag warn", archived: "tag"};
const VERBS = {active: "Activate", paused: "Pause", archived: "Archive"};

/** Without the https:// that nearly all begin with. @param {HTMLAnchorElement} place @param {string} destination */
function showDestination(place, destination) {
  place.textContent = destination.replace(/^https:\/\//, "");
  place.title = destination;
  if (/^https?:/i.test(destination)) place.href = destination;
}

/** @param {List} list */
export function linkRows(list) {
  /** @type {WeakMap<HTMLElement, Link>} */
  const links = new WeakMap();
  return {draw: drawRow, add};

  /** @param {Link} link */
  function drawRow(link) {
    const row = draw("row");
    fill(row, link);
    copies(find(row, "[data-copy]"), () => links.get(row).short_url);
    opensMenu(find(row, "[data-menu]"), () => [
      ...Object.keys(VERBS).filter((status) => status !== links.get(row).status).map((status) => (
        {label: VERBS[status], run: () => attempt(row, () => setStatus(row, status))}
      )),
      {label: "Delete", bad: true, run: () => attempt(row, () => trash(row))},
    ]);
    return row;
  }

  /** @param {HTMLElement} row @param {Link} link */
  function fill(row, link) {
    links.set(row, link);
    row.dataset.id = link.id;
    slot(row, "host").textContent = `${link.host}/`;
    slot(row, "slug").textContent = link.slug;
    slot(row, "short").href = link.short_url;
    slot(row, "title").textContent = link.title ?? "";
    slot(row, "status").textContent = link.status;
    slot(row, "status").className = TAGS[link.status];
    showDestination(slot(row, "destination"), link.destination);
    showTime(slot(row, "created"), link.created_at);
    find(row, "[data-copy]").ariaLabel = `Copy ${link.host}/${link.slug}`;
    find(row, "[data-menu]").ariaLabel = `Actions for ${link.host}/${link.slug}`;
  }

  /** A link that was just made: on top, marked for a moment, ready to be copied. @param {Link} link */
  function add(link) {
    const row = drawRow(link);
    row.dataset.new = "";
    setTimeout(() => delete row.dataset.new, 4000);
    settle(row, link);
    find(row, "[data-copy]").focus();
    toast(`${link.host}/${link.slug} is ready`);
  }

  /** @param {HTMLElement} row @param {string} status */
  async function setStatus(row, status) {
    const before = links.get(row);
    const {data} = await patch(`/links/${before.id}`, {status}, {version: before.version});
    settle(row, data);
    const undo = () => attempt(row, () => setStatus(row, before.status));
    toast(`${data.host}/${data.slug} is ${data.status}`, {undo});
  }

  /** @param {HTMLElement} row */
  async function trash(row) {
    const {id, version, host, slug} = links.get(row);
    await remove(`/links/${id}`, {version});
    takeOut(row);
    const undo = () => attempt(row, () => restore(row));
    toast(`${host}/${slug} is in the trash: its visitors find nothing there`, {undo});
  }

  /** @param {HTMLElement} row */
  async function restore(row) {
    const {data} = await post(`/links/${links.get(row).id}/restoration`);
    settle(row, data);
    find(row, "[data-menu]").focus();
  }

  /** A refusal is told; where somebody else was faster, the row shows what is there now. */
  async function attempt(row, run) {
    try {
      await run();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const overtaken = error.status === 412;
      const told = overtaken ? "Somebody changed it meanwhile; this is how it is now" : sentence(error.message);
      toast(told, {kind: "bad"});
      if (overtaken) settle(row, (await get(`/links/${links.get(row).id}`)).data);
    }
  }

  /** Show a link as it is now, in its place, or not at all where it is no longer one of those shown. */
  function settle(row, link) {
    fill(row, link);
    if (!list.belongs(link)) return takeOut(row);
    if (!row.isConnected) insert(row);
  }

  /** The newest first: ids sort by time. */
  function insert(row) {
    const older = [...list.body.rows].find((other) => other.dataset.id < row.dataset.id);
    list.body.insertBefore(row, older ?? null);
    list.changed(1);
  }

  function takeOut(row) {
    if (!row.isConnected) return;
    const next = row.nextElementSibling ?? row.previousElementSibling;
    const held = row.contains(document.activeElement) || document.activeElement === document.body;
    row.remove();
    list.changed(-1);
    if (held) (next ? find(next, "[data-menu]") : byId("search")).focus();
  }
}
