/** A new import: what the rows become, and the file. Nothing is made before one has seen what would be. */

import {get, post} from "../api.js";
import {useAnswer} from "../loading.js";
import {Answered, Card, Empty} from "../parts/card.js";
import {Snippet} from "../parts/copy.js";
import {go} from "../router.js";
import {can, described} from "../state.js";
import {html, useState} from "../view.js";
import {Sending} from "./sending.js";
import {Steps} from "./steps.js";

/** @param {{resource: import("../spec.js").Resource}} props */
export function NewRecord({resource}) {
  if (!can(resource, "create")) return html`<${Empty} title="You may not import"><p>It needs the scope ${resource.writes}.</p><//>`;
  const answer = useAnswer("importable", async (signal) => (await get("/imports/resources", {signal})).data);
  return html`
    <div class="headline"><h1>New import</h1></div>
    <${Steps} at="file" />
    <${Answered} answer=${answer}>${(kinds) => html`<${Choosing} kinds=${kinds} />`}<//>`;
}

function Choosing({kinds}) {
  const [name, setName] = useState(kinds.some((kind) => kind.resource === "links") ? "links" : kinds[0].resource);
  const make = async (file) => {
    const {data} = await post("/imports", {resource: name, name: file.name.slice(0, 200)});
    return data.id;
  };
  const title = (kind) => described.value.byName.get(kind.resource)?.title ?? kind.resource;
  const chosen = kinds.find((kind) => kind.resource === name);
  const fields = chosen.fields.map((field) => field.name);
  return html`
    <div class="row">
      <div class="span-7"><${Card}>
        <div class="form">
          <div class="field"><label for="import-resource">Its rows become</label>
            <div class="input"><select id="import-resource" value=${name} onChange=${(event) => setName(event.target.value)}>
              ${kinds.map((kind) => html`<option key=${kind.resource} value=${kind.resource}>${title(kind)}</option>`)}</select></div></div>
          <${Sending} into=${make} onDone=${(row) => go(`/app/imports/${row.id}`)} />
        </div><//></div>
      <div class="span-5"><${Card} title="What a file looks like">
        <div class="form">
          <p class="prose">The first line of a CSV file names its columns; Routy guesses which field each is, and you change what it guessed wrong.
            A row whose <code>external_id</code> is known changes that record.</p>
          <${Snippet} text=${sampleOf(described.value.byName.get(name), fields)} label="a file as CSV" />
          <p class="muted">Fields: ${fields.join(", ")}.</p>
        </div><//></div>
    </div>`;
}

/** Two lines of a file, made of the description's examples. */
function sampleOf(resource, fields) {
  const form = resource?.create;
  if (!form) return fields.join(",");
  const shown = [...form.fields.filter((field) => form.required.includes(field.name)),
    ...form.fields.filter((field) => ["slug", "title", "external_id", "name"].includes(field.name) && !form.required.includes(field.name))];
  return `${shown.map((field) => field.name).join(",")}\n${shown.map((field) => field.schema.examples?.[0] ?? "").join(",")}`;
}
