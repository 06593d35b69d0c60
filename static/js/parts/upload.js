/** A file of one's own, picked or dropped, on its way to the server with its progress. */

import {ApiError, chosenWorkspace, session} from "../api.js";
import {html, useId, useState} from "../view.js";
import {Glyph} from "./glyph.js";
import {size} from "./sizes.js";

/**
 * Where a file is dropped, or picked by button.
 * @param {{accept: string, what: string, onFile: (file: File) => void}} props  what: said below the button
 */
export function Drop({accept, what, onFile}) {
  const [over, setOver] = useState(false);
  const id = useId();
  const take = (files) => files?.[0] && onFile(files[0]);
  const drag = (event) => {
    event.preventDefault();
    setOver(event.type === "dragover");
  };
  const drop = (event) => {
    drag(event);
    take(event.dataTransfer.files);
  };
  const picked = (event) => {
    take(event.target.files);
    event.target.value = "";
  };
  return html`
    <div class=${`drop ${over ? "over" : ""}`} onDragOver=${drag} onDragLeave=${drag} onDrop=${drop}>
      <${Glyph} name="upload" />
      <p><b>Drop a file here</b></p>
      <input class="unseen" id=${id} type="file" accept=${accept} onChange=${picked} />
      <label class="button main" for=${id}>Choose a file</label>
      <p class="muted">${what}</p>
    </div>`;
}

/** @param {{file: File, children?: any}} props */
export const Chosen = ({file, children}) => html`
  <p class="chosen-file"><${Glyph} name="file-up" /><b class="cut">${file.name}</b>
    <span class="muted">${size(file.size)}</span><span class="push" />${children}</p>`;

const PART_BYTES = 8 * 2 ** 20;

/**
 * Put a file where the API wants it, a large one in parts; progress in bytes, which `fetch` does not tell.
 * @param {string} path @param {Blob} file @param {string} type @param {(sent: number) => void} onProgress
 * @param {AbortSignal} [signal] @returns {Promise<any>}  the `data` of the last answer
 */
export async function upload(path, file, type, onProgress, signal) {
  let answer = null;
  for (let at = 0; at === 0 || at < file.size; at += PART_BYTES) {
    const end = Math.min(file.size, at + PART_BYTES);
    const range = file.size > PART_BYTES ? {"Content-Range": `bytes ${at}-${end - 1}/${file.size}`} : {};
    answer = await put(path, file.slice(at, end), {"Content-Type": type, ...range}, (sent) => onProgress(at + sent), signal);
  }
  return answer;
}

/** One request, by the older way. @param {Record<string, string>} more @returns {Promise<any>} */
async function put(path, body, more, onProgress, signal) {
  const {csrf_token: token} = await session();
  const request = new XMLHttpRequest();
  request.open("PUT", `/api/v1${path}`);
  request.responseType = "json";
  const workspace = chosenWorkspace();
  const headers = {Accept: "application/json", "X-CSRF-Token": token, ...more,
    ...(workspace ? {"X-Workspace-Id": workspace} : {})};
  for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
  request.upload.onprogress = (event) => onProgress(event.loaded);
  signal?.addEventListener("abort", () => request.abort());
  if (signal?.aborted) throw new ApiError(0, STOPPED);
  return new Promise((resolve, reject) => {
    const refuse = (error) => reject(new ApiError(request.status, error));
    request.onload = () => request.status < 300 ? resolve(request.response?.data)
      : refuse(request.response?.error ?? {code: "INTERNAL", message: `The server answered with status ${request.status}`});
    request.onerror = () => refuse({code: "UNREACHABLE", message: "The file did not arrive; try again"});
    request.onabort = () => refuse(STOPPED);
    request.send(body);
  });
}

const STOPPED = {code: "STOPPED", message: "The upload was stopped"};
