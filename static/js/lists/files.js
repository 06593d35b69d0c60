/** What is on screen as a file: the columns and rows that are there, in their order. */

import {Glyph} from "../parts/glyph.js";
import {download} from "../parts/copy.js";
import {Menu} from "../parts/menu.js";
import {flat} from "../parts/value.js";
import {can, described} from "../state.js";
import {number} from "../text.js";
import {html, useState} from "../view.js";

/** RFC 4180. A text that a spreadsheet would run as a formula gets an apostrophe. @param {any[][]} rows */
export const csv = (rows) => `${rows.map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;

function cell(value) {
  const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : flat(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * @param {{name: string, columns: string[], rows: any[], all?: {source: string, query: URLSearchParams, total:
 *   ?number}}} props  all: what an export of all rows is asked for
 */
export function Files({name, columns, rows, all}) {
  const [Asking, setAsking] = useState(null);
  const exports = described.value.resources.get("exports");
  const ask = () => import("../exports/dialog.js").then(({ExportDialog}) => setAsking(() => ExportDialog));
  const day = new Date().toISOString().slice(0, 10);
  const trimmed = () => rows.map((row) => Object.fromEntries(columns.map((column) => [column,
    row[column] ?? null])));
  return html`
    <${Menu} label="Export" kind="" entries=${() => [
      all && exports && can(exports, "create") && {label: all.total === null ? "All rows as a file …"
        : `All ${number(all.total)} as a file …`, glyph: "file-down", run: ask},
      {label: "CSV of what is on screen", glyph: "table-2", run: () =>
        download(`${name}-${day}.csv`, csv([columns, ...rows.map((row) => columns.map((column) => row[column]))]),
          "text/csv")},
      {label: "JSON of what is on screen", glyph: "code", run: () =>
        download(`${name}-${day}.json`, JSON.stringify(trimmed(), null, 2), "application/json")},
    ]}><${Glyph} name="download" /><span class="word">Export</span><//>
    ${Asking && all && html`<${Asking} ...${all} onClose=${() => setAsking(null)} />`}`;
}
