/** What a value is typed into, by the kind of its field. Every widget takes {field, value, onChange, id, …}. */

import {Pick} from "./pick.js";
import {described, me} from "../state.js";
import {localText} from "../text.js";
import {html} from "../view.js";
import {Glyph} from "./glyph.js";
import {choiceText} from "./words.js";

/** @typedef {{field: import("../spec.js").Field, value: any, onChange: (value: any) => void, id: string,
 *   required?: boolean, invalid?: boolean, describedby?: string, prefix?: string, autofocus?: boolean}} Props */

/** The widget that a field asks for. @param {import("../spec.js").Field} field */
export function widgetOf(field) {
  if (field.Widget) return field.Widget;
  if (BY_NAME[field.widget] && (field.kind !== "array" || field.widget === "scopes")) return BY_NAME[field.widget];
  if (field.refs) return field.kind === "array" ? References : Reference;
  if (field.choices.length) return Choice;
  if (field.kind === "array" && field.schema.items?.enum) return Ticks;
  return BY_KIND[field.kind] ?? Text;
}

const attributes = ({id, required, invalid, describedby, autofocus}) => ({
  id, name: id, required, autofocus, "aria-invalid": invalid ? "true" : undefined, "aria-describedby": describedby,
});
const textOf = (event) => event.target.value === "" ? null : event.target.value;

/** @param {Props & {type?: string, more?: any}} props */
function Text({type = "text", more = {}, ...props}) {
  const {field, value, onChange, prefix} = props;
  return html`
    <div class="input">${prefix && html`<span class="prefix">${prefix}</span>`}
      <input type=${type} placeholder=${field.placeholder} ...${attributes(props)} ...${more}
        maxlength=${field.schema.maxLength}
        value=${value ?? ""}
        autocomplete=${type === "password" ? "new-password" : "off"} spellcheck=${type === "text" && !props.prefix}
          onInput=${(event) => onChange(textOf(event))} />
    </div>`;
}

const Address = (props) => html`<${Text} ...${props} type="url" more=${{inputmode: "url", placeholder: "https://",
  onChange: (event) => props.onChange(withScheme(event.target.value.trim()) || null)}} />`;
const Email = (props) => html`<${Text} ...${props} type="email" />`;
const Password = (props) => html`<${Text} ...${props} type="password" />`;
const Slug = (props) => html`<${Text} ...${props} prefix=${props.prefix ?? "/"}
  more=${{autocapitalize: "none"}} />`;

/** `example.com/page`, as people write it, means https. @param {string} text */
export function withScheme(text) {
  const bare = /^[^\s/:?#]+\.[^\s/:?#]+(:\d+)?([/?#]|$)/.test(text);
  return bare ? `https://${text}` : text;
}

/** @param {Props} props */
function Whole(props) {
  const read = (event) => {
    const text = event.target.value.trim();
    props.onChange(text === "" ? null : Number.isFinite(Number(text)) ? Number(text) : text);
  };
  return html`<div class="input"><input type="number" inputmode="numeric" ...${attributes(props)}
    min=${props.field.schema.minimum} max=${props.field.schema.maximum} value=${props.value ?? ""}
      placeholder=${props.field.placeholder}
      onInput=${read} />
      </div>`;
}

/** @param {Props} props */
function Prose(props) {
  return html`<div class="input"><textarea rows="3" ...${attributes(props)}
    maxlength=${props.field.schema.maxLength} value=${props.value ?? ""}
      onInput=${(event) => props.onChange(textOf(event))} /></div>`;
}

/** Yes or no; for a field that Routy would fill in, also neither. @param {Props} props */
function Switch(props) {
  if (props.field.nullable) {
    const options = [["", "as usual"], ["true", "yes"], ["false", "no"]];
    const read = (event) => props.onChange(event.target.value === "" ? null : event.target.value === "true");
    return html`<div class="input"><select ...${attributes(props)}
      value=${props.value === null || props.value === undefined ? "" : String(props.value)} onChange=${read}>
      ${options.map(([value, text]) => html`<option key=${value} value=${value}>${text}</option>`)}</select></div>`;
  }
  return html`<input class="switch" type="checkbox" role="switch" ...${attributes(props)}
    checked=${Boolean(props.value)} onChange=${(event) => props.onChange(event.target.checked)} />`;
}

/** @param {Props} props */
function Choice(props) {
  const {field, value, onChange} = props;
  const read = (event) => onChange(field.choices.find((one) => String(one) === event.target.value) ?? null);
  return html`
    <div class="input"><select ...${attributes(props)}
      value=${value === null || value === undefined ? "" : String(value)} onChange=${read}>
      ${(field.nullable || value === undefined || value === null) && html`<option value="">–</option>`}
      ${field.choices.map((one) => html`<option key=${one} value=${String(one)}>
        ${(field.choiceText ?? choiceText.bind(null, field.name))(one)}</option>`)}
    </select></div>`;
}

/** In the viewer's zone; the API gets UTC. @param {Props} props */
function Moment(props) {
  const read = (event) => props.onChange(event.target.value ? new Date(event.target.value).toISOString() : null);
  return html`<div class="input"><input type="datetime-local" ...${attributes(props)}
    value=${props.value ? localText(props.value) : ""} onInput=${read} /></div>`;
}

/** @param {Props} props */
function Colour(props) {
  return html`<div class="input colour"><input type="color" ...${attributes(props)}
    value=${props.value ?? "#64748b"} onInput=${(event) => props.onChange(event.target.value)} />
      <code>${props.value ?? ""}</code></div>`;
}

/** @param {Props} props */
function Zone(props) {
  const zones = [...new Set(["UTC", ...Intl.supportedValuesOf("timeZone"), ...(props.value ? [props.value] : [])])];
  return html`<div class="input"><select ...${attributes(props)} value=${props.value ?? ""}
    onChange=${(event) => props.onChange(textOf(event))}>
    ${(props.value ?? "") === "" && html`<option value="">–</option>`}
      ${zones.map((name) => html`<option key=${name}>${name}</option>`)}</select></div>`;
}

/** Some of a few. @param {Props} props */
function Ticks(props) {
  const chosen = props.value ?? [];
  const flip = (one) => props.onChange(chosen.includes(one) ?
    chosen.filter((other) => other !== one) : [...chosen, one]);
  return html`<div class="ticks tall" id=${props.id} role="group" aria-label=${props.field.label}
    aria-describedby=${props.describedby}>${props.field.schema.items.enum.map((one) => html`
    <label key=${one}><input type="checkbox" checked=${chosen.includes(one)} onChange=${() => flip(one)} />
      ${String(one).replaceAll("_", " ")}</label>`)}</div>`;
}

/** One a line. @param {Props} props */
function Lines(props) {
  const read = (event) => props.onChange(event.target.value.split("\n").map((line) => line.trim()).filter(Boolean));
  return html`<div class="input"><textarea rows="3" ...${attributes(props)} placeholder="one a line"
    onChange=${read}>${(props.value ?? []).join("\n")}</textarea></div>`;
}

/** Names with values. @param {Props} props */
function PairRows(props) {
  const pairs = Object.entries(props.value ?? {});
  const set = (next) => props.onChange(Object.fromEntries(next.filter(([name]) => name !== "" || true)));
  const change = (at, name, value) => set(pairs.map((pair, index) => index === at ? [name, value] : pair));
  return html`
    <div class="pair-rows" id=${props.id} aria-describedby=${props.describedby}>
      ${pairs.map(([name, value], at) => html`
        <div class="pair" key=${at}>
          <div class="input"><input aria-label=${`Name ${at + 1}`} value=${name}
            onChange=${(event) => change(at, event.target.value, value)} /></div>
          <div class="input"><input aria-label=${`Value of ${name || `name ${at + 1}`}`} value=${value}
            onInput=${(event) => change(at, name, event.target.value)} /></div>
          <button class="button quiet icon" type="button" aria-label=${`Remove ${name || `pair ${at + 1}`}`}
            onClick=${() => set(pairs.filter((_, index) => index !== at))}><${Glyph} name="x" /></button>
        </div>`)}
      <button class="button" type="button" onClick=${() => set([...pairs, [freeName(pairs), ""]])}>
        <${Glyph} name="plus" />Add a pair</button>
    </div>`;
}

const freeName = (pairs) => {
  const taken = new Set(pairs.map(([name]) => name));
  let at = pairs.length + 1;
  while (taken.has(`key${at}`)) at += 1;
  return `key${at}`;
};

const Reference = (props) => html`<div class="input"><${Pick} refs=${props.field.refs} values=${props.value ?
  [props.value] : []} id=${props.id} invalid=${props.invalid} describedby=${props.describedby}
    onChange=${(values) => props.onChange(values.at(-1) ?? null)} /></div>`;
const References = (props) => html`<div class="input"><${Pick} refs=${props.field.refs} many
  values=${props.value ?? []} id=${props.id} invalid=${props.invalid} describedby=${props.describedby}
    onChange=${props.onChange} /></div>`;

/** What a token may do: presets, or each by itself, as far as one may oneself. @param {Props} props */
function Scopes(props) {
  const chosen = props.value ?? [];
  const known = scopesOf(described.value.document);
  const preset = ["full", "read-only"].find((name) => chosen.length === 1 && chosen[0] === name) ?? "some";
  const flip = (name) => props.onChange(chosen.includes(name) ?
    chosen.filter((one) => one !== name) : [...chosen, name]);
  return html`
    <div class="scopes" id=${props.id} role="group" aria-describedby=${props.describedby}>
      <div class="chips">${[["read-only", "Read everything"], ["full", "Everything"], ["some",
        "Choose"]].map(([name, text]) => html`
        <label class="chip" key=${name}><input class="unseen" type="radio" name=${`${props.id}-preset`}
          checked=${preset === name} onChange=${() => props.onChange(name === "some" ? [] : [name])} />${text}
            </label>`)}</div>
      ${preset === "some" && html`<div class="scope-grid">${known.map((domain) => html`
        <span key=${domain.name} title=${domain.doc}>${domain.name}</span>
        ${["read", "write"].map((kind) => {
          const scope = `${domain.name}:${kind}`;
          return domain.kinds.includes(kind)
            ? html`<label key=${scope}><input type="checkbox" disabled=${!me.value.scopes.includes(scope)}
              checked=${chosen.includes(scope)} onChange=${() => flip(scope)} aria-label=${scope} /> ${kind}
                </label>` : html`<span key=${scope} />`;
        })}`)}</div>`}
    </div>`;
}

/** All scopes, as operations name them. */
function scopesOf(document) {
  const names = new Set(Object.values(document.paths).flatMap((path) => Object.values(path)).map((operation) =>
    operation?.["x-routy-scope"]).filter(Boolean));
  const domains = [...new Set([...names].map((name) => name.split(":")[0]))].sort();
  return domains.map((name) => ({name, doc: name, kinds: ["read", "write"].filter((kind) =>
    names.has(`${name}:${kind}`))}));
}

const BY_NAME = {prose: Prose, color: Colour, timezone: Zone, url: Address, email: Email, password: Password,
  slug: Slug, scopes: Scopes};
const BY_KIND = {integer: Whole, number: Whole, boolean: Switch, time: Moment, array: Lines, object: PairRows};
