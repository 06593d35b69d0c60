/** Signed tokens: one for the preview where it needs one, others to copy, and the end of all of them. */

import {post, remove} from "../api.js";
import {useAnswer} from "../loading.js";
import {Card} from "../parts/card.js";
import {Snippet} from "../parts/copy.js";
import {confirmed} from "../parts/dialog.js";
import {toast} from "../parts/toast.js";
import {attempt} from "../records/writing.js";
import {writes} from "../state.js";
import {html, useState} from "../view.js";
import {mintOf} from "./snippets.js";

const PREVIEW_MINUTES = 60;

/** A token for one's own eyes, where the share is not open; else an empty text. @param {any} share */
export function usePreviewToken(share) {
  const wanted = share.requires_token || share.has_password;
  return useAnswer(wanted ? `preview ${share.id} ${share.version}` : `open ${share.id}`, async () => {
    if (!wanted) return {token: ""};
    return (await post(`/shares/${share.id}/embed-tokens`, {minutes: PREVIEW_MINUTES})).data;
  });
}

/** @param {{share: any}} props */
export function Tokens({share}) {
  const [minutes, setMinutes] = useState(1440);
  const [made, setMade] = useState(null);
  const make = async (event) => {
    event.preventDefault();
    const answer = await attempt(() => post(`/shares/${share.id}/embed-tokens`, {minutes}));
    if (answer) setMade(answer.data);
  };
  const revoke = async () => {
    const sure = await confirmed({title: "End all tokens?", text: "Every address with a token that was made so far stops working, embeds on other sites too.", action: "End them", bad: true});
    if (!sure || !await attempt(() => remove(`/shares/${share.id}/embed-tokens`).then(() => true))) return;
    setMade(null);
    writes.value += 1;
    toast("All tokens have ended");
  };
  return html`
    <${Card} title="Signed tokens">
      <form class="form" onSubmit=${make}>
        <p class="prose">${share.requires_token
          ? "Every address of this share wants a token. Your own server makes one for each of its readers, and may lock it to a country, a device or a link:"
          : "A token opens this share for a time, without its password. To lock one to a country or a link, let the share require tokens first."}</p>
        <${Snippet} text=${mintOf(share)} label="the call that makes a token" />
        <div class="field"><label for="token-minutes">Good for</label><div class="input"><select id="token-minutes" value=${minutes} onChange=${(event) => setMinutes(Number(event.target.value))}>
          ${[[60, "an hour"], [1440, "a day"], [43_200, "30 days"], [525_600, "a year"]].map(([value, text]) => html`<option key=${value} value=${value}>${text}</option>`)}</select></div></div>
        ${made && html`<${Snippet} text=${made.embed_url} label="the address of the embed with its token" />`}
        <div class="actions start"><button class="button">Make one</button><button class="button" type="button" onClick=${revoke}>End all tokens</button></div>
      </form>
    <//>`;
}
