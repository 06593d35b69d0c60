/** The list of any resource, drawn from the API's description: find, filter, sort, choose, export, undo. */

import {get} from "../api.js";
import {useSettled, useWatched} from "../loading.js";
import {AsCall} from "../parts/call.js";
import {Empty, Failed, Waiting} from "../parts/card.js";
import {Snippet, copy} from "../parts/copy.js";
import {Glyph} from "../parts/glyph.js";
import {toast} from "../parts/toast.js";
import {attempt, purge, restore, trash} from "../records/writing.js";
import {ask, go, place, readable, setQuery} from "../router.js";
import {article, nameOf, pageOf} from "../spec.js";
import {can, writes} from "../state.js";
import {number} from "../text.js";
import {html, useEffect, useRef, useState} from "../view.js";
import {Bulk} from "./bulk.js";
import {Columns, columnsOf} from "./columns.js";
import {extrasOf} from "./extras.js";
import {Files} from "./files.js";
import {Filters} from "./filters.js";
import {PAGE_SIZES, filtersOf, isTrash, listAt, questionOf, withoutPlace} from "./question.js";
import {Family} from "./family.js";
import {ListTable} from "./table.js";
import {Views} from "./views.js";

const SOON_MS = 2000;

/** @param {{resource: import("../spec.js").Resource}} props */
export function List({resource}) {
  const {query} = place.value;
  const asked = questionOf(resource, query);
  const extras = extrasOf(resource);
  const [columns, setColumns] = useState(() => columnsOf(resource));
  const [chosen, setChosen] = useState(new Set());
  const list = useRows(resource, asked, extras);
  const trashed = isTrash(query);
  useEffect(() => setChosen(new Set()), [resource.path, asked.toString()]);
  const choose = (ids, on) => setChosen((was) => {
    const next = new Set(was);
    for (const id of ids) next[on ? "add" : "delete"](id);
    return next;
  });
  const editable = !resource.stream && (can(resource, "delete") || can(resource, "batch"));
  return html`
    <${Family} resource=${resource} />
    <${Headline} resource=${resource} list=${list} asked=${asked} columns=${columns} setColumns=${setColumns}
      trashed=${trashed} extras=${extras} />
    ${extras.above?.()}
    <section class="card table-card" aria-label=${resource.title}>
      ${chosen.size > 0 && html`<${Bulk} resource=${resource} chosen=${chosen} total=${list.total} asked=${asked}
        trashed=${trashed} onDone=${() => setChosen(new Set())} />`}
      ${list.error ? html`<${Failed} error=${list.error} again=${list.again} what="The list could not be read" />`
        : !list.rows ? html`<${Waiting} />`
        : list.rows.length ? html`
          <${ListTable} resource=${resource} columns=${columns} rows=${list.rows} busy=${list.busy}
            sort=${query.get("sort") ?? "-created_at"}
            onSort=${(sort) => ask({sort, page: null})} chosen=${editable ? chosen : undefined} onChoose=${choose}
              caption=${resource.title}
            actions=${(row) => actionsOf(resource, row, trashed, extras)} cells=${extras.cells}
              beside=${trashed ? undefined : extras.beside} />
          <${More} list=${list} resource=${resource} asked=${asked} />`
        : html`<${Nothing} resource=${resource} filtered=${withoutPlace(asked).size > 0} trashed=${trashed}
          extras=${extras} />`}
    </section>`;
}

/** The rows that the question finds; more of a stream are added at its end. */
function useRows(resource, asked, extras) {
  const [more, setMore] = useState({of: "", rows: [], cursor: null});
  const question = asked.toString();
  const light = lighter(resource, asked, extras.heavy);
  const answer = useWatched(`${resource.path}?${question} ${writes.value}`, (signal) =>
    get(`/${resource.path}?${light}`, {signal}), ({data}) => extras.soon && data.some(extras.soon) ? SOON_MS : null);
  const added = more.of === question ? more : {rows: [], cursor: answer.data?.pagination.next_cursor};
  const next = async () => {
    const from = new URLSearchParams(light);
    from.delete("page");
    from.set("cursor", added.cursor);
    const found = await attempt(() => get(`/${resource.path}?${from}`));
    if (found) setMore({of: question, rows: [...added.rows, ...found.data], cursor: found.pagination.next_cursor});
  };
  const pagination = answer.data?.pagination;
  return {
    rows: answer.data && [...answer.data.data, ...added.rows], total: pagination?.total ?? null,
      cursor: added.cursor,
    page: pagination?.page ?? 1, limit: pagination?.limit ?? 50, busy: answer.busy, error: answer.error,
      again: answer.again, next,
  };
}

/** The same question without the fields that are too much for a list. */
function lighter(resource, asked, heavy) {
  if (!heavy) return asked;
  const fields = [...resource.fields.keys()].filter((name) => !heavy.includes(name));
  return new URLSearchParams([...asked, ["fields", fields.join(",")]]);
}

function Headline({resource, list, asked, columns, setColumns, trashed, extras}) {
  const {query} = place.value;
  const fields = resource.fields;
  const filters = filtersOf(resource, query).filter((filter) => filter.name !== "deleted_at[null]");
  const add = (name, value) => {
    const next = new URLSearchParams(query);
    next.delete("page");
    next.set(name, value);
    setQuery(next);
  };
  const removed = (filter) => {
    const next = new URLSearchParams(query);
    next.delete(filter.name);
    next.delete("page");
    setQuery(next);
  };
  const maker = can(resource, "create") && !trashed;
  return html`
    <div class="headline">
      <h1>${trashed ? `Trash: ${resource.title.toLowerCase()}` : resource.title}</h1>
      <span class="muted" role="status">${list.total === null ? "" : number(list.total)}</span>
      <span class="push" />
      <${AsCall} call=${() => ({path: `/${resource.path}`, query: asked})} />
      <${Files} name=${resource.path} columns=${columns} rows=${list.rows ?? []} all=${{
        source: resource.path.replaceAll("-", "_"), query: whole(asked, columns), total: list.total}} />
      <${Columns} resource=${resource} columns=${columns} onChange=${setColumns} />
      <${Views} place=${resource.path} query=${readable(query)} />
      ${resource.operations.includes("restore") && can(resource, "restore") && html`
        <a class="button" href=${listAt(trashed ? "" : "deleted_at[null]=false")}>
          <${Glyph} name=${trashed ? "list" : "trash-2"} />
            <span class="word">${trashed ? "Back to the list" : "Trash"}</span></a>`}
      ${extras.head?.()}
      ${maker && resource.path !== "links" && html`<a class="button main" href=${`/app/${resource.path}/new`}>
        <${Glyph} name="plus" />New ${resource.singular}</a>`}
    </div>
    <div class="filters">
      ${resource.controls.includes("q") && html`<${Finder} resource=${resource} />`}
      ${extras.presets?.().map((preset) => html`<a class=${`chip ${isOn(query, preset.query) ? "on" : ""}`}
        key=${preset.label} href=${listAt(preset.query)}
          aria-current=${isOn(query, preset.query) ? "true" : undefined}>${preset.label}</a>`)}
      <${Filters} fields=${fields} filters=${filters} onAdd=${add} onRemove=${removed} />
    </div>`;
}

/** All rows of a question, in the columns that are shown. */
function whole(asked, columns) {
  const query = withoutPlace(asked);
  query.set("fields", columns.join(","));
  return query;
}

function isOn(query, wanted) {
  const now = withoutPlace(query);
  now.delete("tab");
  return readable(now) === readable(new URLSearchParams(wanted ?? ""));
}

/** The field for finding; what is typed goes into the address once it has settled. */
function Finder({resource}) {
  const given = place.value.query.get("q") ?? "";
  const [text, setText] = useState(given);
  const settled = useSettled(text, 150);
  const last = useRef(given);
  useEffect(() => {
    if (settled.trim() !== last.current) ask({q: last.current = settled.trim(), page: null});
  }, [settled]);
  useEffect(() => {
    if (given !== last.current) setText(last.current = given);
  }, [given]);
  const searched = [...resource.fields.values()].filter((field) => field.search).map((field) =>
    field.label.toLowerCase());
  const down = (event) => {
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    document.querySelector(".list tbody a[href], .list tbody button")?.focus();
  };
  return html`
    <div class="input search" role="search"><${Glyph} name="search" />
      <input type="search" maxlength="200" placeholder=${`Find ${resource.title.toLowerCase()}`}
        aria-label=${`Find by ${searched.join(", ")}`} value=${text}
        autocomplete="off" onInput=${(event) => setText(event.target.value)} onKeyDown=${down} /></div>`;
}

function More({list, resource, asked}) {
  if (resource.stream || list.total === null) {
    return list.cursor && html`<div class="more"><button class="button quiet" type="button"
      onClick=${list.next}>Show more</button></div>`;
  }
  const pages = Math.max(1, Math.ceil(list.total / list.limit));
  if (pages === 1 && list.total <= PAGE_SIZES[0]) return null;
  const to = (page) => ask({page: page === 1 ? null : String(page)});
  return html`
    <div class="more pages">
      <span class="muted">${number((list.page - 1) * list.limit + 1)}–${number(Math.min(list.page * list.limit,
        list.total))} of ${number(list.total)}</span>
      <label class="muted">Rows <select value=${asked.get("limit")}
        onChange=${(event) => ask({limit: event.target.value, page: null})}>
          ${PAGE_SIZES.map((size) => html`<option key=${size}>${size}</option>`)}</select></label>
      <span class="push" />
      <button class="button quiet icon" type="button" aria-label="Page before" disabled=${list.page <= 1}
        onClick=${() => to(list.page - 1)}><${Glyph} name="chevron-left" /></button>
      <span class="muted">${list.page} / ${pages}</span>
      <button class="button quiet icon" type="button" aria-label="Next page" disabled=${list.page >= pages}
        onClick=${() => to(list.page + 1)}><${Glyph} name="chevron-right" /></button>
    </div>`;
}

function actionsOf(resource, row, trashed, extras) {
  const name = nameOf(resource, row);
  if (trashed) {
    return [
      can(resource, "restore") && {label: "Restore", glyph: "undo-2", run: () => restore(resource, [row.id])},
      can(resource, "delete") && {label: "Delete for good", glyph: "trash-2", bad: true, run: () =>
        purge(resource, row, name)},
    ];
  }
  return [
    resource.operations.includes("get") && {label: "Open", glyph: "eye", run: () => go(pageOf(resource, row.id))},
    can(resource, "update") && {label: "Edit", glyph: "pencil", run: () =>
      go(`${pageOf(resource, row.id)}?edit=1`)},
    ...(extras.actions?.(row) ?? []),
    {label: "Copy id", glyph: "copy", run: async () => toast(await copy(row.id) ? "Copied" : row.id)},
    can(resource, "delete") && {label: resource.path === "tokens" ? "Revoke" : "Delete", glyph: "trash-2",
      bad: true, run: () => trash(resource, row, name)},
  ];
}

function Nothing({resource, filtered, trashed, extras}) {
  if (trashed) return html`<${Empty} title="The trash is empty">
    <p>What is deleted can be brought back from here for 30 days.</p><//>`;
  if (filtered) return html`<${Empty} title="Nothing found"><p>No ${resource.singular} is like that.</p>
    <a class="button" href=${listAt()}>Show all</a><//>`;
  const example = exampleOf(resource);
  return html`
    <${Empty} title=${`No ${resource.title.toLowerCase()} yet`}>
      <p>${resource.doc}</p>
      ${extras.empty?.()}
      ${can(resource, "create") && html`<a class="button main"
        href=${`/app/${resource.path}/new`}>Make ${article(resource)}</a>`}
      ${example && html`<p>Or from a script, with a token:</p>
        <${Snippet} label=${`the call that makes ${article(resource)}`} text=${example} />`}
    <//>`;
}

/** The call that makes one, with this server's address. @param {import("../spec.js").Resource} resource */
function exampleOf(resource) {
  if (!resource.create) return null;
  const needed = resource.create.fields.filter((field) => resource.create.required.includes(field.name));
  const body = Object.fromEntries(needed.map((field) => [field.name, field.schema.examples?.[0] ?? ""]));
  return `curl ${location.origin}/api/v1/${resource.path} \\\n  -H "Authorization: Bearer $TOKEN" \\\n  -H "Content-Type: application/json" \\\n  -d '${JSON.stringify(body)}'`;
}
