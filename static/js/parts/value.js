/** How a value of a field is drawn, in lists and on the pages of records: by its kind, and a few by their name. */

import {brief as briefly, moment, number, utc, valueText, webAddress} from "../text.js";
import {html} from "../view.js";
import {Named} from "./names.js";
import {choiceText} from "./words.js";

const TONES = {
  active: "good", verified: "good", human: "good", approved: "good", paid: "good", created: "good",
    restored: "good", delivered: "good", sent: "good", done: "good",
  paused: "warn", pending: "warn", preview: "warn", scanner: "warn", duplicate: "warn", on_hold: "warn",
    updated: "warn",
  running: "warn", trying: "warn", reversing: "warn", waiting: "warn", unsent: "warn", suppressed: "warn",
  inactive: "bad", rejected: "bad", failed: "bad", deleted: "bad", purged: "bad",
};
const WORDS = new Set(["status", "class", "class_at_answer", "branch", "role", "action", "redirect_mode"]);

/** @param {{iso: string, whole?: boolean}} props */
export const Time = ({iso, whole = false}) => html`<time datetime=${iso} title=${utc(iso)}>${whole ?
  moment(iso) : briefly(iso)}</time>`;

/** @param {{text: any, tone?: string}} props */
export const Tag = ({text, tone = TONES[text] ?? ""}) => html`<span class=${`tag ${tone}`}>${text}</span>`;

/**
 * @param {{field: import("../spec.js").Field, value: any, whole?: boolean}} props  whole: there is room for all of
 *   it
 */
export function Value({field, value, whole = false}) {
  if (value === null || value === undefined || value === "") return html`<span class="muted">–</span>`;
  if (field.kind === "time") return html`<${Time} iso=${value} whole=${whole} />`;
  if (field.name === "changes") return html`<${Changes} changes=${value} whole=${whole} />`;
  if (field.widget === "color") return html`<span class="swatch" style=${{"--swatch": value}}>${value}</span>`;
  if (Array.isArray(value)) return html`<${List} field=${field} values=${value} whole=${whole} />`;
  if (typeof value === "object") return html`<${Pairs} value=${value} whole=${whole} />`;
  if (typeof value === "boolean") return value ? "yes" : html`<span class="muted">no</span>`;
  if (/^[a-z]+_[0-9A-HJKMNP-TV-Z]{26}$/.test(value) && field.name !== "id") return html`<${Named} id=${value} />`;
  return html`<${Text} field=${field} value=${value} whole=${whole} />`;
}

function Text({field, value, whole}) {
  if (field.name === "status" && typeof value === "number") return html`<${Tag} text=${value}
    tone=${statusTone(value)} />`;
  if (WORDS.has(field.name)) return html`<${Tag} text=${value} />`;
  if (typeof value === "number" && !field.choices.length) return number(value);
  if (field.name === "country" || field.name === "language") return valueText(field.name, value);
  const kind = whole ? "whole" : "cut";
  if (field.choices.length) return html`<span class=${kind}>${choiceText(field.name, value)}</span>`;
  const address = webAddress(value);
  if (address) return html`<a class=${kind} href=${address} title=${value} target="_blank"
    rel="noopener noreferrer">
    ${value.replace(/^https:\/\//, "")}</a>`;
  return html`<span class=${`${kind} ${MONO.has(field.name) ? "mono" : ""}`} title=${whole ? undefined : value}>
    ${value}</span>`;
}

const MONO = new Set(["id", "hint", "verification", "dns_record", "visitor", "request_id", "agent", "query",
  "route", "ip"]);
const statusTone = (status) => status >= 500 ? "bad" : status >= 400 ? "warn" : "good";

function List({field, values, whole}) {
  if (!values.length) return html`<span class="muted">–</span>`;
  const shown = whole ? values : values.slice(0, 3);
  return html`<span class=${whole ? "tags" : "tags cut"}>
    ${shown.map((one) => html`<span class="tag" key=${one}>${field.refs ? html`<${Named}
      id=${one} />` : String(one)}
      </span>`)}
    ${values.length > shown.length && html`<span class="muted">+${values.length - shown.length}</span>`}</span>`;
}

function Pairs({value, whole}) {
  const pairs = Object.entries(value);
  if (!pairs.length) return html`<span class="muted">–</span>`;
  if (!whole) return html`<span class="cut">${pairs.map(([name, one]) => `${name}: ${brief(one)}`).join(", ")}
    </span>`;
  return html`<dl class="pairs">${pairs.map(([name, one]) => html`<dt key=${name}>${name}</dt><dd class="whole">
    ${brief(one)}</dd>`)}</dl>`;
}

/**
 * What a change did to each field: before → after.
 * @param {{changes: Record<string, any>, whole?: boolean}} props
 */
export function Changes({changes, whole = false}) {
  const all = Object.entries(changes);
  if (!whole) return html`<span class="cut">${all.map(([name]) => name).join(", ") || "–"}</span>`;
  return html`
    <dl class="pairs">${all.map(([name, change]) => html`
      <dt key=${name}>${name}</dt>
      <dd class="whole">${change && typeof change === "object" && "before" in change
        ? html`<del>${brief(change.before)}</del> → <ins>${brief(change.after)}</ins>` : brief(change)}</dd>`)}
    </dl>`;
}

/** @param {any} value */
export const brief = (value) => value === null || value === undefined ? "nothing"
  : typeof value === "object" ? JSON.stringify(value) : String(value) || "nothing";

/** A value as it stands in a file. @param {any} value */
export const flat = (value) => value === null || value === undefined ? ""
  : typeof value === "object" ? JSON.stringify(value) : String(value);
