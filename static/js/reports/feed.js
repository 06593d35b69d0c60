/** Clicks as they come in, the latest first: the latest ones from the list, those behind them from the firehose.
 *
 * Where the firehose has no place left, the list is asked again and again instead. A page that nobody looks at lets
 * its connection go: a browser has few of them for one server, and the server few places.
 */

import {get, lines} from "../api.js";
import {useEffect, useState} from "../view.js";

const EVERY_MS = 2000;
/** So long the list is asked before the firehose is tried again. */
const WITHOUT_MS = 30_000;
/** Clicks of the last moments may still come in behind later ones. */
const OVERLAP_MS = 5000;
const MOST = 200;
/** Rows that come one by one are shown together. */
const GATHER_MS = 100;
const NO_PLACE = 503;
/** The cursor is none of this server's any more: begin anew. */
const FORGOTTEN = [400, 410];

/**
 * @param {{filters?: URLSearchParams, keep?: number, paused?: boolean}} options
 * @returns {{clicks: any[], fresh: Set<string>, error: ?Error}}
 */
export function useFeed({filters = new URLSearchParams(), keep = 50, paused = false} = {}) {
  const [state, setState] = useState({clicks: [], fresh: new Set(), error: null});
  const key = filters.toString();
  useEffect(() => {
    if (paused) return undefined;
    const giveUp = new AbortController();
    const shown = new Shown(keep, setState, giveUp.signal);
    follow(filters, shown, giveUp.signal);
    return () => giveUp.abort();
  }, [key, keep, paused]);
  return state;
}

/** The clicks that are shown: each once, and no more than so many. */
class Shown {
  /** @param {number} keep @param {(state: any) => void} setState @param {AbortSignal} signal */
  constructor(keep, setState, signal) {
    this.keep = keep;
    this.clicks = /** @type {?any[]} */ (null);
    this.setState = setState;
    this.signal = signal;
    this.gathered = /** @type {any[]} */ ([]);
    this.timer = 0;
  }

  get latest() {
    return this.clicks?.[0];
  }

  /** @param {any} click */
  gather(click) {
    this.gathered.push(click);
    this.timer ||= setTimeout(() => {
      this.timer = 0;
      this.add(this.gathered.splice(0));
    }, GATHER_MS);
  }

  /** @param {any[]} found */
  add(found) {
    if (this.signal.aborted) return;
    const first = this.clicks === null;
    const known = new Set(this.clicks?.map((click) => click.id));
    const fresh = found.filter((click) => !known.has(click.id) && known.add(click.id));
    if (!fresh.length && !first) return;
    this.clicks = [...fresh, ...this.clicks ?? []].sort((one, other) =>
      other.created_at.localeCompare(one.created_at) || other.id.localeCompare(one.id)).slice(0, this.keep);
    this.setState({clicks: this.clicks, fresh: new Set(first ? [] : fresh.map((click) => click.id)), error: null});
  }

  /** @param {?Error} error */
  fail(error) {
    this.setState((was) => ({...was, error}));
  }
}

/** @param {URLSearchParams} filters @param {Shown} shown @param {AbortSignal} signal */
async function follow(filters, shown, signal) {
  const place = {cursor: /** @type {?string} */ (null)};
  while (!signal.aborted) {
    await looking(signal);
    try {
      await flow(filters, shown, place, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (FORGOTTEN.includes(error.status) && place.cursor) place.cursor = null;
      else if (error.status === NO_PLACE) await poll(filters, shown, signal);
      else if (error.name !== "AbortError") shown.fail(error);
    }
    await pause(EVERY_MS / 2, signal);
  }
}

/** One connection, until it ends or nobody looks any more. What comes behind its beginning comes over it, and what
 * was there before is in the list. */
async function flow(filters, shown, place, signal) {
  const over = new AbortController();
  const end = () => over.abort();
  const hide = () => {
    if (!document.hidden) return;
    place.cursor = null;  // the list tells the latest of whatever comes meanwhile
    over.abort();
  };
  signal.addEventListener("abort", end);
  document.addEventListener("visibilitychange", hide);
  try {
    const asked = new URLSearchParams(filters);
    asked.set("streams", "clicks");
    if (place.cursor) asked.set("after", place.cursor);
    for await (const {stream, cursor, data} of lines(`/firehose?${asked}`, {signal: over.signal})) {
      if (stream === "begin" && !place.cursor) shown.add(await latest(filters, shown.keep, over.signal));
      if (stream === "begin") shown.fail(null);
      if (stream === "clicks") shown.gather(data);
      place.cursor = cursor;
    }
  } finally {
    signal.removeEventListener("abort", end);
    document.removeEventListener("visibilitychange", hide);
    over.abort();
  }
}

/** The list, asked again and again for a while. */
async function poll(filters, shown, signal) {
  const until = Date.now() + WITHOUT_MS;
  while (!signal.aborted && Date.now() < until) {
    try {
      shown.add(await newer(filters, shown, signal));
      shown.fail(null);
    } catch (error) {
      if (signal.aborted) return;
      shown.fail(error);
    }
    await pause(document.hidden ? EVERY_MS * 5 : EVERY_MS, signal);
  }
}

async function latest(filters, keep, signal) {
  const asked = new URLSearchParams(filters);
  asked.set("limit", String(keep));
  return (await get(`/clicks?${asked}`, {signal})).data;
}

/** What has come since the latest one, walked by cursor. */
async function newer(filters, shown, signal) {
  if (!shown.latest) return latest(filters, shown.keep, signal);
  const asked = new URLSearchParams(filters);
  asked.set("limit", String(MOST));
  asked.set("created_at[gte]", new Date(Date.parse(shown.latest.created_at) - OVERLAP_MS).toISOString());
  const found = [];
  let cursor = null;
  do {
    if (cursor) asked.set("cursor", cursor);
    const {data, pagination} = await get(`/clicks?${asked}`, {signal});
    found.push(...data);
    cursor = pagination.next_cursor;
  } while (cursor && found.length < MOST * 5);
  return found;
}

/** Until somebody looks at the page. @param {AbortSignal} signal */
function looking(signal) {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    const look = () => {
      if (document.hidden && !signal.aborted) return;
      document.removeEventListener("visibilitychange", look);
      signal.removeEventListener("abort", look);
      resolve(undefined);
    };
    document.addEventListener("visibilitychange", look);
    signal.addEventListener("abort", look);
  });
}

/** @param {number} ms @param {AbortSignal} signal */
function pause(ms, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve(undefined);
    }, {once: true});
  });
}
