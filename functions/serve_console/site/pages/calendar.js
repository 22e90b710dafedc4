// @ts-check
/** The calendar: what will happen, by day, and what people do about it before it does. */
import { useState } from "../vendor/preact.js";
import { get } from "../lib/api.js";
import { Button, Empty, More, PageHead, Pill, Shown, filter, html, refused, route, t, to, useLive } from "../lib/ui.js";
import { ChangeAll, Jobs } from "../lib/jobs.js";
import { ByPipeline, ByRule, usePages, useSettled } from "../lib/lists.js";
import { usePipelines } from "../lib/names.js";
import { isDay, momentOf, plusDays, today } from "../lib/zones.js";
import { RunRow, Slot, dayName } from "./calendar/runs.js";

const DAYS = /** @type {Record<string, number>} */ ({ week: 7, list: 28 });
const IN_A_DAY = 6;
const COUNTED = 10;
const CHANGES = ["now", "shift", "skip"];

/** Days with the numbers of their runs; the numbers of one day on several pages add up. @param {any} query */
async function calendar(query) {
  /** @type {Record<string, number>} */
  const days = {};
  let page = await get("/runs/calendar", query);
  const zone = page.time_zone;
  for (let turn = 0; ; turn++) {
    for (const day of page.items) days[day.day] = (days[day.day] ?? 0) + day.runs;
    if (!page.next || turn >= COUNTED) break;
    page = await get("/runs/calendar", { ...query, cursor: page.next });
  }
  return { zone, days, more: page.next !== null };
}

export default function Calendar() {
  const { query } = route.value;
  const pipeline = query.get("pipeline") ?? "";
  const rule = query.get("rule") ?? "";
  const view = query.get("view") === "list" ? "list" : "week";
  // The zone of the days is the API's to say: a look at one day tells it, before there is a first one.
  const zone = useLive(async () => (await get("/runs/calendar", { first: "2000-01-01", last: "2000-01-01", pipeline })).time_zone, [pipeline], 0);
  const chosen = usePipelines().find((row) => row.pipeline === pipeline);
  return html`<div class="page wide">
    <${PageHead} title=${t("page calendar")} about=${chosen?.paused ? html`<${Pill} tone="wait">${t("paused")}<//>` : null} />
    ${chosen?.paused ? html`<p class="banner" role="status">${t("nothing begins")}</p>` : null}
    <div class="tabs" role="navigation" aria-label=${t("view")}>${["week", "list"].map((choice) => html`<a key=${choice} href=${to(["calendar"], { ...Object.fromEntries(query), view: choice === "week" ? "" : choice, days: "" })} aria-current=${choice === view ? "page" : undefined}>${t(`view ${choice}`)}</a>`)}</div>
    <form class="filters" role="search" aria-label=${t("filter")} onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
      <${ByPipeline} value=${pipeline} clear=${{ rule: "" }} /><${ByRule} pipeline=${pipeline} value=${rule} />
    </form>
    <${Shown} live=${zone} pipeline=${pipeline}>${(/** @type {string} */ name) => html`<${Days} key=${`${pipeline} ${rule} ${view} ${query.get("first")} ${query.get("days")}`} ...${{ pipeline, rule, view, zone: name }} />`}<//>
  </div>`;
}

/** @param {{pipeline: string, rule: string, view: string, zone: string}} props */
function Days({ pipeline, rule, view, zone }) {
  const { query } = route.value;
  const now = today(zone);
  const first = isDay(query.get("first")) ? String(query.get("first")) : now;
  const days = query.get("days") === "1" ? 1 : DAYS[view];
  const last = plusDays(first, days - 1);
  const wanted = { pipeline, rule };
  const live = useLive(() => calendar({ first, last, zone, ...wanted }), [], 10);
  const [asking, ask] = useState(/** @type {any} */ (null));
  const [started, start] = useState(0);
  const all = { states: ["ready"], pipeline: pipeline || null, rule: rule || null };
  /** @param {string} from @param {string} until */
  const change = (from, until) => ask({ ...all, due_after: momentOf(from, "00:00", zone), due_before: momentOf(plusDays(until, 1), "00:00", zone) });
  return html`
    <div class="row head">
      <${Button} aria-label=${t("days before")} onClick=${() => filter({ first: plusDays(first, -days) })}>←<//>
      <${Button} disabled=${first === now && days !== 1} onClick=${() => filter({ first: "", days: "" })}>${t("today")}<//>
      <${Button} aria-label=${t("days after")} onClick=${() => filter({ first: plusDays(first, days) })}>→<//>
      <label class="row"><span class="unseen">${t("from day")}</span><input class="input" type="date" value=${first} onChange=${(/** @type {any} */ event) => isDay(event.target.value) && filter({ first: event.target.value })} /></label>
      <h2>${days === 1 ? dayName(first) : t("from to", { first: dayName(first), last: dayName(last) })}</h2>
      <span class="dim">${t("times in", { zone })}${pipeline || zone !== "UTC" ? "" : ` ${t("choose for zone")}`}</span>
      <span class="grow"></span>
      <${Button} role="operator" onClick=${() => change(first, last)}>${t("change these")} …<//>
    </div>
    <${Jobs} again=${started} />
    ${first === now && view === "list" ? html`<${Overdue} ...${{ wanted, zone, all, ask }} />` : null}
    <${Shown} live=${live} pipeline=${pipeline}>${(/** @type {any} */ counts) => {
      const sum = Object.values(counts.days).reduce((value, other) => Number(value) + Number(other), 0);
      const busy = Object.keys(counts.days).sort();
      return html`
        <p class="about" role="status">${counts.more ? t("runs in these days more than", { n: Number(sum) }) : t("runs in these days", { n: Number(sum) })}</p>
        ${view === "week" ? html`<div class="week" role="list" aria-label=${t("days")}>${Array.from({ length: 7 }, (_, index) => plusDays(first, index)).map((day) => html`<${Column} key=${day} ...${{ day, n: counts.days[day] ?? 0, zone, wanted, change, now, again: () => live.again() }} />`)}</div>`
          : busy.length ? busy.map((day) => html`<${Section} key=${day} ...${{ day, n: counts.days[day], zone, wanted, change, now, whole: days === 1, again: () => live.again() }} />`)
          : html`<${Empty} title=${t("no run in these days")}><p>${t("no run in these days about")}</p><//>`}`;
    }}<//>
    ${pipeline ? html`<${Undated} ...${{ wanted, zone }} />` : null}
    ${asking ? html`<${ChangeAll} filter=${asking} actions=${CHANGES} zone=${zone} close=${() => ask(null)} started=${() => start(started + 1)} />` : null}`;
}

/** @param {any} wanted @param {string} day @param {string} zone */
const dueOn = (wanted, day, zone) => ({ state: "ready", ...wanted, due_after: momentOf(day, "00:00", zone), due_before: momentOf(plusDays(day, 1), "00:00", zone) });

/** A day of the week. @param {any} props */
function Column({ day, n, zone, wanted, change, now, again }) {
  return html`<div class=${`day${day === now ? " today" : ""}`} role="listitem" aria-label=${dayName(day)}>
    <header><h3>${dayName(day)}</h3><small class="dim">${[day === now ? t("today") : null, n ? t("n runs", { n }) : null].filter(Boolean).join(", ")}</small></header>
    ${n ? html`<${OfDay} ...${{ day, n, zone, wanted, again }} />` : html`<p class="dim">${t("nothing due")}</p>`}
    ${n > 1 && refused("operator") === null ? html`<button type="button" class="link" onClick=${() => change(day, day)}>${t("change all of day")} …<span class="unseen"> ${dayName(day)}</span></button>` : null}
  </div>`;
}
/** @param {any} props */
function OfDay({ day, n, zone, wanted, again }) {
  const list = usePages("/runs", dueOn(wanted, day, zone), { key: "run", limit: IN_A_DAY, every: 30 });
  const { has, settle } = useSettled();
  const rows = list.items.filter((run) => !has(`${run.run} ${run.generation}`));
  return html`<${Shown} live=${list.live}>${() => html`${rows.map((run) => html`<${Slot} key=${run.run} run=${run} zone=${zone} settled=${() => (settle(`${run.run} ${run.generation}`), list.live.again(), again())} />`)}
    ${n > rows.length ? html`<p><a href=${to(["calendar"], { ...wanted, view: "list", first: day, days: 1 })}>${t("all of day", { n })}<span class="unseen"> ${dayName(day)}</span></a></p>` : null}`}<//>`;
}

/** A day of the list. @param {any} props */
function Section({ day, n, zone, wanted, change, now, whole, again }) {
  const list = usePages("/runs", dueOn(wanted, day, zone), { key: "run", limit: whole ? 50 : 10, every: 30 });
  return html`<${Listed} ...${{ list, zone, again }} title=${`${dayName(day)}${day === now ? ` · ${t("today")}` : ""}`} about=${t("n runs", { n })}
    actions=${n > 1 ? html`<${Button} quiet role="operator" aria-label=${`${t("change all of day")}: ${dayName(day)}`} onClick=${() => change(day, day)}>${t("change all of day")} …<//>` : null} />`;
}
/** What should have happened before today. @param {any} props */
function Overdue({ wanted, zone, all, ask }) {
  const before = momentOf(today(zone), "00:00", zone);
  const list = usePages("/runs", { state: "ready", ...wanted, due_before: before }, { key: "run", limit: 10, every: 30 });
  if (!list.items.length) return null;
  return html`<${Listed} ...${{ list, zone }} again=${() => {}} dated title=${t("overdue runs")} about=${t("overdue runs about")}
    actions=${html`<${Button} quiet role="operator" onClick=${() => ask({ ...all, due_before: before })}>${t("change all overdue")} …<//>`} />`;
}
/** What has no time yet. @param {any} props */
function Undated({ wanted, zone }) {
  const [open, show] = useState(false);
  return html`<details onToggle=${(/** @type {any} */ event) => show(event.currentTarget.open)}><summary>${t("without a time")}</summary>
    ${open ? html`<${UndatedList} ...${{ wanted, zone }} />` : null}</details>`;
}
/** @param {any} props */
function UndatedList({ wanted, zone }) {
  const list = usePages("/runs", { state: ["waiting", "no_date", "awaiting"], ...wanted }, { key: "run", limit: 25, every: 30 });
  return html`<${Listed} ...${{ list, zone }} again=${() => {}} dated title=${t("without a time")} about=${t("without a time about")} />`;
}

/** @param {any} props */
function Listed({ list, zone, title, about, actions, again, dated }) {
  const { head, has, settle } = useSettled();
  const rows = list.items.filter((/** @type {any} */ run) => !has(`${run.run} ${run.generation}`));
  return html`<section class="panel" aria-label=${title}>
    <header class="row"><h2 tabindex="-1" ref=${head}>${title}</h2><span class="dim">${about}</span><span class="grow"></span>${actions}</header>
    <${Shown} live=${list.live}>${() => html`${rows.length ? null : html`<p class="dim">${t("nothing due")}</p>`}
      ${rows.map((/** @type {any} */ run) => html`<${RunRow} key=${run.run} run=${run} zone=${zone} dated=${dated} settled=${() => (settle(`${run.run} ${run.generation}`), list.live.again(), again())} />`)}
      <${More} next=${list.next} load=${list.load} />`}<//>
  </section>`;
}
