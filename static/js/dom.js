/** Words for the document: find by id, draw a template, fill its slots. Text is only ever set as text. */

/** @param {string} id @returns {any} */
export const byId = (id) => document.getElementById(id);

/** The first element of a template, as a copy. @param {string} id @returns {HTMLElement} */
export function draw(id) {
  const template = /** @type {HTMLTemplateElement} */ (byId(id));
  return /** @type {HTMLElement} */ (document.importNode(template.content, true).firstElementChild);
}

/** The place in a template's copy that bears a name. @param {Element} root @param {string} name @returns {any} */
export const slot = (root, name) => root.querySelector(`[data-slot="${name}"]`);

/** What a selector finds first below another. @param {ParentNode} root @param {string} selector @returns {any} */
export const find = (root, selector) => root.querySelector(selector);

/** Call `run` once the calls have stopped coming for a while. @param {number} ms @param {() => void} run */
export function settled(ms, run) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(run, ms);
  };
}
