/** The page of a webhook: whether it works, what was sent and answered, its secret, a test, what is sent again. */

import {get, post} from "../api.js";
import {useWatched} from "../loading.js";
import {Answered, Card} from "../parts/card.js";
import {Glyph} from "../parts/glyph.js";
import {learn} from "../parts/names.js";
import {toast} from "../parts/toast.js";
import {Tag, Time} from "../parts/value.js";
import {RecordForm} from "../records/form.js";
import {History} from "../records/history.js";
import {Fields, RecordHead} from "../records/record.js";
import {attempt, setField} from "../records/writing.js";
import {ask, place} from "../router.js";
import {can, writes} from "../state.js";
import {html, useState} from "../view.js";
import {Deliveries} from "./deliveries.js";
import {Secret} from "./secret.js";

const EVERY_MS = 10_000;
const WHY = {
  failures: "Nothing but failures for days, so Routy paused it. What happened since is kept for it.",
  gone: "It answered 410 Gone, so Routy sends nothing any more. What happened since is kept for it.",
};

/** @param {{resource: import("../spec.js").Resource, id: string}} props */
export function Page({resource, id}) {
  const answer = useWatched(`webhooks ${id} ${writes.value}`, async (signal) => {
    const {data} = await get(`/webhooks/${encodeURIComponent(id)}`, {signal});
    learn(data.id, data.url);
    return data;
  }, () => place.value.query.has("edit") ? null : EVERY_MS);
  return html`<${Answered} answer=${answer} what="This webhook could not be read">
    ${(row) => html`<${Shown} resource=${resource} webhook=${row} />`}<//>`;
}

function Shown({resource, webhook}) {
  const editing = place.value.query.get("edit") === "1" && can(resource, "update");
  const name = webhook.description ?? webhook.url.replace(/^https?:\/\//, "");
  document.title = `${name} · Routy`;
  const done = () => {
    ask({edit: null});
    toast("Saved");
  };
  return html`
    <${RecordHead} resource=${resource} row=${webhook} name=${name} editing=${editing}>
      <${Tag} text=${webhook.paused_because ? "paused by Routy" : webhook.status} tone=${webhook.paused_because ? "bad" : undefined} />
      ${can(resource, "update") && !editing && html`<${Doing} resource=${resource} webhook=${webhook} />`}<//>
    ${webhook.description && html`<p class="mono whole muted">${webhook.url}</p>`}
    <${Standing} resource=${resource} webhook=${webhook} />
    ${editing
      ? html`<div class="narrow-form"><${Card}><${RecordForm} key=${webhook.version} resource=${resource} row=${webhook}
        onDone=${done} onCancel=${() => ask({edit: null})} /><//></div>`
      : html`<${Deliveries} webhook=${webhook} />
        <div class="row">
          <div class="span-7"><${Fields} resource=${resource} row=${webhook} /></div>
          <div class="span-5"><${Secret} resource=${resource} webhook=${webhook} /><${History} id=${webhook.id} /></div>
        </div>`}`;
}

/** Whether it works, and what to do where it does not. */
function Standing({resource, webhook}) {
  if (webhook.paused_because) {
    const resume = () => setField(resource, webhook, "status", "active", "Active again; what was missed is on its way");
    return html`
      <section class="card banner bad" aria-label="Paused">
        <p><${Glyph} name="triangle-alert" /><span><b>Paused <${Time} iso=${webhook.paused_at} />.</b> ${WHY[webhook.paused_because]}
          ${webhook.last_error && html`<br /><span class="muted whole">${webhook.last_error}</span>`}</span></p>
        ${can(resource, "update") && html`<button class="button main" type="button" onClick=${resume}>
          <${Glyph} name="play" />Resume and send what was missed</button>`}
      </section>`;
  }
  if (webhook.status === "paused") return html`<p class="note warn"><${Glyph} name="pause" />It is paused: what happens now is not kept for it.</p>`;
  if (webhook.failing_since) {
    return html`<p class="note bad"><${Glyph} name="triangle-alert" /><span>Failing since <${Time} iso=${webhook.failing_since} />${webhook.last_error ? `: ${webhook.last_error}` : ""}.
      Routy goes on trying, and pauses it after three days of nothing else.</span></p>`;
  }
  return null;
}

function Doing({resource, webhook}) {
  const [busy, setBusy] = useState(false);
  const test = async () => {
    setBusy(true);
    const done = await attempt(() => post(`/webhooks/${webhook.id}/tests`));
    setBusy(false);
    writes.value += 1;
    if (done) toast(toldOf(done.data), {kind: done.data.status === "delivered" ? "" : "bad"});
  };
  const paused = webhook.status === "paused";
  return html`
    <button class="button" type="button" aria-disabled=${busy || undefined} onClick=${() => busy || test()}>
      <${Glyph} name="send" /><span class="word">${busy ? "Sending …" : "Send a test"}</span></button>
    ${!webhook.paused_because && html`<button class="button" type="button" onClick=${() => setField(resource, webhook,
      "status", paused ? "active" : "paused", paused ? "Active: it is told what happens from now on" : "Paused")}>
      <${Glyph} name=${paused ? "play" : "pause"} /><span class="word">${paused ? "Activate" : "Pause"}</span></button>`}`;
}

const toldOf = (delivery) => delivery.status === "delivered" ? `The test arrived: ${delivery.last_status}`
  : `The test did not arrive: ${delivery.last_error ?? "nobody knows why"}`;
