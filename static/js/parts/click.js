/** One click as a line: when, which link, from where, on what. */

import {country, timeOfDay, utc} from "../text.js";
import {html} from "../view.js";
import {Named} from "./names.js";

/** @param {any} click */
export const device = (click) => [click.country && country(click.country), click.browser,
  click.device].filter(Boolean).join(" · ");

/** How it came: by QR code, from a page, from nowhere that is told. @param {any} click */
export const origin = (click) => click.source === "qr" ?
  "QR code" : click.referrer_host ?? click.utm_source ?? null;

/** @param {{click: any, fresh?: boolean}} props */
export const ClickLine = ({click, fresh = false}) => html`
  <li class=${fresh ? "fresh" : ""} data-click=${click.id}>
    <time class="mono muted" datetime=${click.created_at} title=${utc(click.created_at)}>
      ${timeOfDay(click.created_at)}</time>
    <span class="cut">${click.link_id ? html`<b><${Named} id=${click.link_id} />
      </b>` : html`<b>deleted link</b>`} <span class="muted">${origin(click) ? `from ${origin(click)}` : "direct"}
        </span></span>
    ${click.class === "human" ? html`<span class="tag">${device(click) || "human"}</span>`
      : html`<span class="tag warn" title="It is kept, and not counted as a person's">${click.class}
        ${click.class_reason ? ` · ${click.class_reason}` : ""}</span>`}
  </li>`;
