/**
 * Forms that fit what is being said in them: which fields a record of this kind has, and what they are called there.
 * One entry a resource; whatever is not named here is as the description has it.
 *
 * @typedef {{only?: string[], texts?: Record<string, Partial<import("../spec.js").Field>>}} Fit
 */

import {alertFit} from "../alerts/kinds.js";
import {EventsField} from "../hooks/events-field.js";
import {sourceText, sources} from "../exports/sources.js";
import {WEEKDAYS} from "../text.js";

const TIMES = {day: [], week: ["weekday"], month: ["day"]};

/** @type {Record<string, (values: any) => Fit>} */
const FITS = {
  alerts: alertFit,
  webhooks: ({id}) => ({
    only: ["url", "events", "description", "subject_id", "condition", ...(id ? ["status"] : []), "external_id", "metadata"],
    texts: {
      url: {label: "Address"},
      events: {Widget: EventsField, doc: ""},
      subject_id: {label: "Only of one link", doc: "Left empty: of the whole workspace.", refs: "links"},
      condition: {label: "Only when", placeholder: "status=active&clicks[gte]=100",
        doc: "What must hold of the record: filters as those of its list."},
    },
  }),
  exports: () => ({only: ["source", "query", "format", "name", "external_id", "metadata"], texts: exported()}),
  schedules: ({every, id}) => ({
    only: ["name", "source", "query", "range", "format", "every", ...(TIMES[every] ?? []), "hour", "timezone",
      "recipients", ...(id ? ["status"] : []), "external_id", "metadata"],
    texts: {
      ...exported(),
      range: {label: "Days", half: true, doc: "Up to the moment it runs. Left empty: those of the query."},
      every: {label: "How often", half: true, doc: ""},
      weekday: {half: true, doc: "", choices: [1, 2, 3, 4, 5, 6, 7], choiceText: (day) => WEEKDAYS[day - 1]},
      day: {label: "Day of the month", half: true, doc: "The last one where the month is shorter."},
      hour: {half: true, doc: "", choices: [...Array(24).keys()],
        choiceText: (hour) => `${String(hour).padStart(2, "0")}:00`},
      timezone: {label: "Time zone", half: true, doc: "Left empty: the workspace's."},
      recipients: {label: "Mail it to", doc: "Who gets the address of the file when it is done. One a line."},
    },
  }),
};

/** What lists and reports as files have in common. */
const exported = () => ({
  source: {label: "What", half: true, doc: "", choices: sources(), choiceText: sourceText},
  query: {label: "Filters, columns, order", placeholder: "status=active&sort=-clicks",
    doc: "As they stand in the address of the list or report, behind the question mark."},
  format: {label: "Kind of file", half: true, doc: ""},
});

/** @param {import("../spec.js").Resource} resource @param {any} values @returns {Fit} */
export const fitOf = (resource, values) => FITS[resource.path]?.(values) ?? {};

/**
 * The fields of a form, as they fit what is filled in so far.
 * @param {import("../spec.js").Field[]} fields @param {Fit} fit @returns {import("../spec.js").Field[]}
 */
export function fitted(fields, {only, texts = {}}) {
  const kept = only ? only.map((name) => fields.find((field) => field.name === name)).filter(Boolean) : fields;
  return kept.map((field) => texts[field.name] ? {...field, ...texts[field.name]} : field);
}
