/** The API's own description, as the pages read it: resources with their fields, filters and operations. */

import {get} from "./api.js";
import {humanize, sentence} from "./text.js";

/**
 * @typedef {{name: string, label: string, doc: string, default?: any, kind: string, nullable: boolean, choices: any[], refs?: string,
 *   sort: boolean, search: boolean, widget?: string, schema: any, operators: Record<string, any>}} Field
 * @typedef {{name: string, path: string, title: string, singular: string, label: string, group: string, home: string,
 *   operations: string[], columns: string[], first: string[], sections: {title: string, fields: string[]}[], stream: boolean, prefix: string, doc: string, fields: Map<string, Field>,
 *   create: ?Form, patch: ?Form, once: string[], reads: string, writes: ?string, controls: string[]}} Resource
 * @typedef {{fields: Field[], required: string[]}} Form
 * @typedef {{resources: Map<string, Resource>, byName: Map<string, Resource>, paths: any, document: any}} Spec
 */

/** @type {?Promise<Spec>} */
let reading = null;

/** @returns {Promise<Spec>} */
export function spec() {
  reading ??= get("/openapi.json?outline=true").then(read).catch((error) => {
    reading = null;
    throw error;
  });
  return reading;
}

/** Beside the schema of a resource stand those of its answers in part, and with a secret. */
const OTHERS = /(Part|WithSecret)$/;

/** @returns {Spec} */
function read(document) {
  const schemas = document.components.schemas;
  const names = Object.keys(schemas).filter((name) => schemas[name]["x-routy"]?.path && !OTHERS.test(name));
  const resources = new Map(names.map((name) => {
    const resource = readResource(document, name);
    return [resource.path, resource];
  }));
  const byName = new Map([...resources.values()].map((resource) => [resource.path.replaceAll("-", "_"), resource]));
  return {resources, byName, paths: document.paths, document};
}

/** @returns {Resource} */
function readResource(document, name) {
  const {schemas} = document.components;
  const [view, hints] = [schemas[name], schemas[name]["x-routy"]];
  const list = document.paths[`/${hints.path}`]?.get;
  const once = schemas[`${name}WithSecret`];
  return {
    name, path: hints.path, label: hints.label, operations: hints.operations,
    title: hints.title ?? humanize(hints.path), group: hints.group ?? "More", home: hints.home ?? "",
    singular: name.replace(/(?<!^)(?=[A-Z])/g, " ").toLowerCase(),
    columns: hints.columns ?? Object.keys(view.properties).slice(0, 6),
    first: hints.first ?? [], sections: hints.sections ?? [],
    stream: Boolean(hints.stream), prefix: hints.prefix, doc: view.description ?? "",
    fields: readFields(view, list?.parameters ?? []),
    create: readForm(schemas[`${name}Create`]), patch: readForm(schemas[`${name}Patch`]),
    once: Object.keys(once?.properties ?? {}).filter((field) => !view.properties[field] &&
      field !== "secret_shown"),
    reads: list?.["x-routy-scope"] ?? "",
    writes: firstScope(document, hints.path),
    controls: (list?.parameters ?? []).map((parameter) => parameter.name),
  };
}

/** The scope that changing needs. @returns {?string} */
function firstScope(document, path) {
  const places = [document.paths[`/${path}`]?.post, document.paths[`/${path}/{id}`]?.patch,
    document.paths[`/${path}/{id}`]?.delete];
  return places.find(Boolean)?.["x-routy-scope"] ?? null;
}

/** @returns {Map<string, Field>} */
function readFields(schema, parameters) {
  const fields = new Map(Object.entries(schema.properties).map(([name, one]) => [name, readField(name, one)]));
  for (const parameter of parameters) {
    const found = /^(\w+?)(?:\[(\w+)\])?$/.exec(parameter.name);
    const field = found && fields.get(found[1]);
    if (field && parameter.in === "query") field.operators[found[2] ?? "eq"] = parameter.schema;
  }
  return fields;
}

/** @returns {?Form} */
function readForm(schema) {
  if (!schema) return null;
  const fields = Object.entries(schema.properties).map(([name, one]) => readField(name, one));
  return {fields, required: schema.required ?? []};
}

/** @returns {Field} */
function readField(name, schema) {
  const hints = schema["x-routy"] ?? {};
  const types = [schema.type ?? "string"].flat();
  const kind = types.find((type) => type !== "null") ?? "string";
  return {
    name, schema, label: hints.label ?? humanize(name), doc: schema.description ?? "",
      default: defaultIn(schema.description),
    kind: schema.format === "date-time" ? "time" : kind,
    nullable: types.includes("null"), choices: (schema.enum ?? []).filter((one) => one !== null),
    refs: hints.refs, sort: Boolean(hints.sort), search: Boolean(hints.search), widget: hints.widget, operators: {},
  };
}

/** The description says defaults in words, `Default: 302.`, as JSON. @param {string} [text] */
function defaultIn(text) {
  const found = / Default: (.*)\.$/.exec(text ?? "")?.[1];
  try {
    return found === undefined ? undefined : JSON.parse(found);
  } catch {
    return undefined;
  }
}

/** What a record is called on screen. @param {Resource} resource @param {any} row */
export const nameOf = (resource, row) => String(row?.[resource.label] ?? row?.title ?? row?.name ?? row?.id ?? "");

/** `a link`, `an event`. @param {Resource} resource */
export const article = (resource) => `${/^[aeio]/.test(resource.singular) ? "an" : "a"} ${resource.singular}`;

/** Where a record's page is. @param {Resource} resource @param {string} id */
export const pageOf = (resource, id) => `/app/${resource.path}/${encodeURIComponent(id)}`;

/**
 * The lists that stand beside each other as tabs: that of a resource, and those that have it as their home.
 * @param {Spec} described @param {Resource} resource
 */
export function familyOf(described, resource) {
  const home = resource.home || resource.path;
  return [...described.resources.values()].filter((one) => one.path === home || one.home === home)
    .sort((one, other) => Number(one.home !== "") - Number(other.home !== ""));
}

/** The resource that an id belongs to, by its prefix. @param {Spec} described @param {string} id */
export function resourceOf(described, id) {
  const prefix = /^([a-z]+)_[0-9A-HJKMNP-TV-Z]{26}$/.exec(id ?? "")?.[1];
  return prefix ? [...described.resources.values()].find((resource) => resource.prefix === prefix) : undefined;
}

/** `Destination is required`, of what the API says about a field. */
export const complaint = (label, message) => `${sentence(label)} ${message}.`;
