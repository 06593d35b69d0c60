/** The latest notifications, in the panel of the bell. */

import {get} from "../api.js";
import {useAnswer} from "../loading.js";
import {Answered} from "../parts/card.js";
import {Told, readAll, setRead} from "../parts/notification.js";
import {go} from "../router.js";
import {writes} from "../state.js";
import {html} from "../view.js";
import {unread} from "./bell.js";

const MOST = 8;

/** @param {{close: () => void}} props */
export function Latest({close}) {
  const answer = useAnswer(`latest ${writes.value}`, async (signal) => (await get(`/notifications?limit=${MOST}`,
    {signal})).data);
  const open = (row, href) => {
    if (!row.read_at) setRead(row, true);
    close();
    go(href);
  };
  return html`
    <div class="bell-panel">
      <header><h2>Notifications</h2>${unread.value > 0 && html`<button class="button link" type="button"
        onClick=${readAll}>mark all as read</button>`}</header>
      <${Answered} answer=${answer}>${(rows) => rows.length
        ? html`<ul class="told">${rows.map((row) => html`<${Told} key=${row.id} row=${row} onOpen=${open} />`)}</ul>`
        : html`<p class="muted none">Nothing yet. What alerts, webhooks and files have to say appears here.</p>`}<//>
      <footer><a class="link" href="/app/notifications" onClick=${close}>All notifications</a></footer>
    </div>`;
}
