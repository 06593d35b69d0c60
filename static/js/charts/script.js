/** Scripts of others that are no modules, loaded once when they are first wanted. */

/** @type {Map<string, Promise<void>>} */
const loading = new Map();

/** @param {string} path  below static/vendor */
export function loadScript(path) {
  if (!loading.has(path)) loading.set(path, new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL(`../../vendor/${path}`, import.meta.url).href;
    script.addEventListener("load", () => resolve());
    script.addEventListener("error", () => reject(new Error(`${path} could not be loaded`)));
    document.head.append(script);
  }));
  return loading.get(path);
}
