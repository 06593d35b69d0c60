/** One field of a form: label, widget, hint, and what is wrong with it. */

import {html, useId} from "../view.js";
import {widgetOf} from "./widgets.js";

/** @param {{field: import("../spec.js").Field, value: any, onChange: (value: any) => void, wrong?: string,
 *   required?: boolean, prefix?: string, autofocus?: boolean}} props */
export function FormField({field, value, onChange, wrong, required = false, prefix, autofocus}) {
  const id = useId();
  const Widget = widgetOf(field);
  const hint = hintOf(field);
  return html`
    <div class=${`field ${field.kind === "boolean" && !field.nullable ? "across" : ""} ${field.half ? "half" : ""}`}
      data-field=${field.name}>
      <label for=${id}>${field.label}${!required && !isSet(field) && html` <span class="optional">optional</span>`}</label>
      <${Widget} field=${field} value=${value} onChange=${onChange} id=${id} required=${required}
        invalid=${Boolean(wrong)}
        describedby=${`${id}-hint ${id}-wrong`} prefix=${prefix} autofocus=${autofocus} />
      <span class="hint" id=${`${id}-hint`}>${hint}</span>
      <span class="wrong" id=${`${id}-wrong`}>${wrong}</span>
    </div>`;
}

/** Whether it has a value already where nobody gives one. @param {import("../spec.js").Field} field */
const isSet = ({default: given}) => given !== undefined && given !== null && given !== "" && !(Array.isArray(given) && !given.length);

/** What the description says, without what the widget shows anyway. @param {import("../spec.js").Field} field */
function hintOf(field) {
  const text = field.widget === "scopes" ? "What it may do." : field.doc;
  return text.replace(/ Default: .*\.$/, "");
}
