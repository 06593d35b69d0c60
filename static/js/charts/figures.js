/** The strip of figures above a report; each can be chosen as what the chart below shows. */

import {change, number} from "../text.js";
import {html} from "../view.js";

/** @typedef {{name: string, label: string, value: number, before?: number, unit?: string, bad?: boolean}} Figure */

export const LABELS = {clicks: "Clicks", uniques: "Daily uniques", new: "New visitors", conversions: "Conversions",
  revenue: "Revenue", payout: "Payout", profit: "Profit", epc: "EPC", cr: "CR"};

/** @param {{figures: Figure[], chosen: string, onChoose: (name: string) => void}} props */
export const Figures = ({figures, chosen, onChoose}) => html`
  <div class="card metrics" role="group" aria-label="Figures; one of them is drawn below"
    style=${{"--count": figures.length}}>
    ${figures.map((figure) => html`
      <button type="button" key=${figure.name} aria-pressed=${figure.name === chosen}
        onClick=${() => onChoose(figure.name)}>
        <span class="what">${figure.label}</span>
        <span class="much">${number(figure.value)}<${Delta} now=${figure.value} before=${figure.before} /></span>
      </button>`)}
  </div>`;

/** @param {{now: number, before?: number}} props */
export function Delta({now, before}) {
  const told = before === undefined || before === null ? null : change(now, before);
  return told && html` <span class=${`delta ${told.up ? "up" : "down"}`} title=${`before: ${number(before)}`}>
    ${told.text}</span>`;
}
