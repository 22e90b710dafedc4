// @ts-check
/** A document's files: had and sent by presigned addresses, which hold for some minutes. */
import { useRef, useState } from "../../vendor/preact.js";
import { Problem, call, get, post } from "../../lib/api.js";
import { Button, Field, FormDialog, LinkButton, Panel, html, moment, refused, say, size, t, textOr } from "../../lib/ui.js";
import { person } from "../../lib/happened.js";

const OWN = ["contract", "invoice", "offer", "attachment"];
const FROM_PROVIDER = ["signed_pdf", "audit_trail"];

/** @param {any} props */
export function Files({ known, path, again }) {
  const [adding, add] = useState(/** @type {File | true | null} */ (null));
  const [removing, remove] = useState(/** @type {any} */ (null));
  const [over, drag] = useState(false);
  const files = known.document.files;
  const may = refused("operator") === null;
  const dropping = may ? {
    onDragOver: (/** @type {DragEvent} */ event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      drag(true);
    },
    onDragLeave: () => drag(false),
    onDrop: (/** @type {DragEvent} */ event) => {
      event.preventDefault();
      drag(false);
      const file = event.dataTransfer?.files[0];
      if (file) add(file);
    },
  } : {};
  return html`<div class=${over ? "drop" : ""} ...${dropping}><${Panel} title=${t("files")} actions=${html`<${Button} quiet role="operator" onClick=${() => add(true)}>${t("doc add file")}<//>`}>
    ${files.length ? html`<ul class="plain files">${files.map((/** @type {any} */ file) => html`<li key=${file.id}>
      <button type="button" class="link" title=${t("doc download", { name: file.name })} onClick=${() => download(path, file)}><bdi>${file.name}</bdi></button>
      ${FROM_PROVIDER.includes(file.kind) ? null : html`<${LinkButton} bad role="operator" aria-label=${t("doc remove named", { name: file.name })} onClick=${() => remove(file)}>${t("doc remove")}<//>`}
      <span class="dim">${textOr(`file ${file.kind}`, file.kind)} · ${size(file.size)} · ${person(known, file.added_by)}, ${moment(file.added_at, known.why.time_zone)}</span>
      <details><summary class="dim">SHA-256</summary><code>${file.sha256}</code></details>
    </li>`)}</ul>` : html`<p class="dim">${t("no file")}</p>`}
    ${adding ? html`<${Adding} given=${adding === true ? null : adding} path=${path} files=${files} again=${again} close=${() => add(null)} />` : null}
    ${removing ? html`<${FormDialog} title=${t("doc remove named", { name: removing.name })} action=${t("doc remove")} danger close=${() => remove(null)} submit=${async () => {
      await call("DELETE", `${path}/files/${encodeURIComponent(removing.id)}`);
      say(t("doc removed", { name: removing.name }));
      again();
    }}><p>${t("doc remove about")}</p><//>` : null}
  <//></div>`;
}

/** @param {string} path @param {any} file */
async function download(path, file) {
  try {
    location.assign((await get(`${path}/files/${encodeURIComponent(file.id)}`)).url);
  } catch (error) {
    say(/** @type {any} */ (error).message);
  }
}

/** @param {{given: File | null, path: string, files: any[], again: () => void, close: () => void}} props */
function Adding({ given, path, files, again, close }) {
  const [file, choose] = useState(given);
  const [step, tell] = useState("");
  const input = useRef(/** @type {HTMLInputElement | null} */ (null));
  const same = file ? files.find((stored) => stored.name === file.name) : null;
  return html`<${FormDialog} title=${t("doc add file")} action=${t(same ? "doc replace" : "add")} close=${close} submit=${async (/** @type {FormData} */ form) => {
    if (!file) {
      input.current?.focus();
      throw new Problem(1, { title: t("doc no file chosen") });
    }
    try {
      await upload(path, file, String(form.get("kind")), same !== undefined && same !== null, tell);
    } finally {
      tell("");
    }
    say(t("doc added", { name: file.name }));
    again();
  }}>
    <${Field} label=${t("doc file")} help=${file ? `${file.name} · ${size(file.size)}` : t("doc file help")}>${(/** @type {any} */ names) => html`<input ref=${input} class="input" type="file" ...${names} onChange=${(/** @type {any} */ event) => choose(event.target.files[0] ?? null)} />`}<//>
    <${Field} label=${t("doc file kind")}>${(/** @type {any} */ names) => html`<select class="input" name="kind" ...${names}>${OWN.map((kind) => html`<option key=${kind} value=${kind}>${t(`file ${kind}`)}</option>`)}</select>`}<//>
    ${same ? html`<p>${t("doc replaces", { name: same.name })}</p>` : null}
    <p role="status" class="dim">${step}</p>
  <//>`;
}

/** Send a file to the address that the API gives for it, bound to its size, type and SHA-256. @param {string} path @param {File} file @param {string} kind @param {boolean} replace @param {(step: string) => void} tell */
async function upload(path, file, kind, replace, tell) {
  tell(t("doc hashing"));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  const sha256 = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const wanted = { name: file.name, kind, size: file.size, sha256, replace };
  const place = await post(`${path}/files`, wanted);
  tell(t("doc sending", { size: size(file.size) }));
  const headers = Object.fromEntries(Object.entries(place.headers).filter(([name]) => name !== "content-length"));
  let answer;
  try {
    answer = await fetch(place.url, { method: "PUT", headers, body: file, credentials: "omit" });
  } catch {
    throw new Problem(1, { title: t("doc not sent") });
  }
  if (!answer.ok) throw new Problem(answer.status, { title: t("doc refused by store", { status: answer.status }) });
  tell(t("doc checking"));
  await call("PUT", `${path}/files/${encodeURIComponent(place.upload)}`, { body: wanted });
}
