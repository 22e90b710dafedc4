// @ts-check
/** A time as a sentence that is edited in place: "3 working days after arrival, at 9:00, in business hours". */
import { html, t } from "../../lib/ui.js";
import { datesOf } from "./fields.js";
import { UNITS } from "./words.js";

/** What a time is, of what it says. @param {any} time */
function wayOf(time) {
  if (!time || typeof time !== "object") return "now";
  return time.after ? "after" : time.before ? "before" : time.on ? "on" : time.at !== undefined ? "clock" : "now";
}

/**
 * @param {{time: any, change: (time: any) => void, content: any, turn: string, dated?: boolean, none?: boolean, execution?: {value: string, change: (value: string) => void} | null}} props
 * `turn` is what it counts from unless a field is named; with `dated` it must be a field.
 */
export function Timing({ time, change, content, turn, dated, none, execution }) {
  const way = wayOf(time);
  const dates = datesOf(content);
  const own = typeof time === "object" && time ? time : {};
  const rest = { ...(own.at !== undefined ? { at: own.at } : {}), ...(own.working_hours ? { working_hours: true } : {}) };
  const first = dates.find((field) => field.group === "own")?.id ?? "expires";
  const span = own.after ?? own.before ?? { days: 1 };
  /** @type {Record<string, () => any>} */
  const ways = {
    now: () => undefined,
    after: () => ({ after: dated ? { ...span, field: span.field ?? first } : (({ field: _, ...plain }) => plain)(span), ...rest }),
    before: () => ({ before: { ...span, field: span.field ?? own.on?.field ?? first }, ...rest }),
    on: () => ({ on: { field: span.field ?? own.on?.field ?? first }, ...rest }),
    clock: () => ({ ...rest, at: own.at ?? "09:00" }),
  };
  const offered = dated ? ["before", "on", "after"] : ["now", "after", "before", "on", "clock"];
  const set = (/** @type {string} */ name, /** @type {any} */ value) => {
    const { [name]: _, ...others } = own;
    const next = value === undefined ? others : { ...others, [name]: value };
    change(Object.keys(next).length ? next : undefined);
  };
  const fieldPick = (/** @type {string | undefined} */ value, /** @type {(field: string | undefined) => void} */ put, /** @type {boolean} */ needed) => html`<select class="say" aria-label=${t("ed.base of time")} value=${value ?? ""} onChange=${(/** @type {any} */ event) => put(event.target.value || undefined)}>
    ${needed ? null : html`<option value="">${turn}</option>`}${dates.map((field) => html`<option key=${field.id} value=${field.id}>${field.label}</option>`)}
    ${value && !dates.some((field) => field.id === value) ? html`<option value=${value}>${t("ed.not there", { what: value })}</option>` : null}
  </select>`;
  return html`<p class="spoken">
    <select class="say" aria-label=${t("ed.when")} value=${offered.includes(way) ? way : ""} onChange=${(/** @type {any} */ event) => change(ways[event.target.value]())}>
      ${offered.includes(way) ? null : html`<option value="">${t("ed.choose one")}</option>`}
      ${offered.map((kind) => html`<option key=${kind} value=${kind}>${t(`ed.way of time ${none && kind === "now" ? "none" : kind}`)}</option>`)}
    </select>
    ${way === "now" && !dated && !none && !execution ? html` ${t("ed.after word")} ${turn}` : null}
    ${way === "after" ? html` <${Span} span=${own.after} change=${(/** @type {any} */ next) => set("after", { ...next, ...(own.after.field ? { field: own.after.field } : {}) })} label=${t("ed.when")} /> ${t("ed.after word")} ${fieldPick(own.after.field, (field) => set("after", (({ field: _, ...plain }) => (field ? { ...plain, field } : plain))(own.after)), Boolean(dated))}` : null}
    ${way === "before" ? html` <${Span} span=${own.before} change=${(/** @type {any} */ next) => set("before", { ...next, field: own.before.field })} label=${t("ed.when")} /> ${t("ed.before word")} ${fieldPick(own.before.field, (field) => set("before", { ...own.before, field }), true)}` : null}
    ${way === "on" ? html` ${fieldPick(own.on.field, (field) => set("on", { field }), true)}` : null}
    ${way !== "now" ? html`, <select class="say" aria-label=${t("ed.time of day")} value=${own.at !== undefined ? "at" : ""} disabled=${way === "clock"} onChange=${(/** @type {any} */ event) => set("at", event.target.value ? "09:00" : undefined)}>
        <option value="">${t("ed.same time")}</option><option value="at">${t("ed.at word")}</option></select>
      ${own.at !== undefined ? html` <input type="time" class="say" aria-label=${t("ed.clock")} value=${own.at} onInput=${(/** @type {any} */ event) => event.target.value && set("at", event.target.value.slice(0, 5))} />` : null}, <select class="say" aria-label=${t("ed.business hours")} value=${own.working_hours ? "true" : ""} onChange=${(/** @type {any} */ event) => set("working_hours", event.target.value ? true : undefined)}>
      <option value="">${t("ed.any hour")}</option><option value="true">${t("time working")}</option></select>` : null}${execution ? html`, <select class="say" aria-label=${t("ed.order")} value=${execution.value} onChange=${(/** @type {any} */ event) => execution.change(event.target.value)}>
      <option value="after_previous">${t("ed.follows")}</option><option value="independent">${t("ed.independent")}</option></select>` : null}.
  </p>`;
}

/** So many of a unit. @param {{span: any, change: (span: any) => void, label: string, none?: boolean, units?: string[]}} props */
export function Span({ span, change, label, none, units = UNITS }) {
  const unit = units.find((name) => span?.[name] !== undefined && span[name] !== null) ?? (none ? "" : "days");
  const count = unit ? span?.[unit] : "";
  return html`<input type="number" class="say count" min="1" max="99999" aria-label=${`${label}: ${t("ed.how many")}`} value=${count ?? ""} onInput=${(/** @type {any} */ event) => change(event.target.value === "" ? (none ? undefined : { [unit]: null }) : { [unit || "days"]: Number(event.target.value) })} />
    <select class="say" aria-label=${`${label}: ${t("ed.unit")}`} value=${unit || "days"} onChange=${(/** @type {any} */ event) => change({ [event.target.value]: count || 1 })}>
      ${units.map((name) => html`<option key=${name} value=${name}>${t(`ed.unit ${name}`)}</option>`)}
    </select>`;
}
