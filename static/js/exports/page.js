/** The page of an export: how far it is, the file, what is in it. */

import {get, post} from "../api.js";
import {useWatched} from "../loading.js";
import {Answered, Card} from "../parts/card.js";
import {Snippet, copy} from "../parts/copy.js";
import {Glyph} from "../parts/glyph.js";
import {Named, learn} from "../parts/names.js";
import {Progress} from "../parts/progress.js";
import {away, duration, size} from "../parts/sizes.js";
import {toast} from "../parts/toast.js";
import {Tag, Time} from "../parts/value.js";
import {choiceText} from "../parts/words.js";
import {History} from "../records/history.js";
import {RecordHead} from "../records/record.js";
import {attempt} from "../records/writing.js";
import {go} from "../router.js";
import {can, described, writes} from "../state.js";
import {moment, number} from "../text.js";
import {html} from "../view.js";
import {Download, addressFor} from "./download.js";

const SOON_MS = 700;
export const isOpen = (row) => row.status === "pending" || row.status === "running";

/** @param {{resource: import("../spec.js").Resource, id: string}} props */
export function Page({resource, id}) {
  const answer = useWatched(`exports ${id} ${writes.value}`, async (signal) => {
    const {data} = await get(`/exports/${encodeURIComponent(id)}`, {signal});
    learn(data.id, data.name);
    return data;
  }, (row) => isOpen(row) ? SOON_MS : null);
  return html`<${Answered} answer=${answer} what="This export could not be read">
    ${(row) => html`<${Shown} resource=${resource} row=${row} />`}<//>`;
}

/** What was asked stays as it was asked: another export is made instead. */
const withoutEdit = (resource) => ({...resource, operations: resource.operations.filter((one) => one !== "update")});

function Shown({resource, row}) {
  document.title = `${row.name} · Routy`;
  return html`
    <${RecordHead} resource=${withoutEdit(resource)} row=${row} name=${row.name}>
      <${Tag} text=${row.status} />
      ${row.status === "done" && html`<${Download} row=${row} main />`}<//>
    <div class="row">
      <div class="span-7"><${Card} title=${`${choiceText("format", row.format)} file`}><${State} resource=${resource} row=${row} /><//>
        <${Content} row=${row} /></div>
      <div class="span-5"><${History} id=${row.id} /></div>
    </div>`;
}

function State({resource, row}) {
  if (isOpen(row)) return html`
    <div class="form"><${Progress} done=${row.rows} total=${row.total} what="rows" />
      <p class="muted">You can leave this page; the file is kept under Exports when it is done.</p></div>`;
  const anew = async () => {
    const made = await attempt(() => post("/exports", {source: row.source, query: row.query, format: row.format, name: row.name}));
    if (made) go(`/app/exports/${made.data.id}`);
  };
  const facts = html`<dl class="facts">
    <div><dt>Rows</dt><dd>${number(row.rows)}</dd></div>
    <div><dt>Size</dt><dd>${size(row.bytes)}</dd></div>
    ${row.finished_at && html`<div><dt>Made</dt><dd><${Time} iso=${row.finished_at} /> <span class="muted">in ${duration(
      Date.parse(row.finished_at) - Date.parse(row.created_at))}</span></dd></div>`}
    ${row.expires_at && row.status === "done" && html`<div><dt>Kept</dt><dd title=${moment(row.expires_at)}>${away(row.expires_at).replace("in ",
      "for ")} more</dd></div>`}</dl>`;
  const again = can(resource, "create") && html`<button class="button" type="button" onClick=${anew}>
    <${Glyph} name="refresh-cw" />Make it anew</button>`;
  if (row.status === "failed") return html`<div class="form"><p class="note bad"><${Glyph} name="triangle-alert" />
    <span class="whole">${row.error ?? "It has failed."}</span></p><div class="actions start">${again}</div></div>`;
  if (row.status === "expired") return html`<div class="form"><p class="muted">Its time is over, and the file is gone.</p>
    ${facts}<div class="actions start">${again}</div></div>`;
  return html`<div class="form">${facts}<div class="actions start"><${Address} row=${row} />${again}</div></div>`;
}

/** For somebody without a login. */
function Address({row}) {
  const take = async () => {
    const made = await addressFor(row.id);
    if (!made) return;
    const address = new URL(made.download_url, location.origin).href;
    toast(await copy(address) ? `Copied; it works without a login ${made.expires_at ? `until ${moment(made.expires_at)}` : ""}` : address);
  };
  return html`<button class="button" type="button" onClick=${take}><${Glyph} name="copy" />Copy an address for others</button>`;
}

function Content({row}) {
  const path = row.source.replaceAll("_", "-");
  const listed = row.source === "reports" || described.value.resources.has(path);
  const call = `curl ${location.origin}/api/v1/exports \\\n  -H "Authorization: Bearer $TOKEN" \\\n  -H "Content-Type: application/json" \\\n  -d '${JSON.stringify({source: row.source, query: row.query, format: row.format}).replaceAll("'", "'\\''")}'`;
  return html`
    <${Card} title="What is in it">
      <dl class="fields">
        <div><dt>List</dt><dd>${listed ? html`<a href=${`/app/${path}${row.query ? `?${row.query}` : ""}`}>${row.source.replaceAll("_", " ")}</a>` : row.source}</dd></div>
        ${[...new URLSearchParams(row.query)].map(([name, value]) => html`<div key=${name}><dt>${name}</dt>
          <dd class="whole">${value.replaceAll(",", ", ")}</dd></div>`)}
        ${row.schedule_id && html`<div><dt>Schedule</dt><dd><${Named} id=${row.schedule_id} /></dd></div>`}
      </dl>
      <details class="blank"><summary>The same from a script</summary><${Snippet} text=${call} label="the call that makes it" /></details>
    <//>`;
}
