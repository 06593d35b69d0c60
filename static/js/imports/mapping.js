/** Which column of the file becomes which field: guessed, shown with the first rows, changed here. */

import {get, patch} from "../api.js";
import {useAnswer} from "../loading.js";
import {Answered, Card} from "../parts/card.js";
import {attempt} from "../records/writing.js";
import {counted} from "../text.js";
import {html} from "../view.js";

const SHOWN = 3;

/** @param {{row: any, kind: ?import("../spec.js").Resource, onChange: (row: any) => void}} props */
export function Mapping({row, kind, onChange}) {
  const answer = useAnswer(`mapping ${row.id}`, async (signal) => {
    const [kinds, sample] = await Promise.all(["/imports/resources", `/imports/${row.id}/sample`].map((path) => get(path, {signal})));
    return {kinds: kinds.data, sample: sample.data.map(({values}) => values)};
  });
  return html`<${Answered} answer=${answer}>${({kinds, sample}) => html`<${Columns} row=${row} kind=${kind} onChange=${onChange}
    sample=${sample}
    names=${(kinds.find((one) => one.resource === row.resource)?.fields ?? []).map((field) => field.name)} />`}<//>`;
}

function Columns({row, kind, names, sample, onChange}) {
  const save = async (changes) => {
    const done = await attempt(() => patch(`/imports/${row.id}`, changes));
    if (done) onChange(done.data);
  };
  const required = (kind?.create?.required ?? []).filter((name) => !row.mapping[name]);
  const labelOf = (name) => kind?.fields.get(name)?.label ?? kind?.create?.fields.find((field) => field.name === name)?.label ?? name;
  return html`
    <${Card} kind="table-card titled" title="Columns" aside=${row.unmapped.length > 0 &&
      html`<span>${counted(row.unmapped.length, "column")} left out</span>`}>
      ${required.length > 0 && html`<p class="note warn inset">No column is ${required.map(labelOf).join(", nor ")} yet; without it every row fails that makes a new record.</p>`}
      <div class="scroll" role="region" aria-label="Columns of the file" tabindex="0"><table class="table list mapping">
        <thead><tr><th scope="col">Column</th><th scope="col">Becomes</th><th scope="col">First rows</th></tr></thead>
        <tbody>${row.columns.map((column) => html`
          <tr key=${column}><td class="head"><b class="cut" title=${column}>${column}</b></td>
            <td data-label="Becomes"><${Becomes} column=${column} row=${row} names=${names} labelOf=${labelOf} onSave=${save} /></td>
            <td data-label="First rows"><span class="cut muted">${samplesOf(sample, column).join(" · ") || "empty"}</span></td></tr>`)}</tbody>
      </table></div>
      <div class="form inset choices">
        <label class="across-line"><input class="switch" type="checkbox" role="switch" checked=${row.upsert}
          onChange=${(event) => save({upsert: event.target.checked})} />
          <span>A row whose external_id is known changes that record <span class="muted">${row.upsert ? "" : "(now it is refused)"}</span></span></label>
        <label class="across-line"><input class="switch" type="checkbox" role="switch" checked=${row.atomic}
          onChange=${(event) => save({atomic: event.target.checked})} />
          <span>All rows or none <span class="muted">for up to 10 000 rows</span></span></label>
      </div>
    <//>`;
}

const samplesOf = (sample, column) => sample.map((one) => one[column]).filter((value) => value !== null && value !== undefined
  && value !== "").slice(0, SHOWN).map((value) => typeof value === "object" ? JSON.stringify(value) : String(value).slice(0, 80));

function Becomes({column, row, names, labelOf, onSave}) {
  const now = Object.entries(row.mapping).find(([, from]) => from === column)?.[0] ?? "";
  const own = `metadata.${column.toLowerCase().replace(/\W+/g, "_").slice(0, 40)}`;
  const choose = (field) => {
    const rest = Object.entries(row.mapping).filter(([name, from]) => name !== field && !(name === now && from === column));
    onSave({mapping: Object.fromEntries(field ? [...rest, [field, column]] : rest)});
  };
  const options = [...new Set([...names, ...(names.includes("metadata") || now.startsWith("metadata.") ? [own] : []), ...(now ? [now] : [])])]
    .filter((name) => name !== "metadata");
  return html`
    <div class="input"><select aria-label=${`What ${column} becomes`} value=${now} onChange=${(event) => choose(event.target.value)}>
      <option value="">left out</option>
      ${options.map((name) => html`<option key=${name} value=${name}>${name.startsWith("metadata.") ? `your own key ${name.slice(9)}` : labelOf(name)}
        ${row.mapping[name] && row.mapping[name] !== column ? ` (now ${row.mapping[name]})` : ""}</option>`)}</select></div>`;
}
