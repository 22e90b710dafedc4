// @ts-check
/** Tasks: one's own, one's documents and whose turn it is there, everybody's; and one of them. */
import { session } from "../lib/api.js";
import { Empty, More, PageHead, Pill, Shown, Typed, age, html, moment, route, t, to } from "../lib/ui.js";
import { ByPipeline, Chosen, usePages, useSettled } from "../lib/lists.js";
import { DocumentLink, useDocument, usePipeline } from "../lib/names.js";
import { Complete, Due, assigneeName, isMine } from "./tasks/acts.js";
import { OneTask } from "./tasks/one.js";

const VIEWS = ["mine", "documents", "all"];
const WEEK = 7 * 86_400_000;

export default function Tasks() {
  const { parts, query } = route.value;
  if (parts[1]) return html`<${OneTask} key=${parts[1]} id=${parts[1]} />`;
  const view = VIEWS.includes(query.get("view") ?? "") ? String(query.get("view")) : "mine";
  return html`<div class="page wide">
    <${PageHead} title=${t("page tasks")} />
    <div class="tabs" role="navigation" aria-label=${t("whose tasks")}>${VIEWS.map((one) => html`<a key=${one} href=${to(["tasks"], { view: one === "mine" ? "" : one })} aria-current=${one === view ? "page" : undefined}>${t(`tasks ${one}`)}</a>`)}</div>
    ${view === "documents" ? html`<${MyDocuments} />` : html`<${List} key=${view} view=${view} />`}
  </div>`;
}

/** @param {{view: string}} props */
function List({ view }) {
  const { query } = route.value;
  const due = query.get("due") ?? "";
  const pipeline = query.get("pipeline") ?? "";
  const person = view === "mine" ? "me" : (query.get("person") ?? "");
  const list = usePages("/tasks", { assignee: person, overdue: due === "overdue" ? "true" : "" }, { key: "task" });
  const { head, has, settle } = useSettled();
  /** @param {any} task */
  const keyOf = (task) => `${task.task} ${task.version}`;
  // Neither the pipeline nor a later deadline can be asked for: they are looked for among those that are loaded.
  const rows = list.items.filter((one) => !has(keyOf(one)) && (!pipeline || one.pipeline === pipeline) && inTime(one, due));
  const filtered = due !== "" || pipeline !== "" || (view === "all" && person !== "");
  return html`
    <form class="filters" role="search" aria-label=${t("filter")} onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
      ${view === "all" ? html`<${Typed} name="person" label=${t("person or group")} value=${person} />` : null}
      <${ByPipeline} value=${pipeline} />
      <${Chosen} name="due" label=${t("due")} value=${due} choices=${["", "overdue", "week", "none"].map((one) => [one, t(`due ${one || "any"}`)])} />
    </form>
    <${Shown} live=${list.live}>${() => html`
      ${rows.length ? html`<section class="panel" tabindex="-1" ref=${head} aria-label=${t(`tasks ${view}`)}>${rows.map((task) => html`<${Row} key=${task.task} task=${task} own=${view === "mine"} again=${() => (settle(keyOf(task)), list.live.again())} />`)}</section>`
        : html`<${Empty} title=${t(filtered ? "no task matches" : view === "mine" ? "no task of mine" : "no open task")}>${list.next ? html`<p>${t("looked at", { n: list.items.length })}</p>` : filtered ? null : html`<p>${t("no task about")}</p>`}<//>`}
      <${More} next=${list.next} load=${list.load} />`}<//>`;
}
/** @param {any} task @param {string} due */
function inTime(task, due) {
  if (due === "none") return !task.deadline;
  return due !== "week" || (task.deadline !== null && Date.parse(task.deadline) < Date.now() + WEEK);
}

/** @param {{task: any, own: boolean, again: () => void}} props */
function Row({ task, own, again }) {
  const content = usePipeline(task.pipeline);
  const done = task.checklist.filter((/** @type {any} */ one) => one.done).length;
  return html`<div class="entry">
    <${Due} task=${task} />
    <div>
      <p><a href=${to(["tasks", task.task])}><b dir="auto">${task.title}</b></a></p>
      <p><${DocumentLink} id=${task.document} /></p>
      <p class="dim">${[
        own && task.assignee === session.value.name ? null : t("task of", { who: assigneeName(task.assignee) }),
        task.deadline ? t("due at", { at: moment(task.deadline, content?.time_zone) }) : null,
        task.checklist.length ? t("points", { done, n: task.checklist.length }) : null,
        task.waits ? t("rules wait") : null,
        content?.name || task.pipeline,
      ].filter(Boolean).join(" · ")}</p>
    </div>
    <div class="row"><${Complete} task=${task} mine=${isMine(task, content)} changed=${again} /></div>
  </div>`;
}

/** The documents one is responsible for, and whom each waits for. */
function MyDocuments() {
  const { query } = route.value;
  const pipeline = query.get("pipeline") ?? "";
  const list = usePages("/documents", { responsible: session.value.name, pipeline }, { every: 15 });
  return html`
    <form class="filters" role="search" aria-label=${t("filter")} onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}><${ByPipeline} value=${pipeline} /></form>
    <p class="about">${t("my documents about")}</p>
    <${Shown} live=${list.live}>${() => html`
      ${list.items.length ? html`<section class="panel" aria-label=${t("tasks documents")}>${list.items.map((one) => html`<${Mine} key=${one.id} row=${one} />`)}</section>` : html`<${Empty} title=${t("no document of mine")} />`}
      <${More} next=${list.next} load=${list.load} />`}<//>`;
}
/** @param {{row: any}} props */
function Mine({ row }) {
  const document = useDocument(row.id)?.value;
  const turn = document ? document.signers.filter((/** @type {any} */ one) => document.in_turn.includes(one.id)) : [];
  return html`<div class="entry">
    <${Pill} tone=${turn.length ? "wait" : "plain"}>${row.stage_name}<//>
    <div>
      <p><a href=${to(["documents", row.id])} dir="auto"><b>${row.title || row.number || row.id}</b></a></p>
      <p>${document === undefined ? t("loading") : turn.length ? t("turn of", { who: turn.map((/** @type {any} */ one) => `${one.name ?? one.email ?? one.id} (${t(`party ${one.party}`)})`).join(", ") }) : t("turn of nobody")}</p>
      <p class="dim">${[row.number && row.title ? row.number : null, t("for", { span: age(row.since) }), row.status ? t(`envelope ${row.status}`) : t("no envelope")].filter(Boolean).join(" · ")}</p>
    </div><span></span>
  </div>`;
}
