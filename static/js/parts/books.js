/** answered = stored + spooled + not recorded: the account of every click since the server started. */

import {number} from "../text.js";
import {html} from "../view.js";
import {Glyph} from "./glyph.js";

/** @param {{books: any}} props */
export function Books({books}) {
  const refused = Object.values(books.refused ?? {}).reduce((sum, count) => sum + count, 0);
  const rows = [["Redirects answered", books.answered], ["Stored", books.stored], ["In the spool", books.spooled],
    ["Not recorded", refused]];
  return html`
    <table class="bars books"><caption class="unseen">Clicks since the server started</caption>
      <tbody>${rows.map(([text, count]) => html`<tr key=${text}><th scope="row">${text}</th><td>
        ${number(count)}</td>
        </tr>`)}
      ${Object.entries(books.refused ?? {}).map(([reason, count]) =>
        html`<tr key=${reason}><th scope="row" class="muted">not recorded: ${reason.replaceAll("_", " ")}</th>
          <td>${number(count)}</td></tr>`)}</tbody></table>
    <p class=${`note ${books.holds ? "good" : "bad"}`}>
      <${Glyph} name=${books.holds ? "shield-check" : "triangle-alert"} />
        ${books.holds ? "They add up, since the server started." : "They do not add up: see health."}</p>`;
}
