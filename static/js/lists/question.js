/** A list's question: the parameters in the address of the page are those of the API, word by word. */

import {place, readable} from "../router.js";

export const PAGE_SIZES = [20, 50, 100, 200];
const CONTROLS = new Set(["q", "sort", "page", "limit"]);

/** @typedef {{field: string, operator: string, value: string, name: string}} Filter */

/**
 * The filters of a query, in their order.
 * @param {import("../spec.js").Resource} resource
 * @param {URLSearchParams} query
 * @returns {Filter[]}
 */
export function filtersOf(resource, query) {
  return [...query].flatMap(([name, value]) => {
    const found = /^(\w+?)(?:\[(\w+)\])?$/.exec(name);
    const operator = found?.[2] ?? "eq";
    return found && resource.fields.get(found[1])?.operators[operator] ?
      [{field: found[1], operator, value, name}] : [];
  });
}

/**
 * What is asked of the API: what is known of the address, and how many rows.
 * @param {import("../spec.js").Resource} resource
 */
export function questionOf(resource, query = place.value.query) {
  const asked = new URLSearchParams();
  for (const {name, value} of filtersOf(resource, query)) asked.append(name, value);
  for (const name of CONTROLS) {
    const value = query.get(name);
    if (value && resource.controls.includes(name)) asked.set(name, value);
  }
  if (!asked.has("limit")) asked.set("limit", "50");
  return asked;
}

/** @param {URLSearchParams} query */
export const isTrash = (query) => query.get("deleted_at[null]") === "false";

/**
 * The same question without the place in the list: for exports, deletions, saved views.
 * @param {URLSearchParams} asked
 */
export function withoutPlace(asked) {
  const kept = new URLSearchParams(asked);
  for (const name of ["page", "limit", "cursor"]) kept.delete(name);
  return kept;
}

/**
 * The address of the same list with another question; on a page with tabs, in the same tab.
 * @param {string} [text]
 */
export function listAt(text = "") {
  const {path, query} = place.value;
  const asked = new URLSearchParams(text);
  if (query.has("tab")) asked.set("tab", query.get("tab"));
  return asked.size ? `${path}?${readable(asked)}` : path;
}

export const OPERATORS = {
  eq: "is", ne: "is not", gt: "is more than", gte: "is at least", lt: "is less than", lte: "is at most",
  prefix: "begins with", contains: "contains", null: "is empty",
};
const OF_TIME = {gt: "after", gte: "from", lt: "before", lte: "until"};

/** @param {import("../spec.js").Field} field @param {string} operator */
export const operatorText = (field, operator) => field.kind === "time" && OF_TIME[operator] || OPERATORS[operator];
