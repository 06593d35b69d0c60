/** What every page under /app has: who is logged in, the way out, the keys. */

import {ApiError, remove, session} from "./api.js";
import {byId} from "./dom.js";
import {sentence} from "./form.js";
import {onKey, showKeys} from "./keys.js";
import {zone} from "./time.js";
import {toast, undoLatest} from "./toast.js";

document.querySelector("[data-zone]").textContent = zone;
byId("show-keys").addEventListener("click", showKeys);
byId("log-out").addEventListener("click", async () => {
  await remove("/sessions/current");
  location.assign("/login");
});

// A refusal that nobody else has told of.
addEventListener("unhandledrejection", ({reason}) => {
  if (reason instanceof ApiError) toast(sentence(reason.message), {kind: "bad"});
});
// Whoever comes back to a page by the browser's Back button may have logged out meanwhile.
addEventListener("pageshow", ({persisted}) => { if (persisted) location.reload(); });

onKey("?", "Keyboard", showKeys);
onKey("g l", "Links", () => location.assign("/app/links"));
onKey("u", "Undo, while it is offered", undoLatest);

session().then(({user, workspace}) => {
  document.querySelector("[data-user]").textContent = user.name;
  document.querySelector("[data-workspace]").textContent = workspace.name;
});
