// @ts-check
/** A setting as a field of a form: its label, its help, what is wrong with it, and what it is edited with. */
import { useId, useState } from "../../vendor/preact.js";
import { html, t, translated } from "../../lib/ui.js";
import { WIDGETS } from "./widgets.js";

/**
 * What widgets know of where they are.
 * @typedef {{desk: import("./desk.js").Desk, content: any, of: import("./model.js").Of, item: any, list: any[], index: number, cardKey: string}} Around
 */

/** @param {{setting: any, value: any, change: (value: any) => void, errors?: any[], around: Around, path: string}} props */
export function Setting({ setting, value, change, errors = [], around, path }) {
  const widget = WIDGETS[setting.widget] ?? WIDGETS.json;
  const label = translated(setting.label);
  return html`<${Row} label=${label} required=${setting.required} help=${translated(setting.help)} example=${exampleOf(setting)} errors=${errors} path=${path} group=${widget.group}>
    ${(/** @type {any} */ rest) => html`<${widget.draw} ...${{ setting, value, change, around, label, rest }} />`}
  <//>`;
}

/** @param {any} setting */
export function exampleOf({ example, widget }) {
  if (example === null || example === undefined || ["switch", "optional_switch", "select", "condition", "time", "duration", "stage", "stages"].includes(widget)) return "";
  if (typeof example === "object") return Array.isArray(example) ? example.join(", ") : JSON.stringify(example);
  return String(example);
}

/** A row of a form. What is drawn gets the attributes that join it to its label. @param {any} props */
export function Row({ label, required, help, example, errors = [], path, group, children }) {
  const id = useId();
  const [helped, tell] = useState(false);
  const worst = errors.some((/** @type {any} */ problem) => problem.severity === "error");
  const described = [errors.length ? `${id}-error` : "", help ? `${id}-help` : ""].filter(Boolean).join(" ") || undefined;
  const rest = { id, "aria-describedby": described, "aria-invalid": worst ? "true" : undefined, "aria-required": required ? "true" : undefined };
  return html`<div class=${`field ${group ? "group" : ""}`} data-field=${path} role=${group ? "group" : undefined} aria-labelledby=${group ? `${id}-label` : undefined} aria-describedby=${group ? described : undefined}>
    <div class="labelled">
      ${group ? html`<span class=${`label ${required ? "needed" : ""}`} id=${`${id}-label`}>${label}</span>` : html`<label for=${id} class=${required ? "needed" : ""}>${label}</label>`}
      ${help ? html`<button type="button" class="ask" aria-label=${t("ed.help for", { label })} aria-expanded=${helped} onClick=${() => tell(!helped)}>?</button>` : null}
    </div>
    ${children(group ? { id } : rest)}
    ${errors.length ? html`<ul class="errors" id=${`${id}-error`}>${errors.map((/** @type {any} */ problem) => html`<li class=${problem.severity}>${problem.text}</li>`)}</ul>` : null}
    ${help ? html`<p class="help" id=${`${id}-help`} hidden=${!helped}>${help}${example ? html` <span>${t("ed.for example")} <code>${example}</code></span>` : null}</p>` : null}
  </div>`;
}
