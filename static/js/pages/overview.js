/** What goes on: figures with their change, the days, top links, sources, countries, live clicks, and the books. */

import {get} from "../api.js";
import {Figures, LABELS} from "../charts/figures.js";
import {useAnswer} from "../loading.js";
import {Answered, Card, Empty} from "../parts/card.js";
import {ClickLine} from "../parts/click.js";
import {Books} from "../parts/books.js";
import {Snippet} from "../parts/copy.js";
import {ReportBar} from "../reports/bar.js";
import {askPanels, commonOf, reportSchema} from "../reports/ask.js";
import {useFeed} from "../reports/feed.js";
import {Countries, Top, When, heatDimensions} from "../reports/panels.js";
import {Series, seriesPanels} from "../reports/series.js";
import {place, readable} from "../router.js";
import {newLink} from "../shell/new-link.js";
import {can, described, may, me} from "../state.js";
import {number, sentence, timeOfDay} from "../text.js";
import {html, useState} from "../view.js";

const WANTED = ["clicks", "uniques", "new", "conversions", "revenue", "payout", "profit", "epc", "bots",
  "previews"];
const MOST = 6;

export function Page() {
  const {query} = place.value;
  const {range, common} = commonOf(query);
  const [metric, setMetric] = useState("clicks");
  const answer = useAnswer(common.toString(), async (signal) => {
    const schema = await reportSchema();
    const metrics = WANTED.filter((name) => schema.metrics.some((one) => one.name === name)).slice(0, MOST);
    const heat = heatDimensions(schema);
    const panels = await askPanels(common, panelsOf(metrics, range, heat), signal);
    return {metrics, heat, panels, range, common};
  });
  const data = answer.data;
  return html`
    <div class="headline"><h1>Overview</h1>${data &&
      html`<span class="muted" role="status">as of ${timeOfDay(data.panels.days.watermark)}</span>`}
      <span class="push" /><${ReportBar} /></div>
    <${Answered} answer=${answer} what="The figures could not be read">
      ${({metrics, heat, panels, range: shown, common: asked}) => html`
      <${Body} metrics=${metrics} heat=${heat} panels=${panels} range=${shown} common=${asked} metric=${metric}
        setMetric=${setMetric} busy=${answer.busy} />`}<//>`;
}

function panelsOf(metrics, range, heat) {
  return {
    ...seriesPanels(metrics, range),
    link: {metrics: "clicks", dimensions: "link", limit: 7},
    referrer_host: {metrics: "clicks", dimensions: "referrer_host", limit: 7},
    country: {metrics: "clicks", dimensions: "country", limit: 250},
    classes: {metrics: "clicks", dimensions: "class", class: "any", limit: 20},
    ...(heat ? {heat: {metrics: "clicks", dimensions: `${heat.day},${heat.hour}`, limit: 168}} : {}),
  };
}

function Body({metrics, heat, panels, range, common, metric, setMetric, busy}) {
  const shown = metrics.includes(metric) ? metric : metrics[0];
  const figures = metrics.map((name) => ({name, label: LABELS[name] ?? sentence(name),
    value: panels.days.totals[name], before: panels.like.totals[name]}));
  const reports = (dimension) => `/app/reports?${readable(withDimension(dimension))}`;
  const nothing = panels.classes.totals.clicks === 0;
  return html`
    <div class="stack" aria-busy=${busy}>
      <${Figures} figures=${figures} chosen=${shown} onChoose=${setMetric} />
      ${nothing && html`<${FirstSteps} />`}
      <${Series} title=${LABELS[shown] ?? sentence(shown)} metric=${shown} what=${shown} range=${range}
        rows=${panels.days.rows} before=${panels.before.rows} common=${common}
          unfinished=${!panels.days.complete} />
      <div class="row">
        <div class="span-5"><${Top} title="Links" head="slug" dimension="link" data=${panels.link} metric="clicks"
          reports=${reports("link")} hrefOf=${(row) => row.link && `/app/links/${row.link}`} /></div>
        <div class="span-4"><${Top} title="Sources" head="referrer" dimension="referrer_host"
          data=${panels.referrer_host} metric="clicks" reports=${reports("referrer_host")} /></div>
        <div class="span-3"><${Countries} data=${panels.country} metric="clicks"
          reports=${reports("country")} /></div>
      </div>
      ${heat && html`<${When} data=${panels.heat} metric="clicks" heat=${heat} />`}
      <div class="row">
        <div class="span-7">${may("clicks:read") && html`<${Live} />`}</div>
        <div class="span-5"><${Account} classes=${panels.classes.rows} /></div>
      </div>
    </div>`;
}

function withDimension(dimension) {
  const query = new URLSearchParams(place.value.query);
  query.set("dimensions", dimension);
  return query;
}

function Live() {
  const {clicks, fresh} = useFeed({keep: 6});
  return html`
    <${Card} title="Live" aside=${html`<a href="/app/live">open</a>`}>
      ${clicks.length ? html`<ol class="live">${clicks.map((click) => html`<${ClickLine} key=${click.id}
        click=${click} fresh=${fresh.has(click.id)} />`)}</ol>` : html`<p class="muted none">No clicks yet.</p>`}
    <//>`;
}

function Account({classes}) {
  const answer = useAnswer(may("health:read") ? "health" : null, async (signal) =>
    (await get("/health", {signal})).data);
  return html`
    <${Card} title="Every click, accounted for" aside=${may("health:read") &&
      html`<a href="/app/health">health</a>`}>
      ${answer.data?.inside?.books && html`<${Books} books=${answer.data.inside.books} />`}
      <p class="tags">${classes.map((row) => html`<a class="tag" key=${row.class}
        href=${`/app/clicks?class=${row.class}`}>${row.class} ${number(row.clicks)}</a>`)}</p>
    <//>`;
}

function FirstSteps() {
  const links = described.value.resources.get("links");
  const call = `curl ${location.origin}/api/v1/links \\\n  -H "Authorization: Bearer $TOKEN" \\\n  -H "Content-Type: application/json" \\\n  -d '{"destination": "https://example.com/"}'`;
  return html`
    <${Card}>
      <${Empty} title=${`No clicks in these days, ${me.value.user.name}`}>
        <p>A link is a short address that sends its visitors to a destination, and counts them. Make one, open it, and see its click arrive here.</p>
        ${can(links, "create") && html`<button class="button main" type="button" onClick=${() =>
          newLink()}>New link <kbd>C</kbd></button>`}
        <p>Or from a script, with <a href="/app/tokens/new">a token</a>:</p>
        <${Snippet} text=${call} label="the call that makes a link" />
      <//>
    <//>`;
}
