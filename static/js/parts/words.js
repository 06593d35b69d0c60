/** What choices are called where people read them; the API's own words stand in the filter chips and the calls. */

import {RANGES} from "../reports/range.js";
import {counted} from "../text.js";

const minutes = (count) => count % 1440 === 0 ? counted(count / 1440, "day")
  : count % 60 === 0 ? counted(count / 60, "hour") : counted(count, "minute");

const WORDS = {
  operator: {gt: "is more than", gte: "is at least", lt: "is less than", lte: "is at most"},
  direction: {both: "up or down", up: "up", down: "down"},
  kind: {threshold: "Threshold", change: "Unusual change", silence: "Silence", link_limit: "Click limit",
    link_expired: "Link is over", webhook: "Webhook fails", token_unusual: "Token used oddly",
    spool_lag: "Clicks wait"},
  notify: {owner: "owners", admin: "admins and owners", editor: "editors and above", viewer: "everybody here",
    nobody: "nobody"},
  format: {csv: "CSV", json: "JSON", ndjson: "NDJSON", parquet: "Parquet", xlsx: "Excel (XLSX)"},
  range: Object.fromEntries(RANGES.map(([name, text]) => [name, text.toLowerCase()])),
  every: {day: "every day", week: "every week", month: "every month"},
};

/** @param {string} field @param {any} value */
export function choiceText(field, value) {
  if (field === "window_minutes") return minutes(value);
  return WORDS[field]?.[value] ?? String(value).replaceAll("_", " ");
}
