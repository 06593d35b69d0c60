/** A secret that is shown this once: to copy, or as a file. */

import {Copy, download} from "../parts/copy.js";
import {Dialog, confirmed} from "../parts/dialog.js";
import {Glyph} from "../parts/glyph.js";
import {nameOf} from "../spec.js";
import {html, useState} from "../view.js";

const WHY = {webhooks: "Routy signs every delivery with it; give it to the receiver, which verifies with it."};

/** @param {{resource: import("../spec.js").Resource, row: any, onClose: () => void}} props */
export function Once({resource, row, onClose}) {
  const [taken, setTaken] = useState(false);
  const name = nameOf(resource, row);
  const close = async () => {
    const sure = taken || await confirmed({title: "Have you kept it?",
      text: "It is shown this once; nobody can show it again.", action: "Yes, close", bad: true});
    if (sure) onClose();
  };
  const secrets = resource.once.filter((field) => row[field]);
  const file = () => {
    setTaken(true);
    download(`routy-${name.replace(/[^\w-]+/g, "-").toLowerCase()}.txt`,
      secrets.map((field) => `${row[field]}\n`).join(""));
  };
  return html`
    <${Dialog} title=${`${name}: keep it now`} onClose=${close}>
      <div class="form">
        <p class="prose">This is shown once. ${WHY[resource.path] ?? "Routy keeps only what it needs to recognise it."}</p>
        ${secrets.map((field) => html`
          <div class="snippet secret" key=${field} onCopy=${() => setTaken(true)} onClick=${() => setTaken(true)}>
            <pre tabindex="0" role="group" aria-label=${`The ${field}`} data-secret=${field}>${row[field]}</pre>
              <${Copy} text=${row[field]} what=${`the ${field}`} /></div>`)}
        <div class="actions">
          <button class="button" type="button" onClick=${file}><${Glyph} name="download" />Download as .txt</button>
          <button class="button main" type="button" onClick=${close}>Done</button>
        </div>
      </div>
    <//>`;
}
