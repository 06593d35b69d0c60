/** A file on its way into an import, with its progress; what is wrong with it is said in place. */

import {ApiError} from "../api.js";
import {Glyph} from "../parts/glyph.js";
import {Progress} from "../parts/progress.js";
import {size} from "../parts/sizes.js";
import {Chosen, Drop, upload} from "../parts/upload.js";
import {writes} from "../state.js";
import {sentence} from "../text.js";
import {html, useEffect, useRef, useState} from "../view.js";

const TYPES = {ndjson: "application/x-ndjson", jsonl: "application/x-ndjson"};

/** @param {{into: (file: File) => Promise<string>, onDone: (row: any) => void}} props  into: the id of the import */
export function Sending({into, onDone}) {
  const [file, setFile] = useState(/** @type {?File} */ (null));
  const [sent, setSent] = useState(0);
  const [wrong, setWrong] = useState("");
  const stop = useRef(new AbortController());
  const made = useRef("");
  useEffect(() => () => stop.current.abort(), []);
  const send = async (chosen) => {
    stop.current = new AbortController();
    setFile(chosen);
    setSent(0);
    setWrong("");
    try {
      made.current = made.current || await into(chosen);
      const type = TYPES[chosen.name.split(".").pop().toLowerCase()] ?? "text/csv";
      const row = await upload(`/imports/${made.current}/file?name=${encodeURIComponent(chosen.name.slice(0, 200))}`, chosen,
        type, setSent, stop.current.signal);
      writes.value += 1;
      onDone(row);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setFile(null);
      setWrong(sentence(error.details[0]?.message ?? error.message));
    }
  };
  return html`
    <p class="wrong" role="alert">${wrong}</p>
    ${file ? html`
      <${Chosen} file=${file}><button class="button" type="button" onClick=${() => stop.current.abort()}>
        <${Glyph} name="x" />Stop</button><//>
      <${Progress} done=${sent} total=${file.size} what="sent" text=${`${size(sent)} of ${size(file.size)}`} />
      ${sent >= file.size && html`<p class="muted">Looking into it …</p>`}`
      : html`<${Drop} accept=".csv,.tsv,.txt,.ndjson,.jsonl,text/csv,application/x-ndjson" what="CSV or NDJSON, up to 1 GiB" onFile=${send} />`}`;
}
