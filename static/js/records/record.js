/** The page of any record: its fields, its history, its form; and what its kind has beyond that. */

import {get} from "../api.js";
import {useAnswer} from "../loading.js";
import {AsCall} from "../parts/call.js";
import {Answered, Card} from "../parts/card.js";
import {Glyph} from "../parts/glyph.js";
import {learn} from "../parts/names.js";
import {toast} from "../parts/toast.js";
import {Value} from "../parts/value.js";
import {ask, go, place} from "../router.js";
import {nameOf} from "../spec.js";
import {can, writes} from "../state.js";
import {html} from "../view.js";
import {RecordForm} from "./form.js";
import {History} from "./history.js";
import {recordExtrasOf} from "./extras.js";
import {trash} from "./writing.js";

/** @param {{resource: import("../spec.js").Resource, id: string}} props */
export function Page({resource, id}) {
  const answer = useAnswer(`${resource.path} ${id} ${writes.value}`, async (signal) => {
    const {data} = await get(`/${resource.path}/${encodeURIComponent(id)}`, {signal});
    learn(data.id, nameOf(resource, data));
    return data;
  });
  return html`<${Answered} answer=${answer} what=${`This ${resource.singular} could not be read`}>
    ${(row) => html`<${Shown} resource=${resource} row=${row} />`}<//>`;
}

function Shown({resource, row}) {
  const editing = place.value.query.get("edit") === "1" && can(resource, "update");
  const name = nameOf(resource, row);
  const extras = recordExtrasOf(resource);
  document.title = `${name} · Routy`;
  const done = () => {
    ask({edit: null});
    toast(`${name} is saved`);
  };
  return html`
    <${RecordHead} resource=${resource} row=${row} name=${name} editing=${editing} />
    ${extras.above && html`<${extras.above} resource=${resource} row=${row} />`}
    ${editing
      ? html`<div class="narrow-form"><${Card}><${RecordForm} key=${row.version} resource=${resource} row=${row}
        onDone=${done} onCancel=${() => ask({edit: null})} /><//></div>`
      : html`<div class="row">
          <div class="span-7"><${Fields} resource=${resource} row=${row} /></div>
          <div class="span-5">${extras.beside && html`<${extras.beside} resource=${resource} row=${row} />`}
            ${!resource.stream && html`<${History} id=${row.id} />`}</div></div>`}`;
}

/**
 * The way back, the name, and what can be done.
 * @param {{resource: any, row: any, name: string, editing?: boolean, children?: any}} props
 */
export function RecordHead({resource, row, name, editing = false, children}) {
  const gone = async () => await trash(resource, row, name) && go(`/app/${resource.path}`);
  return html`
    <div class="headline">
      <a class="button quiet icon" href=${`/app/${resource.path}`}
        aria-label=${`All ${resource.title.toLowerCase()}`}><${Glyph} name="chevron-left" /></a>
      <h1 class="cut">${name}</h1>
      <span class="push" />
      ${children}
      <${AsCall} call=${{path: `/${resource.path}/${row.id}`}} />
      ${can(resource, "update") && !editing && html`<button class="button" type="button" onClick=${() =>
        ask({edit: "1"}, {replace: false})}><${Glyph} name="pencil" /><span class="word">Edit</span></button>`}
      ${can(resource, "delete") && html`<button class="button" type="button" onClick=${gone}><${Glyph}
        name="trash-2" /><span class="word">${resource.path === "tokens" ? "Revoke" : "Delete"}</span></button>`}
    </div>`;
}

/** Every field, by its label; what is not set is folded away. @param {{resource: any, row: any}} props */
export function Fields({resource, row}) {
  const known = [...resource.fields.values()].filter((field) => field.name in row);
  const set = known.filter((field) => !isBlank(row[field.name]));
  const blank = known.filter((field) => isBlank(row[field.name]));
  return html`
    <${Card} title="Details">
      <dl class="fields">${set.map((field) => html`
        <div key=${field.name}><dt title=${field.doc}>${field.label}</dt>
          <dd><${Value} field=${field} value=${row[field.name]} whole /></dd></div>`)}</dl>
      ${blank.length > 0 && html`<details class="blank"><summary>${blank.length} not set</summary><p class="muted">
        ${blank.map((field) => field.label).join(", ")}</p></details>`}
    <//>`;
}

const isBlank = (value) => value === null || value === "" ||
  (typeof value === "object" && Object.keys(value).length === 0);
