/** Copy buttons: a tick for a moment, and a word for those who listen. */

import {announce, toast} from "./toast.js";

/** @param {HTMLButtonElement} button @param {() => string} text  what to copy, asked when it is pressed */
export function copies(button, text) {
  button.addEventListener("click", async () => {
    if (!await copy(text())) return toast("The browser does not let Routy copy; select the text instead");
    button.dataset.copied = "";
    setTimeout(() => delete button.dataset.copied, 1500);
    announce("Copied");
  });
}

/** The clipboard is closed to pages over plain http; the older way is open to them. @param {string} text */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

/** @param {string} text */
function copyBySelection(text) {
  const before = /** @type {?HTMLElement} */ (document.activeElement);
  const field = document.createElement("textarea");
  Object.assign(field, {value: text, className: "unseen", readOnly: true});
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  before?.focus();
  return done;
}
