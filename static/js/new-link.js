/** The dialog that makes a link. */

import {get, post} from "./api.js";
import {byId} from "./dom.js";
import {clear, submits} from "./form.js";

const dialog = /** @type {HTMLDialogElement} */ (byId("new-link"));
const form = /** @type {HTMLFormElement} */ (dialog.querySelector("form:not([method=dialog])"));
const {destination, domain_id: domain} = /** @type {any} */ (form.elements);

/**
 * Make the dialog ready.
 * @param {(link: import("./link-row.js").Link) => void} made  gets each new link
 * @returns {Promise<() => void>}  opens it
 */
export async function newLinks(made) {
  await offerDomains();
  destination.addEventListener("change", () => { destination.value = withScheme(destination.value.trim()); });
  submits(form, async (body, key) => {
    const {data} = await post("/links", body, {key});
    form.reset();
    showHost();
    dialog.close();
    made(data);
  });
  return () => {
    clear(form);
    dialog.showModal();
    destination.focus();
  };
}

/** Ask for the domain only where there is a choice; otherwise the API takes the default one. */
async function offerDomains() {
  const {data} = await get("/domains?status=verified&sort=host&limit=1000&fields=id,host,is_default");
  domain.replaceChildren(...data.map(({id, host, is_default: first}) => new Option(host, id, first, first)));
  domain.disabled = data.length < 2;
  domain.closest(".field").hidden = domain.disabled;
  domain.addEventListener("change", showHost);
  showHost();
}

function showHost() {
  byId("slug-prefix").textContent = `${domain.selectedOptions[0]?.text ?? ""}/`;
}

/** `example.com/page`, as people write it, means https. @param {string} text */
export function withScheme(text) {
  const bare = /^[^\s/:?#]+\.[^\s/:?#]+(:\d+)?([/?#]|$)/.test(text);
  return bare ? `https://${text}` : text;
}
