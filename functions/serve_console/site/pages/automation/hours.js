// @ts-check
/** Working time: spans of the clock by weekday, single days with hours of their own, days off. */
import { useId, useState } from "../../vendor/preact.js";
import { html, locale, t, wordList } from "../../lib/ui.js";
import { focusOn } from "./lists.js";
import { Wrong, mappingOf, within } from "./part_form.js";

/** @typedef {import("./part_form.js").Props} Props */

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const DAY = { day: "numeric", month: "long", timeZone: "UTC" };

/** The name of a weekday, from 0 for Monday. @param {number} n */
const weekday = (n) => new Intl.DateTimeFormat(locale(), { weekday: "long", timeZone: "UTC" }).format(Date.UTC(2024, 0, 1 + n));
/** From and to which weekday a line of the hours is; null for what is none. @param {string} key @returns {[number, number] | null} */
function range(key) {
  const [first, last = first, ...rest] = key.split("-");
  const [from, to] = [DAYS.indexOf(first), DAYS.indexOf(last)];
  return from < 0 || to < 0 || rest.length ? null : [from, to];
}
/** The weekdays of a line. @param {string} key */
function daysOf(key) {
  const ends = range(key);
  return ends ? [...Array(((ends[1] - ends[0] + 7) % 7) + 1).keys()].map((n) => (ends[0] + n) % 7) : [];
}
/** @param {number} from @param {number} to */
const keyOf = (from, to) => (from === to ? DAYS[from] : `${DAYS[from]}-${DAYS[to]}`);
/** @param {string} key */
function rangeText(key) {
  const ends = range(key);
  if (!ends) return key;
  return ends[0] === ends[1] ? weekday(ends[0]) : t("ed.from to", { from: weekday(ends[0]), to: weekday(ends[1]) });
}

/** A day as people read it: of one year, or of every year. @param {string} key */
export function dayText(key) {
  const yearly = /^\d\d-\d\d$/.test(key);
  const date = new Date(`${yearly ? `2024-${key}` : key}T00:00:00Z`);
  if (Number.isNaN(date.getTime()) || !/^(\d{4}-)?\d\d-\d\d$/.test(key)) return key;
  const text = new Intl.DateTimeFormat(locale(), /** @type {any} */ (yearly ? DAY : { ...DAY, weekday: "short", year: "numeric" })).format(date);
  return yearly ? t("ed.every year on", { day: text }) : text;
}

// --- times

/** A time of day as it is meant: "9" is 09:00, "1730" is 17:30; what is none stays as it is. @param {string} text */
export function clockOf(text) {
  const match = /^(\d{1,2})(?:[:.]?(\d\d))?$/.exec(text.trim());
  return match ? `${match[1].padStart(2, "0")}:${match[2] ?? "00"}` : text.trim();
}

/** A time of day that is typed. @param {{value: string, change: (value: string) => void, rest: any, placeholder?: string}} props */
const Clock = ({ value, change, rest, placeholder = "09:00" }) => html`<input class="input clock" inputmode="numeric" autocomplete="off" maxlength="5" placeholder=${placeholder} value=${value}
  onInput=${(/** @type {any} */ event) => change(event.target.value.replace(/[-,]/g, ""))} onBlur=${(/** @type {any} */ event) => clockOf(event.target.value) !== value && change(clockOf(event.target.value))} ...${rest} />`;

/** One time of day. @param {Props} props */
export const TimeOfDay = ({ setting, value, change, rest }) => html`<${Clock} value=${String(value ?? "")} placeholder=${String(setting.default ?? "").slice(0, 5)} change=${(/** @type {string} */ text) => change(text || undefined)} rest=${rest} />`;

/** From when to when, as it is written. @param {any} text @returns {[string, string][]} */
function spansOf(text) {
  return String(text ?? "").split(",").map((span) => {
    const [from, ...to] = span.trim().split("-");
    return [from.trim(), to.join("-").trim()];
  });
}
/** @param {[string, string][]} spans */
const written = (spans) => spans.map(([from, to]) => `${from}-${to}`).join(", ");
/** Another span after the last one. @param {[string, string][]} spans @returns {[string, string]} */
function nextSpan(spans) {
  const hour = Number.parseInt(spans.at(-1)?.[1] ?? "", 10);
  const from = Number.isNaN(hour) ? 13 : Math.min(22, hour + 1);
  return [`${String(from).padStart(2, "0")}:00`, `${String(Math.min(24, from + 4)).padStart(2, "0")}:00`];
}

/** The spans of a day or of several. @param {{text: any, change: (text: string) => void, of: string, described?: string, wrong: boolean}} props */
function Spans({ text, change, of, described, wrong }) {
  const id = useId();
  const spans = spansOf(text);
  const put = (/** @type {number} */ n, /** @type {number} */ end, /** @type {string} */ value) =>
    change(written(spans.map((span, other) => (other !== n ? span : /** @type {[string, string]} */ (end ? [span[0], value] : [value, span[1]])))));
  const named = (/** @type {number} */ n, /** @type {string} */ end) => ({ "aria-label": spans.length === 1 ? `${of}: ${t(end)}` : `${of}, ${n + 1}: ${t(end)}`, "aria-describedby": described, "aria-invalid": wrong ? "true" : undefined });
  return html`<div class="spans">
    ${spans.map(([from, to], n) => html`<span class="spell" key=${n}>
      <${Clock} value=${from} change=${(/** @type {string} */ value) => put(n, 0, value)} rest=${named(n, "ed.from")} /> –
      <${Clock} value=${to} placeholder="17:00" change=${(/** @type {string} */ value) => put(n, 1, value)} rest=${named(n, "ed.until")} />
      ${spans.length === 1 ? null : html`<button type="button" class="more" aria-label=${t("ed.remove it", { what: `${of}, ${t("ed.from to", { from, to })}` })} onClick=${() => {
        change(written(spans.filter((_, other) => other !== n)));
        focusOn(id);
      }}>×</button>`}
    </span>`)}
    <button type="button" class="link" id=${id} aria-label=${`${t("ed.add hours")}: ${of}`} onClick=${() => change(written([...spans, nextSpan(spans)]))}>${t("ed.add hours")}</button>
  </div>`;
}

// --- by weekday

/** @param {Props} props */
export function Hours({ setting, value, change, errors, around }) {
  const id = useId();
  const [clash, tell] = useState("");
  const lines = Object.entries(mappingOf(value ?? setting.default));
  const open = new Set(lines.flatMap(([key]) => daysOf(key)));
  const closed = [...DAYS.keys()].filter((day) => !open.has(day));
  const write = (/** @type {[string, any][]} */ next, /** @type {string} */ mark) => change(Object.fromEntries(next), `${around.path}.${mark}`);
  function rename(/** @type {number} */ n, /** @type {string} */ key) {
    if (lines.some(([other], m) => m !== n && other === key)) return tell(t("ed.hours twice", { days: rangeText(key) }));
    tell("");
    write(lines.map((line, m) => (m === n ? [key, line[1]] : line)), `days ${n}`);
  }
  return html`<div class="pairs">
    ${lines.map(([key, text], n) => {
      const [from, to] = range(key) ?? [-1, -1];
      const problems = within(errors, key);
      const of = rangeText(key);
      const pick = (/** @type {string} */ label, /** @type {number} */ now, /** @type {(n: number) => void} */ take) => html`<select class="input" aria-label=${`${of}: ${label}`} value=${String(now)} onChange=${(/** @type {any} */ event) => take(Number(event.target.value))}>
        ${DAYS.map((_, day) => html`<option key=${day} value=${String(day)}>${weekday(day)}</option>`)}</select>`;
      return html`<div class="boxed" key=${n} role="group" aria-label=${of}>
        <div class="row">${from < 0 ? html`<code>${key}</code>` : html`${pick(t("ed.first day"), from, (day) => rename(n, keyOf(day, to === from ? day : to)))} – ${pick(t("ed.last day"), to, (day) => rename(n, keyOf(from, day)))}`}
          <button type="button" class="more" aria-label=${t("ed.remove it", { what: of })} title=${t("ed.remove it", { what: of })} onClick=${() => {
            write(lines.filter((_, m) => m !== n), `without ${n}`);
            focusOn(id);
          }}>×</button></div>
        <${Spans} text=${text} of=${of} wrong=${problems.length > 0} described=${problems.length ? `${id}-${n}` : undefined} change=${(/** @type {string} */ next) => write(lines.map((line, m) => (m === n ? [key, next] : line)), `spans ${n}`)} />
        <div id=${`${id}-${n}`}><${Wrong} errors=${problems} /></div>
      </div>`;
    })}
    ${clash ? html`<p class="bad" role="alert">${clash}</p>` : null}
    <p class="row"><button type="button" class="button" id=${id} aria-disabled=${closed.length ? undefined : "true"} title=${closed.length ? undefined : t("ed.no day closed")} onClick=${() => closed.length && write([...lines, [DAYS[closed[0]], lines.at(-1)?.[1] ?? "09:00-17:00"]], "another")}>${t("ed.add weekdays")}</button></p>
    <p class="dim">${closed.length ? t("ed.closed on", { days: wordList(closed.map(weekday)) }) : t("ed.no day closed")}</p>
  </div>`;
}

// --- by day

/** A day that is added, of one year or of every year. @param {{id: string, label: string, taken: string[], add: (day: string) => void}} props */
function DayPicker({ id, label, taken, add }) {
  const [day, choose] = useState("");
  const [yearly, repeat] = useState(false);
  const [problem, tell] = useState("");
  function take() {
    const key = yearly ? day.slice(5) : day;
    if (!day) return tell(t("ed.choose day"));
    if (taken.includes(key)) return tell(t("ed.day twice", { day: dayText(key) }));
    tell("");
    add(key);
    choose("");
    focusOn(id);
  }
  return html`<div class="row free day">
      <input class="input" type="date" id=${id} aria-label=${`${t("ed.day")}: ${label}`} aria-describedby=${problem ? `${id}-problem` : undefined} aria-invalid=${problem ? "true" : undefined} value=${day} onInput=${(/** @type {any} */ event) => choose(event.target.value)} onKeyDown=${(/** @type {KeyboardEvent} */ event) => {
        if (event.key !== "Enter") return;
        event.preventDefault();
        take();
      }} />
      <label class="switch"><input type="checkbox" checked=${yearly} onChange=${(/** @type {any} */ event) => repeat(event.target.checked)} aria-label=${`${t("ed.every year")}: ${label}`} /> <span>${t("ed.every year")}</span></label>
      <button type="button" class="button" aria-label=${`${t("add")}: ${label}`} onClick=${take}>${t("add")}</button>
    </div>
    ${problem ? html`<p class="bad" id=${`${id}-problem`} role="alert">${problem}</p>` : null}`;
}

/** @param {Props} props */
export function Days({ value, change, label, rest }) {
  const days = Array.isArray(value) ? value.map(String) : [];
  const put = (/** @type {string[]} */ next) => change(next.length ? next : undefined);
  return html`${days.length ? html`<ul class="chips">${days.map((day, n) => html`<li key=${day}><span>${dayText(day)}</span>
      <button type="button" aria-label=${t("ed.remove it", { what: dayText(day) })} title=${t("ed.remove it", { what: dayText(day) })} onClick=${() => {
        put(days.filter((_, other) => other !== n));
        focusOn(rest.id);
      }}>×</button></li>`)}</ul>` : null}
    <${DayPicker} id=${rest.id} label=${label} taken=${days} add=${(/** @type {string} */ day) => put([...days, day])} />`;
}

/** @param {Props} props */
export function SpecialHours({ value, change, errors, label, around }) {
  const id = useId();
  const lines = Object.entries(mappingOf(value));
  const write = (/** @type {[string, any][]} */ next, /** @type {string} */ mark) => change(next.length ? Object.fromEntries(next) : undefined, `${around.path}.${mark}`);
  return html`<div class="pairs">
    ${lines.map(([day, text], n) => {
      const problems = within(errors, day);
      return html`<div class="boxed" key=${day} role="group" aria-label=${dayText(day)}>
        <div class="row"><span>${dayText(day)}</span><span class="grow"></span><button type="button" class="more" aria-label=${t("ed.remove it", { what: dayText(day) })} title=${t("ed.remove it", { what: dayText(day) })} onClick=${() => {
          write(lines.filter((_, m) => m !== n), `without ${day}`);
          focusOn(id);
        }}>×</button></div>
        <${Spans} text=${text} of=${dayText(day)} wrong=${problems.length > 0} described=${problems.length ? `${id}-${n}` : undefined} change=${(/** @type {string} */ next) => write(lines.map((line, m) => (m === n ? [day, next] : line)), `spans ${day}`)} />
        <div id=${`${id}-${n}`}><${Wrong} errors=${problems} /></div>
      </div>`;
    })}
    <${DayPicker} id=${id} label=${label} taken=${lines.map(([day]) => day)} add=${(/** @type {string} */ day) => write([...lines, [day, "09:00-12:00"]], `with ${day}`)} />
  </div>`;
}
