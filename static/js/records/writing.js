/** What can be done to records beside their forms: to the trash, back, gone for good, each with its way back. */

import {ApiError, patch, post, remove} from "../api.js";
import {confirmed} from "../parts/dialog.js";
import {toast} from "../parts/toast.js";
import {writes} from "../state.js";
import {counted, number, sentence} from "../text.js";

const AT_ONCE = 100;
const changed = () => { writes.value += 1; };

/** Tell of a refusal instead of throwing it. @template T @param {() => Promise<T>} run @returns {Promise<?T>} */
export async function attempt(run) {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    toast(sentence(error.message), {kind: "bad"});
    return null;
  }
}

/** @param {import("../spec.js").Resource} resource @param {any} row @param {string} name */
export async function trash(resource, row, name) {
  const final = !resource.operations.includes("restore");
  const verb = resource.path === "tokens" ? "Revoke" : "Delete";
  if (final && !await confirmed({title: `${verb} ${name}?`, text: finalText(resource), action: verb,
    bad: true})) return false;
  const done = await attempt(() => remove(`/${resource.path}/${row.id}`).then(() => true));
  if (!done) return false;
  changed();
  const undo = final ? undefined : () => restore(resource, [row.id]);
  toast(final ? `${name} is gone` : `${name} is in the trash`, {undo});
  return true;
}

const finalText = (resource) => resource.path === "tokens"
  ? "Whatever uses it is refused from now on. This cannot be taken back." : "This cannot be taken back.";

/** @param {import("../spec.js").Resource} resource @param {string[]} ids */
export async function restore(resource, ids) {
  const results = await Promise.allSettled(ids.map((id) => post(`/${resource.path}/${id}/restoration`)));
  const failed = results.filter((one) => one.status === "rejected");
  changed();
  if (failed.length) toast(sentence(failed[0].reason.message), {kind: "bad"});
  if (failed.length < ids.length) toast(`${counted(ids.length - failed.length,
    resource.singular)} back from the trash`);
}

/** Gone for good: the API wants it confirmed, and so do we. */
export async function purge(resource, row, name) {
  const sure = await confirmed({
    title: `Delete ${name} for good?`, action: "Delete for good", bad: true,
    text: "Nothing brings it back. Clicks that it had stay counted.",
  });
  if (!sure) return;
  const done = await attempt(() => confirming(`/${resource.path}/${row.id}?permanent=true`, async () => true));
  if (!done) return;
  changed();
  toast(`${name} is gone for good`);
}

/**
 * A deletion that answers 409 CONFIRMATION_REQUIRED with a count and a token: ask, and send it again.
 * @param {string} path @param {(count: number) => Promise<boolean>} ask @returns {Promise<any>}  null: not wanted
 */
export async function confirming(path, ask) {
  try {
    return (await remove(path)).data ?? {};
  } catch (error) {
    if (error.code !== "CONFIRMATION_REQUIRED") throw error;
    if (!await ask(error.count)) return null;
    return (await remove(`${path}${path.includes("?") ?
      "&" : "?"}confirm=${encodeURIComponent(error.confirm)}`)).data ?? {};
  }
}

/** @param {import("../spec.js").Resource} resource @param {string[]} ids */
export async function trashMany(resource, ids) {
  const back = resource.operations.includes("restore");
  const sure = await confirmed({
    title: `Delete ${counted(ids.length, resource.singular)}?`, action: "Delete", bad: true,
    text: back ? "They go to the trash, and can be brought back for 30 days." : "This cannot be taken back.",
  });
  if (!sure) return false;
  const done = await attempt(async () => {
    for (let at = 0; at < ids.length; at += AT_ONCE) {
      const some = ids.slice(at, at + AT_ONCE);
      await confirming(`/${resource.path}?id=${some.join(",")}`, async (count) => count <= some.length);
    }
    return true;
  });
  changed();
  if (done) toast(`${counted(ids.length, resource.singular)} deleted`,
    {undo: back ? () => restore(resource, ids) : undefined});
  return Boolean(done);
}

/**
 * All that a filter finds: the API counts, we ask.
 * @param {import("../spec.js").Resource} resource
 * @param {URLSearchParams} filters
 */
export async function trashMatching(resource, filters) {
  const ask = (count) => confirmed({
    title: `Delete all ${number(count)} that the filters find?`, action: `Delete ${number(count)}`, bad: true,
    text: resource.operations.includes("restore") ?
      "They go to the trash for 30 days." : "This cannot be taken back.",
  });
  const done = await attempt(() => confirming(`/${resource.path}?${filters}`, ask));
  changed();
  if (done?.deleted !== undefined) toast(`${counted(done.deleted, resource.singular)} deleted`);
  return Boolean(done);
}

/**
 * Set one field of many.
 * @param {import("../spec.js").Resource} resource
 * @param {string[]} ids
 * @param {any} changes
 */
export async function changeMany(resource, ids, changes) {
  const {data} = await patch(`/${resource.path}/batch`, {items: ids.map((id) => ({id, ...changes}))});
  const failed = data.filter((result) => result.error);
  changed();
  return {done: data.length - failed.length, failed};
}

/** Set a field at once, with a way back. */
export async function setField(resource, row, name, value, text) {
  const done = await attempt(() => patch(`/${resource.path}/${row.id}`, {[name]: value}, {version: row.version}));
  if (!done) return;
  changed();
  toast(text, {undo: async () => {
    await attempt(() => patch(`/${resource.path}/${row.id}`, {[name]: row[name]}));
    changed();
  }});
}
