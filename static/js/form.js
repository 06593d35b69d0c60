/** Forms: collect, send once, and say in place what is wrong. The API judges; nothing is judged twice. */

import {ApiError, newKey} from "./api.js";

/**
 * Let a form send itself through the API.
 * @param {HTMLFormElement} form
 * @param {(body: Record<string, string>, key: string) => Promise<any>} send  rejects with an ApiError
 */
export function submits(form, send) {
  let last = {text: "", key: ""};
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = /** @type {HTMLButtonElement} */ (form.querySelector("button:not([type=button])"));
    if (button.ariaDisabled === "true") return;
    const body = values(form);
    const text = JSON.stringify(body);
    if (text !== last.text) last = {text, key: newKey()};
    clear(form);
    button.ariaDisabled = "true";
    try {
      await send(body, last.key);
      last = {text: "", key: ""};
    } catch (error) {
      show(form, error);
    } finally {
      button.ariaDisabled = null;
    }
  });
}

/** What was filled in. @param {HTMLFormElement} form @returns {Record<string, string>} */
function values(form) {
  const filled = [...new FormData(form)].filter(([, value]) => value !== "");
  return /** @type {Record<string, string>} */ (Object.fromEntries(filled));
}

/** @param {HTMLFormElement} form */
export function clear(form) {
  for (const note of form.querySelectorAll(".wrong")) note.textContent = "";
  for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
}

/** Each wrong field in its place, the rest above, the cursor in the first. @param {HTMLFormElement} form */
function show(form, error) {
  if (!(error instanceof ApiError)) throw error;
  const elsewhere = error.details.filter((detail) => !mark(form, detail));
  const rest = elsewhere.map(({field, message}) => `${field} ${message}`);
  const above = form.querySelector("[data-wrong]");
  above.textContent = error.details.length ? sentence(rest.join(". ")) : sentence(error.message);
  /** @type {?HTMLElement} */ (form.querySelector("[aria-invalid]"))?.focus();
}

/** @param {HTMLFormElement} form @param {{field: string, message: string}} detail */
function mark(form, {field, message}) {
  const place = form.querySelector(`[data-field="${CSS.escape(field)}"]`);
  if (!place) return false;
  const label = place.querySelector("label").firstChild.textContent.trim();
  place.querySelector(".wrong").textContent = `${label} ${message}.`;
  place.querySelector("input, select").setAttribute("aria-invalid", "true");
  return true;
}

/** @param {string} text */
export function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
