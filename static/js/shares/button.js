/** The way from a record to a share of it. */

import {Glyph} from "../parts/glyph.js";
import {can, described} from "../state.js";
import {html} from "../view.js";

/** @param {{id: string}} props  a link, tag, folder or saved report */
export function ShareButton({id}) {
  const shares = described.value.resources.get("shares");
  if (!shares || !can(shares, "create")) return null;
  return html`<a class="button" href=${`/app/shares/new?subject_id=${id}`}><${Glyph} name="share-2" />Share</a>`;
}
