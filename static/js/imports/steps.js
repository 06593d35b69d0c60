/** The four steps of an import, and which of them is now. */

import {html} from "../view.js";

const STEPS = [["file", "File"], ["columns", "Columns"], ["try", "Dry run"], ["run", "Import"]];

/** @param {{at: "file" | "columns" | "try" | "run" | "over"}} props */
export function Steps({at}) {
  const now = STEPS.findIndex(([name]) => name === at);
  const here = now < 0 ? STEPS.length : now;
  return html`
    <ol class="steps" aria-label="Steps of the import">${STEPS.map(([name, text], index) => html`
      <li key=${name} class=${index < here ? "done" : ""} aria-current=${index === here ? "step" : undefined}>
        <span aria-hidden="true">${index + 1}</span>${text}</li>`)}</ol>`;
}
