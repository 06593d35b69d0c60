/** A mail as it went out: to whom, what became of it, what it says. */

import {get} from "../api.js";
import {useAnswer} from "../loading.js";
import {Answered, Card} from "../parts/card.js";
import {Snippet} from "../parts/copy.js";
import {Glyph} from "../parts/glyph.js";
import {Named} from "../parts/names.js";
import {Tag, Time} from "../parts/value.js";
import {RecordHead} from "../records/record.js";
import {counted} from "../text.js";
import {html, useState} from "../view.js";

const WHY = {
  unsent: "No mail server is set ([mail] in the settings), so it was written down and not sent.",
  suppressed: "Whom it is to has unsubscribed from this.",
  failed: "The mail server refused it for good, or for too long.",
  waiting: "It is sent as soon as the mail server takes it.",
};

/** @param {{resource: import("../spec.js").Resource, id: string}} props */
export function Page({resource, id}) {
  const answer = useAnswer(`mails ${id}`, async (signal) => (await get(`/mails/${encodeURIComponent(id)}`, {signal})).data);
  return html`<${Answered} answer=${answer} what="This mail could not be read">
    ${(row) => html`<${Shown} resource=${resource} mail=${row} />`}<//>`;
}

function Shown({resource, mail}) {
  const [form, choose] = useState("text");
  document.title = `${mail.subject} · Routy`;
  return html`
    <${RecordHead} resource=${resource} row=${mail} name=${mail.subject}><${Tag} text=${mail.status} /><//>
    ${WHY[mail.status] && html`<p class=${`note ${mail.status === "failed" ? "bad" : "warn"}`}><${Glyph} name="mail" />
      <span>${WHY[mail.status]}${mail.error && mail.status !== "unsent" && html` <span class="whole">${mail.error}</span>`}</span></p>`}
    <dl class="facts card">
      <div><dt>To</dt><dd>${mail.recipient}</dd></div>
      ${mail.about_id && html`<div><dt>About</dt><dd><${Named} id=${mail.about_id} /></dd></div>`}
      <div><dt>Made</dt><dd><${Time} iso=${mail.created_at} /></dd></div>
      ${mail.sent_at && html`<div><dt>Sent</dt><dd><${Time} iso=${mail.sent_at} /></dd></div>`}
      <div><dt>Tried</dt><dd>${counted(mail.attempts, "time")}</dd></div>
    </dl>
    <${Card} title="What it says" aside=${html`<fieldset class="chips"><legend class="unseen">Form</legend>${[["text",
      "Text"], ["html", "HTML"]].map(([name, text]) => html`<label class="chip" key=${name}><input class="unseen"
        type="radio" name="form" checked=${name === form} onChange=${() => choose(name)} />${text}</label>`)}</fieldset>`}>
      ${form === "html" && mail.html
        ? html`<${Snippet} text=${mail.html} label="the HTML of the mail" />`
        : html`<pre class="whole mail-text">${mail.text}</pre>`}<//>`;
}
