/** The bar at the top: search across everything, the theme, a new link. */

import {get} from "../api.js";
import {useAnswer, useSettled} from "../loading.js";
import {Glyph} from "../parts/glyph.js";
import {Menu} from "../parts/menu.js";
import {go} from "../router.js";
import {can, described} from "../state.js";
import {html, useEffect, useId, useRef, useState} from "../view.js";
import {Bell} from "./bell.js";
import {newLink} from "./new-link.js";
import {chooseTheme, theme} from "./theme.js";

export function Top() {
  return html`
    <header class="top">
      <${Search} />
      <span class="push" />
      <${Bell} />
      <${Menu} label="Light or dark" entries=${() =>
        [["system", "As the system", "monitor"], ["light", "Light", "sun"],
          ["dark", "Dark", "moon"]].map(([name, label, glyph]) => (
        {label, glyph, on: theme.value === name, run: () => chooseTheme(name)}))} kind="quiet icon theme"
        ><${Glyph} name=${{light: "sun", dark: "moon"}[theme.value] ?? "monitor"} />
          <span class="unseen">Light or dark</span><//>
      ${can(described.value.resources.get("links"), "create") &&
        html`<button class="button main" type="button" onClick=${() => newLink()}>New link <kbd>C</kbd></button>`}
    </header>`;
}

/** What was found, as one flat list of places. */
const placesOf = (groups) => groups.flatMap(({path, title, items}) =>
  items.map((item) => ({...item, kind: title, href: `/app/${path}/${item.id}`})));

function Search() {
  const [text, setText] = useState("");
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(0);
  const [hurried, setHurried] = useState(false); // Enter came before the answer to what is typed now
  const box = useRef(null);
  const list = useId();
  const q = useSettled(text.trim(), 120);
  const answer = useAnswer(q ? q : null, async (signal) =>
    (await get(`/search?q=${encodeURIComponent(q)}`, {signal})).data.groups);
  const found = q && text.trim() ? placesOf(answer.data ?? []) : [];
  const current = q === text.trim() && !answer.busy;
  const leave = () => { setOpen(false); setText(""); setAt(0); setHurried(false); box.current.blur(); };
  const take = (item) => { leave(); go(item.href); };
  useEffect(() => {
    if (!hurried || !current) return;
    setHurried(false);
    if (found[at]) take(found[at]);
  }, [hurried, current]);
  const keyed = (event) => {
    if (event.key === "Escape") return leave();
    if (event.key === "Enter") return setHurried(true);
    const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
    if (!step || !found.length) return undefined;
    event.preventDefault();
    return setAt((at + step + found.length) % found.length);
  };
  const shown = open && q && text.trim();
  return html`
    <div class="finder">
      <div class="input search" role="search"><${Glyph} name="search" />
        <input id="search" ref=${box} type="search" role="combobox" aria-expanded=${Boolean(shown && found.length)}
          aria-controls=${list} aria-autocomplete="list"
            aria-activedescendant=${shown && found[at] ? `${list}-${at}` : undefined}
          aria-label="Search links, tags, domains, people" placeholder="Search" maxlength="200" autocomplete="off"
            value=${text}
          onInput=${(event) => { setText(event.target.value); setOpen(true); setAt(0); setHurried(false); }}
            onFocus=${() => setOpen(true)} onBlur=${() => setTimeout(() => setOpen(false), 150)}
              onKeyDown=${keyed} /><kbd>/</kbd></div>
      <ul class="options" id=${list} role="listbox" aria-label="Found" hidden=${!shown}>
        ${found.map((item, index) => html`
          <li key=${item.id} id=${`${list}-${index}`} role="option" aria-selected=${index === at}
            onMouseDown=${(event) => { event.preventDefault(); take(item); }}>
            <span class="cut"><b>${item.label}</b> <span class="muted">${item.detail}</span></span>
              <span class="tag">${item.kind}</span></li>`)}
        ${shown && !found.length && !answer.busy &&
          html`<li class="muted" role="option" aria-disabled="true" aria-selected="false">Nothing found</li>`}
      </ul>
    </div>`;
}
