/** Tables by keyboard: up and down go to the same place of the row above or below. */

const STOPS = "a[href], button:not([hidden])";

/** @param {HTMLTableSectionElement} body */
export function movesByArrows(body) {
  body.addEventListener("keydown", (event) => {
    const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
    const focused = /** @type {HTMLElement} */ (event.target);
    const row = focused.closest("tr");
    if (!step || !row) return;
    const next = step > 0 ? row.nextElementSibling : row.previousElementSibling;
    const at = [...row.querySelectorAll(STOPS)].indexOf(focused);
    const stop = /** @type {?HTMLElement} */ ([...(next?.querySelectorAll(STOPS) ?? [])].at(at));
    if (!stop) return;
    event.preventDefault();
    stop.focus();
  });
}
