/** The line of one figure through the days, beside the days before. Overview, link and reports share it. */

import {Line} from "../charts/line.js";
import {FigureTable, useTable} from "../charts/table.js";
import {AsCall} from "../parts/call.js";
import {Card} from "../parts/card.js";
import {dayText, hourText, number} from "../text.js";
import {html} from "../view.js";
import {filled, panelQuery, unitOf} from "./ask.js";

/** The panels that a series and its figures are drawn from; hours come filled up. `like` is as much of the time before
 * as there is of this one, so that a day that is not over is not held against a whole one. @param {string[]} metrics @param {import("./range.js").Range} range */
export const seriesPanels = (metrics, range) => {
  const unit = unitOf(range);
  const panel = {metrics: metrics.join(","), dimensions: unit, limit: 1000,
    ...(unit === "hour" ? {fill: true} : {})};
  return {days: panel, before: {...panel, ...range.before},
    like: {metrics: metrics.join(","), from: range.before.from, to: range.like}};
};

const pointsOf = (rows, unit, metric, range) => unit === "day" ?
  filled(rows, metric, range) : rows.map((row) => ({x: row.hour, y: row[metric]}));

/**
 * @param {{title: string, metric: string, what: string, range: import("./range.js").Range, rows: any[], before:
 *   any[], common: URLSearchParams, unfinished?: boolean}} props
 */
export function Series({title, metric, what, range, rows, before, common, unfinished}) {
  const [table, button] = useTable();
  const unit = unitOf(range);
  const textOf = unit === "day" ? dayText : hourText;
  const points = pointsOf(rows, unit, metric, range);
  const earlier = before && pointsOf(before, unit, metric, range.before);
  const asked = panelQuery(common, {metrics: metric, dimensions: unit, limit: 1000});
  return html`
    <${Card} title=${`${title} ${unit === "day" ? "a day" : "an hour"}`}
      aside=${html`${button}<${AsCall} kind="link" call=${{path: "/reports", query: asked}} />`}>
      <p class="legend"><span><i class="line"></i>${what}</span>
        ${earlier && html`<span><i class="line dashed"></i>${range.days === 1 ?
          "the day before" : `${range.days} days before`}</span>`}
        ${unfinished && html`<span class="muted">today is not over</span>`}</p>
      ${table
        ? html`<${FigureTable} caption=${title} columns=${[unit, what, "before"]}
          rows=${points.map((point, at) => [textOf(point.x), number(point.y), earlier ?
            number(earlier[at]?.y) : "–"])} />`
        : html`<${Line} points=${points} before=${earlier ?? []} what=${what} textOf=${textOf}
          axisOf=${unit === "hour" ? (hour) => hour.slice(11, 16) : textOf} />`}
    <//>`;
}
