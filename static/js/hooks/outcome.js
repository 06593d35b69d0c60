/** What a receiver has answered last, as one word. */

import {Tag} from "../parts/value.js";
import {html} from "../view.js";

/** The status of the last answer, or why there was none. @param {{row: any}} props */
export function Outcome({row}) {
  if (row.last_error && !row.last_status) return html`<span class="cut" title=${row.last_error}>${row.last_error}</span>`;
  return row.last_status ? html`<${Tag} text=${row.last_status} tone=${row.last_status < 300 ? "good" : "bad"} />`
    : html`<span class="muted">–</span>`;
}
