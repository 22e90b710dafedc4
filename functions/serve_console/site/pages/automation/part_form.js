// @ts-check
/** The settings of a part of the pipeline as a form, drawn from the catalogue. */
import { html, t, translated } from "../../lib/ui.js";
import { parts } from "./parts.js";
import { exampleOf, Row } from "./setting.js";
import { WIDGETS } from "./widgets.js";

/**
 * What a setting is drawn with. `change` takes what it becomes, undefined for nothing, and what names the edit, so that what is typed in
 * one place is one step of undo. `errors` are those of the setting, with their fields from there on. `around` has the widgets that there
 * are beside those of triggers and rules.
 * @typedef {{setting: any, value: any, change: (value: any, mark?: string) => void, around: any, label: string, rest: any, errors: any[]}} Props
 */

/** What is written as a mapping; a file may have anything in its place, which the problems say. @param {any} value @returns {Record<string, any>} */
export const mappingOf = (value) => (value !== null && typeof value === "object" && !Array.isArray(value) ? value : {});

/** With or without a value, in its place. @param {any} whole @param {string} name @param {any} value */
export function having(whole, name, value) {
  const { [name]: _, ...others } = mappingOf(whole);
  if (value === undefined) return others;
  return name in mappingOf(whole) ? { ...whole, [name]: value } : { ...others, [name]: value };
}

/** Those that are about a place, or about what is in it. @param {any[]} errors @param {string} name */
export const within = (errors, name) => errors.filter((error) => String(error.field[0]) === name).map((error) => ({ ...error, field: error.field.slice(1) }));

/**
 * Settings of a part, each as a row. `names` chooses some of them.
 * @param {{part: string, names?: string[], value: any, change: (value: any, mark?: string) => void, around: any, errors: any[], path?: string}} props
 */
export function PartForm({ part, names, value, change, around, errors, path = "" }) {
  const shown = (parts.value?.[part] ?? []).filter((setting) => !names || names.includes(setting.name));
  return shown.map((setting) => {
    const own = around.widgets[setting.widget] ?? WIDGETS[setting.widget] ?? WIDGETS.json;
    const label = translated(setting.label);
    const place = path ? `${path}.${setting.name}` : setting.name;
    const problems = within(errors, setting.name);
    const props = {
      setting, around: { ...around, path: place }, label, errors: problems, value: mappingOf(value)[setting.name],
      change: (/** @type {any} */ next, /** @type {string} */ mark = place) => change(having(value, setting.name, next), mark),
    };
    return html`<${Row} key=${setting.name} label=${label} required=${setting.required} help=${translated(setting.help)} example=${own.inner ? "" : exampleOf(setting)} errors=${own.inner ? problems.filter((error) => !error.field.length) : problems} path=${place} group=${own.group}>
      ${(/** @type {any} */ rest) => html`<${own.draw} ...${props} rest=${rest} />`}
    <//>`;
  });
}

/** How much was found in what may be folded. @param {{problems: any[]}} props */
export function Count({ problems }) {
  const errors = problems.filter((error) => error.severity === "error").length;
  if (!problems.length) return null;
  return html` <span class=${`pill ${errors ? "bad" : "wait"}`}>${errors ? t("ed.problems", { n: errors }) : t("ed.warnings", { n: problems.length })}</span>`;
}

/** What is wrong with a place that has no row of its own. @param {{errors: any[]}} props */
export const Wrong = ({ errors }) => (errors.length ? html`<ul class="errors">${errors.map((error) => html`<li key=${error.text} class=${error.severity}>${error.text}</li>`)}</ul>` : null);
