/** Icons, each from the one sprite; the brand is drawn by us. */

import {html} from "../view.js";

const SPRITE = new URL("../../vendor/lucide/sprite.svg", import.meta.url).pathname;

/** @param {{name: string, kind?: string}} props */
export const Glyph = ({name, kind = ""}) => html`
  <svg class=${`glyph ${kind}`} aria-hidden="true"><use href=${`${SPRITE}#${name}`} /></svg>`;
