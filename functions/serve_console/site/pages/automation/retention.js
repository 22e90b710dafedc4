// @ts-check
/** Retention: whether documents that have ended are removed, after how long, and what that would remove now. */
import { useEffect, useState } from "../../vendor/preact.js";
import { get } from "../../lib/api.js";
import { Loading, html, number, t, translated, useLive, wordList } from "../../lib/ui.js";
import { isFinal, nameOf, stagesOf } from "./model.js";
import { Wrong, mappingOf, within } from "./part_form.js";
import { settingOf } from "./parts.js";

const UNITS = /** @type {const} */ (["days", "months"]);
const MOST = 100;
const PAUSE = 600;
const LEAST_DAYS_OF_A_MONTH = 28;

/** @param {import("./part_form.js").Props} props */
export function Retention({ value, change, around, errors, label, rest }) {
  const kept = mappingOf(value?.final_after);
  const written = UNITS.find((name) => kept[name] !== undefined);
  const [chosen, choose] = useState(written ?? "days");
  const unit = written ?? chosen;
  const inner = errors.filter((/** @type {any} */ error) => error.field.length);
  const put = (/** @type {string} */ of, /** @type {number | undefined} */ n) => change({ ...mappingOf(value), final_after: n === undefined ? {} : { [of]: n } });
  const setting = settingOf("retention", "final_after");
  return html`<label class="switch"><input type="checkbox" checked=${Boolean(value)} aria-label=${label} onChange=${(/** @type {any} */ event) => change(event.target.checked ? { final_after: { months: 120 } } : undefined)} /> <span>${t(value ? "ed.on" : "ed.off")}</span></label>
    ${value ? html`<div class="inner" role="group" aria-label=${translated(setting.label)}>
      <p class="row"><span>${translated(setting.label)}</span>
        <input class="input clock" type="number" step="1" aria-label=${`${translated(setting.label)}: ${t("ed.how many")}`} aria-describedby=${inner.length ? `${rest.id}-inner` : undefined} aria-invalid=${inner.length ? "true" : undefined} value=${kept[unit] ?? ""}
          onInput=${(/** @type {any} */ event) => put(unit, event.target.value === "" ? undefined : Number(event.target.value))} />
        <select class="input" aria-label=${`${translated(setting.label)}: ${t("ed.unit")}`} value=${unit} onChange=${(/** @type {any} */ event) => {
          choose(event.target.value);
          put(event.target.value, kept[unit]);
        }}>${UNITS.map((name) => html`<option key=${name} value=${name}>${translated(settingOf("kept_for", name)?.label)}</option>`)}</select></p>
      <div id=${`${rest.id}-inner`}><${Wrong} errors=${inner} /></div>
      ${around.desk.draft.published.value && Number.isInteger(kept[unit]) && kept[unit] > 0 && !within(errors, "final_after").length ? html`<${Over} content=${around.content} unit=${unit} n=${kept[unit]} />` : null}
    </div>` : null}`;
}

/** How many documents are over it now, by stage. @param {{content: any, unit: "days" | "months", n: number}} props */
function Over({ content, unit, n }) {
  const final = stagesOf(content).filter(isFinal);
  const [asked, ask] = useState({ unit, n });
  useEffect(() => {
    const timer = setTimeout(() => ask({ unit, n }), PAUSE);
    return () => clearTimeout(timer);
  }, [unit, n]);
  const live = useLive(() => Promise.all(final.map((stage) => counted(content.pipeline, stage.id, asked))), [asked, final.map((stage) => stage.id).join(" ")], 0);
  const counts = live.value.value;
  if (live.problem.value) return null;
  if (!counts || asked.unit !== unit || asked.n !== n) return html`<${Loading} />`;
  const some = final.map((stage, index) => ({ name: nameOf(stage), ...counts[index] })).filter((row) => row.count);
  const all = some.reduce((sum, row) => sum + row.count, 0);
  if (!all) return html`<p class="dim" role="status">${t("ed.retention none")}</p>`;
  const listed = wordList(some.map((row) => `${row.name}: ${row.more ? t("ed.or more", { n: row.count }) : number(row.count)}`));
  return html`<p class="bad" role="status">${t(some.some((row) => row.more) ? "ed.retention more" : "ed.retention now", { n: all, stages: listed })}</p>`;
}

/** Documents of a stage that have been there for longer, the longest first. @param {string} pipeline @param {string} stage @param {{unit: string, n: number}} kept */
async function counted(pipeline, stage, { unit, n }) {
  const days = Math.min(36_500, unit === "days" ? n : n * LEAST_DAYS_OF_A_MONTH);
  const page = await get("/documents", { pipeline, stage, days_in_stage: days, limit: MOST });
  const over = page.items.filter((/** @type {any} */ document) => ends(document.since, unit, n) <= Date.now());
  return { count: over.length, more: over.length === MOST && page.next !== null };
}
/** When it has been kept for so long. @param {string} since @param {string} unit @param {number} n */
function ends(since, unit, n) {
  const date = new Date(since);
  if (unit === "days") return date.setUTCDate(date.getUTCDate() + n);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + n);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  return date.setUTCDate(Math.min(day, last));
}
