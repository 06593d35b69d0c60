/** Clicks as they arrive. */

import {Failed} from "../parts/card.js";
import {ClickLine} from "../parts/click.js";
import {Glyph} from "../parts/glyph.js";
import {Filters} from "../lists/filters.js";
import {filtersOf} from "../lists/question.js";
import {useFeed} from "../reports/feed.js";
import {ask, place, setQuery} from "../router.js";
import {described} from "../state.js";
import {counted} from "../text.js";
import {html, useState} from "../view.js";

const KEEP = 100;

export function Page() {
  const {query} = place.value;
  const [paused, setPaused] = useState(false);
  const clicks = described.value.resources.get("clicks");
  const fields = new Map([...clicks.fields].filter(([name]) => name !== "created_at"));
  const filters = filtersOf(clicks, query).filter((filter) => fields.has(filter.field));
  const feed = useFeed({filters: new URLSearchParams(filters.map(({name, value}) => [name, value])), keep: KEEP,
    paused});
  const removed = (filter) => {
    const next = new URLSearchParams(query);
    next.delete(filter.name);
    setQuery(next);
  };
  return html`
    <div class="headline">
      <h1>Live</h1><span class=${`pulse ${paused ? "still" : ""}`}></span>
        <span class="muted" role="status">${paused ?
          "paused" : "following"}, the last ${counted(feed.clicks.length, "click")}</span>
      <span class="push" />
      <button class="button" type="button" aria-pressed=${paused} onClick=${() => setPaused(!paused)}>
        <${Glyph} name=${paused ? "play" : "pause"} />${paused ? "Follow" : "Pause"}</button>
    </div>
    <div class="filters">
      ${[["", "All"], ["human", "People"]].map(([name, text]) =>
        html`<button key=${name} type="button" class=${`chip ${(query.get("class") ?? "") === name ? "on" : ""}`}
          aria-pressed=${(query.get("class") ?? "") === name} onClick=${() => ask({class: name})}>${text}
            </button>`)}
      <${Filters} fields=${fields} filters=${filters.filter((filter) => filter.name !== "class" ||
        filter.value !== "human")} onAdd=${(name, value) => ask({[name]: value})} onRemove=${removed} />
    </div>
    <section class="card" aria-label="Clicks as they arrive">
      ${feed.error && html`<${Failed} error=${feed.error} what="The clicks could not be read; trying on" />`}
      ${feed.clicks.length ? html`<ol class="live" aria-live="off">${feed.clicks.map((click) => html`<${ClickLine}
        key=${click.id} click=${click} fresh=${feed.fresh.has(click.id)} />`)}</ol>`
        : html`<p class="muted none">Waiting for the first click. Open one of your <a
          href="/app/links">links</a> and it appears here within two seconds.</p>`}
    </section>`;
}
