/** Saved views: a name for filters, order and columns, kept in this browser. */

import {Glyph} from "../parts/glyph.js";
import {Panel} from "../parts/menu.js";
import {toast} from "../parts/toast.js";
import {go} from "../router.js";
import {listAt} from "./question.js";
import {keep, kept} from "../state.js";
import {html, useState} from "../view.js";

/** @param {{place: string, query: string}} props  place: whose views; query: what is on screen now */
export function Views({place, query}) {
  const [views, setViews] = useState(() => kept(`views:${place}`, []));
  const [name, setName] = useState("");
  const set = (next) => {
    keep(`views:${place}`, next.length ? next : null);
    setViews(next);
  };
  const save = (event, close) => {
    event.preventDefault();
    if (!name.trim()) return;
    set([...views.filter((view) => view.name !== name.trim()), {name: name.trim(), query}]);
    toast(`Saved as ${name.trim()}`);
    setName("");
    close();
  };
  return html`
    <${Panel} label="Saved views" text=${html`<${Glyph} name="bookmark" /><span class="word">Views</span>`}>
      ${(close) => html`
        <div class="form filter-form">
          ${views.length > 0 && html`<ul class="plain">${views.map((view) => html`
            <li key=${view.name}><button class="button quiet" type="button"
              onClick=${() => { close(); go(listAt(view.query)); }}>${view.name}</button>
              <button class="button quiet icon" type="button" aria-label=${`Forget ${view.name}`}
                onClick=${() => set(views.filter((one) => one !== view))}><${Glyph} name="x" /></button></li>`)}
                  </ul>`}
          <form class="form" onSubmit=${(event) => save(event, close)}>
            <div class="input"><input aria-label="Name of the view" placeholder="Name what is on screen"
              maxlength="60" value=${name} data-first onInput=${(event) => setName(event.target.value)} /></div>
            <button class="button">Save this view</button>
          </form>
        </div>`}
    <//>`;
}
