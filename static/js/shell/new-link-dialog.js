/** The dialog itself: the form, then the new address to copy. */

import {get} from "../api.js";
import {Copy, copy} from "../parts/copy.js";
import {Dialog} from "../parts/dialog.js";
import {toast} from "../parts/toast.js";
import {RecordForm, askToLeave} from "../records/form.js";
import {go} from "../router.js";
import {described} from "../state.js";
import {html, useEffect, useRef, useState} from "../view.js";

const FIRST = ["destination", "slug", "title", "tag_ids"];

/** @param {{given: any, onClose: () => void, onAnother: () => void}} props */
export function NewLinkDialog({given, onClose, onAnother}) {
  const [made, setMade] = useState(null);
  const [hosts, setHosts] = useState(/** @type {any[]} */ ([]));
  const dirty = useRef(false);
  useEffect(() => {
    setMade(null);
    get("/domains?status=verified&sort=host&limit=100&fields=id,host,is_default").then(({data}) => setHosts(data),
      () => {});
  }, [given]);
  const ask = async () => (!dirty.current || await askToLeave()) && onClose();
  const resource = described.value.resources.get("links");
  const first = hosts.length > 1 ? ["destination", "domain_id", ...FIRST.slice(1)] : FIRST;
  const host = hosts.find((one) => one.id === given.domain_id) ?? hosts.find((one) => one.is_default);
  const prefixes = {slug: hosts.length === 1 || given.domain_id ? `${host?.host ?? ""}/` : "/"};
  if (made) return html`<${Made} link=${made} onClose=${onClose} onAnother=${onAnother} />`;
  return html`
    <${Dialog} title="New link" onClose=${ask}>
      <${RecordForm} resource=${resource} given=${given} first=${first} prefixes=${prefixes} action="Make link"
        onDirty=${(now) => { dirty.current = now; }} onDone=${setMade} />
    <//>`;
}

function Made({link, onClose, onAnother}) {
  const take = async () => {
    toast(await copy(link.short_url) ?
      `${link.short_url} copied` : "The browser does not let Routy copy; select the text instead");
    onClose();
  };
  return html`
    <${Dialog} title="The link is made" onClose=${onClose}>
      <div class="form">
        <p class="made"><a class="whole" href=${link.short_url} target="_blank" rel="noopener">${link.short_url}</a>
          <${Copy} text=${link.short_url} what="the address" /></p>
        <p class="muted cut">goes to ${link.destination}</p>
        ${(link.warnings ?? []).map((text) => html`<p class="note warn" key=${text}>${text}</p>`)}
        <div class="actions">
          <button class="button" type="button" onClick=${onAnother}>Another</button>
          <button class="button" type="button" onClick=${() =>
            { onClose(); go(`/app/links/${link.id}`); }}>Open it</button>
          <button class="button main" type="button" autofocus onClick=${take}>Copy and close</button>
        </div>
      </div>
    <//>`;
}

