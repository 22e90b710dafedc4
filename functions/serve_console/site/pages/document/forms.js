// @ts-check
/** What a person changes about a document: stage, fields, comments, rules, times; and previews of mails. */
import { useEffect, useState } from "../../vendor/preact.js";
import { Problem, call, everyOf, get, post } from "../../lib/api.js";
import { Dialog, Failed, Field, FormDialog, Loading, Pill, go, html, moment, say, t, to } from "../../lib/ui.js";
import { fieldName, stageName, valueOf } from "../../lib/happened.js";

/** The dialog that was asked for. @param {any} props */
export function Form({ asked, ...props }) {
  const kind = /** @type {Record<string, any>} */ ({ move: Move, edit: Edit, comment: Comment, stop: Stop, shift: Shift, preview: Preview, attach: Attach, code: Code, remove: Remove })[asked.form];
  return html`<${kind} ...${props} ...${asked} />`;
}

/** @param {any} props */
function Move({ known, path, close, again }) {
  const { document, stages } = known;
  return html`<${FormDialog} title=${t("move to")} action=${t("move")} close=${close} submit=${async (/** @type {FormData} */ form) => {
    const stage = String(form.get("stage"));
    await post(`${path}/move`, { stage, comment: form.get("comment") || null });
    say(t("doc moved to", { stage: stages.find((/** @type {any} */ candidate) => candidate.id === stage)?.name ?? stage }));
    again();
  }}>
    <${Field} label=${t("stage")} help=${t("doc move about")}>${(/** @type {any} */ given) => html`<select class="input" name="stage" ...${given}>${stages.filter((/** @type {any} */ stage) => stage.id !== document.stage).map((/** @type {any} */ target) => html`<option key=${target.id} value=${target.id}>${target.name ?? target.id}</option>`)}</select>`}<//>
    <${Field} label=${t("comment")} help=${t("optional")}>${(/** @type {any} */ given) => html`<textarea class="input area" name="comment" ...${given}></textarea>`}<//>
  <//>`;
}

/** @param {any} props */
const Comment = ({ path, close, again }) => html`<${FormDialog} title=${t("comment")} action=${t("add")} close=${close} submit=${async (/** @type {FormData} */ form) => {
  await post(`${path}/comments`, { text: form.get("text") });
  again();
}}><${Field} label=${t("text")} help=${t("doc comment about")}>${(/** @type {any} */ given) => html`<textarea class="input area" name="text" required maxlength="10000" ...${given}></textarea>`}<//><//>`;

/** @param {any} props */
const Stop = ({ path, close, again }) => html`<${FormDialog} title=${t("stop rules")} danger action=${t("stop rules")} close=${close} submit=${async () => {
  await post(`${path}/stop-rules`);
  again();
}}><p>${t("stop rules about")}</p><//>`;

/** Call the document by a code, for which a trigger waits. @param {any} props */
const Code = ({ path, close, again }) => html`<${FormDialog} title=${t("doc call")} action=${t("doc call it")} close=${close} submit=${async (/** @type {FormData} */ form) => {
  const change = await post(`${path}/calls`, { code: form.get("code") });
  say(t(change.moved ? "doc call moved" : "doc call heard"));
  again();
}}><${Field} label=${t("doc code")} help=${t("doc call about")}>${(/** @type {any} */ given) => html`<input class="input" name="code" required maxlength="200" ...${given} />`}<//><//>`;

/** @param {any} props */
function Attach({ known, path, close, again }) {
  const [connections, put] = useState(/** @type {any[] | null} */ (null));
  const [problem, tell] = useState(/** @type {any} */ (null));
  useEffect(() => {
    everyOf("/connections").then((all) => put(all.filter((connection) => connection.pipeline === known.document.pipeline)), tell);
  }, []);
  if (problem || connections === null || !connections.length) {
    return html`<${Dialog} title=${t("doc attach")} close=${close} closing=${t("doc close")}>${problem ? html`<${Failed} problem=${problem} />` : connections ? html`<p>${t("doc attach none")}</p>` : html`<${Loading} />`}<//>`;
  }
  return html`<${FormDialog} title=${t("doc attach")} action=${t("doc attach it")} close=${close} submit=${async (/** @type {FormData} */ form) => {
    await post(`${path}/envelope`, { connection: form.get("connection"), envelope: form.get("envelope") });
    again();
  }}>
    <${Field} label=${t("doc connection")}>${(/** @type {any} */ given) => html`<select class="input" name="connection" ...${given}>${connections.map((connection) => html`<option key=${connection.id} value=${connection.id}>${connection.name || connection.id}</option>`)}</select>`}<//>
    <${Field} label=${t("doc envelope id")} help=${t("doc attach about")}>${(/** @type {any} */ given) => html`<input class="input" name="envelope" required maxlength="500" ...${given} />`}<//>
  <//>`;
}

/** @param {any} props */
const Remove = ({ known, etag, path, close, again }) => html`<${FormDialog} title=${t("doc remove document")} danger action=${t("doc remove")} close=${close} submit=${async () => {
  try {
    await call("DELETE", path, { etag });
  } catch (error) {
    again(); // where it has changed, it is removed as it is then
    throw error;
  }
  say(t("doc document removed", { title: known.document.title || known.document.number || known.document.id }));
  setTimeout(() => go(to(["documents"], { pipeline: known.document.pipeline })));
}}><p>${t("doc remove document about")}</p><//>`;

/** @param {any} props */
function Shift({ run, name, due, close, again }) {
  return html`<${FormDialog} title=${t("doc shift named", { name })} action=${t("doc act shift")} close=${close} submit=${async (/** @type {FormData} */ form) => {
    const to = new Date(String(form.get("to"))).toISOString();
    await post(`/runs/${encodeURIComponent(run)}/shift`, { to });
    say(t("doc shifted to", { name, at: moment(to) }));
    again();
  }}>
    <${Field} label=${t("doc due at")} help=${t("doc due help", { at: moment(due), zone: Intl.DateTimeFormat().resolvedOptions().timeZone })}>${(/** @type {any} */ given) => html`<input class="input" type="datetime-local" name="to" required defaultValue=${local(due)} ...${given} />`}<//>
  <//>`;
}
/** A moment as an input has it, on this machine's clock. @param {string} at */
function local(at) {
  const date = new Date(at);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

// --- fields

export const OWN = ["title", "number", "amount", "currency", "responsible"];

/** @param {any} props */
function Edit({ known, etag, path, close, again }) {
  const { document } = known;
  const [names] = useState([...OWN, ...Object.keys({ ...known.fields, ...document.fields })]);
  const [base, rebase] = useState({ document, etag });
  const [other, tell] = useState(/** @type {any} */ (null));
  return html`<${FormDialog} title=${t("edit")} action=${t(other ? "doc save all the same" : "save")} close=${close} submit=${async (/** @type {FormData} */ form) => {
    const fields = changes(names, base.document, form, known);
    if (!Object.keys(fields).length && !form.get("comment")) return;
    try {
      await call("PATCH", path, { body: { fields, comment: form.get("comment") || null }, etag: base.etag });
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 412) throw error;
      const now = await call("GET", path, {});
      tell({ was: base.document, now: now.value });
      rebase({ document: now.value, etag: now.etag });
      throw new Problem(412, { title: t("doc changed meanwhile") });
    }
    say(t("doc saved"));
    again();
  }}>
    ${other ? html`<${Meanwhile} ...${{ names, other, known }} />` : null}
    ${names.map((name) => html`<${Input} key=${name} ...${{ name, known, value: valueIn(base.document, name) }} />`)}
    <${Field} label=${t("comment")} help=${t("optional")}>${(/** @type {any} */ given) => html`<textarea class="input area" name="comment" ...${given}></textarea>`}<//>
  <//>`;
}

/** What somebody else changed while a form was open. @param {any} props */
function Meanwhile({ names, other, known }) {
  const differing = names.filter((/** @type {string} */ name) => text(valueIn(other.was, name)) !== text(valueIn(other.now, name)));
  return html`<div class="meanwhile" role="alert"><p><b>${t("doc meanwhile title")}</b></p>
    ${other.was.stage === other.now.stage ? null : html`<p>${t("doc meanwhile moved", { stage: stageName(known, other.now.stage) })}</p>`}
    ${differing.length ? html`<ul>${differing.map((/** @type {string} */ name) => html`<li key=${name}>${fieldName(known, name)}: <bdi>${valueOf(known, name, valueIn(other.was, name))}</bdi> → <b><bdi>${valueOf(known, name, valueIn(other.now, name))}</bdi></b></li>`)}</ul>` : other.was.stage === other.now.stage ? html`<p>${t("doc meanwhile other")}</p>` : null}
    <p>${t("doc meanwhile about")}</p></div>`;
}

/** @param {any} props */
export function Input({ name, known, value }) {
  const spec = known.fields[name];
  const label = fieldName(known, name);
  const kept = known.document.edited.includes(name) ? t("doc edited about") : undefined;
  return html`<${Field} label=${label} help=${kept}>${(/** @type {any} */ given) => {
    const options = spec?.type === "choice" ? (spec.options ?? []) : spec?.type === "bool" ? ["true", "false"] : null;
    if (options) return html`<${Choice} ...${{ name, given, options, value: text(value), shown: (/** @type {string} */ written) => valueOf(known, name, written) }} />`;
    const type = spec?.type === "date" ? "date" : "text";
    const mode = name === "amount" || ["money", "number"].includes(spec?.type) ? "decimal" : undefined;
    return html`<input class="input" type=${type} inputmode=${mode} name=${name} dir="auto" defaultValue=${text(value)} ...${given} />`;
  }}<//>`;
}

/** One of several values; what was chosen stays, whatever comes in. @param {any} props */
function Choice({ name, given, options, value, shown }) {
  const [chosen, choose] = useState(/** @type {string | null} */ (null));
  const now = chosen ?? value;
  return html`<select class="input" name=${name} ...${given} value=${now} onChange=${(/** @type {any} */ event) => choose(event.target.value)}>
    <option value="">–</option>${(options.includes(now) || !now ? options : [...options, now]).map((/** @type {string} */ option) => html`<option key=${option} value=${option}>${shown(option)}</option>`)}
  </select>`;
}

/** @param {any} document @param {string} name */
const valueIn = (document, name) => (OWN.includes(name) ? document[name] : document.fields?.[name]);
/** @param {any} value */
const text = (value) => (value === null || value === undefined ? "" : Array.isArray(value) ? value.join(", ") : String(value));
/** What the form changes about the document. @param {string[]} names @param {any} document @param {FormData} form @param {any} known */
export function changes(names, document, form, known) {
  /** @type {Record<string, any>} */
  const values = {};
  for (const name of names) {
    const given = form.get(name);
    if (given === null || given === text(valueIn(document, name))) continue;
    const type = known.fields[name]?.type;
    values[name] = given === "" ? null
      : type === "bool" ? given === "true"
      : type === "list" ? String(given).split(",").map((part) => part.trim()).filter(Boolean) : given;
  }
  return values;
}

// --- a mail before it goes

/** @param {any} props */
function Preview({ path, rule, name, close }) {
  const [preview, put] = useState(/** @type {any} */ (null));
  const [problem, tell] = useState(/** @type {any} */ (null));
  useEffect(() => {
    get(`${path}/preview/${encodeURIComponent(rule)}`).then(put, tell);
  }, [rule]);
  return html`<${Dialog} title=${t("doc preview of", { name })} close=${close} closing=${t("doc close")} wide>
    <p class="dim">${t("doc preview about")}</p>
    ${problem ? html`<${Failed} problem=${problem} />` : preview === null ? html`<${Loading} />` : html`
      ${preview.mails.length ? null : html`<p>${t("doc preview none")}</p>`}
      ${preview.mails.map((/** @type {any} */ mail, /** @type {number} */ index) => html`<article class="mail" key=${index}>
        ${mail.reason ? html`<p><${Pill} tone="bad">${t("doc preview not sent")}<//> ${mail.reason}</p>` : null}
        <dl>${[[t("doc mail to"), mail.to.join(", ")], [t("doc mail cc"), mail.cc.join(", ")], [t("doc mail bcc"), mail.bcc.join(", ")], [t("doc mail sender"), mail.sender], [t("doc mail subject"), mail.subject], [t("doc mail files"), preview.attachments.join(", ")]]
          .filter(([, value]) => value).map(([label, value]) => html`<dt key=${label}>${label}</dt><dd><bdi>${value}</bdi></dd>`)}</dl>
        <pre class="mailtext" dir="auto" tabindex="0" aria-label=${t("doc mail text")}>${mail.text ?? plain(mail.html ?? "")}</pre>
      </article>`)}`}
  <//>`;
}
/** The words of a mail that is HTML alone; the page's policy shows no foreign markup. @param {string} markup */
const plain = (markup) => markup.replace(/<(br|\/p|\/div|\/tr|\/h\d)[^>]*>/gi, "\n").replace(/<[^>]+>/g, "").replace(/\n{3,}/g, "\n\n").trim();
