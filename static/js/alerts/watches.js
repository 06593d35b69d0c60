/** What an alert watches for, as one line that names its link, webhook or token. */

import {Glyph} from "../parts/glyph.js";
import {Named} from "../parts/names.js";
import {html} from "../view.js";
import {kindOf, sentenceOf} from "./kinds.js";

/** @param {{alert: any, short?: boolean}} props  short: for lists, without a picture */
export function Watches({alert, short = false}) {
  const kind = kindOf(alert.kind);
  const text = html`${sentenceOf(alert)}${alert.subject_id && html`, of <${Named} id=${alert.subject_id} />`}
    ${alert.filters && html` <span class="muted">where ${alert.filters.replaceAll("&", ", ")}</span>`}`;
  return short ? html`<span class="cut sentence">${text}</span>`
    : html`<p class="watches"><${Glyph} name=${kind.glyph} /><span>${text}</span></p>`;
}
