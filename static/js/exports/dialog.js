/** All rows of a list or a report as a file: what kind of file, then it is made in the background. */

import {post} from "../api.js";
import {Dialog} from "../parts/dialog.js";
import {choiceText} from "../parts/words.js";
import {attempt} from "../records/writing.js";
import {go, place, readable} from "../router.js";
import {can, described, writes} from "../state.js";
import {counted, number} from "../text.js";
import {html, useState} from "../view.js";

const HINTS = {csv: "For spreadsheets and everything else.", xlsx: "For Excel, up to 1 048 575 rows.",
  json: "One array of objects.", ndjson: "One object a line: for scripts.", parquet: "Small, typed: for DuckDB, pandas, warehouses."};

/** The same by the clock: the days of a report go along with time. */
function regularly(source, query, format) {
  const kept = new URLSearchParams(query);
  if (source !== "reports") return new URLSearchParams({source, query: readable(kept), format});
  for (const name of ["from", "to", "timezone"]) kept.delete(name);
  return new URLSearchParams({source, query: readable(kept), format, range: place.value.query.get("range") ?? "30d"});
}

/** @param {{source: string, query: URLSearchParams, total: ?number, onClose: () => void}} props */
export function ExportDialog({source, query, total, onClose}) {
  const formats = described.value.resources.get("exports").create.fields.find(({name}) => name === "format").choices;
  const schedules = described.value.resources.get("schedules");
  const regular = schedules && can(schedules, "create");
  const [format, setFormat] = useState("csv");
  const [busy, setBusy] = useState(false);
  const make = async (event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    const made = await attempt(() => post("/exports", {source, query: readable(query), format}));
    setBusy(false);
    if (!made) return;
    writes.value += 1;
    onClose();
    go(`/app/exports/${made.data.id}`);
  };
  return html`
    <${Dialog} title="Export all rows" onClose=${onClose}>
      <form class="form" onSubmit=${make}>
        <p class="prose">${total === null ? "Everything" : html`<b>${counted(total, "row")}</b>, everything`} that the
          filters find, in the columns and the order that are on screen.${total > 1_048_575 && format === "xlsx" ?
            ` Excel takes the first ${number(1_048_575)}.` : ""}</p>
        <fieldset class="chips"><legend class="unseen">Kind of file</legend>${formats.map((name) => html`
          <label class="chip" key=${name}><input class="unseen" type="radio" name="format" value=${name}
            checked=${name === format} onChange=${() => setFormat(name)} />${choiceText("format", name)}</label>`)}</fieldset>
        <p class="muted">${HINTS[format]}</p>
        <div class="actions">${regular && html`<a class="link push-end" href=${`/app/schedules/new?${regularly(source, query, format)}`} onClick=${onClose}>every day, week or month …</a>`}
          <button class="button" type="button" onClick=${onClose}>Cancel</button>
          <button class="button main" aria-disabled=${busy || undefined}>Make the file</button></div>
      </form>
    <//>`;
}
