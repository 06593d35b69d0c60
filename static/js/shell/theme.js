/** Light or dark: as the system says, unless one was chosen in this browser. */

import {signal} from "../view.js";

const KEY = "routy:theme";
const system = matchMedia("(prefers-color-scheme: dark)");

export const theme = signal(localStorage.getItem(KEY) ?? "system");
/** Changes whenever colours do, so that what is painted can be painted again. */
export const shade = signal(shadeNow());

function shadeNow() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ?? (system.matches ? "dark" : "light");
}

/** @param {string} name */
export function chooseTheme(name) {
  theme.value = name;
  if (name === "system") {
    localStorage.removeItem(KEY);
    delete document.documentElement.dataset.theme;
  } else {
    localStorage.setItem(KEY, name);
    document.documentElement.dataset.theme = name;
  }
  shade.value = shadeNow();
}

system.addEventListener("change", () => { shade.value = shadeNow(); });
