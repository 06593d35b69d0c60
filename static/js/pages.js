/**
 * Which page an address shows. A page of its own is a module under pages/; all others are drawn from the
 * description.
 */

import {html} from "./view.js";

/** Pages of their own, fetched when they are first wanted. */
const OWN = {
  "/app": ["Overview", () => import("./pages/overview.js")],
  "/app/reports": ["Reports", () => import("./pages/reports.js")],
  "/app/live": ["Live", () => import("./pages/live.js")],
  "/app/health": ["Health", () => import("./pages/health.js")],
  "/app/settings": ["Settings", () => import("./pages/settings.js")],
};
/** Resources whose records have a page of their own. */
const RECORDS = {
  links: () => import("./pages/link.js"),
  shares: () => import("./shares/page.js"),
  webhooks: () => import("./hooks/page.js"),
  deliveries: () => import("./hooks/delivery.js"),
  exports: () => import("./exports/page.js"),
  imports: () => import("./imports/page.js"),
  alerts: () => import("./alerts/page.js"),
  mails: () => import("./pages/mail.js"),
};
/** Resources that are made on a page of their own. */
const NEW = {
  shares: () => import("./shares/new.js"),
  imports: () => import("./imports/new.js"),
  alerts: () => import("./alerts/new.js"),
};

/**
 * @param {string} path
 * @param {import("./spec.js").Spec} described
 * @returns {Promise<{title: string, draw: () => any}>}
 */
export async function pageFor(path, described) {
  if (OWN[path]) {
    const [title, load] = OWN[path];
    const {Page} = await load();
    return {title, draw: () => html`<${Page} />`};
  }
  const [, , name, id, ...rest] = path.split("/");
  const resource = described.resources.get(name);
  if (!resource || rest.length) return {title: "Nothing here", draw: nothing};
  if (!id) {
    const {List} = await import("./lists/list.js");
    return {title: resource.title, draw: () => html`<${List} key=${name} resource=${resource} />`};
  }
  if (id === "new") {
    const {NewRecord} = await (NEW[name] ?? (() => import("./records/new.js")))();
    return {title: `New ${resource.singular}`, draw: () => html`<${NewRecord} resource=${resource} />`};
  }
  const {Page} = await (RECORDS[name] ?? (() => import("./records/record.js")))();
  return {title: resource.title, draw: () => html`<${Page} key=${id} resource=${resource}
    id=${decodeURIComponent(id)} />`};
}

const nothing = () => html`<div class="card empty"><h1>There is nothing here</h1>
  <p>The address may be mistyped, or the page has moved.</p><a class="button" href="/app">To the overview</a>
    </div>`;
