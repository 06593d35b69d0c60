/**
 * The world by countries. The shapes are fetched when a map is first shown; the table beside it has the figures.
 */

import {country, number} from "../text.js";
import {html, useEffect, useState} from "../view.js";
import {loadScript} from "./script.js";

/** @type {?Promise<{width: number, height: number, paths: Record<string, {path: string, name: string}>}>} */
let shapes = null;

/** The file of shapes hands them to a function of this name. */
function loadShapes() {
  shapes ??= new Promise((resolve, reject) => {
    /** @type {any} */ (window).jsVectorMap = {addMap: (_, map) => resolve({...map, width: map.width ?? map.insets[0].width, height: map.height ?? map.insets[0].height})};
    loadScript("jsvectormap/world.js").catch(reject);
  });
  return shapes;
}

/** @param {{rows: any[], metric: string, onPick?: (row: any) => void}} props  rows: with `country` */
export function WorldMap({rows, metric, onPick}) {
  const [world, setWorld] = useState(null);
  const [over, setOver] = useState("");
  useEffect(() => { loadShapes().then(setWorld); }, []);
  const byCode = new Map(rows.map((row) => [row.country, row]));
  const most = Math.max(1, ...rows.filter((row) => row.country).map((row) => row[metric]));
  const told = byCode.get(over);
  if (!world) return html`<div class="map waiting" aria-busy="true"></div>`;
  return html`
    <div class="map">
      <svg viewBox=${`0 0 ${world.width} ${world.height}`} role="img"
        aria-label=${`The world, darker where there are more ${metric}; the table has the figures`}
        onMouseOver=${(event) => setOver(event.target.dataset?.code ?? "")} onMouseLeave=${() => setOver("")}>
        ${Object.entries(world.paths).map(([code, shape]) => {
          const row = byCode.get(code);
          return html`<path key=${code} d=${shape.path} data-code=${code} class=${row ? "some" : ""}
            style=${row ? {"--heat": `${heat(row[metric], most)}%`} : undefined}
              onClick=${() => row && onPick?.(row)} />`;
        })}
      </svg>
      <p class="readout" aria-hidden="true">${over ?
        html`<b>${country(over)}</b> ${number(told?.[metric] ?? 0)} ${metric}` : "\u00a0"}</p>
    </div>`;
}

/** Small figures stay visible beside large ones. @param {number} value @param {number} most */
const heat = (value, most) => value ? Math.round(14 + 86 * Math.sqrt(value / most)) : 0;
