/** Cards, and what stands where there is nothing: still asking, failed, or empty. */

import {sentence} from "../text.js";
import {html, useId} from "../view.js";

/** @param {{title?: string, aside?: any, kind?: string, children?: any}} props */
export function Card({title, aside, kind = "", children}) {
  const id = useId();
  return html`
    <section class=${`card ${kind}`} aria-labelledby=${title ? id : undefined}>
      ${title && html`<header><h2 id=${id}>${title}</h2>${aside && html`<span class="aside">${aside}</span>`}
        </header>`}
      ${children}
    </section>`;
}

/** @param {{title: string, children?: any}} props */
export const Empty = ({title, children}) => html`<div class="empty"><h2>${title}</h2>${children}</div>`;

/** @param {{error: Error, again?: () => void, what?: string}} props */
export const Failed = ({error, again, what = "This could not be read"}) => html`
  <div class="empty" role="alert"><h2>${what}</h2><p>${sentence(error.message)}</p>
    ${again && html`<button class="button" type="button" onClick=${again}>Try again</button>`}</div>`;

export const Waiting = () => html`<div class="waiting" aria-busy="true"><span class="unseen">Loading</span></div>`;

/** What a question has brought so far. @param {{answer: any, what?: string, children: (data: any) => any}} props */
export function Answered({answer, what, children}) {
  if (answer.error) return html`<${Failed} error=${answer.error} again=${answer.again} what=${what} />`;
  if (!answer.data) return html`<${Waiting} />`;
  return children(answer.data);
}

/**
 * One of a few, as tabs that are links.
 * @param {{label: string, tabs: {name: string, text: string, href: string}[], here: string}} props
 */
export const Tabs = ({label, tabs, here}) => html`
  <nav class="tabs" aria-label=${label}>
    ${tabs.map(({name, text, href}) => html`<a key=${name} href=${href} aria-current=${name === here ?
      "page" : undefined}>${text}</a>`)}
  </nav>`;
