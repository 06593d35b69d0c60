/**
 * A line through time, with the time before as a dashed one. Arrow keys go from figure to figure; a table is
 * behind.
 */

import {shade} from "../shell/theme.js";
import {change, compact, number} from "../text.js";
import {html, useEffect, useRef, useState} from "../view.js";
import {ink, thin} from "./ink.js";
import {loadScript} from "./script.js";

/** @typedef {{x: string, y: number}} Point */
const HEIGHT = 220;

/**
 * @param {{points: Point[], before?: Point[], what: string, textOf: (x: string) => string, axisOf?: (x: string) => string, format?: (y: number) => string, height?: number}} props
 *   what: what is counted, such as "clicks"
 */
export function Line({points, before = [], what, textOf, axisOf = textOf, format = number, height = HEIGHT}) {
  const box = useRef(null);
  const plot = useRef(/** @type {any} */ (null));
  const [at, setAt] = useState(/** @type {?number} */ (null));
  const colours = shade.value;
  const key = JSON.stringify([points, before, colours, height]);
  useEffect(() => {
    let gone = false;
    let observer = null;
    loadScript("uplot/uPlot.iife.min.js").then(() => {
      if (gone || !box.current) return;
      plot.current = paint(box.current, points, before, axisOf, height, setAt);
      observer = new ResizeObserver(() => box.current &&
        plot.current?.setSize({width: box.current.clientWidth, height}));
      observer.observe(box.current);
    });
    return () => {
      gone = true;
      observer?.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [key]);
  const move = (to) => {
    const next = Math.max(0, Math.min(points.length - 1, to));
    plot.current?.setCursor({left: plot.current.valToPos(next, "x"), top: 10});
    setAt(next);
  };
  const keyed = (event) => {
    const now = at ?? points.length;
    const to = {ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: points.length - 1}[event.key];
    if (to === undefined) return;
    event.preventDefault();
    move(to);
  };
  return html`
    <div class="chart" style=${{minHeight: `${height}px`}} ref=${box} tabindex="0" role="group"
      aria-roledescription="line chart"
      aria-label=${`${what}, ${points.length} figures; the arrow keys go from one to the next`}
        onKeyDown=${keyed}></div>
    <p class="readout" aria-live="polite">${at !== null && points[at] ?
      html`<${Readout} point=${points[at]} before=${before[at]} textOf=${textOf} format=${format}
        what=${what} />` : "\u00a0"}</p>`;
}

function Readout({point, before, textOf, format, what}) {
  const changed = before && change(point.y, before.y);
  return html`<b>${textOf(point.x)}</b> ${format(point.y)} ${what}
    ${before && html` <span class="muted">before ${format(before.y)}${changed ? ` (${changed.text})` : ""}
      </span>`}`;
}

/** @param {HTMLElement} box @param {Point[]} points @param {Point[]} before */
function paint(box, points, before, axisOf, height, onMove) {
  const {uPlot} = /** @type {any} */ (window);
  const colours = {line: ink("accent"), before: ink("ink-3"), grid: ink("line"), card: ink("card")};
  const xs = points.map((_, index) => index);
  const series = [
    {},
    {stroke: colours.line, width: 2, fill: thin(colours.line, .08),
      points: {show: points.length === 1, size: 6, fill: colours.line}},
    ...(before.length ? [{stroke: thin(colours.before, .8), width: 1.25, dash: [3, 4],
      points: {show: false}}] : []),
  ];
  const options = {
    width: box.clientWidth, height, legend: {show: false}, padding: [10, 4, 0, 32], series,
    scales: {x: {time: false, range: () => [0, Math.max(1, points.length - 1)]},
      y: {range: (_, __, most) => [0, niceTop(most)]}},
    axes: [
      {stroke: colours.before, grid: {show: false}, ticks: {show: false}, font: font(), size: 26, gap: 6, space: 80,
        incrs: [1, 2, 4, 7, 14, 28, 61, 91], values: (_, splits) =>
          splits.map((split) => points[split] ? axisOf(points[split].x) : "")},
      {side: 1, stroke: colours.before, grid: {stroke: colours.grid, width: 1}, ticks: {show: false}, font: font(),
        size: 46, gap: 8, space: 44,
        values: (_, splits) => splits.map(compact)},
    ],
    cursor: {y: false, drag: {x: false, y: false},
      points: {size: 8, width: 2, fill: (_, index) => index === 1 ? colours.line : colours.before, stroke: () =>
        colours.card}},
    hooks: {setCursor: [(one) => onMove(one.cursor.idx ?? null)]},
  };
  return new uPlot(options, [xs, points.map(({y}) => y), ...(before.length ? [before.map(({y}) => y)] : [])], box);
}

const font = () => `11px ${getComputedStyle(document.body).fontFamily}`;

/** A round figure above the highest one. @param {number} most */
function niceTop(most) {
  if (!(most > 0)) return 4;
  const step = 10 ** Math.floor(Math.log10(most));
  return [1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10].map((one) => one * step).find((one) =>
    one >= most * 1.02) ?? most * 1.1;
}
