// @ts-check
/** What mails share: templates and the signature, each with its HTML as it reads. */
import { useEffect, useRef, useState } from "../../vendor/preact.js";
import { html, t } from "../../lib/ui.js";
import { focusOn } from "./lists.js";
import { MailPreview } from "./mail_preview.js";
import { slug } from "../../lib/slug.js";
import { renamedMailTemplate } from "./model.js";
import { Count, PartForm, Wrong, having, mappingOf, within } from "./part_form.js";
import { Row } from "./setting.js";

const ID = /^[a-z0-9][a-z0-9_-]{0,62}$/;

/** @typedef {import("./part_form.js").Props} Props */

/** @param {Props} props */
export const MailSignature = ({ value, change, around, errors, label }) => html`<div class="inner">
  <${PartForm} part="mail_signature" value=${value} path=${around.path} around=${around} errors=${errors} change=${(/** @type {any} */ next, /** @type {string} */ mark) => change(Object.keys(next).length ? next : undefined, mark)} />
  ${value ? html`<${MailPreview} label=${label} content=${around.content} text=${value.text} source=${value.html} />` : null}</div>`;

/** @param {Props} props */
export function MailTemplates({ value, change, around, errors, rest }) {
  const rows = Object.entries(mappingOf(value));
  const opened = useRef(/** @type {Set<string>} */ (new Set()));
  const keys = useRef({ next: 0, of: /** @type {Map<string, number>} */ (new Map()) }).current;
  for (const [id] of rows) if (!keys.of.has(id)) keys.of.set(id, keys.next++);
  function rename(/** @type {string} */ from, /** @type {string} */ to) {
    keys.of.set(to, keys.of.get(from) ?? keys.next++); // the same row, which keeps the focus
    keys.of.delete(from);
    opened.current.add(to);
    around.desk.draft.edit(t("ed.done set", { label: t("ed.id"), name: mappingOf(value)[from]?.name || from }), (/** @type {any} */ content) => renamedMailTemplate(content, from, to));
  }
  function drop(/** @type {string} */ id) {
    change(rows.length === 1 ? undefined : having(value, id, undefined));
    focusOn(rest.id);
  }
  return html`<div class="pairs">
    ${rows.map(([id, template]) => {
      const problems = within(errors, id);
      const path = `${around.path}.${id}`;
      if (problems.length) opened.current.add(id);
      return html`<details class="boxed" key=${keys.of.get(id)} open=${opened.current.has(id)}><summary><span dir="auto">${template?.name || id}</span><${Count} problems=${problems} /></summary>
        <${Wrong} errors=${problems.filter((error) => !error.field.length)} />
        <${Id} id=${id} taken=${rows.map(([other]) => other)} path=${`${path}.id`} rename=${(/** @type {string} */ to) => rename(id, to)} />
        <${PartForm} part="mail_template" value=${template} path=${path} around=${around} errors=${problems} change=${(/** @type {any} */ next, /** @type {string} */ mark) => change(having(value, id, next), mark)} />
        <${MailPreview} label=${template?.name || id} content=${around.content} subject=${template?.subject} text=${template?.text} source=${template?.html} />
        <p><button type="button" class="button danger" onClick=${() => drop(id)}>${t("ed.remove it", { what: template?.name || id })}</button></p>
      </details>`;
    })}
    <${Add} id=${rest.id} value=${value} add=${(/** @type {string} */ id, /** @type {string} */ name) => {
      opened.current.add(id);
      change({ ...mappingOf(value), [id]: name === id ? {} : { name } });
    }} />
  </div>`;
}

/** The id, taken over when it is left; the rules that name it are changed with it. @param {{id: string, taken: string[], path: string, rename: (to: string) => void}} props */
function Id({ id, taken, path, rename }) {
  const [text, type] = useState(id);
  useEffect(() => type(id), [id]);
  const wrong = text !== id && (!ID.test(text) || taken.includes(text));
  const take = () => void (text !== id && !wrong && rename(text));
  return html`<${Row} label=${t("ed.id")} help=${t("ed.template id help")} errors=${wrong ? [{ text: t("ed.template id wrong"), severity: "error" }] : []} path=${path} required>
    ${(/** @type {any} */ given) => html`<input class="input" value=${text} onInput=${(/** @type {any} */ event) => type(event.target.value)} onBlur=${take} onKeyDown=${(/** @type {KeyboardEvent} */ event) => event.key === "Enter" && take()} ...${given} />`}
  <//>`;
}

/** @param {{id: string, value: any, add: (id: string, name: string) => void}} props */
function Add({ id: own, value, add }) {
  const [name, type] = useState("");
  function take() {
    const id = slug(name);
    if (!name.trim() || !id || mappingOf(value)[id]) return;
    add(id, name.trim());
    type("");
  }
  return html`<div class="row free"><input class="input" id=${own} aria-label=${t("ed.new mail template")} placeholder=${t("ed.new mail template")} value=${name} onInput=${(/** @type {any} */ event) => type(event.target.value)} onKeyDown=${(/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    take();
  }} /><button type="button" class="button" aria-label=${`${t("add")}: ${t("ed.new mail template")}`} onClick=${take}>${t("add")}</button></div>`;
}
