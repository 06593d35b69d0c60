/** Reports: choose figures and dimensions, filter, compare, turn, and go deeper by pressing a value. */

import {Figures, LABELS} from "../charts/figures.js";
import {HeatMap} from "../charts/heat.js";
import {Line} from "../charts/line.js";
import {WorldMap} from "../charts/map.js";
import {Files} from "../lists/files.js";
import {useAnswer} from "../loading.js";
import {AsCall} from "../parts/call.js";
import {Answered, Card, Empty} from "../parts/card.js";
import {askPanels, commonOf, labelOf, panelQuery, reportSchema} from "../reports/ask.js";
import {ReportBar} from "../reports/bar.js";
import {Builder, dimensionText, metricText} from "../reports/builder.js";
import {heatDimensions, narrow} from "../reports/panels.js";
import {pivoted} from "../reports/pivot.js";
import {askedOf, isTime, panelOf} from "../reports/state.js";
import {ReportTable, cellText} from "../reports/table.js";
import {Save} from "../reports/save.js";
import {place} from "../router.js";
import {dayText, moment, number, timeOfDay} from "../text.js";
import {html, useState} from "../view.js";

export function Page() {
  const schema = useAnswer("schema", reportSchema);
  return html`<${Answered} answer=${schema} what="Reports could not be read">
    ${(known) => html`<${Report} schema=${known} />`}<//>`;
}

function Report({schema}) {
  const {query} = place.value;
  const {range, common} = commonOf(query);
  if (query.get("dimensions")?.includes("class") && !query.has("class")) common.set("class", "any");
  const asked = askedOf(query, schema);
  const panel = panelOf(asked);
  const question = panelQuery(common, panel);
  const answer = useAnswer(question.toString(), async (signal) => {
    const {now} = await askPanels(common, {now: panel}, signal);
    return {now, asked};
  });
  const columns = [...asked.dimensions, ...(asked.pivot ? [asked.pivot] : []), ...asked.metrics];
  return html`
    <div class="headline"><h1>Reports</h1><span class="push" />
      <${AsCall} call=${{path: "/reports", query: question}} />
      <${Files} name="report" columns=${columns} rows=${(answer.data?.now.rows ?? []).map((row) => named(row,
        columns))} all=${{source: "reports", query: fileOf(question), total: null}} />
      <${Save} question=${question} range=${range} /></div>
    <${ReportBar} />
    <${Builder} schema=${schema} asked=${asked} />
    <${Answered} answer=${answer} what="This report could not be made">
      ${(data) => html`<div class="stack" aria-busy=${answer.busy}><${Shown} data=${data} schema=${schema} />
        </div>`}<//>`;
}

/** The same as a file, which holds the rows and nothing beside them. */
function fileOf(question) {
  const query = new URLSearchParams(question);
  for (const name of ["compare", "other", "limit"]) query.delete(name);
  return query;
}

/** A row as it stands on screen: links by their slug, domains by their host. */
const named = (row, columns) => Object.fromEntries(columns.map((name) => [name, labelOf(name, row)]));

function Shown({data, schema}) {
  const {asked, now} = data;
  const [metric, setMetric] = useState(asked.metrics[0]);
  const chosen = asked.metrics.includes(metric) ? metric : asked.metrics[0];
  const figures = asked.metrics.map((name) => ({name, label: LABELS[name] ?? metricText(name),
    value: now.totals[name], before: now.compare?.totals[name]?.before}));
  if (asked.dimensions.length + (asked.pivot ? 1 : 0) > 0 && !now.rows.length) {
    return html`<${Card}><${Empty} title="Nothing in these days">
      <p>Take more days, another class of clicks, or fewer filters.</p><//><//>`;
  }
  return html`
    <${Figures} figures=${figures} chosen=${chosen} onChoose=${setMetric} />
    <${Honest} report=${now} />
    <${Chart} asked=${asked} now=${now} metric=${chosen} schema=${schema} />
    ${asked.pivot ? html`<${Pivot} asked=${asked} rows=${now.rows} metric=${chosen} />`
      : asked.dimensions.length > 0 && html`<section class="card table-card" aria-label="Rows"><${ReportTable}
        asked=${asked} data=${now} schema=${schema} /></section>`}`;
}

/** What a reader must know of figures that are not the whole truth yet, or no more. */
function Honest({report}) {
  return html`
    ${!report.complete && html`<p
      class="note">As of ${timeOfDay(report.watermark)}: these days are not over, and clicks still come in.</p>`}
    ${report.detail_from && html`<p
      class="note warn">Single clicks are kept since ${moment(report.detail_from)}; what needs them leaves out the days before.</p>`}`;
}

/**
 * The picture that fits: days as a line, countries as a map, weekday by hour as cells; for others the bars in the
 * table do.
 */
function Chart({asked, now, metric, schema}) {
  const [first, second] = asked.dimensions;
  const what = metricText(metric).toLowerCase();
  const heat = heatDimensions(schema);
  if (asked.pivot) return null;
  if (isTime(first) && asked.dimensions.length === 1) {
    const rows = inOrder(now.rows, first);
    const before = asked.compare ? rows.map((row) =>
      ({x: String(row[first]), y: row.compare?.[metric]?.before ?? 0})) : [];
    const textOf = first === "day" ? dayText : (x) => x.replace("T", " ").slice(0, 16);
    return html`<${Card} title=${`${metricText(metric)} by ${dimensionText(first).toLowerCase()}`}>
      <${Line} points=${rows.map((row) => ({x: String(row[first]), y: row[metric]}))} before=${before} what=${what}
        textOf=${textOf} /><//>`;
  }
  if (first === "country" && asked.dimensions.length === 1) return html`<${Card} title="The world">
    <${WorldMap} rows=${now.rows} metric=${metric} onPick=${narrow("country")} /><//>`;
  if (heat && asked.dimensions.length === 2 && [first, second].includes(heat.day) &&
    [first, second].includes(heat.hour)) {
    return html`<${Card} title="Weekday and hour"><${HeatMap} rows=${now.rows} metric=${metric} day=${heat.day}
      hour=${heat.hour} /><//>`;
  }
  return null;
}

const inOrder = (rows, name) => [...rows].sort((one, other) =>
  String(one[name]).localeCompare(String(other[name])));

function Pivot({asked, rows, metric}) {
  const {across, rest, lines} = pivoted(rows, asked.dimensions, asked.pivot, metric);
  return html`
    <section class="card table-card" aria-label=${`${metricText(metric)} across ${dimensionText(asked.pivot)}`}>
      <div class="scroll" tabindex="0" role="region" aria-label="The report, turned">
      <table class="table report">
        <thead><tr>${asked.dimensions.map((name) => html`<th key=${name} scope="col">${dimensionText(name)}</th>`)}
          ${!asked.dimensions.length && html`<th scope="col"><span class="unseen">all</span></th>`}
          ${across.map((row, at) => html`<th key=${at} scope="col" class="figure">${cellText(asked.pivot, row)}
            </th>`)}<th scope="col" class="figure">${rest ? "All, others too" : "All"}</th></tr></thead>
        <tbody>${lines.map((line, at) => html`
          <tr key=${at}>${asked.dimensions.map((name) => html`<td key=${name}><span class="cut">${cellText(name,
            line.row)}</span></td>`)}${!asked.dimensions.length && html`<td>All</td>`}
            ${line.cells.map((value, index) => html`<td key=${index} class="figure">${value === null ? html`<span
              class="muted">–</span>` : number(value)}</td>`)}<td class="figure"><b>${number(line.total)}</b></td>
                </tr>`)}</tbody>
      </table></div>
    </section>`;
}
