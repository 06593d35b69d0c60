/** Weekday by hour: a table whose cells are shaded; arrow keys go from cell to cell. */

import {number, weekday} from "../text.js";
import {html, useRef, useState} from "../view.js";

/**
 * @param {{rows: any[], metric: string, day: string, hour: string}} props  day, hour: the names of the two
 *   dimensions
 */
export function HeatMap({rows, metric, day, hour}) {
  const [at, setAt] = useState({day: 1, hour: 0});
  const [over, setOver] = useState(/** @type {any} */ (null));
  const table = useRef(null);
  const found = new Map(rows.map((row) => [`${dayNumber(row[day])} ${Number(row[hour])}`, row[metric]]));
  const most = Math.max(1, ...found.values());
  const least = found.size === 168 ? Math.min(...found.values()) : 0;
  const days = [1, 2, 3, 4, 5, 6, 7];
  const hours = Array.from({length: 24}, (_, index) => index);
  const value = (d, h) => found.get(`${d} ${h}`) ?? 0;
  const keyed = (event) => {
    const [x, y] = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1],
      ArrowDown: [0, 1]}[event.key] ?? [0, 0];
    if (!x && !y) return;
    event.preventDefault();
    const next = {day: Math.max(1, Math.min(7, at.day + y)), hour: Math.max(0, Math.min(23, at.hour + x))};
    setAt(next);
    setOver(next);
    table.current.querySelector(`[data-cell="${next.day} ${next.hour}"]`).focus();
  };
  return html`
    <div class="scroll">
    <table class="heat" ref=${table} onKeyDown=${keyed} onMouseLeave=${() => setOver(null)}>
      <caption class="unseen">${metric} by weekday and hour</caption>
      <thead><tr><th scope="col"><span class="unseen">weekday</span></th>
        ${hours.map((h) => html`<th key=${h} scope="col">${h % 3 ? html`<span class="unseen">${h}</span>` : h}
          </th>`)}</tr></thead>
      <tbody>${days.map((d) => html`
        <tr key=${d}><th scope="row">${weekday(d).slice(0, 3)}</th>
          ${hours.map((h) => html`
            <td key=${h} data-cell=${`${d} ${h}`} tabindex=${at.day === d && at.hour === h ? 0 : -1}
              style=${{"--heat": `${heat(value(d, h), least, most)}%`}}
              onMouseEnter=${() => setOver({day: d, hour: h})}
                onFocus=${() => { setAt({day: d, hour: h}); setOver({day: d, hour: h}); }}>
                  <span class="unseen">${number(value(d, h))}</span></td>`)}
        </tr>`)}</tbody>
    </table>
    </div>
    <p class="readout" aria-live="polite">${over ?
      html`<b>${weekday(over.day)} ${over.hour}:00</b> ${number(value(over.day,
        over.hour))} ${metric}` : "\u00a0"}</p>`;
}

/** From the least to the most, so that a steady week still shows its shape. */
const heat = (value, least, most) => value ? Math.round(6 + 94 * (value - least) / Math.max(1, most - least)) : 0;

const NAMES = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/** 1 for Monday, however the report writes it. @param {any} value */
function dayNumber(value) {
  const named = NAMES.findIndex((name) => String(value).toLowerCase().startsWith(name.slice(0, 3)));
  return named >= 0 ? named + 1 : Number(value) || 7;
}
