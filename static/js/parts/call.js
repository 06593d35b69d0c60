/** "As API call": what is on screen as a script would ask for it, with this server's address. */

import {readable} from "../router.js";
import {html, useState} from "../view.js";
import {Snippet} from "./copy.js";
import {Dialog} from "./dialog.js";
import {Glyph} from "./glyph.js";

/** @typedef {{method?: string, path: string, query?: URLSearchParams, body?: any}} Call */

const TOKEN = "rty_YOUR_TOKEN";

/** @param {Call} call */
function addressOf({path, query}) {
  const text = query ? readable(query) : "";
  return `${location.origin}/api/v1${path}${text ? `?${text}` : ""}`;
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** @param {Call} call */
function shell(call) {
  const lines = [`curl ${call.method && call.method !== "GET" ?
    `-X ${call.method} ` : "-g "}${quoted(addressOf(call))}`, `  -H "Authorization: Bearer $TOKEN"`];
  if (call.body) lines.push(`  -H "Content-Type: application/json"`, `  -d ${quoted(JSON.stringify(call.body))}`);
  return `TOKEN=${TOKEN}\n${lines.join(" \\\n")}`;
}

/** @param {Call} call */
function python(call) {
  const body = call.body ? [`body = json.loads(${JSON.stringify(JSON.stringify(call.body))})`] : [];
  const data = call.body ? ", data=json.dumps(body).encode()" : "";
  const kind = call.body ? `, "Content-Type": "application/json"` : "";
  return [
    "import json", "from urllib.request import Request, urlopen", "",
    `TOKEN = "${TOKEN}"`, ...body,
    `request = Request(${JSON.stringify(addressOf(call))}, method="${call.method ?? "GET"}"${data},`,
    `                  headers={"Authorization": f"Bearer {TOKEN}"${kind}})`,
    "print(json.load(urlopen(request))[\"data\"])",
  ].join("\n");
}

/** @param {Call} call */
function javascript(call) {
  const body = call.body ? [`  body: JSON.stringify(${JSON.stringify(call.body)}),`] : [];
  const kind = call.body ? `, "Content-Type": "application/json"` : "";
  return [
    `const token = "${TOKEN}";`, `const response = await fetch(${JSON.stringify(addressOf(call))}, {`,
    ...(call.method && call.method !== "GET" ? [`  method: "${call.method}",`] : []),
    `  headers: {Authorization: \`Bearer \${token}\`${kind}},`, ...body, "});",
      "console.log((await response.json()).data);",
  ].join("\n");
}

const FORMS = {curl: shell, Python: python, JavaScript: javascript};

/** A button that opens it. @param {{call: Call | (() => Call), kind?: string}} props */
export function AsCall({call, kind = ""}) {
  const [open, setOpen] = useState(false);
  return html`
    <button class=${`button ${kind}`} type="button" onClick=${() => setOpen(true)}><${Glyph} name="terminal" />
      <span class="word">API call</span></button>
    ${open && html`<${Shown} call=${typeof call === "function" ? call() : call} onClose=${() =>
      setOpen(false)} />`}`;
}

function Shown({call, onClose}) {
  const [form, choose] = useState("curl");
  return html`
    <${Dialog} title="As API call" wide onClose=${onClose}>
      <div class="form">
        <fieldset class="chips"><legend class="unseen">Language</legend>
          ${Object.keys(FORMS).map((name) => html`
            <label class="chip" key=${name}><input class="unseen" type="radio" name="form" checked=${name === form}
              onChange=${() => choose(name)} />${name}</label>`)}
        </fieldset>
        <${Snippet} text=${FORMS[form](call)} label=${`the call as ${form}`} />
        <p class="hint">Put a token of yours in place of <code>${TOKEN}</code>; <a
          href="/app/tokens">make one</a>. Everything is in the <a href="/docs">reference</a>.</p>
      </div>
    <//>`;
}
