/** What every page under /app has: who is logged in, the way out, the keys. */

import {remove, session} from "./api.js";
import {byId} from "./dom.js";
import {onKey, showKeys} from "./keys.js";
import {zone} from "./time.js";
import {undoLatest} from "./toast.js";

document.querySelector("[data-zone]").textContent = zone;
byId("show-keys").addEventListener("click", showKeys);
byId("log-out").addEventListener("click", async () => {
  await remove("/sessions/current");
  location.assign("/login");
});

onKey("?", "Keyboard", showKeys);
onKey("g l", "Links", () => location.assign("/app/links"));
onKey("u", "Undo, while it is offered", undoLatest);

session().then(({user, workspace}) => {
  document.querySelector("[data-user]").textContent = user.name;
  document.querySelector("[data-workspace]").textContent = workspace.name;
});
