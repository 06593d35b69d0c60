/**
 * What single resources have beyond their description: actions, cells, presets. One entry a resource; a later page
 * adds its own here and nothing else has to know.
 *
 * @typedef {{actions?: (row: any) => any[], beside?: (row: any) => any, cells?: Record<string, (row: any) => any>,
 *   presets?: () => {label: string, query: string}[], above?: () => any, empty?: () => any, head?: () => any,
 *   heavy?: string[], soon?: (row: any) => boolean}} Extras
 *   heavy: fields that are left out of the list; soon: whether a row is about to change, so that the list looks again
 */

import {Copy} from "../parts/copy.js";
import {setField} from "../records/writing.js";
import {placeOf} from "../reports/save.js";
import {go} from "../router.js";
import {newLink} from "../shell/new-link.js";
import {can, described, me} from "../state.js";
import {webAddress} from "../text.js";
import {html} from "../view.js";
import {IN_AND_OUT} from "./in-and-out.js";

const VERBS = {active: ["Activate", "play"], paused: ["Pause", "pause"], archived: ["Archive", "archive"]};
const DAY = 86_400_000;
const from = (days) => new Date(Math.floor((Date.now() + days * DAY) / DAY) * DAY).toISOString();

/** Pause, archive, activate: whichever it is not. @param {any} link */
export function statusActions(link) {
  const links = described.value.resources.get("links");
  if (!can(links, "update")) return [];
  return Object.entries(VERBS).filter(([status]) => status !== link.status).map(([status, [label, glyph]]) => (
    {label, glyph, run: () => setField(links, link, "status", status, `${link.slug} is ${status}`)}
  ));
}

const ShortUrl = (link) => html`
  <div class="address"><a class="cut name" href=${`/app/links/${link.id}`} title=${link.short_url}>
    <span class="muted">${link.host}/</span>${link.slug}</a>
      <${Copy} text=${link.short_url ?? ""} what=${link.short_url ?? ""} /></div>`;

const Referrer = (row) => webAddress(row.last_referrer)
  ? html`<a class="cut" href=${row.last_referrer} target="_blank" rel="noopener noreferrer">
    ${row.last_referrer}</a>`
  : html`<span class="cut muted">${row.last_referrer ?? "–"}</span>`;

const MakeLink = (row) => can(described.value.resources.get("links"), "create")
  && html`<button class="button" type="button" onClick=${() =>
    newLink({slug: row.slug, domain_id: row.domain_id})}>Make link</button>`;

/** @type {Record<string, Extras>} */
const EXTRAS = {
  ...IN_AND_OUT,
  links: {
    cells: {slug: ShortUrl},
    actions: statusActions,
    presets: () => [{label: "In use", query: "status[ne]=archived"}, {label: "Paused", query: "status=paused"},
      {label: "Archived", query: "status=archived"}],
  },
  tokens: {
    presets: () => [
      {label: "All", query: ""},
      {label: "Mine", query: `user_id=${me.value.user.id}`},
      {label: "Ending soon", query: `expires_at[lte]=${encodeURIComponent(from(14))}`},
      {label: "Used this week", query: `last_used_at[gte]=${encodeURIComponent(from(-7))}`},
      {label: "Never used", query: "last_used_at[null]=true"},
    ],
  },
  "saved-reports": {actions: (row) => [{label: "Open in reports", glyph: "chart-column", run: () =>
    go(placeOf(row))}]},
  "missing-slugs": {cells: {last_referrer: Referrer}, beside: MakeLink},
};

/** @param {import("../spec.js").Resource} resource @returns {Extras} */
export const extrasOf = (resource) => EXTRAS[resource.path] ?? {};
