/** What the lists of what goes in and out have beyond their description: deliveries, files, alerts, notifications, mails. */

import {Standing} from "../alerts/standing.js";
import {Watches} from "../alerts/watches.js";
import {Download} from "../exports/download.js";
import {Outcome} from "../hooks/outcome.js";
import {Glyph} from "../parts/glyph.js";
import {placeOf, readAll, setRead} from "../parts/notification.js";
import {Progress} from "../parts/progress.js";
import {size} from "../parts/sizes.js";
import {Tag, Time} from "../parts/value.js";
import {choiceText} from "../parts/words.js";
import {setField} from "../records/writing.js";
import {go} from "../router.js";
import {can, described, may} from "../state.js";
import {WEEKDAYS, number} from "../text.js";
import {html} from "../view.js";

const status = (...names) => [{label: "All", query: ""}, ...names.map(([label, name]) => ({label,
  query: `status=${name}`}))];

function pauseAction(path, row, name) {
  if (!can(described.value.resources.get(path), "update")) return [];
  const paused = row.status === "paused";
  return [{label: paused ? "Activate" : "Pause", glyph: paused ? "play" : "pause", run: () => setField(
    described.value.resources.get(path), row, "status", paused ? "active" : "paused", `${name} is ${paused ? "active" : "paused"}`)}];
}

const HookStatus = (row) => row.paused_because ? html`<${Tag} text="paused by Routy" tone="bad" />`
  : row.failing_since ? html`<span class="tag bad">failing since <${Time} iso=${row.failing_since} /></span>`
  : html`<${Tag} text=${row.status} />`;

const HookName = (row) => html`<a class="cut name" href=${`/app/webhooks/${row.id}`} title=${row.url}>
  ${row.url.replace(/^https?:\/\//, "")}${row.description && html` <span class="muted">${row.description}</span>`}</a>`;

const ExportStatus = (row) => ["pending", "running"].includes(row.status)
  ? html`<${Progress} done=${row.rows} total=${row.total} what="rows" quiet />` : html`<${Tag} text=${row.status} />`;

const ImportStatus = (row) => ["trying", "running", "reversing"].includes(row.status)
  ? html`<${Progress} done=${row.progress} total=${100} what="of the file" text=${`${row.progress} %`} quiet />`
  : html`<${Tag} text=${row.status === "ready" && row.tried ? "tried" : row.status} />`;

/** Mondays at 06:00. */
function when(row) {
  const hour = `${String(row.hour).padStart(2, "0")}:00`;
  const day = row.every === "week" ? `${WEEKDAYS[row.weekday - 1]}s` : row.every === "month" ? `on day ${row.day}` : "daily";
  return html`${day}, ${hour} <span class="muted">${row.timezone ?? ""}</span>`;
}

function Title(row) {
  const href = placeOf(row) ?? `/app/notifications/${row.id}`;
  const open = (event) => {
    event.preventDefault();
    if (!row.read_at) setRead(row, true);
    go(href);
  };
  return html`<a class=${`cut ${row.read_at ? "" : "name"}`} href=${href} onClick=${open}>
    ${!row.read_at && html`<span class="dot" title="unread"></span>`}${row.title}</a>`;
}

/** @type {Record<string, import("./extras.js").Extras>} */
export const IN_AND_OUT = {
  webhooks: {
    cells: {url: HookName, status: HookStatus},
    actions: (row) => pauseAction("webhooks", row, row.url),
    presets: () => [{label: "All", query: ""}, {label: "Failing", query: "failing_since[null]=false"},
      {label: "Paused", query: "status=paused"}],
  },
  deliveries: {
    heavy: ["payload"],
    cells: {last_status: (row) => html`<${Outcome} row=${row} />`},
    presets: () => status(["Failed", "failed"], ["Waiting", "pending"], ["Delivered", "delivered"]),
    soon: (row) => row.status === "pending",
  },
  exports: {
    cells: {status: ExportStatus, bytes: (row) => size(row.bytes), format: (row) => choiceText("format", row.format),
      rows: (row) => number(row.rows)},
    beside: (row) => row.status === "done" && html`<${Download} row=${row} />`,
    soon: (row) => ["pending", "running"].includes(row.status),
    empty: () => html`<p>Every list and report has <b>Export</b> above it: all rows that its filters find, as CSV, Excel, JSON or Parquet.</p>`,
  },
  imports: {
    cells: {status: ImportStatus},
    soon: (row) => ["trying", "running", "reversing"].includes(row.status),
  },
  schedules: {
    cells: {every: when, format: (row) => choiceText("format", row.format),
      next_at: (row) => row.next_at ? html`<${Time} iso=${row.next_at} />` : html`<span class="muted">–</span>`},
    actions: (row) => pauseAction("schedules", row, row.name),
  },
  alerts: {
    cells: {kind: (row) => html`<${Watches} alert=${row} short />`, state: (row) => html`<${Standing} alert=${row} short />`,
      notify: (row) => choiceText("notify", row.notify)},
    actions: (row) => pauseAction("alerts", row, row.name),
    presets: () => [{label: "All", query: ""}, {label: "Firing", query: "state=firing"},
      {label: "Paused", query: "status=paused"}],
  },
  notifications: {
    cells: {title: Title},
    actions: (row) => [row.read_at ? {label: "Mark as unread", glyph: "circle-dot", run: () => setRead(row, false)}
      : {label: "Mark as read", glyph: "check", run: () => setRead(row, true)}],
    presets: () => [{label: "All", query: ""}, {label: "Unread", query: "read_at[null]=true"}],
    head: () => may("alerts:read") && html`<button class="button" type="button" onClick=${readAll}>
      <${Glyph} name="check-check" /><span class="word">Mark all as read</span></button>`,
  },
  mails: {
    heavy: ["text", "html"],
    presets: () => status(["Waiting", "waiting"], ["Failed", "failed"], ["Unsent", "unsent"]),
    soon: (row) => row.status === "waiting",
  },
};
