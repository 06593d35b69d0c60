/**
 * The table of a report: sorted by its heads, each value a way deeper; what lies beyond the limit, and the whole.
 */

import {Delta} from "../charts/figures.js";
import {Glyph} from "../parts/glyph.js";
import {Menu} from "../parts/menu.js";
import {walk} from "../lists/table.js";
import {ask, go, place, readable} from "../router.js";
import {dayText, number, percent, valueText} from "../text.js";
import {html} from "../view.js";
import {filterFor, labelOf} from "./ask.js";
import {dimensionText, metricText} from "./builder.js";
import {isTime} from "./state.js";

const DEEPER = ["day", "country", "referrer_host", "device", "browser", "os", "language", "link", "utm_source",
  "utm_campaign"];

/** @param {string} dimension @param {any} row */
export const cellText = (dimension, row) => dimension === "day" ?
  dayText(String(row.day)) : valueText(dimension, labelOf(dimension, row));

/** @param {{asked: import("./state.js").Asked, data: any, schema: import("./ask.js").Schema}} props */
export function ReportTable({asked, data, schema}) {
  const {dimensions, metrics} = asked;
  const first = metrics[0];
  const most = Math.max(1, ...data.rows.map((row) => row[first] ?? 0));
  const share = schema.metrics.find(({name}) => name === first)?.additive && dimensions.length > 0;
  return html`
    <div class="scroll" tabindex="0" role="region" aria-label="The report as a table">
    <table class="table report" onKeyDown=${walk}>
      <thead><tr>
        ${dimensions.map((name) => html`<${Head} key=${name} name=${name} text=${dimensionText(name)}
          asked=${asked} />`)}
        ${metrics.map((name) => html`<${Head} key=${name} name=${name} text=${metricText(name)} asked=${asked}
          figure />`)}
        ${share && html`<th scope="col" class="figure">Share</th>`}
      </tr></thead>
      <tbody>${data.rows.map((row, at) => html`
        <tr key=${at}>
          ${dimensions.map((name, index) => html`<td key=${name}>${index ? html`<${Deeper} dimension=${name}
            row=${row} asked=${asked} schema=${schema} />`
            : html`<div class="bar" style=${{"--w": `${100 * (row[first] ?? 0) / most}%`}}>
              <${Deeper} dimension=${name} row=${row} asked=${asked} schema=${schema} /></div>`}</td>`)}
          ${metrics.map((name) => html`<td key=${name} class="figure">${number(row[name])}<${Delta} now=${row[name]}
            before=${row.compare?.[name]?.before} /></td>`)}
          ${share && html`<td class="figure muted">${percent(row[first], data.totals[first])}</td>`}
        </tr>`)}</tbody>
      <tfoot>
        ${data.other && html`<tr><td colspan=${dimensions.length} class="muted">${data.other.rows ?
          `${number(data.other.rows)} more` : "the rest"}</td>
            ${metrics.map((name) => html`<td key=${name} class="figure muted">${number(data.other[name])}</td>`)}
              ${share && html`<td class="figure muted">${percent(data.other[first], data.totals[first])}</td>`}
                </tr>`}
        <tr><th scope="row" colspan=${Math.max(1, dimensions.length)}>All</th>
          ${metrics.map((name) => html`<td key=${name} class="figure"><b>${number(data.totals[name])}</b><${Delta}
            now=${data.totals[name]} before=${data.compare?.totals[name]?.before} /></td>`)}
              ${share && html`<td class="figure" />`}</tr>
      </tfoot>
    </table></div>`;
}

function Head({name, text, asked, figure = false}) {
  const way = asked.sort === name ? "ascending" : asked.sort === `-${name}` ||
    (!asked.sort && name === asked.metrics[0] && !isTime(asked.dimensions[0])) ? "descending" : undefined;
  return html`<th scope="col" class=${figure ? "figure" : ""} aria-sort=${way}>
    <button type="button" class="sort" onClick=${() => ask({sort: way === "descending" ? name : `-${name}`})}>
      ${text}
      ${way && html`<${Glyph} name=${way === "ascending" ? "arrow-up" : "arrow-down"} />`}</button></th>`;
}

/** A value, and the ways down from it. */
function Deeper({dimension, row, asked, schema}) {
  const text = cellText(dimension, row);
  const filter = dimension === "day" ? null : filterFor(dimension, row);
  if (!filter && dimension !== "day") return html`<span class="cut">${text}</span>`;
  const only = dimension === "day" ? {from: String(row.day).slice(0, 10), to: String(row.day).slice(0, 10),
    range: null} : {[filter[0]]: filter[1]};
  const to = (changes) => {
    const query = new URLSearchParams(place.value.query);
    for (const [name, value] of Object.entries({...only, sort: null, ...changes})) {
      if (value === null) query.delete(name);
      else query.set(name, value);
    }
    go(`${place.value.path}?${readable(query)}`);
  };
  const known = DEEPER.filter((name) => name !== dimension && name !== asked.pivot &&
    schema.dimensions.some((one) => one.name === name));
  return html`
    <${Menu} label=${text} kind="deeper" entries=${() => [
      {label: `Only ${text}`, glyph: "list-filter", run: () => to({})},
      dimension === "link" && row.link && {label: "The link's page", glyph: "link", run: () =>
        go(`/app/links/${row.link}`)},
      ...known.map((name) => ({label: `by ${dimensionText(name).toLowerCase()}`, glyph: "chevron-right", run: () =>
        to({dimensions: name})})),
    ]}><span class="cut">${text}</span><//>`;
}
