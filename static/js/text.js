/** Figures, times, names: how everything is written on every page. */

const plain = new Intl.NumberFormat("en", {maximumFractionDigits: 2});
const short = new Intl.NumberFormat("en", {notation: "compact", maximumFractionDigits: 1});
const regions = new Intl.DisplayNames(["en"], {type: "region"});
const languages = new Intl.DisplayNames(["en"], {type: "language"});
const moments = new Intl.DateTimeFormat("en-GB", {dateStyle: "medium", timeStyle: "short"});
const clock = new Intl.DateTimeFormat("en-GB", {hour: "2-digit", minute: "2-digit", second: "2-digit"});
const recent = new Intl.DateTimeFormat("en-GB", {day: "numeric", month: "short", hour: "2-digit",
  minute: "2-digit"});
const old = new Intl.DateTimeFormat("en-GB", {day: "numeric", month: "short", year: "numeric"});
const days = new Intl.DateTimeFormat("en-GB", {day: "numeric", month: "short", timeZone: "UTC"});

export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** 33 418, with a narrow space that does not break. @param {?number} value */
export const number = (value) => value === null || value === undefined ?
  "–" : plain.format(value).replaceAll(",", "\u202f");

/** 1.2 k. @param {number} value */
export const compact = (value) => short.format(value).replace(/([KMB])$/, (_, unit) =>
  `\u202f${unit.toLowerCase()}`);

/** @param {number} part @param {number} whole */
export const percent = (part, whole) => whole ? `${number(Math.round(1000 * part / whole) / 10)} %` : "–";

/**
 * How one figure compares with another: text, and whether it is up or down.
 * @param {number} now
 * @param {number} before
 */
export function change(now, before) {
  if (!before) return null;
  const ratio = (now - before) / before;
  if (Math.abs(ratio) >= 10) return {text: `×${number(Math.round(now / before))}`, up: true};
  const shown = Math.round(Math.abs(ratio) * 1000) / 10;
  return {text: `${ratio < 0 ? "−" : "+"}${shown} %`, up: ratio >= 0};
}

/** `Last seen` of last_seen; the label where the description has none. @param {string} name */
export function humanize(name) {
  const words = name.replace(/_ids?$/, "").replace(/_at$/, "").replaceAll("_", " ");
  return sentence(words);
}

/** @param {string} text */
export const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** @param {number} count @param {string} one @param {string} [many] */
export const counted = (count, one, many = `${one}s`) => `${number(count)} ${count === 1 ? one : many}`;

/** In the viewer's zone. @param {string} iso  as the API writes it: UTC with milliseconds */
export const moment = (iso) => moments.format(new Date(iso));
/** Short, for lists: the day and the time, or the day and the year where that is long ago. @param {string} iso */
export function brief(iso) {
  const at = new Date(iso);
  return Math.abs(Date.now() - at.getTime()) < 300 * 86_400_000 ? recent.format(at) : old.format(at);
}
/** @param {string} iso */
export const timeOfDay = (iso) => clock.format(new Date(iso));
/** @param {string} iso */
export const utc = (iso) => `${iso.slice(0, 19).replace("T", " ")} UTC`;
/** 2026-11-21T13:00, of an instant in the viewer's zone. @param {string} iso */
export function localText(iso) {
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** 22 Oct, of 2026-10-22. @param {string} day */
export const dayText = (day) => days.format(new Date(`${day.slice(0, 10)}T00:00:00Z`));

/** 21 Nov 13:00, of an hour as reports write it: local, with its offset. @param {string} hour */
export const hourText = (hour) => `${dayText(hour)} ${hour.slice(11, 16)}`;

/** What a code stands for, such as a country's; the code itself where nobody knows. */
export const country = (code) => named(regions, code, /^[A-Z]{2}$/);
export const language = (code) => named(languages, code, /^[a-z]{2,3}(-\w+)?$/i);

function named(names, code, form) {
  if (!code || !form.test(code)) return code;
  try {
    return names.of(code) ?? code;
  } catch {
    return code;
  }
}

/** A value of a dimension, as people read it. @param {string} dimension @param {any} value */
export function valueText(dimension, value) {
  if (value === null || value === undefined || value === "") return EMPTY[dimension] ?? "unknown";
  if (dimension === "country") return country(value);
  if (dimension === "language") return language(value);
  if (dimension === "weekday") return weekday(value);
  return String(value);
}

const EMPTY = {
  tag: "no tag", folder: "no folder", referrer_host: "direct", source: "no source", link: "deleted link",
    slug: "deleted link",
  utm_source: "none", utm_medium: "none", utm_campaign: "none", utm_term: "none", utm_content: "none",
};
export const WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/** 1 is Monday (ISO 8601). @param {any} value */
export const weekday = (value) => WEEKDAYS[Number(value) - 1] ?? String(value);

/** An address that may be followed: of the web, and nothing that a browser would run. @param {?string} text */
export const webAddress = (text) => text && /^https?:\/\//i.test(text) ? text : null;
