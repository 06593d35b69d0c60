/** How an alert stands, as one word: firing, quiet, snoozed, paused, or of no use. */

import {Tag, Time} from "../parts/value.js";
import {html} from "../view.js";

/** @param {{alert: any, short?: boolean}} props  short: without since when */
export function Standing({alert, short = false}) {
  const snoozed = alert.snoozed_until && Date.parse(alert.snoozed_until) > Date.now();
  if (alert.status === "paused") return html`<${Tag} text="paused" tone="warn" />`;
  if (alert.problem) return html`<${Tag} text="cannot look" tone="bad" />`;
  if (alert.state === "firing") return html`<span class="tag bad">firing${!short && alert.fired_at && html` since <${Time}
    iso=${alert.fired_at} />`}</span>`;
  return snoozed ? html`<${Tag} text="snoozed" tone="warn" />` : html`<${Tag} text="quiet" tone="good" />`;
}
