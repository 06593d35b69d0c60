/** Dialogs, and the question before something is lost. */

import {html, signal, useEffect, useId, useRef} from "../view.js";
import {Glyph} from "./glyph.js";

/** @param {{title: string, onClose: () => any, wide?: boolean, children?: any}} props */
export function Dialog({title, onClose, wide = false, children}) {
  const dialog = useRef(null);
  const id = useId();
  useEffect(() => {
    const before = /** @type {?HTMLElement} */ (document.activeElement);
    dialog.current.showModal();
    dialog.current.querySelector("[autofocus]")?.focus();
    return () => before?.focus?.();
  }, []);
  const cancel = (event) => {
    if (event.target !== dialog.current) return;
    event.preventDefault();
    onClose();
  };
  // A browser closes it by itself where Escape is insisted on; whoever wants to stay gets it back.
  const closed = async (event) => {
    if (event.target !== dialog.current) return;
    await onClose();
    if (dialog.current?.isConnected && !dialog.current.open) dialog.current.showModal();
  };
  return html`
    <dialog class=${`dialog ${wide ? "wide" : ""}`} ref=${dialog} aria-labelledby=${id} onCancel=${cancel}
      onClose=${closed}>
      <header><h2 id=${id}>${title}</h2><button class="button quiet icon" type="button" aria-label="Close"
        onClick=${onClose}><${Glyph} name="x" /></button></header>
      ${children}
    </dialog>`;
}

/** @typedef {{title: string, text?: string, action: string, bad?: boolean, type?: string}} Question
 *   type: a word that has to be typed first */

/** @type {{value: ?(Question & {answer: (yes: boolean) => void})}} */
const asked = signal(null);

/** Ask, and wait for the answer. @param {Question} question @returns {Promise<boolean>} */
export function confirmed(question) {
  asked.value?.answer(false);
  return new Promise((resolve) => {
    asked.value = {...question, answer: (yes) => { asked.value = null; resolve(yes); }};
  });
}

export function Confirmation() {
  const question = asked.value;
  if (!question) return null;
  return html`
    <${Dialog} title=${question.title} onClose=${() => question.answer(false)}>
      <form class="form" method="dialog" onSubmit=${(event) => { event.preventDefault(); question.answer(true); }}>
        ${question.text && html`<p class="prose">${question.text}</p>`}
        <div class="actions">
          <button class="button" type="button" autofocus onClick=${() => question.answer(false)}>Cancel</button>
          <button class=${`button main ${question.bad ? "bad" : ""}`}>${question.action}</button>
        </div>
      </form>
    <//>`;
}
