// @ts-check
/** Documents: the list with its filters, which the address keeps, and one of them. */
import { useEffect, useState } from "../vendor/preact.js";
import { everyOf, filled, get } from "../lib/api.js";
import { JobProgress } from "../lib/jobs.js";
import { Button, Empty, Failed, Loading, More, PageHead, Pill, Shown, Typed, Whose, age, filter, html, money, route, say, t, to, turnOf, useLive } from "../lib/ui.js";

const FIRST = 50;
/** Documents that one move may name; any number can be selected by filter. */
const MOST_NAMED = 100;
const FILTERS = ["text", "pipeline", "stage", "person", "responsible", "party", "days_in_stage"];

export default function Documents() {
  const id = route.value.parts[1];
  const [module, know] = useState(/** @type {any} */ (null));
  const [problem, tell] = useState(/** @type {any} */ (null));
  const load = () => {
    tell(null);
    import("./document.js").then(know, tell);
  };
  useEffect(() => {
    if (id && !module) load();
  }, [id]);
  if (!id) return html`<${List} />`;
  if (problem) return html`<${Failed} problem=${problem} again=${load} />`;
  return module ? html`<${module.default} key=${id} id=${id} />` : html`<${Loading} />`;
}

function List() {
  const { query } = route.value;
  const wanted = Object.fromEntries(FILTERS.map((name) => [name, query.get(name) ?? ""]));
  const key = JSON.stringify(wanted);
  const live = useLive(() => filled("/documents", { ...wanted, limit: FIRST }, FIRST / 2), [key], 10);
  const [older, add] = useState(/** @type {{items: any[], next: string | null} | null} */ (null));
  const [chosen, put] = useState(/** @type {Map<string, any>} */ (new Map()));
  const pipelines = useLive(() => everyOf("/pipelines"), [], 60);
  const stages = useLive(() => (wanted.pipeline ? get(`/pipelines/${encodeURIComponent(wanted.pipeline)}`).then((head) => head.content.stages) : Promise.resolve([])), [wanted.pipeline], 60);
  const [every, all] = useState(false);
  const [moving, move] = useState(/** @type {any} */ (null));
  const [job, follow] = useState(/** @type {string | null} */ (null));
  const [making, make] = useState(/** @type {any} */ (null));
  const none = pipelines.value.value?.length === 0;
  const begin = async () => {
    try {
      const [form, rows] = await Promise.all([import("./document/new.js"), pipelines.value.value ?? everyOf("/pipelines")]);
      make({ form: form.default, rows });
    } catch (error) {
      say(/** @type {any} */ (error).message);
    }
  };
  const ask = async () => {
    try {
      move({ form: (await import("./document/moving.js")).default });
    } catch (error) {
      say(/** @type {any} */ (error).message);
    }
  };
  /** @param {Map<string, any>} next */
  const choose = (next) => {
    all(false);
    put(next);
  };
  useEffect(() => {
    add(null);
    choose(new Map());
  }, [key]);
  const page = live.value.value;
  const problem = live.problem.value;
  const next = older ? older.next : (page?.next ?? null);
  const fresh = new Set((page?.items ?? []).map((/** @type {any} */ row) => row.id));
  const rows = page ? [...page.items, ...(older?.items ?? []).filter((row) => !fresh.has(row.id))] : [];
  const pipelinesOfChosen = new Set([...chosen.values()].map((value) => value.pipeline));
  const pipeline = wanted.pipeline || (pipelinesOfChosen.size === 1 ? [...pipelinesOfChosen][0] : "");
  return html`<div class="page wide">
    <${PageHead} title=${t("page documents")}>
      <${Button} main role="operator" disabled=${none} title=${none ? t("no pipeline") : undefined} onClick=${begin}>${t("new document")}<//>
    <//>
    ${making ? html`<${making.form} ...${{ pipelines: making.rows, pipeline: wanted.pipeline, close: () => make(null) }} />` : null}
    <${Filters} ...${{ wanted, pipelines: pipelines.value.value ?? [], stages: stages.value.value ?? [] }} />
    ${job ? html`<${JobProgress} id=${job} ended=${() => live.again()} />` : null}
    ${page === null ? html`<${Shown} live=${live} pipeline=${wanted.pipeline}>${() => null}<//>` : html`
      ${problem && problem.status ? html`<${Failed} problem=${problem} again=${() => live.again()} />` : null}
      <div class="row listhead"><p class="dim" role="status">${t(next ? "list more there" : "list found", { n: rows.length })} · ${t(wanted.text || wanted.party ? "list newest" : "list oldest")}</p>
        <span class="grow"></span>
        ${chosen.size ? html`<${Selected} ...${{ chosen, every, pipeline, ask, all: wanted.pipeline && next && rows.every((row) => chosen.has(row.id)) ? () => all(!every) : null, clear: () => choose(new Map()) }} />` : null}</div>
      <${Table} ...${{ rows, chosen, choose, wanted }} />
      <${More} next=${next} load=${async () => {
        const part = await filled("/documents", { ...wanted, limit: FIRST, cursor: next }, FIRST / 2);
        add({ items: [...(older?.items ?? []), ...part.items], next: part.next });
      }} />`}
    ${moving && pipeline ? html`<${moving.form} ...${{ pipeline, n: every ? null : chosen.size, which: every ? { filter: filterOf(wanted) } : { documents: [...chosen.keys()] }, close: () => move(null), started: (/** @type {string} */ id) => {
      choose(new Map());
      follow(id);
    } }} />` : null}
  </div>`;
}

// --- filters

/** @param {{wanted: Record<string, string>, pipelines: any[], stages: any[]}} props */
function Filters({ wanted, pipelines, stages }) {
  const listed = !wanted.pipeline || pipelines.some((pipeline) => pipeline.pipeline === wanted.pipeline);
  const known = !wanted.stage || !stages.length || stages.some((stage) => stage.id === wanted.stage);
  return html`<form class="filters" role="search" aria-label=${t("list search")} onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
    <${Typed} name="text" label=${t("words")} value=${wanted.text} half=${(/** @type {string} */ text) => text.length === 1} />
    <label>${t("pipeline")}<select class="input" value=${wanted.pipeline} onChange=${(/** @type {any} */ event) => filter({ pipeline: event.target.value, stage: "" })}>
      <option value="">${t("all")}</option>
      ${pipelines.map((pipeline) => html`<option key=${pipeline.pipeline} value=${pipeline.pipeline}>${pipeline.name || pipeline.pipeline}</option>`)}
      ${listed ? null : html`<option value=${wanted.pipeline}>${wanted.pipeline}</option>`}
    </select></label>
    ${wanted.pipeline ? html`<label>${t("stage")}<select class="input" value=${wanted.stage} onChange=${(/** @type {any} */ event) => filter({ stage: event.target.value })}>
      <option value="">${t("list all")}</option>
      ${stages.map((stage) => html`<option key=${stage.id} value=${stage.id}>${stage.name ?? stage.id}</option>`)}
      ${known ? null : html`<option value=${wanted.stage}>${wanted.stage}</option>`}
    </select></label>` : null}
    <${Whose} value=${wanted.person} />
    <${Typed} name="responsible" label=${t("responsible")} value=${wanted.responsible} />
    <${Typed} name="party" label=${t("address of a signer")} value=${wanted.party} half=${(/** @type {string} */ text) => text !== "" && !/.@./.test(text)} />
    <${Typed} name="days_in_stage" type="number" label=${t("days in stage")} value=${wanted.days_in_stage} />
    ${FILTERS.some((name) => wanted[name]) ? html`<p class="clear"><${Button} quiet onClick=${() => filter(Object.fromEntries(FILTERS.map((name) => [name, ""])))}>${t("list clear")}<//></p>` : null}
  </form>`;
}

/** The filter as a move takes it: without the pipeline, and without what is empty. @param {Record<string, string>} wanted */
const filterOf = ({ pipeline, ...wanted }) =>
  Object.fromEntries(Object.entries(wanted).filter(([, value]) => value).map(([name, value]) => [name, name === "days_in_stage" ? Number(value) : value]));

/** What is selected, and what can be done with it. @param {{chosen: Map<string, any>, every: boolean, pipeline: string, ask: () => void, all: (() => void) | null, clear: () => void}} props */
function Selected({ chosen, every, pipeline, ask, all, clear }) {
  const why = pipeline ? (chosen.size > MOST_NAMED && !every ? t("list too many", { n: MOST_NAMED }) : null) : t("list one pipeline");
  return html`<span role="status">${every ? t("list every") : t("list selected", { n: chosen.size })}</span>
    ${all ? html`<${Button} quiet aria-pressed=${every ? "true" : "false"} onClick=${all}>${t("list select every")}<//>` : null}
    <${Button} role="operator" disabled=${why !== null} title=${why ?? undefined} onClick=${ask}>${t("move to")}<//>
    <${Button} quiet onClick=${clear}>${t("list unselect")}<//>
    ${why ? html`<span class="dim">${why}</span>` : null}`;
}

// --- rows

/** @param {{rows: any[], chosen: Map<string, any>, choose: (chosen: Map<string, any>) => void, wanted: Record<string, string>}} props */
function Table({ rows, chosen, choose, wanted }) {
  if (!rows.length) return html`<${Empty} title=${t("no document found")} />`;
  const all = rows.every((row) => chosen.has(row.id));
  /** @param {any[]} some @param {boolean} on */
  const tick = (some, on) => {
    const next = new Map(chosen);
    for (const row of some) on ? next.set(row.id, row) : next.delete(row.id);
    choose(next);
  };
  const several = !wanted.pipeline;
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${t("page documents")}><table>
    <thead><tr><th><label class="check"><input type="checkbox" aria-label=${t("list select all")} checked=${all} onChange=${(/** @type {any} */ event) => tick(rows, event.target.checked)} /></label></th>
      <th>${t("title")}</th><th>${t("stage")}</th><th>${t("in stage for")}</th><th class="figure">${t("amount")}</th><th>${t("responsible")}</th><th>${t("envelope")}</th></tr></thead>
    <tbody>${rows.map((row) => html`<tr key=${row.id} aria-selected=${chosen.has(row.id) ? "true" : undefined}>
      <td><label class="check"><input type="checkbox" aria-label=${t("list select", { title: row.title || row.number || row.id })} checked=${chosen.has(row.id)} onChange=${(/** @type {any} */ event) => tick([row], event.target.checked)} /></label></td>
      <td class="titled"><a href=${to(["documents", row.id])}><bdi>${row.title || row.number || row.id}</bdi></a>${row.title && row.number ? html` <span class="dim"><bdi>${row.number}</bdi></span>` : null}</td>
      <td>${row.stage_name}${several ? html` <span class="dim">${row.pipeline}</span>` : null}</td><td>${age(row.since)}</td><td class="figure">${money(row.amount, row.currency)}</td>
      <td>${row.responsible ?? "–"}</td><td>${row.status ? html`<${Pill}>${t(`envelope ${row.status}`)}<//>` : "–"}${row.signers_in_turn.length ? html` <span class="dim" dir="auto">${turnOf(row)}</span>` : null}</td>
    </tr>`)}</tbody>
  </table></div>`;
}
