/** How far a job is: a bar with its figures, or a moving one where nobody knows how much there is. */

import {number, percent} from "../text.js";
import {html} from "../view.js";

/**
 * @param {{done: ?number, total: ?number, what: string, tone?: "" | "good" | "bad", quiet?: boolean, text?: string}}
 *   props  what: what is counted, such as "rows"; quiet: the bar alone, for lists; text: instead of the figures
 */
export function Progress({done, total, what, tone = "", quiet = false, text: told}) {
  const known = total !== null && total !== undefined && total > 0;
  const share = known ? Math.min(1, (done ?? 0) / total) : 0;
  const text = told ?? (known ? `${number(done ?? 0)} of ${number(total)} ${what}` : `${number(done ?? 0)} ${what}`);
  return html`
    <div class=${`progress ${tone} ${known ? "" : "open"} ${quiet ? "quiet" : ""}`}>
      <div class="track" role="progressbar" aria-label=${what} aria-valuemin="0" aria-valuemax="100"
        aria-valuenow=${known ? Math.floor(100 * share) : undefined} aria-valuetext=${text}>
        <span style=${{"--w": `${100 * share}%`}}></span></div>
      <span class="much">${text}${known && !quiet && !told && html` <span class="muted">${percent(done ?? 0, total)}</span>`}
        </span>
    </div>`;
}
