/** Which columns a list shows: chosen here, kept in this browser. */

import {Glyph} from "../parts/glyph.js";
import {Panel} from "../parts/menu.js";
import {keep, kept} from "../state.js";
import {html} from "../view.js";

const never = new Set(["https"]);

/** @param {import("../spec.js").Resource} resource @returns {string[]} */
export function columnsOf(resource) {
  const chosen = kept(`columns:${resource.path}`) ?? resource.columns;
  const known = chosen.filter((name) => resource.fields.has(name));
  return known.length ? known : resource.columns;
}

/**
 * @param {{resource: import("../spec.js").Resource, columns: string[], onChange: (columns: string[]) => void}}
 *   props
 */
export function Columns({resource, columns, onChange}) {
  const set = (next) => {
    keep(`columns:${resource.path}`, next && next.length ? next : null);
    onChange(columnsOf(resource));
  };
  const flip = (name) => set(columns.includes(name) ? columns.filter((one) => one !== name) : [...columns, name]);
  const all = [...resource.fields.values()].filter((field) => !never.has(field.name));
  return html`
    <${Panel} label="Columns" text=${html`<${Glyph} name="columns-3" /><span class="word">Columns</span>`}>
      ${() => html`
        <div class="form filter-form">
          <div class="ticks tall" role="group" aria-label="Columns">${all.map((field) => html`
            <label key=${field.name}><input type="checkbox" checked=${columns.includes(field.name)}
              onChange=${() => flip(field.name)} /> ${field.label}</label>`)}</div>
          <button class="button" type="button" onClick=${() => set(null)}>As it was</button>
        </div>`}
    <//>`;
}
