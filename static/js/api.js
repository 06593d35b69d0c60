/** The only way to the server: JSON over /api/v1, with the session, its CSRF token, and errors in one form. */

const BASE = "/api/v1";
const CHOSEN = "routy:workspace";

/**
 * @typedef {{user: {id: string, name: string, email: string, version: number},
 *   workspace: {id: string, name: string, timezone: string},
 *   role: string, scopes: string[], csrf_token: string}} Session
 * @typedef {{body?: object, key?: string, version?: number, open?: boolean, signal?: AbortSignal}} Options
 *   key: the Idempotency-Key; version: sent as If-Match; open: a call that needs no session
 * @typedef {{page?: number, total?: number, limit: number, has_more: boolean, next_cursor: ?string}} Pagination
 * @typedef {{data: any, pagination?: Pagination}} Answer
 */

/** A refusal: `code` and `message` as the API gave them, `details` one `{field, message}` each. */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {{code: string, message: string, details?: {field: string, message: string}[], count?: number,
   *   confirm?: string}} error
   */
  constructor(status, error) {
    super(error.message);
    this.status = status;
    this.code = error.code;
    this.details = error.details ?? [];
    this.count = error.count;
    this.confirm = error.confirm;
  }
}

/** @type {?Promise<Session>} */
let current = null;

/** Who is logged in; asked for once, or again after a failure. */
export function session() {
  current ??= begun().catch((error) => {
    current = null;
    throw error;
  });
  return current;
}

/** A workspace that was chosen once, and that one has left since, is no reason to be locked out. */
async function begun() {
  try {
    return (await get("/sessions/current")).data;
  } catch (error) {
    if (error.status !== 403 || !chosenWorkspace()) throw error;
    chooseWorkspace(null);
    return (await get("/sessions/current")).data;
  }
}

/** The workspace that this tab acts in, or null for one's first. */
export const chosenWorkspace = () => sessionStorage.getItem(CHOSEN) ?? localStorage.getItem(CHOSEN);

/** @param {?string} id */
export function chooseWorkspace(id) {
  for (const store of [sessionStorage, localStorage]) {
    if (id) store.setItem(CHOSEN, id);
    else store.removeItem(CHOSEN);
  }
}

/** @param {string} path @param {Options} [options] @returns {Promise<Answer>} */
export const get = (path, options) => call("GET", path, options);
/** @param {string} path @param {object} [body] @param {Options} [options] @returns {Promise<Answer>} */
export const post = (path, body, options) => call("POST", path, {key: newKey(), ...options, body});
/** A question that is too long for an address: POST, but nothing is made. @returns {Promise<Answer>} */
export const query = (path, body, options) => call("POST", path, {...options, body});
/** @param {string} path @param {object} body @param {Options} [options] @returns {Promise<Answer>} */
export const patch = (path, body, options) => call("PATCH", path, {...options, body});
/** @param {string} path @param {Options} [options] @returns {Promise<Answer>} */
export const remove = (path, options) => call("DELETE", path, options);

/** What is no JSON, such as a picture. @param {string} path @returns {Promise<Blob>} */
export async function blob(path) {
  const response = await send("GET", path, {}, null, "*/*");
  if (!response.ok) throw refusal(response, await response.json().catch(() => null));
  return response.blob();
}

/** An answer that goes on: the values of its lines, as they come. @param {string} path @param {Options} [options] */
export async function* lines(path, options = {}) {
  const response = await send("GET", path, options, null, "application/x-ndjson");
  if (response.status === 401) await leave();
  if (!response.ok) throw refusal(response, await response.json().catch(() => null));
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = "", part = await reader.read(); !part.done; part = await reader.read()) {
    const whole = (rest + part.value).split("\n");
    rest = whole.pop() ?? "";
    for (const line of whole) yield JSON.parse(line);
  }
}

/** Names one intention, so that sending it twice does it once. */
export function newKey() {
  const bytes = [...crypto.getRandomValues(new Uint8Array(16))];
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {string} method @param {string} path @param {Options} [options] @returns {Promise<Answer>} */
async function call(method, path, options = {}) {
  const token = method === "GET" || options.open ? null : (await session()).csrf_token;
  const response = await send(method, path, options, token);
  if (response.status === 204) return {data: null};
  const answer = await response.json().catch(() => null);
  // Health tells of what is not well under 503, in the form of a success.
  if (answer && (response.ok || answer.success)) return answer;
  if (response.status === 401 && !options.open) return leave();
  if (response.status === 403 && token && await renewed(token)) return call(method, path, options);
  throw refusal(response, answer);
}

/** @param {string} method @param {string} path @param {Options} options @param {?string} token */
async function send(method, path, {body, key, version, signal, open}, token, accept = "application/json") {
  /** @type {Record<string, string>} */
  const headers = {Accept: accept};
  const workspace = open ? null : chosenWorkspace();
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (token) headers["X-CSRF-Token"] = token;
  if (key) headers["Idempotency-Key"] = key;
  if (version !== undefined) headers["If-Match"] = `"${version}"`;
  if (workspace) headers["X-Workspace-Id"] = workspace;
  try {
    return await fetch(BASE + path, {method, headers, signal, body: body && JSON.stringify(body)});
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, {code: "UNREACHABLE", message: "Routy cannot be reached; try again"});
  }
}

/** Whether another tab has logged in again, so that there is another token to try. @param {string} token */
async function renewed(token) {
  current = null;
  return (await session()).csrf_token !== token;
}

/** The session is over: log in, and come back here. @returns {Promise<never>} */
function leave() {
  location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
  return new Promise(() => {});
}

/** @param {Response} response @param {any} answer */
function refusal(response, answer) {
  const error = answer?.error ?? {code: "INTERNAL", message: `The server answered with status ${response.status}`};
  const wait = response.headers.get("Retry-After");
  const message = wait ? `${error.message} (try again in ${wait} s)` : error.message;
  return new ApiError(response.status, {...error, message});
}
