/** What opens beside a button: a menu of actions, or a small panel. Arrows, Home, End, Escape. */

import {html, useEffect, useId, useRef, useState} from "../view.js";
import {Glyph} from "./glyph.js";

/**
 * @typedef {{label: string, run: () => void, bad?: boolean, glyph?: string, on?: boolean}} Entry  bad: it takes
 *   something away
 */

/** Below the button, flush with its edge; above it where there is no room. */
function place(panel, button) {
  const {width, height} = panel.getBoundingClientRect();
  const {top, bottom, left, right} = button.getBoundingClientRect();
  const x = left + width > innerWidth - 8 ? right - width : left;
  const y = bottom + 4 + height > innerHeight && top > height + 8 ? top - 4 - height : bottom + 4;
  panel.style.left = `${Math.max(8, Math.min(x, innerWidth - width - 8))}px`;
  panel.style.top = `${Math.max(8, y)}px`;
  panel.style.maxHeight = `${innerHeight - Math.max(8, y) - 8}px`;
}

/** The part that all have: a button, and a popover that is drawn while it is open. */
function usePopover() {
  const [open, setOpen] = useState(false);
  const button = useRef(null);
  const panel = useRef(null);
  useEffect(() => {
    if (!open) return undefined;
    const moved = () => panel.current && place(panel.current, button.current);
    panel.current.showPopover();
    moved();
    (panel.current.querySelector("[data-first], input, select, button, a") ?? panel.current).focus();
    addEventListener("scroll", moved, {passive: true, capture: true});
    addEventListener("resize", moved);
    return () => {
      removeEventListener("scroll", moved, {capture: true});
      removeEventListener("resize", moved);
    };
  }, [open]);
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  const toggled = (event) => {
    if (event.newState === "closed") setOpen(false);
  };
  return {open, setOpen, button, panel, close, toggled};
}

/**
 * A button with a menu. `label` is what it is called; `children` what is written on it.
 * @param {{label: string, entries: () => (Entry | false | null)[], kind?: string, children?: any}} props
 */
export function Menu({label, entries, kind = "quiet icon", children}) {
  const {open, setOpen, button, panel, close, toggled} = usePopover();
  const id = useId();
  const items = () => [...panel.current.querySelectorAll("[role^=menuitem]")];
  const keyed = (event) => {
    const all = items();
    const at = all.indexOf(document.activeElement);
    const next = {ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1}[event.key];
    if (next !== undefined) all.at(next % all.length).focus();
    if (event.key === "Tab") close();
    if (next !== undefined || event.key === "Tab") event.preventDefault();
  };
  return html`
    <button class=${`button ${kind}`} type="button" ref=${button} aria-haspopup="menu" aria-expanded=${open}
      aria-controls=${open ? id : undefined}
      aria-label=${children ? undefined : label} title=${children ? undefined : label}
        onClick=${() => setOpen(!open)}>
      ${children ?? html`<${Glyph} name="ellipsis" />`}</button>
    ${open && html`
      <div class="menu" id=${id} ref=${panel} popover="auto" role="menu" aria-label=${label} tabindex="-1"
        onToggle=${toggled} onKeyDown=${keyed}>
        ${entries().filter(Boolean).map((entry) => html`
          <button key=${entry.label} type="button" role=${entry.on === undefined ? "menuitem" : "menuitemradio"}
            aria-checked=${entry.on}
            tabindex="-1" class=${entry.bad ? "bad" : ""} onClick=${() => { close(); entry.run(); }}>
            ${entry.glyph && html`<${Glyph} name=${entry.glyph} />`}<span>${entry.label}</span>
              ${entry.on && html`<${Glyph} name="check" kind="end" />`}
          </button>`)}
      </div>`}`;
}

/**
 * A button with a small panel. `children` is a function that gets `close`.
 * @param {{label: string, text: any, kind?: string, children: (close: () => void) => any}} props
 */
export function Panel({label, text, kind = "", children}) {
  const {open, setOpen, button, panel, close, toggled} = usePopover();
  return html`
    <button class=${`button ${kind}`} type="button" ref=${button} aria-haspopup="dialog" aria-expanded=${open}
      onClick=${() => setOpen(!open)}>${text}</button>
    ${open && html`<div class="menu panel" ref=${panel} popover="auto" role="dialog" aria-label=${label}
      tabindex="-1" onToggle=${toggled}>${children(close)}</div>`}`;
}
