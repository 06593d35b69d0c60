/** The page of an import, step by step: its columns, a dry run, the run, what was refused and why, the way back. */

import {get, post} from "../api.js";
import {useWatched} from "../loading.js";
import {Answered, Card} from "../parts/card.js";
import {confirmed} from "../parts/dialog.js";
import {Glyph} from "../parts/glyph.js";
import {learn} from "../parts/names.js";
import {Progress} from "../parts/progress.js";
import {size} from "../parts/sizes.js";
import {Tag} from "../parts/value.js";
import {RecordHead} from "../records/record.js";
import {attempt} from "../records/writing.js";
import {can, described, writes} from "../state.js";
import {counted, number} from "../text.js";
import {html} from "../view.js";
import {Mapping} from "./mapping.js";
import {Refused} from "./refused.js";
import {Sending} from "./sending.js";
import {Steps} from "./steps.js";

const SOON_MS = 700;
const AT_WORK = {trying: "Trying it: nothing is stored", running: "Importing", reversing: "Taking it back"};

/** @param {{resource: import("../spec.js").Resource, id: string}} props */
export function Page({resource, id}) {
  const answer = useWatched(`imports ${id} ${writes.value}`, async (signal) => {
    const {data} = await get(`/imports/${encodeURIComponent(id)}`, {signal});
    learn(data.id, nameOf(data));
    return data;
  }, (row) => AT_WORK[row.status] ? SOON_MS : null);
  return html`<${Answered} answer=${answer} what="This import could not be read">
    ${(row) => html`<${Shown} resource=${resource} row=${row} onChange=${answer.set} />`}<//>`;
}

const nameOf = (row) => row.name ?? row.file_name ?? "Import";
const stepOf = ({status, tried}) => ({waiting: "file", trying: "try", running: "run"})[status] ??
  (status === "ready" ? (tried ? "run" : "columns") : "over");

function Shown({resource, row, onChange}) {
  document.title = `${nameOf(row)} · Routy`;
  const kind = described.value.byName.get(row.resource);
  const open = row.status === "ready" && can(resource, "update");
  const judged = row.tried || !["waiting", "ready", ...Object.keys(AT_WORK)].includes(row.status);
  return html`
    <${RecordHead} resource=${{...resource, operations: resource.operations.filter((one) => one !== "update")}} row=${row} name=${nameOf(row)}>
      <${Tag} text=${row.status === "ready" && row.tried ? "tried" : row.status} />
      <span class="muted">into <a href=${`/app/${kind?.path ?? row.resource}`}>${(kind?.title ?? row.resource).toLowerCase()}</a></span><//>
    <${Steps} at=${stepOf(row)} />
    ${row.status === "waiting" && html`<div class="narrow-form"><${Card}><div class="form">
      <${Sending} into=${async () => row.id} onDone=${onChange} /></div><//></div>`}
    ${AT_WORK[row.status] && html`<${Card} title=${AT_WORK[row.status]}><div class="form">
      <${Progress} done=${row.progress} total=${100} what="of the file" text=${`${row.progress} % of the file`} />
      <${Counts} row=${row} /></div><//>`}
    ${judged && html`<${Result} resource=${resource} row=${row} />`}
    ${open && row.tried && html`<${Going} row=${row} />`}
    ${judged && row.failed_rows > 0 && html`<${Refused} row=${row} kind=${kind} />`}
    ${open && html`<${Mapping} row=${row} kind=${kind} onChange=${onChange} />`}
    ${open && !row.tried && html`<${Going} row=${row} />`}`;
}

function Counts({row}) {
  const would = row.tried && row.status === "ready";
  const known = row.status.startsWith("revers")
    ? [["Taken back", row.reversed_rows], ["Left, as they were changed since", row.kept_rows]]
    : [["Rows", row.rows], [would ? "Would be made" : "Made", row.created_rows], [would ? "Would be changed" : "Changed", row.updated_rows],
      ["Nothing new", row.unchanged_rows], [would ? "Would be refused" : "Refused", row.failed_rows]];
  return html`<dl class="facts">${known.map(([text, count]) => html`<div key=${text}><dt>${text}</dt>
    <dd class=${/efused/.test(text) && count ? "bad" : ""}>${number(count)}</dd></div>`)}</dl>`;
}

const TITLES = {ready: "What would happen", done: "Done", failed: "It has failed", reversed: "Taken back"};

function Result({resource, row}) {
  const undo = async () => {
    const sure = await confirmed({
      title: "Take the whole import back?", action: "Take it back", bad: true,
      text: `${counted(row.created_rows, "record")} that it made ${row.created_rows === 1 ? "goes" : "go"} to the trash, and ${counted(row.updated_rows,
        "record")} that it changed ${row.updated_rows === 1 ? "gets its" : "get their"} old values back. What somebody has changed since stays as it is.`,
    });
    if (sure && await attempt(() => post(`/imports/${row.id}/reversal`))) writes.value += 1;
  };
  const changed = row.created_rows + row.updated_rows > 0;
  return html`
    <${Card} title=${TITLES[row.status] ?? row.status}>
      <div class="form">
        ${row.error && html`<p class="note bad"><${Glyph} name="triangle-alert" /><span class="whole">${row.error}</span></p>`}
        <${Counts} row=${row} />
        ${row.status === "done" && changed && can(resource, "update") && html`<div class="actions start">
          <button class="button" type="button" onClick=${undo}><${Glyph} name="undo-2" />Take it all back</button></div>`}
      </div><//>`;
}

/** The two ways on: try it, or do it. */
function Going({row}) {
  const run = async (dry) => {
    if (await attempt(() => post(`/imports/${row.id}/runs`, {dry_run: dry}))) writes.value += 1;
  };
  const changes = row.created_rows + row.updated_rows;
  return html`
    <div class="actions going">
      <span class="muted push">${row.file_name}, ${size(row.bytes)}</span>
      <button class=${`button ${row.tried ? "" : "main"}`} type="button" onClick=${() => run(true)}><${Glyph} name="eye" />
        ${row.tried ? "Try again" : "Dry run"}</button>
      <button class=${`button ${row.tried ? "main" : ""}`} type="button" onClick=${() => run(false)}><${Glyph} name="play" />
        ${row.tried ? `Import ${counted(changes, "row")}` : "Import at once"}</button>
    </div>`;
}
