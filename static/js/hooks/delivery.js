/** The page of a delivery: what is sent, each try with its request and its answer, and a way to send it again. */

import {get, post} from "../api.js";
import {useAnswer, useWatched} from "../loading.js";
import {Answered, Card} from "../parts/card.js";
import {Snippet} from "../parts/copy.js";
import {Message, pretty} from "../parts/exchange.js";
import {Glyph} from "../parts/glyph.js";
import {Named} from "../parts/names.js";
import {away, duration} from "../parts/sizes.js";
import {toast} from "../parts/toast.js";
import {Tag, Time} from "../parts/value.js";
import {RecordHead} from "../records/record.js";
import {attempt} from "../records/writing.js";
import {go} from "../router.js";
import {can, described, writes} from "../state.js";
import {counted} from "../text.js";
import {html, useState} from "../view.js";

const TEST = "webhook.test";

/** @param {{resource: import("../spec.js").Resource, id: string}} props */
export function Page({resource, id}) {
  const answer = useWatched(`deliveries ${id} ${writes.value}`, async (signal) => (await get(
    `/deliveries/${encodeURIComponent(id)}`, {signal})).data, (row) => row.status === "pending" ? 2000 : null);
  return html`<${Answered} answer=${answer} what="This delivery could not be read">
    ${(row) => html`<${Shown} resource=${resource} delivery=${row} />`}<//>`;
}

function Shown({resource, delivery}) {
  document.title = `${delivery.type} · Routy`;
  const replay = async () => {
    const done = await attempt(() => post(`/deliveries/${delivery.id}/replays`));
    if (!done) return;
    toast("It is on its way again, as a delivery of its own");
    writes.value += 1;
    go(`/app/deliveries/${done.data.id}`);
  };
  const again = delivery.channel === "webhook" && delivery.type !== TEST && !["pending", "paused"].includes(delivery.status)
    && can(described.value.resources.get("webhooks"), "update");
  return html`
    <${RecordHead} resource=${resource} row=${delivery} name=${delivery.type}>
      <${Tag} text=${delivery.status} />
      ${again && html`<button class="button main" type="button" onClick=${replay}><${Glyph} name="rotate-ccw" />Send again</button>`}<//>
    <dl class="facts card">
      <div><dt>To</dt><dd><${Named} id=${delivery.target_id} /></dd></div>
      ${delivery.record_id && html`<div><dt>Of</dt><dd><${Named} id=${delivery.record_id} /></dd></div>`}
      <div><dt>Made</dt><dd><${Time} iso=${delivery.created_at} /></dd></div>
      <div><dt>Tried</dt><dd>${counted(delivery.attempts, "time")}</dd></div>
      ${delivery.delivered_at && html`<div><dt>Arrived</dt><dd><${Time} iso=${delivery.delivered_at} /></dd></div>`}
      ${delivery.status === "pending" && delivery.next_attempt_at && html`<div><dt>Next try</dt>
        <dd>${away(delivery.next_attempt_at)}</dd></div>`}
    </dl>
    <${Attempts} delivery=${delivery} />
    ${delivery.attempts === 0 && html`<${Card} title="What is to be sent"><${Snippet} text=${pretty(delivery.payload)}
      label="what is to be sent" /><//>`}`;
}

function Attempts({delivery}) {
  const answer = useAnswer(`attempts ${delivery.id} ${delivery.attempts} ${delivery.status}`, async (signal) =>
    (await get(`/deliveries/${delivery.id}/attempts`, {signal})).data);
  return html`
    <${Card} title="Tries">
      <${Answered} answer=${answer} what="The tries could not be read">${(attempts) => attempts.length
        ? html`<div class="attempts">${[...attempts].sort((one, other) => other.number - one.number).map((one, at) => html`
          <${Attempt} key=${one.number} one=${one} first=${at === 0} />`)}</div>`
        : html`<p class="muted none">It has not been tried yet.</p>`}<//>
    <//>`;
}

function Attempt({one, first}) {
  const [open, setOpen] = useState(first);
  return html`
    <details open=${open} onToggle=${(event) => setOpen(event.currentTarget.open)}>
      <summary><${Glyph} name=${open ? "chevron-down" : "chevron-right"} /><span class=${`tag ${one.ok ? "good" : "bad"}`}>${one.status ?? (one.ok ? "sent" : "no answer")}</span>
        <b>Try ${one.number}</b> <span class="muted"><${Time} iso=${one.at} /> · ${duration(one.ms)}</span>
        ${one.error && html`<span class="cut bad">${one.error}</span>`}</summary>
      ${open && html`<div class="both">
        <${Message} title="Request" message=${one.request} nothing="Nothing was sent." />
        <${Message} title="Answer" message=${one.response && {status: one.status, ...one.response}}
          nothing=${one.error || "There was none."} /></div>`}
    </details>`;
}
