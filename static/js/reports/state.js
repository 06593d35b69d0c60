/** A report as it stands in the address of the page: what is counted, by what, beside what. */

/**
 * @typedef {{metrics: string[], dimensions: string[], pivot: string, compare: string, sort: string, limit:
 *   number}} Asked  compare: "", or the name of a time in COMPARED
 */

const TIME = new Set(["quarter_hour", "hour", "day", "week", "month", "quarter", "year"]);
const CYCLES = new Set(["weekday", "hour_of_day"]);
const WHOLE = 5000;
/** The times that a report can be held against, as the API names them. */
export const COMPARED = [["", "nothing"], ["previous", "the days before"], ["year", "a year before"]];
export const isTime = (name) => TIME.has(name);

/** @param {URLSearchParams} query @param {import("./ask.js").Schema} schema @returns {Asked} */
export function askedOf(query, schema) {
  const known = {metrics: schema.metrics.map(({name}) => name),
    dimensions: schema.dimensions.map(({name}) => name)};
  const listed = (name) => (query.get(name) ?? "").split(",").filter((one) => known[name].includes(one));
  const metrics = listed("metrics");
  const pivot = query.get("pivot") ?? "";
  const dimensions = query.has("dimensions") ? listed("dimensions") : ["link"];
  return {
    metrics: metrics.length ? metrics : ["clicks", "uniques"].filter((name) => known.metrics.includes(name)),
    dimensions: dimensions.filter((name) => name !== pivot),
    pivot: known.dimensions.includes(pivot) ? pivot : "",
    compare: COMPARED.find(([name]) => name === query.get("compare"))?.[0] ?? "", sort: query.get("sort") ?? "",
    limit: Math.min(10_000, Math.max(1, Number.parseInt(query.get("limit") ?? "100", 10) || 100)),
  };
}

/** The panel of the API that answers it. @param {Asked} asked */
export function panelOf(asked) {
  const dimensions = [...asked.dimensions, ...(asked.pivot ? [asked.pivot] : [])];
  const names = new Set([...asked.metrics, ...dimensions]);
  const sort = names.has(asked.sort.replace(/^-/, "")) ? asked.sort : null;
  return {
    metrics: asked.metrics.join(","), dimensions: dimensions.join(",") || null, sort: dimensions.length ?
      sort : null,
    other: dimensions.length ? true : null,
    compare: asked.compare || null,
    fill: dimensions.length === 1 && isTime(dimensions[0]) ? true : null,
    limit: dimensions.length ? (asked.pivot || dimensions.some((name) => isTime(name) || CYCLES.has(name)) ?
      WHOLE : asked.limit) : null,
  };
}
