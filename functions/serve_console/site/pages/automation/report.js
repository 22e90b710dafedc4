// @ts-check
/** The daily report: whether there is one, whom it goes to, and when. */
import { html, t } from "../../lib/ui.js";
import { PartForm } from "./part_form.js";

/** @param {import("./part_form.js").Props} props */
export const DailyReport = ({ value, change, around, errors, label }) => html`
  <label class="switch"><input type="checkbox" checked=${Boolean(value)} aria-label=${label} onChange=${(/** @type {any} */ event) => change(event.target.checked ? { to: [] } : undefined)} /> <span>${t(value ? "ed.on" : "ed.off")}</span></label>
  ${value ? html`<div class="inner"><${PartForm} part="daily_report" value=${value} path=${around.path} around=${around} errors=${errors} change=${change} /></div>` : null}`;
