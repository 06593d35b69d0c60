/** A new alert: first what it watches for, then the few fields that this needs. */

import {Card, Empty} from "../parts/card.js";
import {Glyph} from "../parts/glyph.js";
import {toast} from "../parts/toast.js";
import {RecordForm} from "../records/form.js";
import {ask, go, place} from "../router.js";
import {pageOf} from "../spec.js";
import {can} from "../state.js";
import {html} from "../view.js";
import {KINDS, alertFit, kindOf} from "./kinds.js";
import {Watches} from "./watches.js";

/** @param {{resource: import("../spec.js").Resource}} props */
export function NewRecord({resource}) {
  if (!can(resource, "create")) return html`<${Empty} title="You may not make an alert">
    <p>It needs the scope ${resource.writes}.</p><//>`;
  const {query} = place.value;
  const kind = kindOf(query.get("kind") ?? "threshold");
  const subject = query.get("subject_id");
  const done = (row) => {
    toast(`${row.name} is on watch`);
    return go(pageOf(resource, row.id), {force: true});
  };
  return html`
    <div class="headline"><h1>New alert</h1></div>
    <div class="row">
      <div class="span-5"><${Card} title="What it watches for">
        <div class="kinds" role="radiogroup" aria-label="What it watches for">${KINDS.map((one) => html`
          <label class="kind" key=${one.name}><input class="unseen" type="radio" name="kind" value=${one.name}
            checked=${one.name === kind.name} onChange=${() => ask({kind: one.name})} />
            <${Glyph} name=${one.glyph} /><span><b>${one.title}</b><br /><span class="muted">${one.doc}</span></span>
          </label>`)}</div><//></div>
      <div class="span-7"><${Card} title=${kind.title}>
        <${RecordForm} key=${kind.name} resource=${resource} fixed=${{kind: kind.name}} fit=${alertFit({kind: kind.name})}
          given=${{subject_id: subject ?? undefined}} onDone=${done} action="Watch for it"
          told=${(values) => html`<${Watches} alert=${{...values, kind: kind.name}} />`}
          onCancel=${() => go("/app/alerts", {force: true})} /><//></div>
    </div>`;
}
