/** The table behind a chart, and the button that turns one into the other. */

import {html, useState} from "../view.js";

/** @param {{columns: string[], rows: any[][], caption: string}} props */
export const FigureTable = ({columns, rows, caption}) => html`
  <div class="scroll short" tabindex="0" role="region" aria-label=${caption}>
    <table class="table figures"><caption class="unseen">${caption}</caption>
      <thead><tr>${columns.map((column) => html`<th key=${column} scope="col">${column}</th>`)}</tr></thead>
      <tbody>${rows.map((row, at) => html`<tr key=${at}>${row.map((cell, index) => html`<td key=${index}>${cell}
        </td>`)}</tr>`)}</tbody></table></div>`;

/** @returns {[boolean, any]}  whether the table is wanted, and the button */
export function useTable() {
  const [table, setTable] = useState(false);
  return [table, html`<button class="link" type="button" aria-pressed=${table} onClick=${() => setTable(!table)}>
    ${table ? "as chart" : "as table"}</button>`];
}
