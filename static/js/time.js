/** Times in the viewer's zone, with UTC where one looks closer. */

export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const shown = new Intl.DateTimeFormat(undefined, {dateStyle: "medium", timeStyle: "short"});

/** @param {HTMLTimeElement} element @param {string} iso  as the API writes it: UTC with milliseconds */
export function showTime(element, iso) {
  element.dateTime = iso;
  element.textContent = shown.format(new Date(iso));
  element.title = `${iso.slice(0, 19).replace("T", " ")} UTC`;
}
