/** Figures by one dimension: a bar behind each row instead of a pie, and so already a table. */

import {number, percent, valueText} from "../text.js";
import {html} from "../view.js";
import {labelOf} from "../reports/ask.js";

/**
 * @param {{dimension: string, rows: any[], metric: string, total: number, head: string, hrefOf?: (row: any) => ?string,
 *   onPick?: (row: any) => void, format?: (value: number) => string}} props
 */
export function Breakdown({dimension, rows, metric, total, head, hrefOf, onPick, format = number}) {
  if (!rows.length) return html`<p class="muted none">Nothing in these days.</p>`;
  const most = Math.max(...rows.map((row) => row[metric] ?? 0));
  return html`
    <table class="bars">
      <thead><tr><th scope="col">${head}</th><th scope="col">${metric}</th>
        <th scope="col"><span class="unseen">share</span></th></tr></thead>
      <tbody>${rows.map((row, index) => html`
        <tr key=${`${row[dimension]} ${index}`}>
          <td><div class="bar" style=${{"--w": `${most ? 100 * (row[metric] ?? 0) / most : 0}%`}}>
            <${Text} dimension=${dimension} row=${row} hrefOf=${hrefOf} onPick=${onPick} /></div></td>
          <td>${format(row[metric])}</td><td class="muted">${percent(row[metric] ?? 0, total)}</td>
        </tr>`)}</tbody>
    </table>`;
}

function Text({dimension, row, hrefOf, onPick}) {
  const text = valueText(dimension, labelOf(dimension, row));
  const href = hrefOf?.(row);
  if (href) return html`<a class="cut" href=${href} title=${text}>${text}</a>`;
  if (onPick && row[dimension] !== undefined) return html`<button class="cut" type="button" title=${`Only ${text}`}
    onClick=${() => onPick(row)}>${text}</button>`;
  return html`<span class="cut" title=${text}>${text}</span>`;
}
