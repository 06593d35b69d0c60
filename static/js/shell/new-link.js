/**
 * Making a link from anywhere: the key, the button, a slug that was missed. Its dialog is fetched when it is
 * wanted.
 */

import {html, signal, useEffect, useState} from "../view.js";

/** @type {{value: ?any}} */
const open = signal(null);

/** @param {any} [given]  values to begin with */
export function newLink(given = {}) {
  open.value = {...given};
}

export function NewLink() {
  const [Dialog, setDialog] = useState(null);
  const given = open.value;
  useEffect(() => {
    if (given && !Dialog) import("./new-link-dialog.js").then(({NewLinkDialog}) => setDialog(() => NewLinkDialog));
  }, [given]);
  return given && Dialog && html`<${Dialog} given=${given} onClose=${() => { open.value = null; }} onAnother=${() =>
    newLink()} />`;
}
