// @ts-check
/** What pages that manage something share: inputs by name, what is copied, what differs, and conflicts. */
import { Problem, call } from "./api.js";
import { Button, Field, FormDialog, html, say, shown, t } from "./ui.js";
import { useRef, useState } from "../vendor/preact.js";

/** A line of text that a form has by its name. @param {any} props */
export const Input = ({ label, help, area, value = "", ...rest }) =>
  html`<${Field} label=${label} help=${help}>${(/** @type {any} */ more) =>
    area
      ? html`<textarea class="input area" defaultValue=${value} ...${rest} ...${more}></textarea>`
      : html`<input class="input" defaultValue=${value} ...${rest} ...${more} />`}<//>`;

/** A choice that a form has by its name. @param {any} props choices: [value, text] */
export const Select = ({ label, help, choices, value, ...rest }) =>
  html`<${Field} label=${label} help=${help}>${(/** @type {any} */ more) => html`<select class="input" ...${rest} ...${more}>
    ${choices.map((/** @type {[string, string]} */ [choice, text]) => html`<option key=${choice} value=${choice} selected=${choice === value}>${text}</option>`)}
  </select>`}<//>`;

/** @param {any} props */
export const Check = ({ label, help, value = false, ...rest }) =>
  html`<label class="check"><input type="checkbox" defaultChecked=${value} ...${rest} /><span>${label}${help ? html`<span class="dim">${help}</span>` : null}</span></label>`;

/** Something to copy; where the clipboard is closed, it is marked so that the keyboard can. @param {{label: string, value: string}} props */
export function Copyable({ label, value }) {
  const own = useRef(/** @type {HTMLInputElement | null} */ (null));
  return html`<${Field} label=${label}>${(/** @type {any} */ more) => html`<div class="row copy">
    <input class="input" readonly value=${value} ref=${own} onFocus=${() => own.current?.select()} ...${more} />
    <${Button} onClick=${async () => {
      own.current?.select();
      try {
        await navigator.clipboard.writeText(value);
        say(t("copied"));
      } catch {
        say(t("copy by keyboard"));
      }
    }}>${t("copy")}<//>
  </div>`}<//>`;
}

/** What is asked before something that hurts. @param {any} props */
export const Ask = ({ title, action, submit, close, children, danger = true }) =>
  html`<${FormDialog} title=${title} action=${action} danger=${danger} submit=${submit} close=${close}>${children}<//>`;

// --- what differs

/** @typedef {{path: string, before: any, after: any}} Difference */

/** What differs between two values, leaf by leaf. @param {any} before @param {any} after @param {string} [path] @returns {Difference[]} */
export function differences(before, after, path = "") {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (!branch(before) && !branch(after)) return [{ path, before, after }];
  if ((before && !branch(before)) || (after && !branch(after))) return [{ path, before, after }];
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  return names.flatMap((name) => differences(before?.[name], after?.[name], path ? `${path} › ${name}` : name));
}
/** Whether a value is told part by part; a list of plain values is told whole. @param {any} value */
const branch = (value) =>
  value !== null && typeof value === "object" && (!Array.isArray(value) || value.some((element) => typeof element === "object"));

/** A value as it stands in a difference. @param {any} value */
const written = (value) =>
  value === undefined || value === null || (typeof value === "object" && !Object.keys(value).length) ? t("nothing there") : typeof value === "object" && !Array.isArray(value) ? JSON.stringify(value) : shown(value);

/** @param {{before: any, after: any}} props */
export function Differences({ before, after }) {
  const rows = differences(before, after);
  if (!rows.length) return html`<p class="dim">${t("no difference")}</p>`;
  return html`<ul class="plain differences">${rows.map((difference) => html`<li key=${difference.path}>
    <b>${difference.path || t("value")}</b> ${difference.before === undefined || before === null ? null : html`<del><span class="unseen">${t("before")} </span>${written(difference.before)}</del> <span aria-hidden="true">→</span>`}
    <ins><span class="unseen">${t("after")} </span>${written(difference.after)}</ins>
  </li>`)}</ul>`;
}

/**
 * A form that changes what was read. Where somebody else changed it meanwhile, it shows what they changed, keeps
 * what was typed, and saves over it when told so once more.
 * @param {any} props read: {value, etag}; path; save(form, etag)
 */
export function ChangeDialog({ title, read, path, save, close, children, wide }) {
  const first = useRef(read);
  const [etag, follow] = useState(read.etag);
  const [theirs, see] = useState(/** @type {any} */ (null));
  return html`<${FormDialog} title=${title} wide=${wide} action=${theirs ? t("save over it") : t("save")} close=${close} submit=${async (/** @type {FormData} */ form) => {
    try {
      await save(form, etag);
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 412) throw error;
      const now = await call("GET", path);
      follow(now.etag);
      see(now.value);
      throw new Problem(412, { title: t("changed meanwhile"), detail: t("changed meanwhile about") });
    }
  }}>
    ${children}
    ${theirs ? html`<section class="theirs"><h3>${t("what they changed")}</h3><${Differences} before=${first.current.value} after=${theirs} /></section>` : null}
  <//>`;
}

// --- small things

/** Lines such as "anna@acme.example = company". @param {Record<string, any> | undefined} pairs */
export const asLines = (pairs) => Object.entries(pairs ?? {}).map(([name, value]) => `${name} = ${value}`).join("\n");
/** @param {string} text @returns {[string, string][]} */
export const fromLines = (text) =>
  text.split("\n").map((line) => line.trim()).filter(Boolean).map((line) => {
    const at = line.lastIndexOf("=");
    return at < 0 ? [line, ""] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
  });
/** @param {string} text */
export const asList = (text) => text.split(/[\s,;]+/).filter(Boolean);
