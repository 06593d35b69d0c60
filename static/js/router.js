/** Where one is: the address, read and written. Links inside of /app change the page without loading it anew. */

import {signal} from "./view.js";

/** @typedef {{path: string, query: URLSearchParams}} Place */

export const place = signal(read());
/** @type {?() => Promise<boolean>} */
let mayLeave = null;
let shown = location.href;

/** @returns {Place} */
function read() {
  return {path: location.pathname.replace(/\/+$/, "") || "/", query: new URLSearchParams(location.search)};
}

/** Go to a page of ours. @param {string} href @param {{replace?: boolean, force?: boolean}} [options] */
export async function go(href, {replace = false, force = false} = {}) {
  if (!force && mayLeave && !await mayLeave()) return;
  if (force || !replace) mayLeave = null;
  history[replace ? "replaceState" : "pushState"](null, "", href);
  arrive();
}

/** Change the query alone: filters, the page of a list. @param {Record<string, ?string>} changes */
export function ask(changes, {replace = true} = {}) {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === undefined || value === "") query.delete(name);
    else query.set(name, value);
  }
  setQuery(query, {replace});
}

/** @param {URLSearchParams} query */
export function setQuery(query, {replace = true} = {}) {
  const text = readable(query);
  history[replace ? "replaceState" : "pushState"](null, "", text ? `?${text}` : location.pathname);
  arrive();
}

/** A query string that people can read: brackets and commas need no escape. @param {URLSearchParams} query */
export const readable = (query) => query.toString().replaceAll("%5B", "[").replaceAll("%5D",
  "]").replaceAll("%2C", ",");

function arrive() {
  shown = location.href;
  place.value = read();
}

/** Ask before the page is left, until the returned function is called. @param {() => Promise<boolean>} asks */
export function guard(asks) {
  mayLeave = asks;
  addEventListener("beforeunload", warn);
  return () => {
    if (mayLeave === asks) mayLeave = null;
    removeEventListener("beforeunload", warn);
  };
}

/** @param {BeforeUnloadEvent} event */
const warn = (event) => event.preventDefault();

addEventListener("popstate", async () => {
  if (!mayLeave) return arrive();
  const target = location.href;
  history.pushState(null, "", shown);
  if (!await mayLeave()) return;
  mayLeave = null;
  history.replaceState(null, "", target);
  arrive();
});

document.addEventListener("click", (event) => {
  const link = /** @type {Element} */ (event.target).closest?.("a[href]");
  if (!link || event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  if (link.target || link.hasAttribute("download") || !/^\/app([/?#]|$)/.test(link.getAttribute("href"))) return;
  event.preventDefault();
  go(link.getAttribute("href"));
});
