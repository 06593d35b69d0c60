/** Fetching the file of an export: by an address of its own, which also works in another workspace than one's first. */

import {post} from "../api.js";
import {Glyph} from "../parts/glyph.js";
import {attempt} from "../records/writing.js";
import {html} from "../view.js";

/** @param {string} id @returns {Promise<?{download_url: string, expires_at: string}>} */
export const addressFor = async (id) => (await attempt(() => post(`/exports/${id}/downloads`, {})))?.data ?? null;

/** @param {{row: any, main?: boolean}} props */
export function Download({row, main = false}) {
  const run = async () => {
    const address = await addressFor(row.id);
    // By the host that one is at, whatever the server is called outside.
    if (address) location.assign(new URL(address.download_url, location.origin).pathname);
  };
  return html`<button class=${`button ${main ? "main" : ""}`} type="button" onClick=${run}
    aria-label=${main ? undefined : `Download ${row.name}`}><${Glyph} name="download" />Download</button>`;
}
