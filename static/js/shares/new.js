/** A new share: what it is about is picked by its name, the rest is the form of any record. */

import {Card, Empty} from "../parts/card.js";
import {Pick} from "../parts/pick.js";
import {toast} from "../parts/toast.js";
import {RecordForm} from "../records/form.js";
import {go, place} from "../router.js";
import {pageOf} from "../spec.js";
import {can} from "../state.js";
import {html, useState} from "../view.js";

const SUBJECTS = [["link", "links", "A link"], ["tag", "tags", "A tag"], ["fold", "folders", "A folder"], ["rep", "saved_reports", "A saved report"]];
const FIRST = ["title", "metrics", "dimensions", "range", "ranges"];
const OF_REPORTS = ["metrics", "dimensions"];

/** @param {{resource: import("../spec.js").Resource}} props */
export function NewRecord({resource}) {
  const given = place.value.query.get("subject_id") ?? "";
  const [kind, setKind] = useState(SUBJECTS.find(([prefix]) => given.startsWith(`${prefix}_`))?.[0] ?? "link");
  const [subject, setSubject] = useState(given);
  if (!can(resource, "create")) return html`<${Empty} title="You may not make a share"><p>It needs the scope ${resource.writes}.</p><//>`;
  const done = (row) => {
    toast(`${row.title} is shared`);
    return go(pageOf(resource, row.id), {force: true});
  };
  const refs = SUBJECTS.find(([prefix]) => prefix === kind)[1];
  const first = kind === "rep" ? FIRST.filter((name) => !OF_REPORTS.includes(name)) : FIRST;
  return html`
    <div class="headline"><h1>New share</h1></div>
    <div class="narrow-form"><${Card}>
      <p class="prose lead">${resource.doc}</p>
      <div class="form share-about">
        <fieldset class="chips"><legend>What it is about</legend>${SUBJECTS.map(([prefix, , text]) => html`
          <label class="chip" key=${prefix}><input class="unseen" type="radio" name="about" checked=${kind === prefix} onChange=${() => { setKind(prefix); setSubject(""); }} />${text}</label>`)}</fieldset>
        <div class="field"><label for="share-subject">${SUBJECTS.find(([prefix]) => prefix === kind)[2]}</label>
          <div class="input"><${Pick} key=${kind} id="share-subject" refs=${refs} values=${subject ? [subject] : []} onChange=${(values) => setSubject(values.at(-1) ?? "")} /></div></div>
      </div>
      ${subject ? html`<${RecordForm} key=${subject} resource=${resource} given=${{subject_id: subject}} first=${first} onDone=${done} onCancel=${() => go("/app/shares", {force: true})} action="Share it" />`
        : html`<p class="hint">Find it by its name; then choose what to show of it.</p>`}
    <//></div>`;
}
