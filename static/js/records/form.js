/** Forms of records: every field that the API takes, all that is wrong with them in place, nothing lost unasked. */

import {ApiError, newKey, patch, post} from "../api.js";
import {FormField} from "../parts/field.js";
import {confirmed} from "../parts/dialog.js";
import {guard} from "../router.js";
import {complaint} from "../spec.js";
import {fitOf, fitted} from "./fit.js";
import {writes} from "../state.js";
import {sentence} from "../text.js";
import {html, useLayoutEffect, useRef, useState} from "../view.js";

/** Fields that stand at the end of every form, folded away. */
const LAST = new Set(["external_id", "metadata"]);

/**
 * @typedef {{resource: import("../spec.js").Resource, row?: any, given?: any, first?: string[], only?: string[],
 *   onDone: (row: any) => void, onCancel?: () => void, onDirty?: (dirty: boolean) => void, action?: string,
 *   prefixes?: Record<string, string>, fixed?: any, fit?: import("./fit.js").Fit, told?: (values: any) => any}} Props
 *   row: what is changed (nothing: something is made); given: values to begin with; first: the fields that are
 *   not folded away; only: no others at all; fixed: values that are sent whatever is filled in; told:
 *   what all of it says, above the fields
 */

/** @param {Props} props */
export function RecordForm(props) {
  const {resource, row, given = {}, first, only, onDone, onCancel, prefixes = {}} = props;
  const form = row ? resource.patch : resource.create;
  const all = form.fields.filter((field) => !only || only.includes(field.name));
  const begun = row ?? beginning(all, given, form.required);
  const [values, setValues] = useState(begun);
  const fields = fitted(all, props.fit ?? fitOf(resource, values));
  const [wrong, setWrong] = useState(/** @type {Record<string, string>} */ ({}));
  const [busy, setBusy] = useState(false);
  const element = useRef(null);
  const sent = useRef({text: "", key: ""});
  const dirty = fields.some((field) => !same(values[field.name], begun[field.name]));
  useLayoutEffect(() => {
    props.onDirty?.(dirty);
    return dirty ? guard(askToLeave) : undefined;
  }, [dirty]);
  const send = async (event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setWrong({});
    try {
      onDone(await write(resource, row, fields, values, begun, sent.current, props.fixed));
      writes.value += 1;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setWrong(refused(error, fields));
      queueMicrotask(() => requestAnimationFrame(() =>
        element.current?.querySelector("[aria-invalid], .wrong:not(:empty)")?.focus?.()));
    } finally {
      setBusy(false);
    }
  };
  const parts = partsOf(resource, fields, first);
  const draw = (field, index) => html`
    <${FormField} key=${field.name} field=${field} value=${values[field.name]} wrong=${wrong[field.name]}
      required=${needed(resource, row, form, field)}
      prefix=${prefixes[field.name]} autofocus=${index === 0 && !row}
        onChange=${(value) => setValues((was) => ({...was, [field.name]: value}))} />`;
  return html`
    <form class="form record-form" ref=${element} onSubmit=${send} novalidate>
      <p class="wrong" role="alert">${wrong[""]}</p>
      ${props.told?.(values)}
      ${parts.front.map(draw)}
      ${parts.folded.map(({title, fields: some}) => html`
        <details key=${title} open=${some.some((field) => wrong[field.name])}>
          <summary>${title}${told(some, values, begun)}</summary>
            <div class="form">${some.map((field) => draw(field, -1))}</div></details>`)}
      <div class="actions">
        ${onCancel && html`<button class="button" type="button" onClick=${async () => (!dirty ||
          await askToLeave()) && onCancel()}>Cancel</button>`}
        <button class="button main" aria-disabled=${busy || undefined}>
          ${props.action ?? (row ? "Save" : `Make ${resource.singular}`)}</button>
      </div>
    </form>`;
}

/**
 * What stands in front, and what is folded away under a title.
 * @param {import("../spec.js").Field[]} fields
 * @param {string[]} [first]
 */
function partsOf(resource, fields, first) {
  const pick = (names) => names.map((name) => fields.find((field) => field.name === name)).filter(Boolean);
  const own = {title: "Own keys", fields: fields.filter((field) => LAST.has(field.name))};
  const sections = [...resource.sections.map(({title, fields: names}) => ({title, fields: pick(names)})), own];
  const folded = new Set(sections.flatMap((section) => section.fields));
  const leading = pick(first ?? resource.first);
  const others = fields.filter((field) => !folded.has(field) && !leading.includes(field));
  const front = first ? leading : [...leading, ...others];
  if (first && others.length) sections.unshift({title: "More", fields: others});
  return {front, folded: sections.filter((section) => section.fields.length)};
}

/** How many of a folded part are set, so that nobody has to look. */
function told(fields, values, begun) {
  const set = fields.filter((field) => !BLANK.has(JSON.stringify(values[field.name] ?? null)) &&
    !same(values[field.name], field.default)).length;
  return begun && set ? html` <span class="muted">${set} set</span>` : "";
}

const BLANK = new Set(["null", '""', "[]", "{}"]);

/** What must be there; of a record that exists, also what cannot be taken away. */
const needed = (resource, row, form, field) => form.required.includes(field.name)
  || Boolean(row && field.name in row && resource.create?.required.includes(field.name));

export const askToLeave = () => confirmed({
  title: "Leave without saving?", text: "What you have changed here is lost when you leave.", action: "Leave",
    bad: true,
});

/** What a form begins with. @param {import("../spec.js").Field[]} fields */
function beginning(fields, given, required) {
  return Object.fromEntries(fields.map((field) => [field.name, given[field.name] ?? defaultOf(field, required)]));
}

/** @param {import("../spec.js").Field} field */
function defaultOf(field, required) {
  if (field.default !== undefined) return field.default;
  return field.kind === "boolean" && !field.nullable && !required.includes(field.name) ? false : undefined;
}

const same = (one, other) => JSON.stringify(one ?? null) === JSON.stringify(other ?? null);

/** Make it, or change what was changed. @returns {Promise<any>} */
async function write(resource, row, fields, values, begun, sent, fixed = {}) {
  if (row) {
    const changed = fields.filter((field) => !same(values[field.name], begun[field.name]));
    if (!changed.length) return row;
    const body = Object.fromEntries(changed.map((field) => [field.name, values[field.name] ?? null]));
    return (await patch(`/${resource.path}/${row.id}`, body, {version: row.version})).data;
  }
  const filled = fields.map((field) => [field.name, values[field.name]]).filter(([, value]) =>
    value !== undefined && value !== null);
  const body = {...Object.fromEntries(filled), ...fixed};
  const text = JSON.stringify(body);
  if (sent.text !== text) Object.assign(sent, {text, key: newKey()});
  return (await post(`/${resource.path}`, body, {key: sent.key})).data;
}

/** What is wrong, by field; under "" what belongs to none of them. */
function refused(error, fields) {
  if (error.status === 412) return {"": "Somebody has changed it meanwhile. Load the page again to see what they did; what you typed here would overwrite it."};
  const found = {};
  const rest = [];
  for (const {field, message} of error.details) {
    const name = field.split(/[.[]/)[0];
    const known = fields.find((one) => one.name === name);
    if (known) found[name] = [found[name], complaint(known.label, message)].filter(Boolean).join(" ");
    else rest.push(`${field} ${message}`);
  }
  return {...found, "": error.details.length ? sentence(rest.join(". ")) : sentence(error.message)};
}
