/** The secret of a webhook: how it begins, how to rotate it, how a receiver verifies with it. */

import {post} from "../api.js";
import {Card} from "../parts/card.js";
import {Snippet} from "../parts/copy.js";
import {confirmed} from "../parts/dialog.js";
import {Glyph} from "../parts/glyph.js";
import {Time} from "../parts/value.js";
import {Once} from "../records/once.js";
import {attempt} from "../records/writing.js";
import {can, writes} from "../state.js";
import {html, useState} from "../view.js";

/** @param {{resource: import("../spec.js").Resource, webhook: any}} props */
export function Secret({resource, webhook}) {
  const [made, setMade] = useState(null);
  const rotate = async () => {
    const sure = await confirmed({title: "Give it a new secret?", action: "New secret",
      text: "For 24 hours each delivery is signed with both, the new and the old one, so that you can change over without losing any."});
    const answer = sure && await attempt(() => post(`/webhooks/${webhook.id}/rotation`, {overlap_minutes: 1440}));
    if (answer) setMade(answer.data);
  };
  return html`
    <${Card} title="Signing secret">
      <div class="form">
        <p class="prose"><code>${webhook.hint}…</code> signs every delivery
          ${webhook.previous_until && Date.parse(webhook.previous_until) > Date.now() ?
            html`; the one before signs too until <${Time} iso=${webhook.previous_until} />` : ""}.</p>
        <${Verifying} />
        ${can(resource, "update") && html`<div class="actions start"><button class="button" type="button" onClick=${rotate}>
          <${Glyph} name="refresh-cw" />New secret</button></div>`}
      </div>
      ${made && html`<${Once} resource=${resource} row=${made} onClose=${() => { setMade(null); writes.value += 1; }} />`}
    <//>`;
}

const FORMS = {
  Python: `# pip install standardwebhooks
from standardwebhooks import Webhook

event = Webhook(SECRET).verify(body, headers)`,
  Node: `// npm install standardwebhooks
const {Webhook} = require("standardwebhooks");

const event = new Webhook(SECRET).verify(body, headers);`,
  "by hand": `# HMAC-SHA256 over "id.timestamp.body" with the
# base64-decoded part of the secret behind whsec_
import base64, hashlib, hmac

key = base64.b64decode(SECRET.removeprefix("whsec_"))
text = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body}"
mine = base64.b64encode(hmac.digest(key, text.encode(), "sha256")).decode()
good = any(hmac.compare_digest(f"v1,{mine}", one)
           for one in headers["webhook-signature"].split())`,
};

/** What a receiver does with it. */
function Verifying() {
  const [form, choose] = useState("Python");
  return html`
    <details><summary>How a receiver verifies</summary>
      <div class="form">
        <fieldset class="chips"><legend class="unseen">Language</legend>${Object.keys(FORMS).map((name) => html`
          <label class="chip" key=${name}><input class="unseen" type="radio" name="verify" checked=${name === form}
            onChange=${() => choose(name)} />${name}</label>`)}</fieldset>
        <${Snippet} text=${FORMS[form]} label=${`verifying in ${form}`} />
      </div></details>`;
}
