/** Choosing what is counted and by what: chips to press, one menu to add. */

import {Glyph} from "../parts/glyph.js";
import {Menu} from "../parts/menu.js";
import {LABELS} from "../charts/figures.js";
import {ask} from "../router.js";
import {humanize, sentence} from "../text.js";
import {html} from "../view.js";
import {COMPARED} from "./state.js";

export const dimensionText = (name) => ({referrer_host: "Referrer", os: "Operating system", asn: "Network",
  utm_source: "UTM source", utm_medium: "UTM medium", utm_campaign: "UTM campaign", utm_term: "UTM term",
    utm_content: "UTM content", hour_of_day: "Hour of the day", sub_id: "Private sub id"})[name] ?? humanize(name);
export const metricText = (name) => LABELS[name] ?? sentence(name.replaceAll("_", " "));

/** @param {{schema: import("./ask.js").Schema, asked: import("./state.js").Asked}} props */
export function Builder({schema, asked}) {
  const flip = (name) => {
    const next = asked.metrics.includes(name) ? asked.metrics.filter((one) =>
      one !== name) : [...asked.metrics, name];
    if (next.length) ask({metrics: next.join(",")});
  };
  const by = (dimensions) => ask({dimensions: dimensions.join(",") || " ", sort: null});
  const move = (name) => by([name, ...asked.dimensions.filter((one) => one !== name)]);
  const free = schema.dimensions.filter(({name}) => !asked.dimensions.includes(name) && name !== asked.pivot);
  return html`
    <section class="card builder" aria-label="What is asked">
      <div class="line"><span class="muted">Count</span>
        ${schema.metrics.map((metric) => html`<button type="button" key=${metric.name} title=${metric.doc}
          class=${`chip ${asked.metrics.includes(metric.name) ? "on" : ""}`}
            aria-pressed=${asked.metrics.includes(metric.name)} onClick=${() => flip(metric.name)}>
              ${metricText(metric.name)}</button>`)}</div>
      <div class="line"><span class="muted">by</span>
        ${asked.dimensions.map((name, at) => html`<span class="chip on" key=${name}>${at ? html`<button
          type="button" title="Put first" onClick=${() => move(name)}>${dimensionText(name)}
            </button>` : dimensionText(name)}<button type="button" aria-label=${`Not by ${dimensionText(name)}`}
              onClick=${() => by(asked.dimensions.filter((one) => one !== name))}><${Glyph} name="x" /></button>
                </span>`)}
        <${Menu} label="Add a dimension" kind="chip"
          entries=${() => free.map(({name}) => ({label: dimensionText(name), run: () => by([...asked.dimensions,
            name])}))}><${Glyph} name="plus" />Dimension<//>
        <span class="muted">across</span>
        <${Menu} label="Across the top" kind=${`chip ${asked.pivot ? "on" : ""}`}
          entries=${() => [{label: "Nothing", on: !asked.pivot, run: () => ask({pivot: null})},
          ...free.map(({name}) => ({label: dimensionText(name), on: false, run: () => ask({pivot: name,
            dimensions: asked.dimensions.join(",") || " "})}))]}>
              ${asked.pivot ? dimensionText(asked.pivot) : "nothing"}<//>
        <span class="muted">compared with</span>
        <${Menu} label="Compared with" kind=${`chip ${asked.compare ? "on" : ""}`}
          entries=${() => COMPARED.map(([name, text]) => ({label: sentence(text), on: name === asked.compare,
            run: () => ask({compare: name || null})}))}>
              ${COMPARED.find(([name]) => name === asked.compare)[1]}<//>
      </div>
    </section>`;
}
