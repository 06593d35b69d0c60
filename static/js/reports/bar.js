/** The bar above every report: which days, whose clicks, filters. All of it stands in the address. */

import {Filters} from "../lists/filters.js";
import {filtersOf} from "../lists/question.js";
import {Glyph} from "../parts/glyph.js";
import {Menu, Panel} from "../parts/menu.js";
import {ask, place, setQuery} from "../router.js";
import {described, me} from "../state.js";
import {dayText} from "../text.js";
import {html, useState} from "../view.js";
import {CLASSES} from "./ask.js";
import {RANGES, rangeOf} from "./range.js";

/** @param {{without?: string[]}} props  without: fields that the page itself sets */
export function ReportBar({without = []}) {
  const {query} = place.value;
  const range = rangeOf(query, me.value.workspace.timezone);
  const clicks = described.value.resources.get("clicks");
  const hidden = new Set(["id", "created_at", "class", "class_at_answer", "ip", "agent", "visitor", "method",
    "status", ...without]);
  const fields = new Map([...clicks.fields].filter(([name]) => !hidden.has(name)));
  const filters = filtersOf(clicks, query).filter((filter) => fields.has(filter.field));
  const chosen = query.get("class") ?? "human";
  const classText = CLASSES.find(([name]) => name === chosen)?.[1] ?? `Class ${chosen.replaceAll(",", " or ")}`;
  const classes = [...CLASSES, ...clicks.fields.get("class").choices.filter((name) =>
    name !== "human").map((name) => [name, `Only ${name}`])];
  return html`
    <div class="filters">
      <${Menu} label="Days" kind="chip" entries=${() =>
        RANGES.map(([name, label]) => ({label, on: range.name === name, run: () => ask({range: name, from: null,
          to: null})}))}>
        <${Glyph} name="calendar" /><b>${spanText(range)}</b>
          ${range.label && html`<span class="muted wide-only">${range.label}</span>`}<//>
      <${Days} range=${range} />
      <${Menu} label="Whose clicks" kind=${`chip ${chosen === "human" ? "on" : ""}`}
        entries=${() => classes.map(([name, label]) =>
          ({label, on: name === chosen, run: () => ask({class: name === "human" ? null : name})}))}>${classText}<//>
      <${Filters} fields=${fields} filters=${filters} onAdd=${(name, value) => ask({[name]: value})}
        onRemove=${(filter) => {
        const next = new URLSearchParams(query);
        next.delete(filter.name);
        setQuery(next);
      }} />
      <span class="chip still wide-only" title="The workspace's time zone">${me.value.workspace.timezone}</span>
    </div>`;
}

/** @param {import("./range.js").Range} range */
function spanText({from, to}) {
  const year = (day) => from.slice(0, 4) === to.slice(0, 4) ? "" : ` ${day.slice(0, 4)}`;
  return from === to ? dayText(from) : `${dayText(from)}${year(from)} – ${dayText(to)}${year(to)}`;
}

/** From one day to another. */
function Days({range}) {
  const [from, setFrom] = useState(range.from);
  const [to, setTo] = useState(range.to);
  const take = (event, close) => {
    event.preventDefault();
    if (from && to && from <= to) { ask({from, to, range: null}); close(); }
  };
  return html`
    <${Panel} label="From one day to another" kind="chip" text="Days …">
      ${(close) => html`
        <form class="form filter-form" onSubmit=${(event) => take(event, close)}>
          <div class="field"><label for="range-from">First day</label>
            <div class="input"><input id="range-from" type="date" value=${from}
              onInput=${(event) => setFrom(event.target.value)} /></div></div>
          <div class="field"><label for="range-to">Last day</label>
            <div class="input"><input id="range-to" type="date" value=${to} min=${from}
              onInput=${(event) => setTo(event.target.value)} /></div></div>
          <button class="button main">Show</button>
        </form>`}
    <//>`;
}
