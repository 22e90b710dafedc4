// @ts-check
/** A run of the calendar: when, what, for which document, and why then. */
import { Pill, html, locale, moment, t, to } from "../../lib/ui.js";
import { RowDocument, runName, titleOfRow } from "../../lib/names.js";
import { RunActions } from "../../lib/runs.js";
import { clock } from "../../lib/zones.js";

/** @param {string} day */
export const dayName = (day) =>
  new Intl.DateTimeFormat(locale(), { weekday: "short", day: "numeric", month: "short", year: day.slice(0, 4) === String(new Date().getFullYear()) ? undefined : "numeric", timeZone: "UTC" }).format(new Date(`${day}T00:00:00Z`));

/** @param {any} run */
const namesOf = (run) => ({ name: runName(run), title: titleOfRow(run), about: `${run.pipeline_name}, ${run.stage_name}` });

/** In a week. @param {{run: any, zone: string, settled: () => void}} props */
export function Slot({ run, zone, settled }) {
  const { name, title, about } = namesOf(run);
  return html`<article class="slot" aria-label=${`${clock(run.due, zone)} ${name}, ${title}`}>
    <p><time datetime=${run.due}>${clock(run.due, zone)}</time> <b>${name}</b></p>
    <p><${RowDocument} row=${run} /></p>
    <details><summary>${t("change it")}<span class="unseen">: ${name}, ${title}</span></summary>
      <p class="dim">${about}. ${run.reason}</p><${RunActions} run=${run} name=${name} title=${title} zone=${zone} settled=${settled} /></details>
  </article>`;
}

/** In a list. @param {{run: any, zone: string, dated?: boolean, settled: () => void}} props */
export function RunRow({ run, zone, dated, settled }) {
  const { name, title, about } = namesOf(run);
  return html`<div class="entry">
    ${run.state === "ready" ? html`<time datetime=${run.due}>${dated ? moment(run.due, zone) : clock(run.due, zone)}</time>` : html`<${Pill} tone="wait">${t(`run ${run.state}`)}<//>`}
    <div><p><b>${name}</b> · <${RowDocument} row=${run} /></p>
      <p class="dim">${[about, run.reason].filter(Boolean).join(" · ")}${run.state === "awaiting" ? html` · <a href=${to(["tasks", run.run])}>${t("to the task")}</a>` : null}</p></div>
    <${RunActions} run=${run} name=${name} title=${title} zone=${zone} settled=${settled} />
  </div>`;
}
