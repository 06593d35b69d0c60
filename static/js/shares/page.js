/** The page of a share: how it looks to strangers, what to paste where, its tokens, its form. */

import {get} from "../api.js";
import {useAnswer} from "../loading.js";
import {Answered, Card} from "../parts/card.js";
import {Snippet} from "../parts/copy.js";
import {Glyph} from "../parts/glyph.js";
import {learn} from "../parts/names.js";
import {toast} from "../parts/toast.js";
import {RecordForm} from "../records/form.js";
import {History} from "../records/history.js";
import {Fields, RecordHead} from "../records/record.js";
import {ask, place} from "../router.js";
import {can, writes} from "../state.js";
import {html, useState} from "../view.js";
import {addressOf, badgeOf, frameOf} from "./snippets.js";
import {Tokens, usePreviewToken} from "./tokens.js";

const KINDS = [["embed", "Embed"], ["page", "Page"], ["badge", "Badge"], ["data", "Data"]];
const THEMES = [["", "As the reader's system"], ["light", "Light"], ["dark", "Dark"]];

/** @param {{resource: import("../spec.js").Resource, id: string}} props */
export function Page({resource, id}) {
  const answer = useAnswer(`shares ${id} ${writes.value}`, async (signal) => {
    const {data} = await get(`/shares/${encodeURIComponent(id)}`, {signal});
    learn(data.id, data.title);
    return data;
  });
  return html`<${Answered} answer=${answer} what="This share could not be read">${(row) => html`<${Shown} resource=${resource} share=${row} />`}<//>`;
}

function Shown({resource, share}) {
  const editing = place.value.query.get("edit") === "1" && can(resource, "update");
  document.title = `${share.title} · Routy`;
  const done = () => {
    ask({edit: null});
    toast(`${share.title} is saved`);
  };
  return html`
    <${RecordHead} resource=${resource} row=${share} name=${share.title} editing=${editing}>
      <a class="button" href=${share.path} target="_blank" rel="noopener"><${Glyph} name="external-link" />Open</a><//>
    ${share.status === "paused" && html`<p class="note warn">It is paused: strangers find nothing at its addresses.</p>`}
    <div class="row">
      <div class="span-7">${editing
        ? html`<${Card}><${RecordForm} key=${share.version} resource=${resource} row=${share} onDone=${done} onCancel=${() => ask({edit: null})} /><//>`
        : html`<${Builder} share=${share} /><${Fields} resource=${resource} row=${share} />`}</div>
      <div class="span-5">${editing && html`<${Preview} share=${share} kind="embed" asked=${{}} />`}
        ${can(resource, "update") && html`<${Tokens} key=${share.embed_generation} share=${share} />`}<${History} id=${share.id} /></div>
    </div>`;
}

/** Choose what to show elsewhere; see it; copy it. */
function Builder({share}) {
  const [kind, setKind] = useState("embed");
  const [theme, setTheme] = useState("");
  const [range, setRange] = useState("");
  const [spark, setSpark] = useState(false);
  const asked = {range, theme, ...(kind === "badge" && spark ? {kind: "sparkline"} : {})};
  const ranges = [...new Set([share.range, ...share.ranges])];
  return html`
    <${Card} title="Show it elsewhere">
      <div class="form">
        <fieldset class="chips"><legend class="unseen">As what</legend>${KINDS.map(([name, text]) => html`
          <label class="chip" key=${name}><input class="unseen" type="radio" name="kind" checked=${kind === name} onChange=${() => setKind(name)} />${text}</label>`)}</fieldset>
        <div class="row">
          ${kind !== "data" && html`<div class="field span-6"><label for="share-theme">Colours</label><div class="input"><select id="share-theme" value=${theme} onChange=${(event) => setTheme(event.target.value)}>
            ${THEMES.map(([value, text]) => html`<option key=${value} value=${value}>${text}</option>`)}</select></div></div>`}
          ${ranges.length > 1 && html`<div class="field span-6"><label for="share-range">Days at first</label><div class="input"><select id="share-range" value=${range} onChange=${(event) => setRange(event.target.value)}>
            ${ranges.map((name) => html`<option key=${name} value=${name === share.range ? "" : name}>${name}</option>`)}</select></div></div>`}
          ${kind === "badge" && share.dimensions.includes("time") && html`<div class="field span-6"><label for="share-kind">Badge</label><div class="input"><select id="share-kind" value=${spark ? "sparkline" : ""} onChange=${(event) => setSpark(event.target.value !== "")}>
            <option value="">a count</option><option value="sparkline">a small series</option></select></div></div>`}
        </div>
        <${Snippets} share=${share} kind=${kind} asked=${asked} />
      </div>
    <//>
    ${kind !== "data" && html`<${Preview} share=${share} kind=${kind} asked=${asked} />`}`;
}

function Snippets({share, kind, asked}) {
  const data = {range: asked.range};
  if (kind === "embed") {
    return html`<${Snippet} text=${frameOf(share, asked)} label="the embed" />
      ${share.frame_ancestors.length === 0 && html`<p class="hint">Browsers show it on this server's own pages only: name the sites under Frame ancestors.</p>`}
      ${share.requires_token && html`<p class="hint">Its address needs <code>token=…</code> behind it, which your server makes for each reader.</p>`}`;
  }
  if (kind === "badge") return html`<${Snippet} text=${badgeOf(share, asked)} label="the badge in Markdown" /><${Snippet} text=${addressOf(share.badge_path, asked)} label="the address of the badge" />`;
  if (kind === "page") return html`<${Snippet} text=${addressOf(share.path, asked)} label="the address of the page" />`;
  return html`<${Snippet} text=${addressOf(`${share.path}.json`, data)} label="the address of the figures as JSON" /><${Snippet} text=${addressOf(`${share.path}.csv`, data)} label="the address of the figures as CSV" />`;
}

/** As strangers see it; where they need a password or a token, with a token of one's own. */
function Preview({share, kind, asked}) {
  const token = usePreviewToken(share);
  return html`
    <${Card} title="As others see it">
      ${share.status === "paused" ? html`<p class="muted">Nothing, while it is paused.</p>`
        : html`<${Answered} answer=${token} what="The preview could not be made">${(known) => {
          const more = {...asked, token: known.token};
          const source = addressOf(kind === "badge" ? share.badge_path : share.embed_path, more);
          return kind === "badge"
            ? html`<img src=${source} alt="The badge" />`
            : html`<iframe class="share-preview" key=${`${source} ${share.version}`} src=${source} title=${`${share.title}, as others see it`} loading="lazy"></iframe>`;
        }}<//>`}
    <//>`;
}
