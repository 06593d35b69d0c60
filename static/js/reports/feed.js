/** Clicks as they come in: the latest first, new ones asked for by their time and known by their ids. */

import {get} from "../api.js";
import {useEffect, useRef, useState} from "../view.js";

const EVERY_MS = 2000;
/** Clicks of the last moments may still come in behind later ones. */
const OVERLAP_MS = 5000;
const MOST = 200;

/**
 * @param {{filters?: URLSearchParams, keep?: number, paused?: boolean}} options
 * @returns {{clicks: any[], fresh: Set<string>, error: ?Error}}
 */
export function useFeed({filters = new URLSearchParams(), keep = 50, paused = false} = {}) {
  const [state, setState] = useState({clicks: [], fresh: new Set(), error: null});
  const clicks = useRef(/** @type {any[]} */ ([]));
  const key = filters.toString();
  useEffect(() => {
    if (paused) return undefined;
    let timer = 0;
    const giveUp = new AbortController();
    clicks.current = [];
    const look = async () => {
      try {
        const first = clicks.current.length === 0;
        const found = await newer(filters, clicks.current[0], keep, giveUp.signal);
        const known = new Set(clicks.current.map((click) => click.id));
        const fresh = found.filter((click) => !known.has(click.id));
        if (fresh.length || first) {
          clicks.current = [...fresh, ...clicks.current].sort((one, other) =>
            other.created_at.localeCompare(one.created_at) || other.id.localeCompare(one.id)).slice(0, keep);
          setState({clicks: clicks.current, fresh: new Set(first ? [] : fresh.map((click) => click.id)),
            error: null});
        }
      } catch (error) {
        if (giveUp.signal.aborted) return;
        setState((was) => ({...was, error}));
      }
      if (!giveUp.signal.aborted) timer = setTimeout(look, document.hidden ? EVERY_MS * 5 : EVERY_MS);
    };
    look();
    return () => {
      giveUp.abort();
      clearTimeout(timer);
    };
  }, [key, keep, paused]);
  return state;
}

/** What has come since the latest one, walked by cursor; at first simply the latest. */
async function newer(filters, latest, keep, signal) {
  const asked = new URLSearchParams(filters);
  if (!latest) {
    asked.set("limit", String(keep));
    return (await get(`/clicks?${asked}`, {signal})).data;
  }
  asked.set("limit", String(MOST));
  asked.set("created_at[gte]", new Date(Date.parse(latest.created_at) - OVERLAP_MS).toISOString());
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
