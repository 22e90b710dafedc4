// @ts-check
/** The board: a pipeline's documents by stage, the longest in theirs first. */
import { useState } from "../vendor/preact.js";
import { get } from "../lib/api.js";
import { Empty, More, PageHead, Pill, Shown, age, filter, html, money, route, t, to, useLive } from "../lib/ui.js";

const FIRST = 25;

export default function Board() {
  const pipelines = useLive(() => get("/pipelines", { limit: 100 }), [], 0);
  return html`<${Shown} live=${pipelines}>${(/** @type {any} */ page) =>
    page.items.length ? html`<${OfPipelines} rows=${page.items} />` : html`<div class="page"><${PageHead} title=${t("page board")} /><${Empty} title=${t("no pipeline")}><p>${t("no pipeline about")}</p><//></div>`}<//>`;
}

/** @param {{rows: any[]}} props */
function OfPipelines({ rows }) {
  const { query } = route.value;
  const chosen = rows.find((one) => one.pipeline === query.get("pipeline")) ?? rows[0];
  return html`<div class="page wide">
    <${PageHead} title=${chosen.name || chosen.pipeline} about=${html`${chosen.paused ? html`<${Pill} tone="wait">${t("paused")}<//>` : null}${chosen.automation ? null : html`<${Pill} tone="wait">${t("no automation")}<//>`}`}>
      ${rows.length > 1 ? html`<label class="row">${t("pipeline")} <select class="input" value=${chosen.pipeline} onChange=${(/** @type {any} */ event) => filter({ pipeline: event.target.value })}>
        ${rows.map((one) => html`<option key=${one.pipeline} value=${one.pipeline}>${one.name || one.pipeline}</option>`)}
      </select></label>` : null}
    <//>
    <${Columns} key=${chosen.pipeline} pipeline=${chosen.pipeline} />
  </div>`;
}

/** @param {{pipeline: string}} props */
function Columns({ pipeline }) {
  const live = useLive(() => get(`/pipelines/${encodeURIComponent(pipeline)}`), [pipeline], 0);
  return html`<${Shown} live=${live}>${(/** @type {any} */ found) => html`<div class="board" role="list" aria-label=${t("stages")}>
    ${found.content.stages.map((/** @type {any} */ stage) => html`<${Column} key=${stage.id} pipeline=${pipeline} stage=${stage} />`)}
  </div>`}<//>`;
}

/** @param {{pipeline: string, stage: any}} props */
function Column({ pipeline, stage }) {
  const live = useLive(() => get("/documents", { pipeline, stage: stage.id, limit: FIRST }), [pipeline, stage.id], 5);
  const [more, add] = useState(/** @type {{items: any[], next: string | null} | null} */ (null));
  const name = stage.name ?? stage.id;
  return html`<section class=${`column ${stage.kind ?? "open"}`} role="listitem" aria-label=${name}>
    <header><h2>${name}</h2>${live.value.value ? html`<small>${count(live.value.value, more)}</small>` : null}</header>
    <${Shown} live=${live}>${(/** @type {any} */ page) => {
      const next = more ? more.next : page.next;
      const items = more ? [...page.items, ...more.items.filter((one) => !page.items.some((/** @type {any} */ other) => other.id === one.id))] : page.items;
      return html`${items.length ? null : html`<p class="dim">${t("no document here")}</p>`}
        ${items.map((/** @type {any} */ one) => html`<${Card} key=${one.id} row=${one} />`)}
        <${More} next=${next} load=${async () => {
          const found = await get("/documents", { pipeline, stage: stage.id, limit: 50, cursor: next });
          add({ items: [...(more?.items ?? []), ...found.items], next: found.next });
        }} />`;
    }}<//>
  </section>`;
}

/** @param {any} page @param {any} more */
function count(page, more) {
  const known = page.items.length + (more?.items.length ?? 0);
  return (more ? more.next : page.next) ? t("more than", { n: known }) : t("documents", { n: known });
}

/** @param {{row: any}} props */
const Card = ({ row }) => html`<a class="card" href=${to(["documents", row.id])}>
  <b dir="auto">${row.title || row.number || row.id}</b>
  <span class="dim">${[row.title && row.number, money(row.amount, row.currency), t("for", { span: age(row.since) })].filter(Boolean).join(" · ")}</span>
</a>`;
