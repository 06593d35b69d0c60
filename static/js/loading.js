/** Data that a part needs: asked for when its question changes, the old question given up. */

import {ApiError} from "./api.js";
import {useEffect, useRef, useState} from "./view.js";

/**
 * @template T
 * @param {string} question  what it depends on; another text asks again, null asks nothing
 * @param {(signal: AbortSignal) => Promise<T>} run
 * @returns {{data: ?T, error: ?ApiError, busy: boolean, again: () => void, set: (data: T) => void}}
 *   data: the last answer, also while the next one is asked for
 */
export function useAnswer(question, run) {
  const [state, set] = useState({data: null, error: null, busy: true, question: null});
  const [round, next] = useState(0);
  const latest = useRef(run);
  latest.current = run;
  useEffect(() => {
    if (question === null) return undefined;
    const giveUp = new AbortController();
    set((was) => ({...was, busy: true}));
    latest.current(giveUp.signal).then(
      (data) => giveUp.signal.aborted || set({data, error: null, busy: false, question}),
      (error) => {
        if (giveUp.signal.aborted) return;
        if (!(error instanceof ApiError)) throw error;
        set((was) => ({...was, error, busy: false}));
      },
    );
    return () => giveUp.abort();
  }, [question, round]);
  return {...state, again: () => next((count) => count + 1), set: (data) => set((was) => ({...was, data}))};
}

/**
 * A value once it has stopped changing for a while.
 * @template T
 * @param {T} value
 * @param {number} ms
 * @returns {T}
 */
export function useSettled(value, ms) {
  const [settled, set] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => set(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}

/**
 * An answer that is asked for again and again, until it says that it is done.
 * @template T
 * @param {string} question
 * @param {(signal: AbortSignal) => Promise<T>} run
 * @param {(data: T) => ?number} next  in how many ms to ask again; null: no more
 */
export function useWatched(question, run, next) {
  const answer = useAnswer(question, run);
  const {data, error, busy, again} = answer;
  useEffect(() => {
    const wait = error ? 5000 : data && next(data);
    if (busy || !wait) return undefined;
    const timer = setTimeout(again, document.hidden ? wait * 5 : wait);
    return () => clearTimeout(timer);
  }, [data, error, busy]);
  return answer;
}
