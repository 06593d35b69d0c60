/** Toasts: what has just happened, with a way back that the key U takes too. */

import {html, signal, useEffect, useRef} from "../view.js";
import {Glyph} from "./glyph.js";

/** @typedef {{id: number, text: string, undo?: () => void, kind: string, ms: number}} Toast */

/** @type {{value: Toast[]}} */
const toasts = signal([]);
const said = signal("");
let count = 0;

/** @param {string} text @param {{undo?: () => any, kind?: "" | "bad", ms?: number}} [options] */
export function toast(text, {undo, kind = "", ms = undo || kind ? 8000 : 4000} = {}) {
  toasts.value = [...toasts.value.slice(-3), {id: ++count, text, undo, kind, ms}];
}

/** A word for those who listen; nothing is seen. @param {string} text */
export function announce(text) {
  said.value = "";
  queueMicrotask(() => { said.value = text; });
}

/** Take back what the newest toast with an undo tells of, while one is there. */
export function undoLatest() {
  const latest = toasts.value.findLast((one) => one.undo);
  if (latest) takeBack(latest);
}

const close = (id) => { toasts.value = toasts.value.filter((one) => one.id !== id); };

/** @param {Toast} one */
function takeBack(one) {
  close(one.id);
  one.undo?.();
}

export function Toasts() {
  return html`
    <div class="toasts" role="status" aria-live="polite">
      ${toasts.value.map((one) => html`<${Shown} key=${one.id} one=${one} />`)}
      <span class="unseen" aria-live="polite">${said.value}</span>
    </div>`;
}

/** One toast, which stays while somebody is on it. @param {{one: Toast}} props */
function Shown({one}) {
  const timer = useRef(0);
  const start = () => { timer.current = setTimeout(() => close(one.id), one.ms); };
  const hold = () => clearTimeout(timer.current);
  useEffect(() => {
    start();
    return hold;
  }, []);
  return html`
    <div class=${`toast ${one.kind}`} onPointerEnter=${hold} onPointerLeave=${start} onFocusIn=${hold}
      onFocusOut=${start}>
      <span>${one.text}</span>
      ${one.undo && html`<button class="button" type="button" onClick=${() => takeBack(one)}>Undo <kbd>U</kbd>
        </button>`}
      <button class="button icon" type="button" aria-label="Dismiss" onClick=${() => close(one.id)}>
        <${Glyph} name="x" /></button>
    </div>`;
}
