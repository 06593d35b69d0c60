/** Bytes and durations, as people say them. */

import {number} from "../text.js";

const UNITS = ["B", "kB", "MB", "GB"];

/** 1.4 MB: of a thousand each. @param {?number} bytes */
export function size(bytes) {
  if (bytes === null || bytes === undefined) return "–";
  const at = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  const figure = bytes / 1000 ** at;
  return `${number(figure >= 100 || at === 0 ? Math.round(figure) : Math.round(figure * 10) / 10)} ${UNITS[at]}`;
}

/** 340 ms, 12 s, 3 min, 5 h, 2 days. @param {number} ms */
export function duration(ms) {
  const steps = [[1000, "ms", 1], [60_000, "s", 1000], [3_600_000, "min", 60_000], [86_400_000, "h", 3_600_000]];
  const [, unit, per] = steps.find(([below]) => ms < below) ?? [0, "", 86_400_000];
  const count = ms / per;
  const shown = count < 10 && per > 1 ? Math.round(count * 10) / 10 : Math.round(count);
  return unit ? `${number(shown)} ${unit}` : `${number(shown)} ${shown === 1 ? "day" : "days"}`;
}

/** In 12 s, 3 min ago. @param {string} iso */
export function away(iso) {
  const ms = Date.parse(iso) - Date.now();
  return ms >= 0 ? `in ${duration(ms)}` : `${duration(-ms)} ago`;
}
