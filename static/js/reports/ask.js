/** Asking for reports: what can be counted, several panels at once, and the figures of the time before. */

import {ApiError, get, query as post} from "../api.js";
import {filtersOf} from "../lists/question.js";
import {described, me} from "../state.js";
import {plus, rangeOf} from "./range.js";

/** @typedef {{name: string, unit: string, additive: boolean, doc: string}} Metric */
/** @typedef {{name: string, doc: string}} Dimension */
/** @typedef {{metrics: Metric[], dimensions: Dimension[]}} Schema */

/** @type {?Promise<Schema>} */
let schema = null;

/** What reports can be made of. @returns {Promise<Schema>} */
export function reportSchema() {
  schema ??= get("/reports/schema").then(({data}) => data).catch((error) => {
    schema = null;
    throw error;
  });
  return schema;
}

export const CLASSES = [["human", "Human clicks"], ["any", "All classes"]];

/** What all panels of a page share: days, zone, class, filters. @param {URLSearchParams} query */
export function commonOf(query, fixed = {}) {
  const {timezone} = me.value.workspace;
  const range = rangeOf(query, timezone);
  const common = new URLSearchParams({from: range.from, to: range.to, timezone, ...fixed});
  const clicks = described.value.resources.get("clicks");
  for (const {field, name, value} of filtersOf(clicks, query)) {
    if (field !== "class" && field !== "created_at") common.set(name, value);
  }
  common.set("class", query.get("class") ?? "human");
  return {range, common};
}

/** The question of one panel. @param {URLSearchParams} common @param {Record<string, any>} panel */
export function panelQuery(common, panel) {
  const asked = new URLSearchParams(common);
  for (const [name, value] of Object.entries(panel)) {
    if (value === null || value === undefined || value === "") asked.delete(name);
    else asked.set(name, String(value));
  }
  return asked;
}

/**
 * Answers to several panels, by their names; the first refusal is thrown.
 * @param {URLSearchParams} common @param {Record<string, Record<string, any>>} panels @param {AbortSignal} [signal]
 */
export async function askPanels(common, panels, signal) {
  const names = Object.keys(panels);
  const shared = Object.fromEntries(common);
  const listed = names.map((name) => given({other: false, ...panels[name]}));
  const {data} = await post("/reports/batch", {...shared, panels: listed}, {signal});
  const refused = data.find((one) => one.error);
  if (refused) throw new ApiError(refused.status, refused.error);
  return Object.fromEntries(names.map((name, at) => [name, data[at].data]));
}

/** What is said of a panel, without what is not. @param {Record<string, any>} panel */
const given = (panel) => Object.fromEntries(Object.entries(panel).filter(([, value]) => (value ?? "") !== ""));

/** The filter of the click list that stands for a value of a dimension: [parameter, value]. */
export function filterFor(dimension, row) {
  const {fields} = described.value.resources.get("clicks");
  const name = [`${dimension}_id`, dimension].find((one) => fields.has(one));
  const value = row[dimension];
  if (!name) return null;
  if (value === null || value === undefined) return fields.get(name).operators.null ?
    [`${name}[null]`, "true"] : null;
  return fields.get(name).operators.eq ? [name, String(value)] : null;
}

/** What else is shown of a record that is a dimension. */
const BESIDE = {link: "slug", domain: "host", tag: "tag_name", folder: "folder_name"};

/** What a row is called in a dimension: a link by its slug, a domain by its host. */
export const labelOf = (dimension, row) => row[BESIDE[dimension] ?? dimension];

/** The unit of time that suits so many days. @param {import("./range.js").Range} range */
export const unitOf = (range) => range.days <= 2 ? "hour" : "day";

/**
 * Every day of the range, also those without a row.
 * @param {any[]} rows
 * @param {string} metric
 * @param {{from: string, to: string}} range
 */
export function filled(rows, metric, range) {
  const found = new Map(rows.map((row) => [String(row.day).slice(0, 10), row[metric]]));
  const days = [];
  for (let day = range.from; day <= range.to; day = plus(day, 1)) days.push({x: day, y: found.get(day) ?? 0});
  return days;
}
