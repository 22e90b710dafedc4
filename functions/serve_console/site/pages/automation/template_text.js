// @ts-check
/** Texts with fields that are inserted from a list. */
import { useId, useRef, useState } from "../../vendor/preact.js";
import { html, t } from "../../lib/ui.js";
import { variablesOf } from "../../lib/vocabulary.js";

/** @param {any} props */
export function TemplateText({ setting, value, change, around, label, rest, long, code }) {
  const own = useRef(/** @type {any} */ (null));
  const [open, show] = useState(false);
  const id = useId();
  const put = (/** @type {string} */ text) => change(text === "" ? undefined : text);
  /** In place of what is marked, or of the braces that were just typed. @param {string} insert */
  function insert(insert) {
    const field = own.current;
    const text = field.value;
    const begun = text.slice(0, field.selectionStart).match(/\{\{\s*$/);
    const from = begun ? field.selectionStart - begun[0].length : field.selectionStart;
    const written = `{{ ${insert} }}`;
    put(text.slice(0, from) + written + text.slice(field.selectionEnd));
    show(false);
    requestAnimationFrame(() => requestAnimationFrame(() => {
      field.focus();
      field.setSelectionRange(from + written.length, from + written.length);
    }));
  }
  const given = {
    ref: own,
    value: value ?? "",
    placeholder: setting.default ?? "",
    onInput: (/** @type {any} */ event) => {
      put(event.target.value);
      if (/\{\{\s?$/.test(event.target.value.slice(0, event.target.selectionStart))) show(true);
    },
    ...rest,
  };
  return html`${long ? html`<textarea class=${`input area ${code ? "code" : ""}`} rows=${code ? 8 : 6} dir="auto" ...${given}></textarea>` : html`<input class="input" dir="auto" autocomplete="off" ...${given} />`}
    <p><button type="button" class="link" aria-expanded=${open} aria-controls=${id} onClick=${() => show(!open)}>${t("ed.insert field")}</button><span class="unseen"> ${label}</span></p>
    ${open ? html`<${Variables} id=${id} around=${around} insert=${insert} close=${() => {
      show(false);
      own.current.focus();
    }} />` : null}`;
}

/** @param {{id: string, around: any, insert: (path: string) => void, close: () => void}} props */
function Variables({ id, around, insert, close }) {
  const [text, type] = useState("");
  const all = variablesOf(around.content, around.item.kind);
  const matching = all.filter((variable) => `${variable.label} ${variable.insert}`.toLocaleLowerCase().includes(text.trim().toLocaleLowerCase()));
  const groups = [...new Set(matching.map((variable) => variable.group))];
  return html`<div class="variables" id=${id} onKeyDown=${(/** @type {KeyboardEvent} */ event) => {
      if (event.key === "Escape") close();
      else if (event.key === "Enter" && /** @type {HTMLElement} */ (event.target).tagName === "INPUT" && matching[0]) insert(matching[0].insert);
      else return;
      event.preventDefault();
      event.stopPropagation();
    }}>
    <input class="input" type="search" aria-label=${t("ed.find field")} placeholder=${t("ed.find field")} value=${text} onInput=${(/** @type {any} */ event) => type(event.target.value)} ref=${(/** @type {any} */ own) => own && !own.dataset.seen && ((own.dataset.seen = "1"), own.focus())} />
    <div class="found">${groups.map((group) => html`<h4 key=${group}>${group}</h4><ul>${matching.filter((variable) => variable.group === group).map((variable) => html`<li key=${variable.insert}><button type="button" onClick=${() => insert(variable.insert)}>${variable.label} <code>${variable.insert}</code></button></li>`)}</ul>`)}
    ${matching.length ? null : html`<p class="dim">${t("ed.no field found")}</p>`}</div>
  </div>`;
}
