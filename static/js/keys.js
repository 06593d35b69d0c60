/** Keys without a modifier, such as `/`, `c` and `g l`; they do nothing while somebody types. */

import {byId} from "./dom.js";

/** @type {Map<string, {label: string, run: () => void}>} */
const table = new Map();
let before = "";
let timer = 0;

/** @param {string} keys  one key, or two with a space between @param {string} label @param {() => void} run */
export function onKey(keys, label, run) {
  table.set(keys, {label, run});
}

/** The dialog that lists them. */
export function showKeys() {
  const list = byId("keys").querySelector("dl");
  list.replaceChildren(...[...table].flatMap(([keys, {label}]) => {
    const [term, told] = [document.createElement("dt"), document.createElement("dd")];
    term.append(...keys.split(" ").map((key) => Object.assign(document.createElement("kbd"), {textContent: key})));
    told.textContent = label;
    return [term, told];
  }));
  byId("keys").showModal();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (event.key === "Shift") return;
  const key = event.key.toLowerCase();
  const found = table.get(`${before} ${key}`) ?? table.get(key);
  before = key;
  clearTimeout(timer);
  timer = setTimeout(() => { before = ""; }, 800);
  if (!found) return;
  event.preventDefault();
  found.run();
});

/** @param {EventTarget} target */
function isTyping(target) {
  const open = document.querySelector("dialog[open], [popover]:popover-open");
  return Boolean(open) || /** @type {Element} */ (target).matches("input:not([type=radio]), textarea, select");
}
