/** The kinds of alerts: what each watches for, the fields that it has, and what they are called there. */

import {ClickFilters} from "../lists/click-filters.js";
import {choiceText} from "../parts/words.js";
import {number} from "../text.js";

const TOLD = ["notify", "user_ids", "emails", "remind_hours"];
const LAST = ["external_id", "metadata"];

/** @typedef {{name: string, title: string, doc: string, glyph: string, fields: string[], subject?: string}} Kind */

/** @type {Kind[]} */
export const KINDS = [
  {name: "threshold", title: "A figure crosses a line", glyph: "chart-column", subject: "links",
    doc: "Clicks in an hour are more than 1 000, or less than 10.",
    fields: ["name", "metric", "window_minutes", "operator", "value", "filters", "subject_id"]},
  {name: "change", title: "A figure is unusual", glyph: "activity", subject: "links",
    doc: "Far from what this hour of this weekday usually brings.",
    fields: ["name", "metric", "window_minutes", "direction", "percent", "weeks", "least_usual", "filters", "subject_id"]},
  {name: "silence", title: "Nothing comes", glyph: "bell-off", subject: "links",
    doc: "No clicks at all, where usually there are some.",
    fields: ["name", "metric", "window_minutes", "weeks", "least_usual", "filters", "subject_id"]},
  {name: "link_limit", title: "A click limit is near", glyph: "link", subject: "links",
    doc: "A link has used most of the clicks that it may have.", fields: ["name", "percent", "subject_id"]},
  {name: "link_expired", title: "A link is over", glyph: "clock", subject: "links",
    doc: "Its time has run out.", fields: ["name", "subject_id"]},
  {name: "webhook", title: "A webhook fails", glyph: "webhook", subject: "webhooks",
    doc: "Its deliveries are refused, or it was paused for that.", fields: ["name", "subject_id"]},
  {name: "token_unusual", title: "A token is used oddly", glyph: "key-round", subject: "tokens",
    doc: "From a new network, or at an hour at which it never was.", fields: ["name", "subject_id"]},
  {name: "spool_lag", title: "Clicks wait", glyph: "layers",
    doc: "They are kept, but do not reach the reports in time.", fields: ["name", "value"]},
];

/** @param {string} name @returns {Kind} */
export const kindOf = (name) => KINDS.find((kind) => kind.name === name) ?? KINDS[0];

const SUBJECT = {
  links: {label: "Link", doc: "Of this link alone. Left empty: of all together; for limits and ends, of each."},
  webhooks: {label: "Webhook", doc: "This one alone. Left empty: each."},
  tokens: {label: "Token", doc: "This one alone. Left empty: each."},
};
const REPORTED = {
  metric: {label: "Figure", doc: "", half: true},
  window_minutes: {label: "Within the last", doc: "", half: true},
  filters: {label: "Only clicks where", doc: "", Widget: ClickFilters},
  weeks: {label: "Weeks that make the usual figure", doc: "The median of their same hours.", half: true},
  least_usual: {label: "Where usually at least", doc: "Less is left to chance, and not told.", half: true},
};
const OWN = {
  threshold: {operator: {label: "Fires when it", doc: "", half: true}, value: {label: "This many", doc: "", placeholder: "0", default: 0, half: true}},
  change: {direction: {label: "Fires when it goes", doc: "", half: true}, percent: {label: "By at least (%)", doc: "", placeholder: "50", default: 50, half: true}},
  link_limit: {percent: {label: "Share of the limit that is used (%)", doc: "", placeholder: "90", default: 90}},
  spool_lag: {value: {label: "For more than (seconds)", doc: "", placeholder: "300", default: 300}},
};
const AUDIENCE = {
  notify: {label: "Who is told here", doc: "By the bell, and by mail if they want that for alerts."},
  user_ids: {label: "And these members", doc: "", refs: "users"},
  emails: {label: "And these addresses by mail", doc: "Until they unsubscribe. One a line."},
  remind_hours: {label: "Remind after (hours)", doc: "While it goes on. Left empty: never."},
};

/** @param {{kind: string}} values @returns {import("../records/fit.js").Fit} */
export function alertFit({kind: name, id}) {
  const kind = kindOf(name);
  const subject = kind.subject ? {subject_id: {...SUBJECT[kind.subject], refs: kind.subject}} : {};
  const reported = kind.fields.includes("metric") ? REPORTED : {};
  return {only: [...kind.fields, ...(id ? ["status"] : []), ...TOLD, ...LAST],
    texts: {...reported, ...OWN[kind.name], ...subject, ...AUDIENCE}};
}

/** What an alert watches for, in one line without its link, webhook or token. @param {any} alert */
export function sentenceOf(alert) {
  const within = `in ${choiceText("window_minutes", alert.window_minutes ?? 60)}`;
  const metric = String(alert.metric ?? "clicks").replaceAll("_", " ");
  const percent = alert.percent ?? {change: 50, link_limit: 90}[alert.kind];
  return {
    threshold: () => `${metric} ${within}: ${COMPARED[alert.operator ?? "gt"]} ${number(alert.value ?? 0)}`,
    change: () => `${metric} ${within}: ${WAYS[alert.direction ?? "both"]} by ${number(percent)} % or more, against the usual`,
    silence: () => `no ${metric} ${within}, where ${number(alert.least_usual ?? 20)} or more are usual`,
    link_limit: () => `${number(percent)} % of a click limit is used`,
    link_expired: () => "its time is over",
    webhook: () => "deliveries fail, or it was paused",
    token_unusual: () => "used from a new network or at an odd hour",
    spool_lag: () => `clicks wait for more than ${number(alert.value ?? 300)} s`,
  }[alert.kind]();
}

const COMPARED = {gt: "more than", gte: "at least", lt: "less than", lte: "at most"};
const WAYS = {both: "up or down", up: "up", down: "down"};
