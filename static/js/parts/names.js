/** The names of records that are only known by their ids: asked for together, remembered for the page. */

import {get} from "../api.js";
import {nameOf, pageOf, resourceOf} from "../spec.js";
import {described, may} from "../state.js";
import {html, signal, useEffect} from "../view.js";

const MOST = 100;
/** @type {Map<string, {value: ?string}>} */
const known = new Map();
/** @type {Map<string, Set<string>>} */
const wanted = new Map();

/** Learn names on the way, so that nobody has to ask for them. @param {string} id @param {string} name */
export function learn(id, name) {
  if (!known.has(id)) known.set(id, signal(name));
  else known.get(id).value = name;
}

/** A signal with the name, null while it is not known. @param {string} id */
export function nameFor(id) {
  if (!known.has(id)) {
    known.set(id, signal(null));
    want(id);
  }
  return known.get(id);
}

function want(id) {
  const resource = resourceOf(described.value, id);
  if (!resource || !may(resource.reads) || !resource.fields.get("id").operators.eq || resource.stream) return;
  if (!wanted.size) setTimeout(askAll, 0);
  if (!wanted.has(resource.path)) wanted.set(resource.path, new Set());
  wanted.get(resource.path).add(id);
}

function askAll() {
  const all = [...wanted];
  wanted.clear();
  for (const [path, ids] of all) {
    for (let at = 0; at < ids.size; at += MOST) askSome(path, [...ids].slice(at, at + MOST));
  }
}

async function askSome(path, ids) {
  const resource = described.value.resources.get(path);
  const fields = [...new Set(["id", resource.label])].join(",");
  const {data} = await get(`/${path}?id=${ids.join(",")}&fields=${fields}&limit=${MOST}`);
  for (const row of data) learn(row.id, nameOf(resource, row));
}

/** A record by its name, as a link to its page. @param {{id: string, plain?: boolean}} props */
export function Named({id, plain = false}) {
  const resource = resourceOf(described.value, id);
  const name = nameFor(id).value;
  useEffect(() => void nameFor(id), [id]);
  const text = name ?? shortId(id);
  if (!resource || plain || !resource.operations.includes("get")) return html`<span title=${id}>${text}</span>`;
  return html`<a class="cut" href=${pageOf(resource, id)} title=${id}>${text}</a>`;
}

/** The kind and the end of an id, which is what tells it from others. @param {string} id */
const shortId = (id) => id.replace(/^([a-z]+_).*(.{6})$/, "$1…$2");
