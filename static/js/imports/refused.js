/** The rows that were refused, each with what is wrong with it. */

import {get} from "../api.js";
import {useAnswer} from "../loading.js";
import {AsCall} from "../parts/call.js";
import {Answered, Card} from "../parts/card.js";
import {complaint} from "../spec.js";
import {number} from "../text.js";
import {html, useState} from "../view.js";
import {attempt} from "../records/writing.js";

const MOST = 50;

/** @param {{row: any, kind: ?import("../spec.js").Resource}} props */
export function Refused({row, kind}) {
  const path = `/imports/${row.id}/rows`;
  const asked = new URLSearchParams({status: "failed", limit: String(MOST)});
  const [more, setMore] = useState({of: "", rows: [], cursor: null});
  const key = `${path} ${row.status} ${row.failed_rows}`;
  const answer = useAnswer(key, (signal) => get(`${path}?${asked}`, {signal}));
  const added = more.of === key ? more : {rows: [], cursor: answer.data?.pagination?.next_cursor};
  const next = async () => {
    const found = await attempt(() => get(`${path}?${asked}&cursor=${encodeURIComponent(added.cursor)}`));
    if (found) setMore({of: key, rows: [...added.rows, ...found.data], cursor: found.pagination?.next_cursor});
  };
  const labelOf = (name) => kind?.create?.fields.find((field) => field.name === name.split(/[.[]/)[0])?.label ?? name;
  return html`
    <${Card} kind="table-card titled" title=${row.tried ? "Rows that would be refused" : "Refused rows"}
      aside=${html`<span>${number(row.failed_rows)}</span><${AsCall} kind="link" call=${{path, query: asked}} />`}>
      <${Answered} answer=${answer} what="The rows could not be read">${({data}) => html`
        <div class="scroll" role="region" aria-label="Refused rows" tabindex="0"><table class="table list refused">
          <thead><tr><th scope="col" class="figure">Row</th><th scope="col">Why</th><th scope="col" class="figure">Line</th></tr></thead>
          <tbody>${[...data, ...added.rows].map((one) => html`<tr key=${one.number}>
            <td class="figure" data-label="Row">${number(one.number)}</td>
            <td class="head wide">${one.errors.map(({field, message}, at) => html`<span class="whole" key=${at}>${at ? html`<br />` : ""}
              ${field ? complaint(labelOf(field), message) : message}</span>`)}</td>
            <td class="figure muted" data-label="Line">${number(one.line)}</td></tr>`)}</tbody>
        </table></div>
        ${added.cursor && html`<div class="more"><button class="button quiet" type="button" onClick=${next}>Show more</button></div>`}`}<//>
    <//>`;
}
