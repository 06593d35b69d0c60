/** One link: its address and where it leads, what its clicks say, its QR code, its history, every single click. */

import {blob, get} from "../api.js";
import {Figures, LABELS} from "../charts/figures.js";
import {List} from "../lists/list.js";
import {useAnswer} from "../loading.js";
import {Answered, Card, Tabs, Waiting} from "../parts/card.js";
import {Copy, download} from "../parts/copy.js";
import {Glyph} from "../parts/glyph.js";
import {Menu} from "../parts/menu.js";
import {learn} from "../parts/names.js";
import {toast} from "../parts/toast.js";
import {Tag} from "../parts/value.js";
import {statusActions} from "../lists/extras.js";
import {RecordForm} from "../records/form.js";
import {History} from "../records/history.js";
import {Fields, RecordHead} from "../records/record.js";
import {askPanels, commonOf, reportSchema} from "../reports/ask.js";
import {ReportBar} from "../reports/bar.js";
import {ClickLine} from "../parts/click.js";
import {useFeed} from "../reports/feed.js";
import {Countries, Top, When, heatDimensions} from "../reports/panels.js";
import {Series, seriesPanels} from "../reports/series.js";
import {ShareButton} from "../shares/button.js";
import {ask, place} from "../router.js";
import {can, described, may, writes} from "../state.js";
import {sentence, webAddress} from "../text.js";
import {html, useEffect, useState} from "../view.js";

/** @param {{resource: import("../spec.js").Resource, id: string}} props */
export function Page({resource, id}) {
  const answer = useAnswer(`link ${id} ${writes.value}`, async (signal) => {
    const {data} = await get(`/links/${encodeURIComponent(id)}`, {signal});
    learn(data.id, data.slug);
    return data;
  });
  return html`<${Answered} answer=${answer} what="This link could not be read">
    ${(link) => html`<${Shown} resource=${resource} link=${link} />`}<//>`;
}

const TABS = [["stats", "Stats"], ["clicks", "Clicks"], ["qr", "QR code"], ["details", "Details and history"]];

function Shown({resource, link}) {
  const {query} = place.value;
  const editing = query.get("edit") === "1" && can(resource, "update");
  const tab = TABS.find(([name]) => name === query.get("tab"))?.[0] ?? "stats";
  document.title = `${link.slug} · Routy`;
  const done = () => { ask({edit: null}); toast(`${link.slug} is saved`); };
  const statuses = statusActions(link);
  return html`
    <${RecordHead} resource=${resource} row=${link} name=${link.title ?? link.slug} editing=${editing}>
      ${statuses.length > 0 && html`<${Menu} label="Status" kind="" entries=${() => statuses}><${Tag}
        text=${link.status} /><${Glyph} name="chevron-down" /><//>`}
      <${ShareButton} id=${link.id} /><//>
    <${Address} link=${link} />
    ${editing
      ? html`<div class="narrow-form"><${Card}><${RecordForm} key=${link.version} resource=${resource} row=${link}
        prefixes=${{slug: `${link.host}/`}} onDone=${done} onCancel=${() => ask({edit: null})} /><//></div>`
      : html`
        <${Tabs} label="About this link" here=${tab}
          tabs=${TABS.map(([name, text]) => ({name, text, href: `/app/links/${link.id}${name === "stats" ?
            "" : `?tab=${name}`}`}))} />
        ${tab === "stats" && may("reports:read") && html`<${Stats} link=${link} />`}
        ${tab === "clicks" && html`<${Clicks} link=${link} />`}
        ${tab === "qr" && html`<${Qr} link=${link} />`}
        ${tab === "details" && html`<div class="row"><div class="span-7"><${Fields} resource=${resource}
          row=${link} /></div><div class="span-5"><${History} id=${link.id} /></div></div>`}`}`;
}

/** What is given to people, and where it leads. */
function Address({link}) {
  const web = webAddress(link.destination);
  return html`
    <div class="card hero">
      <p class="made"><a class="whole" href=${link.short_url} target="_blank" rel="noopener" data-short-url>
        ${link.short_url}</a><${Copy} text=${link.short_url} what="the address" label="Copy" /></p>
      <p class="cut"><span class="muted">goes to</span> ${web ?
        html`<a href=${web} target="_blank" rel="noopener noreferrer">${link.destination}
          </a>` : link.destination}</p>
      ${(link.warnings ?? []).map((text) => html`<p class="note warn" key=${text}><${Glyph} name="triangle-alert" />
        ${sentence(text)}</p>`)}
    </div>`;
}

const WANTED = ["clicks", "uniques", "new", "conversions", "revenue", "payout", "bots", "previews"];
const MOST = 6;

function Stats({link}) {
  const {range, common} = commonOf(place.value.query, {link_id: link.id});
  common.set("link_id", link.id);
  const [metric, setMetric] = useState("clicks");
  const answer = useAnswer(common.toString(), async (signal) => {
    const schema = await reportSchema();
    const metrics = WANTED.filter((name) => schema.metrics.some((one) => one.name === name)).slice(0, MOST);
    const heat = heatDimensions(schema);
    return {metrics, heat, range, common, panels: await askPanels(common, panelsOf(metrics, range, heat), signal)};
  });
  return html`
    <${ReportBar} without=${["link_id"]} />
    <${Answered} answer=${answer} what="The figures could not be read">
      ${({metrics, heat, panels, range: shown, common: asked}) => {
      const chosen = metrics.includes(metric) ? metric : metrics[0];
      const reports = (dimension) => `/app/reports?dimensions=${dimension}&link_id=${link.id}`;
      return html`
        <div class="stack" aria-busy=${answer.busy}>
          <${Figures} chosen=${chosen} onChoose=${setMetric}
            figures=${metrics.map((name) => ({name, label: LABELS[name] ?? sentence(name),
              value: panels.days.totals[name], before: panels.like.totals[name]}))} />
          <${Series} title=${LABELS[chosen] ?? sentence(chosen)} metric=${chosen} what=${chosen} range=${shown}
            rows=${panels.days.rows} before=${panels.before.rows} common=${asked}
              unfinished=${!panels.days.complete} />
          <div class="row">
            <div class="span-4"><${Top} title="Sources" head="referrer" dimension="referrer_host"
              data=${panels.referrer_host} metric="clicks" reports=${reports("referrer_host")} /></div>
            <div class="span-4"><${Countries} data=${panels.country} metric="clicks"
              reports=${reports("country")} /></div>
            <div class="span-4"><${Top} title="Devices" head="device" dimension="device" data=${panels.device}
              metric="clicks" reports=${reports("device")} /></div>
          </div>
          <div class="row">
            <div class="span-7"><${Latest} link=${link} /></div>
            <div class="span-5"><${Top} title="Browsers" head="browser" dimension="browser" data=${panels.browser}
              metric="clicks" reports=${reports("browser")} /></div>
          </div>
          ${heat && html`<${When} data=${panels.heat} metric="clicks" heat=${heat} />`}
        </div>`;
    }}<//>`;
}

function panelsOf(metrics, range, heat) {
  return {
    ...seriesPanels(metrics, range),
    ...Object.fromEntries(["referrer_host", "device", "browser"].map((name) =>
      [name, {metrics: "clicks", dimensions: name, limit: 7}])),
    country: {metrics: "clicks", dimensions: "country", limit: 250},
    ...(heat ? {heat: {metrics: "clicks", dimensions: `${heat.day},${heat.hour}`, limit: 168}} : {}),
  };
}

/** Its latest clicks, followed. */
function Latest({link}) {
  const {clicks, fresh} = useFeed({filters: new URLSearchParams({link_id: link.id}), keep: 7});
  return html`
    <${Card} title="Latest clicks" aside=${html`<a href=${`/app/links/${link.id}?tab=clicks`}>all</a>`}>
      ${clicks.length ? html`<ol class="live" data-feed>${clicks.map((click) => html`<${ClickLine} key=${click.id}
        click=${click} fresh=${fresh.has(click.id)} />`)}</ol>`
        : html`<p class="muted none">None yet. Open <a href=${link.short_url} target="_blank"
          rel="noopener">its address</a> and a click appears here within two seconds.</p>`}
    <//>`;
}

/** Every click, in the list of clicks, kept to this link. */
function Clicks({link}) {
  const {query} = place.value;
  const ready = query.get("link_id") === link.id;
  useEffect(() => { if (!ready) ask({link_id: link.id}); }, [ready]);
  const clicks = described.value.resources.get("clicks");
  return ready ? html`<${List} key="clicks" resource=${clicks} />` : html`<${Waiting} />`;
}

function Qr({link}) {
  const [asked, setAsked] = useState({size: 600, margin: 4, correction: "M", dark: "#000000", light: "#ffffff"});
  const question = new URLSearchParams(Object.entries(asked).map(([name, value]) => [name, String(value)]));
  const answer = useAnswer(`${link.id} ${question}`, async () =>
    (await blob(`/qr/${link.id}.svg?${question}`)).text());
  const set = (name) => (event) => setAsked({...asked, [name]: event.target.value});
  const take = async (kind) => {
    const file = await blob(`/qr/${link.id}.${kind}?${question}`);
    download(`${link.slug.replace(/[^\w-]+/g, "-")}.${kind}`, file, file.type);
  };
  return html`
    <div class="row">
      <div class="span-5"><${Card} title="QR code">
        <${Answered} answer=${answer}>${(svg) => html`<img class="qr" alt=${`QR code of ${link.short_url}`}
          src=${`data:image/svg+xml,${encodeURIComponent(svg)}`} />`}<//>
      <//></div>
      <div class="span-7"><${Card} title="How it looks">
        <div class="form">
          <div class="field"><label for="qr-correction">Correction</label>
            <div class="input"><select id="qr-correction" value=${asked.correction} onChange=${set("correction")}>
            ${[["L", "7 % may be damaged"], ["M", "15 %"], ["Q", "25 %"], ["H", "30 %"]].map(([name, text]) =>
              html`<option key=${name} value=${name}>${name}: ${text}</option>`)}</select></div></div>
          <div class="field"><label for="qr-size">Size in pixels</label>
            <div class="input"><input id="qr-size" type="number" min="40" max="2000" value=${asked.size}
              onChange=${set("size")} /></div></div>
          <div class="field"><label for="qr-dark">Colour</label>
            <div class="input colour"><input id="qr-dark" type="color" value=${asked.dark} onInput=${set("dark")} />
              <code>${asked.dark}</code></div></div>
          <p class="hint">Scans are told apart from other clicks: their source is <code>qr</code>.</p>
          <div class="actions start">${["svg", "png", "pdf"].map((kind) => html`<button class="button" type="button"
            key=${kind} onClick=${() => take(kind)}><${Glyph} name="download" />${kind.toUpperCase()}
              </button>`)}</div>
        </div>
      <//></div>
    </div>`;
}
