/** The page of an alert: how it stands, since when, what it judged last; to snooze, pause, change. */

import {get} from "../api.js";
import {useWatched} from "../loading.js";
import {Answered, Card} from "../parts/card.js";
import {Glyph} from "../parts/glyph.js";
import {Menu} from "../parts/menu.js";
import {Named, learn} from "../parts/names.js";
import {away} from "../parts/sizes.js";
import {toast} from "../parts/toast.js";
import {Time} from "../parts/value.js";
import {RecordForm} from "../records/form.js";
import {History} from "../records/history.js";
import {Fields, RecordHead} from "../records/record.js";
import {setField} from "../records/writing.js";
import {ask, place} from "../router.js";
import {can, writes} from "../state.js";
import {number} from "../text.js";
import {html} from "../view.js";
import {alertFit} from "./kinds.js";
import {Standing} from "./standing.js";
import {Watches} from "./watches.js";

const HOUR = 3_600_000;
const SNOOZES = [["For an hour", 1], ["For 8 hours", 8], ["For a day", 24], ["For a week", 168]];
const EVERY_MS = 15_000;

/** @param {{resource: import("../spec.js").Resource, id: string}} props */
export function Page({resource, id}) {
  const answer = useWatched(`alerts ${id} ${writes.value}`, async (signal) => {
    const {data} = await get(`/alerts/${encodeURIComponent(id)}`, {signal});
    learn(data.id, data.name);
    return data;
  }, () => place.value.query.has("edit") ? null : EVERY_MS);
  return html`<${Answered} answer=${answer} what="This alert could not be read">
    ${(row) => html`<${Shown} resource=${resource} alert=${row} />`}<//>`;
}

function Shown({resource, alert}) {
  const editing = place.value.query.get("edit") === "1" && can(resource, "update");
  document.title = `${alert.name} · Routy`;
  const done = () => {
    ask({edit: null});
    toast(`${alert.name} is saved`);
  };
  return html`
    <${RecordHead} resource=${resource} row=${alert} name=${alert.name} editing=${editing}>
      <${Standing} alert=${alert} />
      ${can(resource, "update") && !editing && html`<${Snooze} resource=${resource} alert=${alert} />`}<//>
    <div class="row">
      <div class="span-7">
        <${Card}><${Watches} alert=${alert} />
          ${alert.problem && html`<p class="note bad"><${Glyph} name="triangle-alert" />It cannot be looked at: ${alert.problem}</p>`}
          <${Figures} alert=${alert} /><//>
        ${editing
          ? html`<${Card}><${RecordForm} key=${alert.version} resource=${resource} row=${alert} fit=${alertFit(alert)}
            told=${(values) => html`<${Watches} alert=${values} />`} onDone=${done} onCancel=${() => ask({edit: null})} /><//>`
          : html`<${Told} alert=${alert} /><${Fields} resource=${trimmed(resource, alert)} row=${alert} />`}
      </div>
      <div class="span-5"><${History} id=${alert.id} /></div>
    </div>`;
}

const ABOVE = new Set(["state", "firing", "fired_at", "resolved_at", "figure", "usual", "judged_at", "problem"]);

/** What this kind has no use for is not shown, nor what stands above already. */
function trimmed(resource, alert) {
  const fit = alertFit(alert);
  const form = new Set(resource.create.fields.map((field) => field.name));
  const fields = [...resource.fields].filter(([name]) => form.has(name) ? fit.only.includes(name) || name === "kind"
    : !ABOVE.has(name))
    .map(([name, field]) => [name, {...field, label: fit.texts[name]?.label ?? field.label, widget: undefined}]);
  return {...resource, fields: new Map(/** @type {any} */ (fields))};
}

function Figures({alert}) {
  const figures = [
    ["figure", "Judged last", alert.figure === null ? null : number(alert.figure)],
    ["usual", alert.kind === "threshold" ? "The line" : "Usual", alert.usual === null ? null : number(alert.usual)],
    ["fired", "Fired last", alert.fired_at && away(alert.fired_at)],
    ["judged", "Looked at", alert.judged_at && away(alert.judged_at)],
  ].filter(([, , value]) => value !== null && value !== undefined);
  if (!figures.length) return html`<p class="muted">It has not been looked at yet.</p>`;
  return html`<dl class="facts">${figures.map(([name, text, value]) => html`<div key=${name}><dt>${text}</dt>
    <dd>${value}</dd></div>`)}</dl>`;
}

/** Of whom it fires now. */
function Told({alert}) {
  if (alert.state !== "firing" || !alert.firing.length) return null;
  return html`<${Card} title="It fires for"><ul class="plain">${alert.firing.map((id) => html`<li key=${id}>
    <${Named} id=${id} /></li>`)}</ul><//>`;
}

function Snooze({resource, alert}) {
  const until = (hours) => hours && new Date(Date.now() + hours * HOUR).toISOString();
  const set = (hours) => setField(resource, alert, "snoozed_until", until(hours),
    hours ? `${alert.name} is quiet ${away(until(hours)).replace("in", "for")}` : `${alert.name} speaks again`);
  const snoozed = alert.snoozed_until && Date.parse(alert.snoozed_until) > Date.now();
  return html`
    ${snoozed && html`<span class="muted">quiet until <${Time} iso=${alert.snoozed_until} /></span>`}
    <${Menu} label="Snooze" kind="" entries=${() => [
      ...SNOOZES.map(([label, hours]) => ({label, glyph: "clock", run: () => set(hours)})),
      snoozed && {label: "Speak again now", glyph: "bell", run: () => set(null)},
    ]}><${Glyph} name="bell-off" /><span class="word">Snooze</span><//>
    <button class="button" type="button" onClick=${() => setField(resource, alert, "status",
      alert.status === "active" ? "paused" : "active", `${alert.name} is ${alert.status === "active" ? "paused" : "on watch"}`)}>
      <${Glyph} name=${alert.status === "active" ? "pause" : "play"} />
      <span class="word">${alert.status === "active" ? "Pause" : "Resume"}</span></button>`;
}
