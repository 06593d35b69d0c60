/** Filters of clicks as one field of a form: chips, kept as the parameters of a report stand in a URL. */

import {readable} from "../router.js";
import {described} from "../state.js";
import {html} from "../view.js";
import {Filters} from "./filters.js";
import {filtersOf} from "./question.js";

const NOT_OF_REPORTS = new Set(["id", "created_at", "class_at_answer", "ip", "agent", "visitor", "method", "status"]);

/** @param {import("../parts/widgets.js").Props} props */
export function ClickFilters({field, value, onChange, id, describedby}) {
  const clicks = described.value.resources.get("clicks");
  const fields = new Map([...clicks.fields].filter(([name]) => !NOT_OF_REPORTS.has(name)));
  const query = new URLSearchParams(value ?? "");
  const change = (run) => {
    const next = new URLSearchParams(query);
    run(next);
    onChange(readable(next));
  };
  return html`
    <div class="filters" id=${id} role="group" aria-label=${field.label} aria-describedby=${describedby}>
      <${Filters} fields=${fields} filters=${filtersOf(clicks, query).filter((one) => fields.has(one.field))}
        onAdd=${(name, text) => change((next) => next.set(name, text))}
        onRemove=${(filter) => change((next) => next.delete(filter.name))} />
    </div>`;
}
