/** What has become of a record: its entries of the audit log, newest first. */

import {get} from "../api.js";
import {useAnswer} from "../loading.js";
import {Answered, Card} from "../parts/card.js";
import {Named} from "../parts/names.js";
import {Changes, Tag, Time} from "../parts/value.js";
import {may, writes} from "../state.js";
import {html} from "../view.js";

/** @param {{id: string, limit?: number}} props */
export function History({id, limit = 10}) {
  if (!may("logs:read")) return null;
  const answer = useAnswer(`${id} ${writes.value}`, async (signal) =>
    (await get(`/audit-entries?record_id=${id}&limit=${limit}`, {signal})).data);
  return html`
    <${Card} title="History" aside=${html`<a href=${`/app/audit-entries?record_id=${id}`}>all</a>`}>
      <${Answered} answer=${answer}>${(entries) => html`
        <ol class="history">${entries.map((entry) => html`
          <li key=${entry.id}>
            <p><${Tag} text=${entry.action} /> <${Named} id=${entry.actor} plain /> <span class="muted">
              <${Time} iso=${entry.created_at} /></span></p>
            ${entry.action === "updated" && html`<${Changes} changes=${entry.changes} whole />`}
          </li>`)}
          ${!entries.length && html`<li class="muted">Nothing is written down of it.</li>`}</ol>`}<//>
    <//>`;
}
