/** Copy buttons: a tick for a moment, and a word for those who listen. */

import {html, useState} from "../view.js";
import {Glyph} from "./glyph.js";
import {announce, toast} from "./toast.js";

/** @param {{text: string, what: string, label?: string}} props  label: also written on it */
export function Copy({text, what, label = ""}) {
  const [done, setDone] = useState(false);
  const run = async () => {
    if (!await copy(text)) return toast("The browser does not let Routy copy; select the text instead");
    announce("Copied");
    setDone(true);
    setTimeout(() => setDone(false), 1500);
  };
  return html`
    <button class=${`button ${label ? "" : "quiet icon"} ${done ? "copied" : ""}`} type="button" title="Copy"
      aria-label=${`Copy ${what}`} onClick=${run}><${Glyph} name=${done ? "check" : "copy"} />${label}</button>`;
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
  (before?.closest("dialog") ?? document.body).append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  before?.focus();
  return done;
}

/** Code to copy. @param {{text: string, label: string}} props */
export const Snippet = ({text, label}) => html`
  <div class="snippet"><pre tabindex="0" role="group" aria-label=${label}>${text}</pre>
    <${Copy} text=${text} what=${label} /></div>`;

/** Hand over a file that was made here. @param {string} name @param {string | Blob} content @param {string} type */
export function download(name, content, type = "text/plain") {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(typeof content === "string" ?
    new Blob([content], {type: `${type};charset=utf-8`}) : content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
