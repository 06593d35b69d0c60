/** Toasts: what has just happened, with a way back that the key U takes too. */

import {byId, draw, slot} from "./dom.js";

/**
 * @param {string} text
 * @param {{undo?: () => void, kind?: "" | "bad", ms?: number}} [options]  undo: offered as a button
 */
export function toast(text, {undo, kind = "", ms = undo || kind ? 8000 : 4000} = {}) {
  const drawn = draw("toast");
  if (kind) drawn.classList.add(kind);
  slot(drawn, "text").textContent = text;
  const close = () => drawn.remove();
  const action = slot(drawn, "action");
  action.hidden = !undo;
  action.addEventListener("click", () => {
    close();
    undo();
  });
  slot(drawn, "close").addEventListener("click", close);
  byId("toasts").append(drawn);
  expires(drawn, ms, close);
}

/** A word for those who listen; nothing is seen. @param {string} text */
export function announce(text) {
  const said = Object.assign(document.createElement("span"), {className: "unseen", textContent: text});
  byId("toasts").append(said);
  setTimeout(() => said.remove(), 1500);
}

/** Take back what the newest toast with an undo tells of, while one is there. */
export function undoLatest() {
  [...byId("toasts").querySelectorAll("button[data-slot=action]:not([hidden])")].at(-1)?.click();
}

/**
 * Close after a while, not while somebody is on it.
 * @param {HTMLElement} drawn @param {number} ms @param {() => void} close
 */
function expires(drawn, ms, close) {
  let timer = setTimeout(close, ms);
  const hold = () => clearTimeout(timer);
  const resume = () => { timer = setTimeout(close, ms); };
  for (const name of ["pointerenter", "focusin"]) drawn.addEventListener(name, hold);
  for (const name of ["pointerleave", "focusout"]) drawn.addEventListener(name, resume);
}
