/** The filters of a list: a chip each, and a panel that adds one. Also what reports are filtered by. */

import {Glyph} from "../parts/glyph.js";
import {Panel} from "../parts/menu.js";
import {nameFor} from "../parts/names.js";
import {Pick} from "../parts/pick.js";
import {localText, moment, valueText} from "../text.js";
import {html, useState} from "../view.js";
import {operatorText} from "./question.js";

/** @param {{fields: Map<string, import("../spec.js").Field>, filters: import("./question.js").Filter[],
 *   onAdd: (name: string, value: string) => void, onRemove: (filter: import("./question.js").Filter) => void}} props */
export function Filters({fields, filters, onAdd, onRemove}) {
  return html`
    ${filters.map((filter) => html`
      <span class="chip on" key=${`${filter.name}=${filter.value}`}>
        <${FilterText} field=${fields.get(filter.field)} filter=${filter} />
        <button type="button" aria-label=${`Remove the filter ${fields.get(filter.field).label}`}
          onClick=${() => onRemove(filter)}><${Glyph} name="x" /></button>
      </span>`)}
    <${Panel} label="Add a filter" kind="chip" text=${html`<${Glyph} name="plus" />Filter`}>
      ${(close) => html`<${Adding} fields=${fields} onAdd=${(name, value) => { onAdd(name,
        value); close(); }} />`}<//>`;
}

function FilterText({field, filter}) {
  const {operator, value} = filter;
  if (operator === "null") return html`<span>${field.label} <b>${value === "true" ? "is empty" : "is not empty"}</b>
    </span>`;
  const shown = value.split(",").map((one) => oneText(field, one));
  return html`<span>${field.label} ${operatorText(field, operator)} <b>${shown.join(" or ")}</b></span>`;
}

function oneText(field, value) {
  if (field.kind === "time") return moment(value);
  if (/^[a-z]+_[0-9A-HJKMNP-TV-Z]{26}$/.test(value)) return nameFor(value).value ?? "…";
  return valueText(field.name, value);
}

const LAST = ["id", "external_id", "created_by", "created_at", "updated_at", "deleted_at"];

/** What can be filtered by; what every record has comes last. */
function usable(fields) {
  const all = [...fields.values()].filter((field) => Object.keys(field.operators).length);
  return [...all.filter((field) => !LAST.includes(field.name)),
    ...all.filter((field) => LAST.includes(field.name))];
}

/** Field, operator, value: three steps in one small panel. */
function Adding({fields, onAdd}) {
  const known = usable(fields);
  const [name, setName] = useState(known[0].name);
  const field = fields.get(name);
  const [operator, setOperator] = useState(Object.keys(field.operators)[0]);
  const [value, setValue] = useState("");
  const choose = (next) => {
    setName(next);
    setOperator(Object.keys(fields.get(next).operators)[0]);
    setValue("");
  };
  const add = (event) => {
    event.preventDefault();
    event.stopPropagation(); // it may stand in another form
    const given = operator === "null" && !value ? "true" : value;
    if (given !== "") onAdd(operator === "eq" ? name : `${name}[${operator}]`, given);
  };
  return html`
    <form class="form filter-form" onSubmit=${add}>
      <div class="input"><select aria-label="Field" value=${name} data-first
        onChange=${(event) => choose(event.target.value)}>
        ${known.map((one) => html`<option key=${one.name} value=${one.name}>${one.label}</option>`)}</select></div>
      <div class="input"><select aria-label="How it compares" value=${operator}
        onChange=${(event) => { setOperator(event.target.value); setValue(""); }}>
        ${Object.keys(field.operators).map((one) =>
          html`<option key=${one} value=${one}>${operatorText(field, one)}</option>`)}</select></div>
      <${FilterValue} key=${`${name} ${operator}`} field=${field} operator=${operator} value=${value}
        onChange=${setValue} />
      <button class="button main">Add filter</button>
    </form>`;
}

function FilterValue({field, operator, value, onChange}) {
  if (operator === "null") return html`<${Choose} options=${[["true", "is empty"], ["false", "is not empty"]]}
    value=${value || "true"} onChange=${onChange} />`;
  if (field.kind === "boolean") return html`<${Choose} options=${[["", "–"], ["true", "yes"], ["false", "no"]]}
    value=${value} onChange=${onChange} />`;
  if (field.choices.length) return html`<${Several} choices=${field.choices} value=${value}
    onChange=${onChange} />`;
  if (field.refs) return html`<div class="input"><${Pick} refs=${field.refs} many label=${field.label}
    values=${value ? value.split(",") : []} onChange=${(values) => onChange(values.join(","))} /></div>`;
  if (field.kind === "time") return html`<div class="input">
    <input type="datetime-local" aria-label="Moment" value=${value && localText(value)}
      onInput=${(event) => onChange(event.target.value && new Date(event.target.value).toISOString())} /></div>`;
  return html`<div class="input"><input aria-label="Value" value=${value}
    placeholder=${String(field.schema.examples?.[0] ?? "")}
      inputmode=${field.kind === "integer" ? "numeric" : undefined}
        onInput=${(event) => onChange(event.target.value.trim())} /></div>`;
}

const Choose = ({options, value, onChange}) => html`
  <div class="input"><select aria-label="Value" value=${value} onChange=${(event) => onChange(event.target.value)}>
    ${options.map(([one, text]) => html`<option key=${one} value=${one}>${text}</option>`)}</select></div>`;

function Several({choices, value, onChange}) {
  const chosen = value ? value.split(",") : [];
  const flip = (one) => onChange((chosen.includes(one) ? chosen.filter((other) => other !== one) : [...chosen,
    one]).join(","));
  return html`<div class="ticks" role="group" aria-label="Values">${choices.map(String).map((one) => html`
    <label key=${one}><input type="checkbox" checked=${chosen.includes(one)} onChange=${() => flip(one)} /> ${one}
      </label>`)}</div>`;
}
