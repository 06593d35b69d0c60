/** Many rows at once: one field of all of them, or all of them to the trash. */

import {get} from "../api.js";
import {Dialog} from "../parts/dialog.js";
import {FormField} from "../parts/field.js";
import {Glyph} from "../parts/glyph.js";
import {toast} from "../parts/toast.js";
import {attempt, changeMany, restore, trashMany, trashMatching} from "../records/writing.js";
import {can} from "../state.js";
import {counted, number} from "../text.js";
import {html, useState} from "../view.js";
import {withoutPlace} from "./question.js";

const MOST = 1000;

/** @param {{resource: import("../spec.js").Resource, chosen: Set<string>, total: ?number, asked: URLSearchParams,
 *   trashed: boolean, onDone: () => void}} props */
export function Bulk({resource, chosen, total, asked, trashed, onDone}) {
  const [editing, setEditing] = useState(false);
  const [all, setAll] = useState(false);
  const filters = withoutPlace(asked);
  filters.delete("sort");
  const ids = async () => all ? idsOf(resource, filters) : [...chosen];
  const finish = (done) => done && onDone();
  const remove = async () => finish(all && !filters.has("q") && filters.size
    ? await trashMatching(resource, filters) : await trashMany(resource, await ids()));
  const back = async () => { await restore(resource, await ids()); onDone(); };
  const count = all ? total : chosen.size;
  return html`
    <div class="bulk" role="group" aria-label="What is chosen">
      <b>${counted(count, resource.singular)} chosen</b>
      ${!all && total > chosen.size && total <= MOST * 10 &&
        html`<button class="button quiet" type="button" onClick=${() => setAll(true)}>Choose all ${number(total)}
          </button>`}
      <span class="push" />
      ${!trashed && resource.operations.includes("batch") && can(resource, "update") &&
        html`<button class="button" type="button" onClick=${() => setEditing(true)}>
          <${Glyph} name="pencil" />Edit</button>`}
      ${!trashed && can(resource, "delete") && html`<button class="button" type="button" onClick=${remove}><${Glyph}
        name="trash-2" />Delete</button>`}
      ${trashed && can(resource, "restore") && html`<button class="button" type="button" onClick=${back}><${Glyph}
        name="undo-2" />Restore</button>`}
      <button class="button quiet" type="button" onClick=${onDone}>Clear</button>
      ${editing && html`<${Editing} resource=${resource} count=${count} ids=${ids} onClose=${() =>
        setEditing(false)} onDone=${onDone} />`}
    </div>`;
}

async function idsOf(resource, filters) {
  const found = [];
  let cursor = "";
  do {
    const asked = new URLSearchParams([...filters, ["fields", "id"], ["limit", String(MOST)]]);
    if (cursor) asked.set("cursor", cursor);
    const {data, pagination} = await get(`/${resource.path}?${asked}`);
    found.push(...data.map((row) => row.id));
    cursor = pagination.next_cursor;
  } while (cursor);
  return found;
}

function Editing({resource, count, ids, onClose, onDone}) {
  const fields = resource.patch.fields.filter((field) =>
    !["external_id", "metadata", "slug", "password", "email"].includes(field.name));
  const [name, setName] = useState(fields.find((field) => field.name === "status")?.name ?? fields[0].name);
  const [value, setValue] = useState(/** @type {any} */ (undefined));
  const [wrong, setWrong] = useState("");
  const field = fields.find((one) => one.name === name);
  const save = async (event) => {
    event.preventDefault();
    const given = value ?? (field.kind === "boolean" ? false : field.kind === "array" ? [] : null);
    const results = await attempt(() => changeAll(resource, ids, {[name]: given}));
    if (!results) return;
    const first = results.failed[0]?.error;
    if (first) setWrong(`${counted(results.failed.length,
      resource.singular)} refused: ${first.details[0]?.message ?? first.message}`);
    if (!results.done) return;
    toast(`${counted(results.done, resource.singular)} changed`);
    if (!first) { onClose(); onDone(); }
  };
  return html`
    <${Dialog} title=${`Edit ${counted(count, resource.singular)}`} onClose=${onClose}>
      <form class="form" onSubmit=${save}>
        <p class="wrong" role="alert">${wrong}</p>
        <div class="field"><label for="bulk-field">Field</label>
          <div class="input"><select id="bulk-field" value=${name}
            onChange=${(event) => { setName(event.target.value); setValue(undefined); }}>
            ${fields.map((one) => html`<option key=${one.name} value=${one.name}>${one.label}</option>`)}</select>
              </div></div>
        <${FormField} key=${name} field=${field} value=${value} required onChange=${setValue} />
        <div class="actions"><button class="button main">Change ${counted(count, resource.singular)}</button></div>
      </form>
    <//>`;
}

async function changeAll(resource, ids, changes) {
  const all = await ids();
  const total = {done: 0, failed: []};
  for (let at = 0; at < all.length; at += MOST) {
    const {done, failed} = await changeMany(resource, all.slice(at, at + MOST), changes);
    total.done += done;
    total.failed.push(...failed);
  }
  return total;
}
