/** Colours of the page for what is painted, not styled: read off an element, since tokens are pairs. */

/** @param {string} token  such as `accent` @returns {string} */
export function ink(token) {
  const probe = document.createElement("span");
  probe.style.color = `var(--${token})`;
  document.body.append(probe);
  const {color} = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** The same colour, seen through. @param {string} color  rgb(…) @param {number} alpha */
export const thin = (color, alpha) => color.replace(/^rgb\((.+)\)$/, `rgba($1, ${alpha})`);
