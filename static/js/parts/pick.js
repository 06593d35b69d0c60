/** Picking records by their name: type to find, arrows and Enter to take; one, or several as tags. */

import {get} from "../api.js";
import {useAnswer, useSettled} from "../loading.js";
import {nameOf} from "../spec.js";
import {described} from "../state.js";
import {html, useId, useState} from "../view.js";
import {Glyph} from "./glyph.js";
import {learn, nameFor} from "./names.js";

/**
 * @param {{refs: string, values: string[], many?: boolean, onChange: (values: string[]) => void, id?: string,
 *   label?: string, invalid?: boolean, describedby?: string}} props  refs: the plural of the resource
 */
export function Pick({refs, values, many = false, onChange, id, label, invalid, describedby}) {
  const resource = described.value.byName.get(refs);
  const [text, setText] = useState("");
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(0);
  const list = useId();
  const q = useSettled(text.trim(), 120);
  const found = useAnswer(open && resource ? `${refs} ${q}` : null, (signal) => find(resource, q, signal));
  const options = (found.data ?? []).filter((row) => !values.includes(row.id));
  const take = (row) => {
    learn(row.id, nameOf(resource, row));
    onChange(many ? [...values, row.id] : [row.id]);
    setText("");
    setOpen(many);
    setAt(0);
  };
  const keyed = (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setOpen(true);
      setAt((was) => Math.max(0, Math.min(options.length - 1, was + (event.key === "ArrowDown" ? 1 : -1))));
    } else if (event.key === "Enter" && open && options[at]) {
      event.preventDefault();
      take(options[at]);
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      event.stopPropagation();
      setOpen(false);
    } else if (event.key === "Backspace" && !text && values.length) {
      onChange(values.slice(0, -1));
    }
  };
  return html`
    <div class="pick">
      ${values.map((one) => html`<${Taken} key=${one} id=${one} onRemove=${() => onChange(values.filter((other) =>
        other !== one))} />`)}
      <input id=${id} role="combobox" aria-expanded=${open && options.length > 0} aria-controls=${list}
        aria-autocomplete="list" autocomplete="off"
        aria-label=${label} aria-invalid=${invalid ? "true" : undefined} aria-describedby=${describedby}
        aria-activedescendant=${open && options[at] ? `${list}-${at}` : undefined}
        placeholder=${values.length && !many ? "" : `Find ${resource?.title.toLowerCase() ?? refs}`} value=${text}
        onInput=${(event) => { setText(event.target.value); setOpen(true); setAt(0); }}
          onFocus=${() => setOpen(true)}
        onBlur=${() => setTimeout(() => setOpen(false), 150)} onKeyDown=${keyed} />
      <ul class="options" id=${list} role="listbox" aria-label=${resource?.title ?? refs}
        hidden=${!open || !options.length}>
        ${options.map((row, index) => html`
          <li key=${row.id} id=${`${list}-${index}`} role="option" aria-selected=${index === at}
            onMouseDown=${(event) => { event.preventDefault(); take(row); }}>${nameOf(resource, row)}</li>`)}
      </ul>
    </div>`;
}

const Taken = ({id, onRemove}) => html`
  <span class="tag taken">${nameFor(id).value ?? id}
    <button type="button" aria-label=${`Remove ${nameFor(id).value ?? id}`} onClick=${onRemove}>
      <${Glyph} name="x" />
      </button></span>`;

async function find(resource, text, signal) {
  const asked = new URLSearchParams({limit: "20", fields: [...new Set(["id", resource.label])].join(",")});
  if (text && resource.controls.includes("q")) asked.set("q", text);
  return (await get(`/${resource.path}?${asked}`, {signal})).data;
}
