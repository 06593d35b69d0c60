/** /setup: the first user. */

import {post} from "./api.js";
import {submits} from "./form.js";

const form = /** @type {HTMLFormElement} */ (document.getElementById("setup"));
const zone = /** @type {HTMLSelectElement} */ (document.getElementById("timezone"));
const here = Intl.DateTimeFormat().resolvedOptions().timeZone;

const zones = new Set(["UTC", here, ...Intl.supportedValuesOf("timeZone")]);
zone.replaceChildren(...[...zones].sort().map((name) => new Option(name, name, false, name === here)));

submits(form, async (body, key) => {
  await post("/setup", body, {key, open: true});
  location.assign("/app");
});
