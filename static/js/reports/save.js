/** Keeping a report under a name, as a record of the API: to be asked again, and to be shared. */

import {get, post} from "../api.js";
import {useAnswer} from "../loading.js";
import {Glyph} from "../parts/glyph.js";
import {Panel} from "../parts/menu.js";
import {toast} from "../parts/toast.js";
import {attempt} from "../records/writing.js";
import {go, readable} from "../router.js";
import {can, described, writes} from "../state.js";
import {html, useState} from "../view.js";

/** The address of a saved report on the page of reports. @param {{query: string, range: ?string}} saved */
export function placeOf(saved) {
  const query = new URLSearchParams(saved.query);
  if (saved.range) query.set("range", saved.range);
  return `/app/reports?${readable(query)}`;
}

/**
 * @param {{question: URLSearchParams, range: import("./range.js").Range}} props  question: what is asked of the API
 */
export function Save({question, range}) {
  const resource = described.value.resources.get("saved-reports");
  if (!resource || !can(resource, "list")) return null;
  return html`<${Panel} label="Saved reports" text=${html`<${Glyph} name="bookmark" /><span
    class="word">Saved</span>`}>${(close) => html`<${Saved} resource=${resource} question=${question} range=${range}
      close=${close} />`}<//>`;
}

function Saved({resource, question, range, close}) {
  const [name, setName] = useState("");
  const answer = useAnswer(`saved ${writes.value}`, async (signal) =>
    (await get("/saved-reports?limit=50&sort=name", {signal})).data);
  const save = async (event) => {
    event.preventDefault();
    const made = await attempt(() => post("/saved-reports", {name: name.trim(), ...kept(question, range)}));
    if (!made) return;
    writes.value += 1;
    toast(`Saved as ${made.data.name}`);
    close();
  };
  return html`
    <div class="form filter-form">
      ${answer.data?.length > 0 && html`<ul class="plain">${answer.data.map((one) => html`<li key=${one.id}><button
        class="button quiet" type="button" onClick=${() => { close(); go(placeOf(one)); }}>${one.name}</button>
          </li>`)}</ul>`}
      ${can(resource, "create") && html`
        <form class="form" onSubmit=${save}>
          <div class="input"><input aria-label="Name of the report" placeholder="Name this report" required
            maxlength="200" value=${name} data-first onInput=${(event) => setName(event.target.value)} /></div>
          <button class="button main">Save this report</button>
        </form>`}
      <a class="link" href="/app/saved-reports" onClick=${close}>All saved reports</a>
    </div>`;
}

/** Without its days where they go along with time, with them where they stand still. */
function kept(question, range) {
  const query = new URLSearchParams(question);
  for (const name of ["timezone", "fill", "other"]) query.delete(name);
  if (range.name === "custom") return {query: readable(query), range: null};
  query.delete("from");
  query.delete("to");
  return {query: readable(query) || "metrics=clicks", range: range.name};
}
