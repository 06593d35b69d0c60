/** How the server is: what is wrong, the books, its workers and stores. */

import {get} from "../api.js";
import {useAnswer} from "../loading.js";
import {AsCall} from "../parts/call.js";
import {Answered, Card} from "../parts/card.js";
import {Books} from "../parts/books.js";
import {Glyph} from "../parts/glyph.js";
import {brief} from "../parts/value.js";
import {humanize, moment, number} from "../text.js";
import {html} from "../view.js";

export function Page() {
  const answer = useAnswer("health", async (signal) => (await get("/health", {signal})).data);
  return html`
    <div class="headline"><h1>Health</h1>${answer.data &&
      html`<span class=${`tag ${answer.data.ok ? "good" : "bad"}`} role="status">
        ${answer.data.ok ? "all is well" : "not all is well"}</span>`}
      <span class="push" /><${AsCall} call=${{path: "/health"}} />
        <button class="button" type="button" onClick=${answer.again}>
          <${Glyph} name="refresh-cw" />Look again</button></div>
    <${Answered} answer=${answer}>${(health) => html`<${Body} health=${health} />`}<//>`;
}

function Body({health}) {
  const {books, ...others} = health.inside ?? {};
  return html`
    ${(health.problems ?? []).length > 0 && html`<${Card} title="What is wrong"><ul class="problems">
      ${health.problems.map((text) => html`<li key=${text}><${Glyph} name="triangle-alert" />${text}</li>`)}
        </ul><//>`}
    <div class="row">
      <div class="span-6">${books && html`<${Card} title="Every click, accounted for"><${Books} books=${books} />
        <dl class="pairs">${Object.entries(books.answered_by_branch ?? {}).map(([branch, count]) => html`<dt
          key=${branch}>${branch}</dt><dd>${number(count)}</dd>`)}</dl><//>`}</div>
      <div class="span-6">${Object.entries(others).filter(([, value]) => !isTable(value)).map(([name, value]) =>
        html`<${Part} key=${name} name=${name} value=${value} />`)}</div>
    </div>
    ${Object.entries(others).filter(([, value]) => isTable(value)).map(([name, value]) =>
      html`<${Rows} key=${name} name=${name} value=${value} />`)}`;
}

const rowsOf = (value) => Array.isArray(value) ? value : Object.entries(value ?? {}).map(([name, one]) =>
  ({name, ...one}));
const isPlain = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
/** Several of the same shape. @param {any} value */
const isTable = (value) => Array.isArray(value) ? value.length > 0 && value.every(isPlain) : isPlain(value) &&
  Object.values(value).length > 1 && Object.values(value).every(isPlain);

function Part({name, value}) {
  const pairs = isPlain(value) ? Object.entries(value) : [[name, value]];
  return html`<${Card} title=${humanize(name)}><dl class="fields">
    ${pairs.map(([key, one]) => html`<div key=${key}><dt>${humanize(key)}</dt><dd class="whole">${shown(key, one)}
      </dd></div>`)}</dl><//>`;
}

function Rows({name, value}) {
  const rows = rowsOf(value);
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return html`
    <${Card} title=${humanize(name)} kind="table-card titled">
      <div class="scroll" tabindex="0" role="region" aria-label=${humanize(name)}><table class="table list">
        <thead><tr>${columns.map((column) => html`<th key=${column} scope="col">${humanize(column)}</th>`)}</tr>
          </thead>
        <tbody>${rows.map((row, at) => html`<tr key=${at}>${columns.map((column) => html`<td key=${column}
          data-label=${humanize(column)}><span class="cut"
            title=${typeof row[column] === "string" ? row[column] : undefined}>${shown(column, row[column])}</span>
              </td>`)}</tr>`)}</tbody>
      </table></div>
    <//>`;
}

function shown(name, value) {
  if (typeof value === "number") return name.endsWith("_at") && value > 1e11 ?
    moment(new Date(value).toISOString()) : number(value);
  if (typeof value === "string" && /^\d{4}-\d\d-\d\dT/.test(value)) return moment(value);
  if (typeof value === "boolean") return value ? "yes" : "no";
  return value === null || value === undefined ? "–" : brief(value);
}
