// @ts-check
/** The calendar: a form in the form, which is left out of the file where nothing is said. */
import { html } from "../../lib/ui.js";
import { PartForm } from "./part_form.js";

/** @param {import("./part_form.js").Props} props */
export const Calendar = ({ value, change, around, errors }) => html`<div class="inner"><${PartForm} part="calendar" value=${value} path=${around.path} around=${around} errors=${errors}
  change=${(/** @type {any} */ next, /** @type {string} */ mark) => change(Object.keys(next).length ? next : undefined, mark)} /></div>`;
