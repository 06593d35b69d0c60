/** /login: and on to the page that was asked for. */

import {post} from "./api.js";
import {submits} from "./form.js";

const form = /** @type {HTMLFormElement} */ (document.getElementById("login"));

submits(form, async (body, key) => {
  await post("/sessions", body, {key, open: true});
  location.assign(form.dataset.next);
});
