/** A request and what was answered, as they went over the wire: to read, and to copy. */

import {html} from "../view.js";
import {Snippet} from "./copy.js";
import {Tag} from "./value.js";

/** @typedef {{method?: string, url?: string, status?: number, headers?: Record<string, string> | [string, string][],
 *   body?: ?string}} Message */

/** JSON with room to read; whatever else as it is. @param {?string} text */
export function pretty(text) {
  if (!text || !/^\s*[{[]/.test(text)) return text ?? "";
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

const toneOf = (status) => status >= 200 && status < 300 ? "good" : status >= 500 || !status ? "bad" : "warn";

/** @param {Message["headers"]} headers @returns {[string, string][]} */
const pairsOf = (headers) => Array.isArray(headers) ? headers : Object.entries(headers ?? {});

/** @param {{title: string, message: ?Message, nothing: string}} props  nothing: what is said where there is none */
export function Message({title, message, nothing}) {
  const headers = pairsOf(message?.headers);
  return html`
    <section class="exchange" aria-label=${title}>
      <h3>${title}${message?.status !== undefined && html` <${Tag} text=${message.status}
        tone=${toneOf(message.status)} />`}</h3>
      ${!message ? html`<p class="muted">${nothing}</p>` : html`
        ${message.url && html`<p class="mono whole"><b>${message.method ?? "POST"}</b> ${message.url}</p>`}
        ${headers.length > 0 && html`<details><summary>${headers.length} headers</summary>
          <dl class="pairs mono">${headers.map(([name, value]) => html`<dt key=${name}>${name}</dt><dd class="whole">
            ${value}</dd>`)}</dl></details>`}
        ${message.body ? html`<${Snippet} text=${pretty(message.body)} label=${`the body of the ${title.toLowerCase()}`} />`
          : html`<p class="muted">no body</p>`}`}
    </section>`;
}
