/** Settings: oneself, where one is logged in, the workspace, its people. */

import {chooseWorkspace, get, patch, remove} from "../api.js";
import {useAnswer} from "../loading.js";
import {Answered, Card, Tabs} from "../parts/card.js";
import {Glyph} from "../parts/glyph.js";
import {toast} from "../parts/toast.js";
import {Time} from "../parts/value.js";
import {RecordForm} from "../records/form.js";
import {attempt} from "../records/writing.js";
import {place} from "../router.js";
import {can, described, me} from "../state.js";
import {counted} from "../text.js";
import {html, useState} from "../view.js";
import {List} from "../lists/list.js";
import {chooseTheme, theme} from "../shell/theme.js";
import {logOut} from "../shell/nav.js";

const TABS = [["you", "You"], ["workspace", "Workspace"], ["members", "Members"], ["users", "Users"],
  ["workspaces", "Workspaces"]];

export function Page() {
  const tab = place.value.query.get("tab") ?? "you";
  const readable = TABS.filter(([name]) => name === "you" || name === "workspace" || allowed(name));
  const found = readable.some(([name]) => name === tab) ? tab : "you";
  return html`
    <${Tabs} label="Settings" here=${found} tabs=${readable.map(([name, text]) => ({name, text,
      href: `/app/settings${name === "you" ? "" : `?tab=${name}`}`}))} />
    ${found === "you" ? html`<${You} />` : found === "workspace" ?
      html`<${Workspace} />` : html`<${List} key=${found} resource=${resourceOf(found)} />`}`;
}

const resourceOf = (tab) => described.value.resources.get(tab === "members" ? "memberships" : tab);
const allowed = (tab) => resourceOf(tab) && can(resourceOf(tab), "list");

function You() {
  const users = described.value.resources.get("users");
  const mine = useAnswer("me", async (signal) => (await get(`/users/${me.value.user.id}`, {signal})).data);
  return html`
    <h1 class="unseen">Settings</h1>
    <div class="row">
      <div class="span-6">
        <${Card} title="You">
          ${can(users, "update")
            ? html`<${Answered} answer=${mine}>${(row) =>
              html`<${Profile} users=${users} row=${row} onDone=${mine.set} />`}<//>`
            : html`<dl class="fields"><div><dt>Name</dt><dd>${me.value.user.name}</dd></div>
              <div><dt>E-mail address</dt><dd>${me.value.user.email}</dd></div>
                <div><dt>Role</dt><dd>${me.value.role}</dd></div></dl>`}
        <//>
      </div>
      <div class="span-6">
        <${Card} title="Light or dark">
          <fieldset class="chips"><legend class="unseen">Light or dark</legend>
            ${[["system", "As the system"], ["light", "Light"], ["dark", "Dark"]].map(([name, text]) => html`
            <label class="chip" key=${name}><input class="unseen" type="radio" name="theme"
              checked=${theme.value === name} onChange=${() => chooseTheme(name)} />${text}</label>`)}</fieldset>
        <//>
        ${allowed("notifications") && html`<${Mailed} />`}
        <${Logins} />
      </div>
    </div>`;
}

function Profile({users, row, onDone}) {
  const done = (next) => {
    me.value = {...me.value, user: {...me.value.user, ...next}};
    onDone(next);
    toast("Saved. A new password ends all other sessions.");
  };
  return html`<${RecordForm} key=${row.version} resource=${users} row=${row} only=${["name", "email", "password"]}
    onDone=${done} />`;
}

const TOPICS = {alerts: "Alerts that name you or your role", webhooks: "Webhooks that fail or are paused",
  tokens: "Tokens that are used oddly", files: "Exports and imports that are done", system: "The server itself"};

/** What one is told by mail beside the bell. */
function Mailed() {
  const answer = useAnswer("preferences", async (signal) => (await get("/notifications/preferences", {signal})).data);
  const flip = async (mail, topic) => {
    const next = mail.includes(topic) ? mail.filter((one) => one !== topic) : [...mail, topic];
    const done = await attempt(() => patch("/notifications/preferences", {mail: next}));
    if (done) answer.set(done.data);
  };
  return html`
    <${Card} title="Mails beside the bell">
      <${Answered} answer=${answer}>${({mail}) => html`<div class="ticks tall" role="group" aria-label="By mail too">
        ${Object.entries(TOPICS).map(([topic, text]) => html`<label key=${topic}><input type="checkbox"
          checked=${mail.includes(topic)} onChange=${() => flip(mail, topic)} /> ${text}</label>`)}</div>`}<//>
    <//>`;
}

function Logins() {
  const answer = useAnswer("sessions", async (signal) => (await get("/sessions", {signal})).data.sessions);
  const [busy, setBusy] = useState(false);
  const end = async () => {
    setBusy(true);
    const done = await attempt(() => remove("/sessions"));
    setBusy(false);
    if (!done) return;
    toast(`${counted(done.data.ended, "session")} ended`);
    answer.again();
  };
  return html`
    <${Card} title="Where you are logged in">
      <${Answered} answer=${answer}>${(sessions) => html`
        <ul class="plain sessions">${sessions.map((one, at) => html`
          <li key=${at}><${Glyph} name="monitor" />
            <span class="cut" title=${one.agent}>${browserOf(one.agent)} <span class="muted">
              ${one.ip}, since <${Time} iso=${one.created_at} /></span></span>
                ${one.current && html`<span class="tag good">this one</span>`}</li>`)}</ul>
        <div class="actions start">
          <button class="button" type="button" aria-disabled=${busy || undefined} disabled=${sessions.length < 2}
            onClick=${end}>Log out everywhere else</button>
          <button class="button" type="button" onClick=${logOut}><${Glyph} name="log-out" />Log out here</button>
        </div>`}<//>
    <//>`;
}

const browserOf = (agent) => /(Firefox|Edg|Chrome|Safari)\/[\d.]+/.exec(agent ?? "")?.[1].replace("Edg",
  "Edge") ?? "Another program";

function Workspace() {
  const workspaces = described.value.resources.get("workspaces");
  const {id} = me.value.workspace;
  const answer = useAnswer(`workspace ${id}`, async (signal) => (await get(`/workspaces/${id}`, {signal})).data);
  const done = (row) => {
    me.value = {...me.value, workspace: row};
    answer.set(row);
    chooseWorkspace(row.id);
    toast("Saved");
  };
  return html`
    <div class="headline"><h1>Workspace</h1></div>
    <div class="narrow-form"><${Card}><${Answered} answer=${answer}>${(row) => can(workspaces, "update")
      ? html`<${RecordForm} key=${row.version} resource=${workspaces} row=${row} onDone=${done} />`
      : html`<dl class="fields"><div><dt>Name</dt><dd>${row.name}</dd></div>
        <div><dt>Time zone</dt><dd>${row.timezone}</dd></div></dl>`}<//><//></div>`;
}
