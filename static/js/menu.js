/** The menu of a row: one for the page, opened beside the button that asks for it. Arrows, Home, End, Escape. */

import {byId} from "./dom.js";

/** @typedef {{label: string, run: () => void, bad?: boolean}} Entry  bad: it takes something away */

const menu = document.createElement("div");
menu.className = "menu";
menu.popover = "auto";
menu.role = "menu";
byId("page").append(menu);

/** @type {?HTMLElement} */
let opener = null;

/** @param {HTMLElement} button @param {() => Entry[]} entries  asked when it is opened */
export function opensMenu(button, entries) {
  button.addEventListener("click", () => {
    if (opener === button) return menu.hidePopover();
    menu.replaceChildren(...entries().map(item));
    menu.showPopover();
    opener = button;
    button.ariaExpanded = "true";
    place(button);
    items()[0]?.focus();
  });
}

/** @param {Entry} entry */
function item({label, run, bad}) {
  const made = document.createElement("button");
  Object.assign(made, {type: "button", role: "menuitem", tabIndex: -1, textContent: label});
  made.classList.toggle("bad", Boolean(bad));
  made.addEventListener("click", () => {
    menu.hidePopover();
    run();
  });
  return made;
}

/** Below the button, flush with its right edge; above it where there is no room. @param {HTMLElement} button */
function place(button) {
  const {width, height} = menu.getBoundingClientRect();
  const {top, bottom, right} = button.getBoundingClientRect();
  menu.style.left = `${Math.max(8, right - width)}px`;
  menu.style.top = `${bottom + 4 + height > innerHeight ? top - 4 - height : bottom + 4}px`;
}

const items = () => /** @type {HTMLElement[]} */ ([...menu.children]);

menu.addEventListener("keydown", (event) => {
  const all = items();
  const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const next = {ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1}[event.key];
  if (next !== undefined) all.at(next % all.length).focus();
  if (event.key === "Tab") menu.hidePopover();
  if (next !== undefined || event.key === "Tab") event.preventDefault();
});

menu.addEventListener("toggle", (event) => {
  if (/** @type {ToggleEvent} */ (event).newState === "open" || !opener) return;
  opener.ariaExpanded = "false";
  opener = null;
});
for (const name of ["scroll", "resize"]) addEventListener(name, () => opener && place(opener), {passive: true});
