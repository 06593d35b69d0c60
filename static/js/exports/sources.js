/** What can be exported: reports, and every list that one may read. */

import {can, described, may} from "../state.js";

const REPORTS = "reports";

/** @returns {string[]} */
export const sources = () => [...(may("reports:read") ? [REPORTS] : []),
  ...[...described.value.byName].filter(([, resource]) => can(resource, "list")).map(([name]) => name)];

/** @param {string} name */
export const sourceText = (name) => name === REPORTS ? "A report" : described.value.byName.get(name)?.title ?? name;
