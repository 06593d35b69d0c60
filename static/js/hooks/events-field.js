/** Choosing events: all of them, all of a kind, or one by one. Those that come with every visitor are never part of all. */

import {described} from "../state.js";
import {humanize} from "../text.js";
import {html} from "../view.js";

const LOUD = ["link.clicked", "link.scanned"];

/** Every event that the description tells of, by kind. @returns {[string, {name: string, doc: string}[]][]} */
function known() {
  const named = Object.entries(described.value.document.webhooks ?? {}).map(([name, one]) =>
    ({name, doc: one.post?.summary ?? one.post?.description ?? ""}));
  const kinds = [...new Set(["link", ...named.map(({name}) => name.split(".")[0])])];
  return kinds.map((kind) => [kind, named.filter(({name}) => name.startsWith(`${kind}.`))]);
}

/** @param {import("../parts/widgets.js").Props} props */
export function EventsField({field, value, onChange, id, describedby}) {
  const chosen = value ?? [];
  const all = chosen.includes("*");
  const has = (name) => chosen.includes(name);
  const set = (names) => onChange([...new Set(names)]);
  const flip = (name) => set(has(name) ? chosen.filter((one) => one !== name) : [...chosen, name]);
  const whole = (kind) => set(has(`${kind}.*`) ? chosen.filter((one) => one !== `${kind}.*`)
    : [...chosen.filter((one) => LOUD.includes(one) || !one.startsWith(`${kind}.`)), `${kind}.*`]);
  const loud = chosen.filter((one) => LOUD.includes(one));
  return html`
    <div class="scopes" id=${id} role="group" aria-label=${field.label} aria-describedby=${describedby}>
      <div class="chips">${[[true, "Everything"], [false, "Choose"]].map(([on, text]) => html`
        <label class="chip" key=${text}><input class="unseen" type="radio" name=${`${id}-all`} checked=${all === on}
          onChange=${() => set(on ? ["*", ...loud] : loud)} />${text}</label>`)}</div>
      ${all
        ? html`<div class="ticks">${LOUD.map((name) => html`<label key=${name}><input type="checkbox" checked=${has(name)}
          onChange=${() => flip(name)} /> <span>and <code>${name}</code>, one for every visitor</span></label>`)}</div>`
        : html`<div class="ticks tall events">${known().map(([kind, events]) => html`
          <fieldset key=${kind}><legend><label><input type="checkbox" checked=${has(`${kind}.*`)}
            onChange=${() => whole(kind)} aria-label=${`${kind}.*`} /> <b>${humanize(kind)}</b> <code>${kind}.*</code></label></legend>
            ${events.map(({name, doc}) => html`<label key=${name} title=${doc}><input type="checkbox"
              checked=${has(name) || (has(`${kind}.*`) && !LOUD.includes(name))}
              disabled=${has(`${kind}.*`) && !LOUD.includes(name)} onChange=${() => flip(name)} />
              <code>${name}</code></label>`)}</fieldset>`)}</div>`}
    </div>`;
}
