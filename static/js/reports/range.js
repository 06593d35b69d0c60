/** Which days a report is about, in the workspace's time zone, and the days before that it is compared with. */

const DAY = 86_400_000;

/** @typedef {{name: string, label: string, from: string, to: string, days: number, before: {from: string, to: string},
 *   like: string}} Range  like: the end of the time before that is as far on as this one is: a day, or a moment */

export const RANGES = [
  ["today", "Today"], ["yesterday", "Yesterday"], ["7d", "7 days"], ["30d", "30 days"], ["90d", "90 days"],
  ["month", "This month"], ["last-month", "Last month"], ["12m", "12 months"],
];

/** The date of now in a zone, as 2026-11-21. @param {string} timezone */
export function today(timezone) {
  return new Intl.DateTimeFormat("sv-SE", {timeZone: timezone, dateStyle: "short"}).format(new Date());
}

const at = (day) => Date.parse(`${day}T00:00:00Z`);
/** @param {string} day @param {number} count */
export const plus = (day, count) => new Date(at(day) + count * DAY).toISOString().slice(0, 10);
/** @param {string} from @param {string} to */
export const daysBetween = (from, to) => Math.round((at(to) - at(from)) / DAY) + 1;

/** @param {URLSearchParams} query @param {string} timezone @returns {Range} */
export function rangeOf(query, timezone) {
  const now = today(timezone);
  const [from, to] = [query.get("from"), query.get("to")];
  if (isDay(from) && isDay(to) && from <= to) return made("custom", "", from, to, now);
  const name = query.get("range") ?? "30d";
  const [first, last] = bounds(name, now);
  return made(name, RANGES.find(([one]) => one === name)?.[1] ?? "30 days", first, last, now);
}

const isDay = (text) => /^\d{4}-\d\d-\d\d$/.test(text ?? "") && !Number.isNaN(at(text));

/** @param {string} name @param {string} now @returns {[string, string]} */
function bounds(name, now) {
  const month = `${now.slice(0, 7)}-01`;
  if (name === "today") return [now, now];
  if (name === "yesterday") return [plus(now, -1), plus(now, -1)];
  if (name === "month") return [month, now];
  if (name === "last-month") return [`${plus(month, -1).slice(0, 7)}-01`, plus(month, -1)];
  if (name === "12m") return [plus(now, -364), now];
  return [plus(now, 1 - (Number.parseInt(name, 10) || 30)), now];
}

/** @returns {Range} */
function made(name, label, from, to, now) {
  const days = daysBetween(from, to);
  const minute = Math.floor(Date.now() / 60_000) * 60_000;
  const like = to === now ? new Date(minute - days * DAY).toISOString() : plus(from, -1);
  return {name, label, from, to, days, before: {from: plus(from, -days), to: plus(from, -1)}, like};
}
