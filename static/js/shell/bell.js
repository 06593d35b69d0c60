/** The bell: how many notifications are unread, and the latest of them. Its panel is fetched when it is wanted. */

import {get} from "../api.js";
import {Glyph} from "../parts/glyph.js";
import {Panel} from "../parts/menu.js";
import {described, may, writes} from "../state.js";
import {counted} from "../text.js";
import {html, signal, useEffect, useState} from "../view.js";

const EVERY_MS = 30_000;
const MOST = 99;

/** How many nobody has read yet. */
export const unread = signal(0);

/** Look again at how many there are. */
export async function countUnread() {
  const {pagination} = await get("/notifications?read_at[null]=true&limit=1&fields=id");
  unread.value = pagination.total ?? 0;
}

export function Bell() {
  const known = described.value.resources.get("notifications");
  const shown = Boolean(known) && may(known.reads);
  const now = writes.value;
  useEffect(() => {
    if (!shown) return undefined;
    const look = () => document.hidden || countUnread().catch(() => {});
    const timer = setInterval(look, EVERY_MS);
    look();
    document.addEventListener("visibilitychange", look);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [shown, now]);
  if (!shown) return null;
  const count = unread.value;
  return html`
    <${Panel} label="Notifications" kind="quiet icon bell" text=${html`<${Glyph} name="bell" />
      ${count > 0 && html`<span class="count" aria-hidden="true">${count > MOST ? `${MOST}+` : count}</span>`}
      <span class="unseen">Notifications, ${count ? counted(count, "unread", "unread") : "none unread"}</span>`}>
      ${(close) => html`<${Latest} close=${close} />`}<//>`;
}

function Latest({close}) {
  const [Shown, setShown] = useState(null);
  useEffect(() => { import("./bell-panel.js").then(({Latest: found}) => setShown(() => found)); }, []);
  return Shown ? html`<${Shown} close=${close} />` : html`<p class="muted">Loading</p>`;
}
