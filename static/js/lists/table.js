/** The table of a list: sorted by its heads, walked by arrows, a block for each row where there is no room. */

import {Menu} from "../parts/menu.js";
import {Glyph} from "../parts/glyph.js";
import {Value} from "../parts/value.js";
import {nameOf, pageOf} from "../spec.js";
import {html} from "../view.js";

const STOPS = "a[href], button:not([hidden]), input";

/** Up and down go to the same place of the row above or below. @param {KeyboardEvent} event */
export function walk(event) {
  const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
  const focused = /** @type {HTMLElement} */ (event.target);
  const row = focused.closest("tbody tr");
  if (!step || !row || focused.matches("select, textarea")) return;
  const next = step > 0 ? row.nextElementSibling : row.previousElementSibling;
  const at = [...row.querySelectorAll(STOPS)].indexOf(focused);
  const stops = [...(next?.querySelectorAll(STOPS) ?? [])];
  const stop = /** @type {?HTMLElement} */ (stops[at] ?? stops.at(-1));
  if (!stop) return;
  event.preventDefault();
  stop.focus();
}

/**
 * @param {{resource: import("../spec.js").Resource, columns: string[], rows: any[], busy: boolean, sort: string,
 *   onSort: (sort: string) => void, chosen?: Set<string>, onChoose?: (ids: string[], on: boolean) => void,
 *   actions: (row: any) => any[], cells?: Record<string, any>, caption: string, beside?: (row: any) => any}} props
 */
export function ListTable(props) {
  const {resource, columns, rows, busy, sort, onSort, chosen, onChoose, actions, cells = {}, caption,
    beside} = props;
  const fields = columns.map((name) => resource.fields.get(name));
  const head = fields.find((field) => field.name === resource.label) ?? fields[0];
  return html`
    <div class="scroll" role="region" aria-label=${caption} tabindex="0">
    <table class="table list" aria-busy=${busy} onKeyDown=${walk}>
      <thead><tr>
        ${chosen && html`<th class="tick" scope="col"><input type="checkbox" aria-label="Choose all on this page"
          checked=${rows.length > 0 && rows.every((row) => chosen.has(row.id))}
          onChange=${(event) => onChoose(rows.map((row) => row.id), event.target.checked)} /></th>`}
        ${fields.map((field) => html`<${Head} key=${field.name} field=${field} sort=${sort} onSort=${onSort}
          stream=${resource.stream} />`)}
        <th scope="col" class="tools"><span class="unseen">Actions</span></th>
      </tr></thead>
      <tbody>
        ${rows.map((row) => html`
          <tr key=${row.id} data-id=${row.id} class=${chosen?.has(row.id) ? "chosen" : ""}>
            ${chosen && html`<td class="tick"><input type="checkbox" aria-label=${`Choose ${nameOf(resource, row)}`}
              checked=${chosen.has(row.id)} onChange=${(event) => onChoose([row.id], event.target.checked)} />
                </td>`}
            ${fields.map((field) => html`<td key=${field.name} data-label=${field.label}
              class=${`${kindOf(field)} ${field === head ? "head" : ""}`}>
              <${Cell} resource=${resource} field=${field} row=${row} head=${field === head}
                own=${cells[field.name]} /></td>`)}
            <td class="tools">${beside?.(row)}<${Menu} label=${`Actions of ${nameOf(resource, row)}`}
              entries=${() => actions(row)} /></td>
          </tr>`)}
      </tbody>
    </table>
    </div>`;
}

const kindOf = (field) => ["integer", "number"].includes(field.kind) && !field.choices.length &&
  field.name !== "seq" ? "figure" : field.kind === "time" ? "when" : "";

function Cell({resource, field, row, head, own}) {
  if (own) return own(row);
  if (!head || !resource.operations.includes("get")) return html`<${Value} field=${field}
    value=${row[field.name]} />`;
  if (field.kind === "time" || field.refs) return html`<${Value} field=${field} value=${row[field.name]} />`;
  return html`<a class="cut name" href=${pageOf(resource, row.id)}>${row[field.name] ?? nameOf(resource, row)}</a>`;
}

function Head({field, sort, onSort, stream}) {
  const sortable = field.sort && (!stream || field.name === "created_at");
  const way = sort === field.name ? "ascending" : sort === `-${field.name}` ? "descending" : undefined;
  const next = way === "descending" ? field.name : `-${field.name}`;
  return html`
    <th scope="col" class=${kindOf(field)} aria-sort=${way}>
      ${sortable ? html`<button type="button" class="sort" onClick=${() => onSort(next)}>${field.label}${way &&
        html`<${Glyph} name=${way === "ascending" ? "arrow-up" : "arrow-down"} />`}</button>` : field.label}
    </th>`;
}
