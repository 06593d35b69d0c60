/** The panels that overview and link page share: where clicks come from, on what, and when. */

import {Breakdown} from "../charts/breakdown.js";
import {HeatMap} from "../charts/heat.js";
import {WorldMap} from "../charts/map.js";
import {Card} from "../parts/card.js";
import {ask} from "../router.js";
import {html, useState} from "../view.js";
import {filterFor} from "./ask.js";

/** Keep to one value of a dimension. */
export const narrow = (dimension) => (row) => {
  const filter = filterFor(dimension, row);
  if (filter) ask({[filter[0]]: filter[1]}, {replace: false});
};

/**
 * @param {{title: string, head: string, dimension: string, data: any, metric: string, reports: string, hrefOf?:
 *   any}} props  reports: the address of the report behind it
 */
export const Top = ({title, head, dimension, data, metric, reports, hrefOf}) => html`
  <${Card} title=${title} aside=${html`<a href=${reports}>all</a>`}>
    <${Breakdown} dimension=${dimension} rows=${data.rows.slice(0, 7)} metric=${metric} total=${data.totals[metric]}
      head=${head} onPick=${narrow(dimension)} hrefOf=${hrefOf} />
  <//>`;

/** Countries, as a table or as a map. @param {{data: any, metric: string, reports: string}} props */
export function Countries({data, metric, reports}) {
  const [map, setMap] = useState(false);
  return html`
    <${Card} title="Countries" aside=${html`<button class="link" type="button" aria-pressed=${map} onClick=${() =>
      setMap(!map)}>${map ? "table" : "map"}</button><a href=${reports}>all</a>`}>
      ${map ? html`<${WorldMap} rows=${data.rows} metric=${metric} onPick=${narrow("country")} />`
        : html`<${Breakdown} dimension="country" rows=${data.rows.slice(0, 7)} metric=${metric}
          total=${data.totals[metric]} head="country" onPick=${narrow("country")} />`}
    <//>`;
}

/**
 * Names that the dimensions of weekday and hour may have.
 * @param {import("./ask.js").Schema} schema
 * @returns {?{day: string, hour: string}}
 */
export function heatDimensions(schema) {
  const names = new Set(schema.dimensions.map((dimension) => dimension.name));
  const day = ["weekday", "day_of_week"].find((name) => names.has(name));
  const hour = ["hour_of_day", "hour_of_the_day"].find((name) => names.has(name));
  return day && hour ? {day, hour} : null;
}

/** @param {{data: any, metric: string, heat: {day: string, hour: string}}} props */
export const When = ({data, metric, heat}) => html`
  <${Card} title="Weekday and hour"><${HeatMap} rows=${data.rows} metric=${metric} day=${heat.day}
    hour=${heat.hour} /><//>`;
