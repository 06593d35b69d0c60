/** What was sent to a webhook, newest first; to look into, and to send again since some moment. */

import {get, post} from "../api.js";
import {useWatched} from "../loading.js";
import {AsCall} from "../parts/call.js";
import {Answered, Card} from "../parts/card.js";
import {Glyph} from "../parts/glyph.js";
import {Panel} from "../parts/menu.js";
import {Named} from "../parts/names.js";
import {away} from "../parts/sizes.js";
import {toast} from "../parts/toast.js";
import {Tag, Time} from "../parts/value.js";
import {attempt} from "../records/writing.js";
import {ask, place} from "../router.js";
import {can, described, writes} from "../state.js";
import {counted, localText} from "../text.js";
import {html, useState} from "../view.js";
import {walk} from "../lists/table.js";
import {Outcome} from "./outcome.js";

const SHOWN = 15;
const KINDS = [["", "All"], ["failed", "Failed"], ["pending", "Waiting"], ["delivered", "Delivered"]];
const FIELDS = "id,type,record_id,status,attempts,next_attempt_at,last_status,last_error,created_at";

/** @param {{webhook: any}} props */
export function Deliveries({webhook}) {
  const status = KINDS.find(([name]) => name === place.value.query.get("status"))?.[0] ?? "";
  const asked = new URLSearchParams({target_id: webhook.id, limit: String(SHOWN), fields: FIELDS,
    ...(status ? {status} : {})});
  const answer = useWatched(`deliveries ${asked} ${writes.value}`, async (signal) => await get(`/deliveries?${asked}`,
    {signal}), ({data}) => data.some((row) => row.status === "pending") ? 2000 : 6000);
  asked.delete("fields");
  return html`
    <${Card} kind="table-card titled" title="Deliveries" aside=${html`
      <${AsCall} kind="link" call=${{path: "/deliveries", query: asked}} />
      ${can(described.value.resources.get("webhooks"), "update") && html`<${Again} webhook=${webhook} />`}
      <a href=${`/app/deliveries?target_id=${webhook.id}`}>all</a>`}>
      <div class="filters inset" role="group" aria-label="Which deliveries">${KINDS.map(([name, text]) => html`
        <button key=${name} type="button" class=${`chip ${name === status ? "on" : ""}`} aria-pressed=${name === status}
          onClick=${() => ask({status: name || null})}>${text}</button>`)}</div>
      <${Answered} answer=${answer} what="The deliveries could not be read">${({data}) => data.length
        ? html`<${Table} rows=${data} />`
        : html`<p class="muted none inset">${status ? "None is like that." : "Nothing was sent yet. Send a test, or wait for something to happen."}</p>`}<//>
    <//>`;
}

function Table({rows}) {
  return html`
    <div class="scroll" role="region" aria-label="Deliveries" tabindex="0"><table class="table list" onKeyDown=${walk}>
      <thead><tr>${["Event", "Of", "Status", "Answer", "Tries", "Made"].map((text) => html`<th key=${text} scope="col">
        ${text}</th>`)}</tr></thead>
      <tbody>${rows.map((row) => html`
        <tr key=${row.id} data-id=${row.id}>
          <td class="head"><a class="cut name" href=${`/app/deliveries/${row.id}`}>${row.type}</a></td>
          <td data-label="Of">${row.record_id ? html`<${Named} id=${row.record_id} />` : html`<span class="muted">–</span>`}</td>
          <td data-label="Status"><${Tag} text=${row.status} /></td>
          <td data-label="Answer"><${Outcome} row=${row} /></td>
          <td data-label="Tries"><span>${row.attempts}${row.status === "pending" && row.next_attempt_at && html` <span
            class="muted">next ${away(row.next_attempt_at)}</span>`}</span></td>
          <td class="when" data-label="Made"><${Time} iso=${row.created_at} /></td>
        </tr>`)}</tbody>
    </table></div>`;
}

/** All since some moment, once more. */
function Again({webhook}) {
  const [since, setSince] = useState(() => new Date(Date.now() - 86_400_000).toISOString());
  const send = async (event, close) => {
    event.preventDefault();
    const done = await attempt(() => post(`/webhooks/${webhook.id}/replays`, {since}));
    if (!done) return;
    writes.value += 1;
    toast(`${counted(done.data.events, "event")} gone through again; those it wants are on their way`);
    close();
  };
  return html`
    <${Panel} label="Send again" kind="link" text=${html`<${Glyph} name="rotate-ccw" />send again`}>${(close) => html`
      <form class="form filter-form" onSubmit=${(event) => send(event, close)}>
        <div class="field"><label for="again-since">Everything since</label>
          <div class="input"><input id="again-since" type="datetime-local" required value=${localText(since)} data-first
            onInput=${(event) => event.target.value && setSince(new Date(event.target.value).toISOString())} /></div>
          <span class="hint">Each goes out with its own id, so that a receiver can tell that it had it.</span></div>
        <button class="button main">Send again</button>
      </form>`}<//>`;
}
