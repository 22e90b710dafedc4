// @ts-check
/** Tasks: one's own, one's documents and whose turn it is there, everybody's; and one of them. */
import { session } from "../lib/api.js";
import { Day, Empty, More, PageHead, Pill, Shown, Typed, age, html, moment, route, t, to, wordList } from "../lib/ui.js";
import { ByPipeline, Chosen, usePages, useSettled } from "../lib/lists.js";
import { RowDocument, titleOf, usePipeline } from "../lib/names.js";
import { isDay, momentOf, plusDays, today } from "../lib/zones.js";
import { Complete, Due, assigneeName, isMine } from "./tasks/acts.js";
import { OneTask } from "./tasks/one.js";

const VIEWS = ["mine", "documents", "all"];
const STATES = ["", "overdue", "done", "withdrawn"];
/** States that the API lists by pipeline alone. */
const CONCLUDED = ["done", "withdrawn"];
const DUE = ["", "week", "days", "none"];
const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;

export default function Tasks() {
  const { parts, query } = route.value;
  if (parts[1]) return html`<${OneTask} key=${parts[1]} id=${parts[1]} />`;
  const view = VIEWS.includes(query.get("view") ?? "") ? String(query.get("view")) : "mine";
  return html`<div class="page wide">
    <${PageHead} title=${t("page tasks")} />
    <div class="tabs" role="navigation" aria-label=${t("whose tasks")}>${VIEWS.map((choice) => html`<a key=${choice} href=${to(["tasks"], { view: choice === "mine" ? "" : choice })} aria-current=${choice === view ? "page" : undefined}>${t(`tasks ${choice}`)}</a>`)}</div>
    ${view === "documents" ? html`<${MyDocuments} />` : html`<${List} key=${view} view=${view} />`}
  </div>`;
}

/** Which deadlines the address asks for, as the API is asked for them. @param {URLSearchParams} query @param {string} zone */
function deadlines(query, zone) {
  const [due, first, last] = ["due", "first", "last"].map((name) => query.get(name) ?? "");
  /** @param {string} day */
  const start = (day) => momentOf(day, "00:00", zone);
  if (due === "none") return { without_deadline: "true" };
  if (due === "week") return { due_before: start(plusDays(today(zone), 8)) };
  if (due !== "days") return {};
  return { due_after: isDay(first) ? start(first) : "", due_before: isDay(last) ? start(plusDays(last, 1)) : "" };
}

/** @param {{view: string}} props */
function List({ view }) {
  const { query } = route.value;
  const [state, due, pipeline, person] = ["state", "due", "pipeline", "person"].map((name) => query.get(name) ?? "");
  const wanted = { assignee: view === "mine" ? "me" : person, state, pipeline, ...deadlines(query, usePipeline(pipeline || null)?.time_zone ?? HERE) };
  return html`
    <form class="filters" role="search" aria-label=${t("filter")} onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
      ${view === "all" ? html`<${Typed} name="person" label=${t("person or group")} value=${person} />` : null}
      <${ByPipeline} value=${pipeline} />
      <${Chosen} name="state" label=${t("state")} value=${state} choices=${STATES.map((choice) => [choice, t(choice === "overdue" ? "due overdue" : `task ${choice || "open"}`)])} />
      <${Chosen} name="due" label=${t("due")} value=${due} clear=${{ first: "", last: "" }} choices=${DUE.map((choice) => [choice, t(`due ${choice || "any"}`)])} />
      ${due === "days" ? html`<${Day} name="first" label=${t("due first")} value=${query.get("first") ?? ""} /><${Day} name="last" label=${t("due last")} value=${query.get("last") ?? ""} />` : null}
    </form>
    ${CONCLUDED.includes(state) && !pipeline ? html`<${Empty} title=${t("choose pipeline first")}><p>${t("concluded by pipeline")}</p><//>` : html`<${Found} view=${view} wanted=${wanted} />`}`;
}

/** @param {{view: string, wanted: any}} props */
function Found({ view, wanted }) {
  const list = usePages("/tasks", wanted, { key: "task" });
  const { head, has, settle } = useSettled();
  /** @param {any} task */
  const keyOf = (task) => `${task.task} ${task.version}`;
  const rows = list.items.filter((task) => !has(keyOf(task)));
  const filtered = Object.entries(wanted).some(([name, value]) => value && value !== "me" && name !== "due_after") || Boolean(wanted.due_after);
  return html`<${Shown} live=${list.live} pipeline=${wanted.pipeline}>${() => html`
      ${rows.length ? html`<section class="panel" tabindex="-1" ref=${head} aria-label=${t(`tasks ${view}`)}>${rows.map((task) => html`<${Row} key=${task.task} task=${task} own=${view === "mine"} again=${() => (settle(keyOf(task)), list.live.again())} />`)}</section>`
        : html`<${Empty} title=${t(filtered ? "no task matches" : view === "mine" ? "no task of mine" : "no open task")}>${list.next ? html`<p>${t("none so far")}</p>` : filtered ? null : html`<p>${t("no task about")}</p>`}<//>`}
      <${More} next=${list.next} load=${list.load} />`}<//>`;
}

/** @param {{task: any, own: boolean, again: () => void}} props */
function Row({ task, own, again }) {
  const content = usePipeline(task.pipeline);
  const done = task.checklist.filter((/** @type {any} */ item) => item.done).length;
  return html`<div class="entry">
    <${Due} task=${task} />
    <div>
      <p><a href=${to(["tasks", task.task])}><b dir="auto">${task.title}</b></a></p>
      <p><${RowDocument} row=${task} /></p>
      <p class="dim">${[
        own && task.assignee === session.value.name ? null : t("task of", { who: assigneeName(task.assignee) }),
        task.state === "open" ? null : t(`concluded ${task.state}`, { who: task.concluded_by ?? "", at: moment(task.concluded_at, content?.time_zone) }),
        task.deadline ? t("due at", { at: moment(task.deadline, content?.time_zone) }) : null,
        task.checklist.length ? t("points", { done, n: task.checklist.length }) : null,
        task.waits && task.state === "open" ? t("rules wait") : null,
        task.pipeline_name,
      ].filter(Boolean).join(" · ")}</p>
    </div>
    <div class="row">${task.state === "open" ? html`<${Complete} task=${task} mine=${isMine(task, content)} changed=${again} />` : null}</div>
  </div>`;
}

/** The documents one is responsible for or observes, and whom each waits for. */
function MyDocuments() {
  const { query } = route.value;
  const pipeline = query.get("pipeline") ?? "";
  const list = usePages("/documents", { person: "me", pipeline }, { every: 15 });
  return html`
    <form class="filters" role="search" aria-label=${t("filter")} onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}><${ByPipeline} value=${pipeline} /></form>
    <p class="about">${t("my documents about")}</p>
    <${Shown} live=${list.live} pipeline=${pipeline}>${() => html`
      ${list.items.length ? html`<section class="panel" aria-label=${t("tasks documents")}>${list.items.map((row) => html`<${Mine} key=${row.id} row=${row} />`)}</section>` : html`<${Empty} title=${t("no document of mine")}>${list.next ? html`<p>${t("none so far")}</p>` : null}<//>`}
      <${More} next=${list.next} load=${list.load} />`}<//>`;
}
/** @param {{row: any}} props */
function Mine({ row }) {
  const turn = row.signers_in_turn;
  return html`<div class="entry">
    <${Pill} tone=${turn.length ? "wait" : "plain"}>${row.stage_name}<//>
    <div>
      <p><a href=${to(["documents", row.id])} dir="auto"><b>${titleOf(row)}</b></a></p>
      <p>${turn.length ? t("turn of", { who: wordList(turn.map((/** @type {any} */ signer) => `${signer.name ?? signer.email ?? signer.id} (${t(`party ${signer.party}`)})`)) }) : t("turn of nobody")}</p>
      <p class="dim">${[row.number && row.title ? row.number : null, row.responsible === session.value.name ? null : t("observed"), t("for", { span: age(row.since) }), row.status ? t(`envelope ${row.status}`) : t("no envelope")].filter(Boolean).join(" · ")}</p>
    </div><span></span>
  </div>`;
}
