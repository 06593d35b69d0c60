/** Lists that belong together, as tabs: webhooks and their deliveries, alerts and what they told. */

import {Tabs} from "../parts/card.js";
import {familyOf} from "../spec.js";
import {can, described} from "../state.js";
import {html} from "../view.js";

/** @param {{resource: import("../spec.js").Resource}} props */
export function Family({resource}) {
  const family = familyOf(described.value, resource).filter((one) => can(one, "list"));
  if (family.length < 2) return null;
  return html`<${Tabs} label=${family[0].title} here=${resource.path} tabs=${family.map(({path, title}) =>
    ({name: path, text: title, href: `/app/${path}`}))} />`;
}
