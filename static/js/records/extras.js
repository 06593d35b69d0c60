/**
 * What the pages of single kinds of records have beyond their fields. One entry a resource.
 *
 * @typedef {{above?: any, beside?: any}} RecordExtras  components that get {resource, row}
 */

import {post} from "../api.js";
import {Card} from "../parts/card.js";
import {Snippet} from "../parts/copy.js";
import {confirmed} from "../parts/dialog.js";
import {Glyph} from "../parts/glyph.js";
import {toast} from "../parts/toast.js";
import {Time} from "../parts/value.js";
import {placeOf} from "../reports/save.js";
import {ShareButton} from "../shares/button.js";
import {can, writes} from "../state.js";
import {sentence} from "../text.js";
import {html, useState} from "../view.js";
import {Once} from "./once.js";
import {attempt} from "./writing.js";

/** How a domain is shown to be ours, and the button that looks. */
function Verification({resource, row}) {
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState("");
  if (row.status === "verified") return html`<p class="note good">
    <${Glyph} name="shield-check" />Verified <${Time} iso=${row.verified_at} />: it answers.</p>`;
  const look = async () => {
    setBusy(true);
    setWrong("");
    try {
      await post(`/domains/${row.id}/verification`);
      toast(`${row.host} is verified`);
      writes.value += 1;
    } catch (error) {
      setWrong(sentence(error.message));
    } finally {
      setBusy(false);
    }
  };
  return html`
    <${Card} title="Show that it is yours">
      <div class="form">
        <p class="prose">Point ${row.host} to this server; then one of these is enough. Put this record into its DNS:</p>
        <${Snippet} text=${row.dns_record} label="the DNS record" />
        <p class="prose">Or let this server answer under the host: it shows the text by itself at <span
          class="mono whole">${row.verification_url}</span> as soon as the host leads here.</p>
        <p class="wrong" role="alert">${wrong}</p>
        ${can(resource, "update") && html`<div class="actions"><button class="button main" type="button"
          aria-disabled=${busy || undefined} onClick=${() => busy || look()}>${busy ? "Looking …" : "Verify now"}
            </button></div>`}
      </div>
    <//>`;
}

/** A new secret while the old one goes on for a day. */
function Rotation({resource, row}) {
  const [made, setMade] = useState(null);
  if (!can(resource, "update")) return null;
  const rotate = async (minutes) => {
    const sure = await confirmed({
      title: `Give ${row.name} a new secret?`, action: "New secret",
      text: minutes ? "The old one works for another day." : "The old one stops working at once.",
    });
    const answer = sure && await attempt(() => post(`/tokens/${row.id}/rotation`, {overlap_minutes: minutes}));
    if (answer) setMade(answer.data);
  };
  return html`
    <${Card} title="Rotation">
      <div class="form">
        <p class="prose">A new secret for the same token${row.previous_until ?
          html`; the one before works until <${Time} iso=${row.previous_until} />` : ""}.</p>
        <div class="actions start"><button class="button" type="button" onClick=${() => rotate(1440)}>
          <${Glyph} name="refresh-cw" />Rotate, old one for a day</button>
          <button class="button" type="button" onClick=${() => rotate(0)}>Rotate at once</button></div>
      </div>
      ${made && html`<${Once} resource=${resource} row=${made} onClose=${() => {
        setMade(null); writes.value += 1; }} />`}
    <//>`;
}

/** What strangers may be shown the figures of. */
function Shareable({row}) {
  return html`<p><${ShareButton} id=${row.id} /></p>`;
}

/** @type {Record<string, RecordExtras>} */
const EXTRAS = {
  domains: {above: Verification},
  tokens: {beside: Rotation},
  "saved-reports": {above: ({row}) => html`<p><a class="button" href=${placeOf(row)}><${Glyph}
    name="chart-column" />Open in reports</a> <${ShareButton} id=${row.id} /></p>`},
  tags: {above: Shareable},
  folders: {above: Shareable},
};

/** @param {import("../spec.js").Resource} resource @returns {RecordExtras} */
export const recordExtrasOf = (resource) => EXTRAS[resource.path] ?? {};
