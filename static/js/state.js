/** What the whole page knows: who is here, what the API is like, what has just happened. */

import {session} from "./api.js";
import {spec} from "./spec.js";
import {signal} from "./view.js";

/** @type {{value: ?import("./api.js").Session}} */
export const me = signal(null);
/** @type {{value: ?import("./spec.js").Spec}} */
export const described = signal(null);
/** Counts what was written, so that lists know when to look again. */
export const writes = signal(0);

export async function begin() {
  const [who, api] = await Promise.all([session(), spec()]);
  me.value = who;
  described.value = api;
}

/** Whether one has a scope. @param {?string} scope */
export const may = (scope) => !scope || Boolean(me.value?.scopes.includes(scope));

/** @param {import("./spec.js").Resource} resource @param {string} operation */
export function can(resource, operation) {
  if (!resource.operations.includes(operation)) return false;
  return may(["list", "get"].includes(operation) ? resource.reads : resource.writes);
}

/** Kept in this browser, for this person. @param {string} name @param {any} [otherwise] */
export function kept(name, otherwise = null) {
  try {
    return JSON.parse(localStorage.getItem(keyOf(name))) ?? otherwise;
  } catch {
    return otherwise;
  }
}

/** @param {string} name @param {any} value */
export function keep(name, value) {
  if (value === null) localStorage.removeItem(keyOf(name));
  else localStorage.setItem(keyOf(name), JSON.stringify(value));
}

const keyOf = (name) => `routy:${me.value?.user.id ?? ""}:${name}`;
