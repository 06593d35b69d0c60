/** A new record of any kind; its secret, where it has one, is shown once. */

import {Card, Empty} from "../parts/card.js";
import {go, place} from "../router.js";
import {article, nameOf, pageOf} from "../spec.js";
import {can} from "../state.js";
import {toast} from "../parts/toast.js";
import {html, useState} from "../view.js";
import {RecordForm} from "./form.js";
import {Once} from "./once.js";

/** What the address of the page says about it: /app/links/new?destination=… */
function givenBy({create}) {
  const {query} = place.value;
  return Object.fromEntries(create.fields.filter(({name, kind}) => kind === "string" && query.has(name))
    .map(({name}) => [name, query.get(name)]));
}

/** @param {{resource: import("../spec.js").Resource}} props */
export function NewRecord({resource}) {
  const [made, setMade] = useState(null);
  if (!can(resource, "create")) return html`<${Empty} title=${`You may not make ${article(resource)}`}>
    <p>It needs the scope ${resource.writes}.</p><//>`;
  const leave = (row) => go(resource.operations.includes("get") ?
    pageOf(resource, row.id) : `/app/${resource.path}`, {force: true});
  const done = (row) => {
    if (resource.once.some((name) => row[name])) return setMade(row);
    toast(`${nameOf(resource, row)} is made`);
    return leave(row);
  };
  return html`
    <div class="headline"><h1>New ${resource.singular}</h1></div>
    <div class="narrow-form">
      <${Card}><p class="prose lead">${resource.doc}</p>
        <${RecordForm} resource=${resource} given=${givenBy(resource)} onDone=${done}
          onCancel=${() => go(`/app/${resource.path}`, {force: true})} /><//>
    </div>
    ${made && html`<${Once} resource=${resource} row=${made} onClose=${() => leave(made)} />`}`;
}
