// @ts-check
/** Documents: the list with its filters, which the address keeps, and one of them. */
import { useEffect, useState } from "../vendor/preact.js";
import { Problem, filled, get, post } from "../lib/api.js";
import { Button, Empty, Failed, Field, FormDialog, Loading, More, PageHead, Pill, Typed, age, filter, html, money, route, say, t, to, useLive } from "../lib/ui.js";

const FIRST = 50;
const FILTERS = ["text", "pipeline", "stage", "responsible", "party", "days_in_stage"];

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
  const [chosen, choose] = useState(/** @type {Map<string, any>} */ (new Map()));
  const pipelines = useLive(() => get("/pipelines", { limit: 100 }), [], 60);
  const stages = useLive(() => (wanted.pipeline ? get(`/pipelines/${encodeURIComponent(wanted.pipeline)}`).then((found) => found.content.stages) : Promise.resolve([])), [wanted.pipeline], 60);
  const [moving, move] = useState(false);
  const [making, make] = useState(/** @type {any} */ (null));
  const none = pipelines.value.value?.items.length === 0;
  const begin = async () => {
    try {
      const [form, rows] = await Promise.all([import("./document/new.js"), pipelines.value.value?.items ?? get("/pipelines", { limit: 100 }).then((page) => page.items)]);
      make({ form: form.default, rows });
    } catch (error) {
      say(/** @type {any} */ (error).message);
    }
  };
  useEffect(() => {
    add(null);
    choose(new Map());
  }, [key]);
  const page = live.value.value;
  const problem = live.problem.value;
  const next = older ? older.next : (page?.next ?? null);
  const fresh = new Set((page?.items ?? []).map((/** @type {any} */ one) => one.id));
  const rows = page ? [...page.items, ...(older?.items ?? []).filter((one) => !fresh.has(one.id))] : [];
  return html`<div class="page wide">
    <${PageHead} title=${t("page documents")}>
      <${Button} main role="operator" disabled=${none} title=${none ? t("no pipeline") : undefined} onClick=${begin}>${t("new document")}<//>
    <//>
    ${making ? html`<${making.form} ...${{ pipelines: making.rows, pipeline: wanted.pipeline, close: () => make(null) }} />` : null}
    <${Filters} ...${{ wanted, pipelines: pipelines.value.value?.items ?? [], stages: stages.value.value ?? [] }} />
    ${page === null ? (problem ? html`<${Failed} problem=${problem} again=${() => live.again()} />` : html`<${Loading} />`) : html`
      ${problem && problem.status ? html`<${Failed} problem=${problem} again=${() => live.again()} />` : null}
      <div class="row listhead"><p class="dim" role="status">${t(next ? "list more there" : "list found", { n: rows.length })} · ${t(wanted.text || wanted.party ? "list newest" : "list oldest")}</p>
        <span class="grow"></span>
        ${chosen.size ? html`<span>${t("list selected", { n: chosen.size })}</span>
          <${Button} role="operator" disabled=${!wanted.pipeline} title=${wanted.pipeline ? undefined : t("list one pipeline")} onClick=${() => move(true)}>${t("move to")}<//>
          <${Button} quiet onClick=${() => choose(new Map())}>${t("list unselect")}<//>
          ${wanted.pipeline ? null : html`<span class="dim">${t("list one pipeline")}</span>`}` : null}</div>
      <${Table} ...${{ rows, chosen, choose, wanted }} />
      <${More} next=${next} load=${async () => {
        const found = await filled("/documents", { ...wanted, limit: FIRST, cursor: next }, FIRST / 2);
        add({ items: [...(older?.items ?? []), ...found.items], next: found.next });
      }} />`}
    ${moving ? html`<${MoveAll} ...${{ chosen, stages: stages.value.value ?? [], close: () => move(false), again: (/** @type {Map<string, any>} */ left) => {
      choose(left);
      live.again();
    } }} />` : null}
  </div>`;
}

// --- filters

/** @param {{wanted: Record<string, string>, pipelines: any[], stages: any[]}} props */
function Filters({ wanted, pipelines, stages }) {
  const known = !wanted.stage || !stages.length || stages.some((one) => one.id === wanted.stage);
  return html`<form class="filters" role="search" aria-label=${t("list search")} onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
    <${Typed} name="text" label=${t("words")} value=${wanted.text} half=${(/** @type {string} */ text) => text.length === 1} />
    <label>${t("pipeline")}<select class="input" value=${wanted.pipeline} onChange=${(/** @type {any} */ event) => filter({ pipeline: event.target.value, stage: "" })}>
      <option value="">${t("all")}</option>
      ${pipelines.map((one) => html`<option key=${one.pipeline} value=${one.pipeline}>${one.name || one.pipeline}</option>`)}
    </select></label>
    ${wanted.pipeline ? html`<label>${t("stage")}<select class="input" value=${wanted.stage} onChange=${(/** @type {any} */ event) => filter({ stage: event.target.value })}>
      <option value="">${t("list all")}</option>
      ${stages.map((one) => html`<option key=${one.id} value=${one.id}>${one.name ?? one.id}</option>`)}
      ${known ? null : html`<option value=${wanted.stage}>${wanted.stage}</option>`}
    </select></label>` : null}
    <${Typed} name="responsible" label=${t("responsible")} value=${wanted.responsible} />
    <${Typed} name="party" label=${t("address of a signer")} value=${wanted.party} half=${(/** @type {string} */ text) => text !== "" && !/.@./.test(text)} />
    <${Typed} name="days_in_stage" type="number" label=${t("days in stage")} value=${wanted.days_in_stage} />
    ${FILTERS.some((name) => wanted[name]) ? html`<p class="clear"><${Button} quiet onClick=${() => filter(Object.fromEntries(FILTERS.map((name) => [name, ""])))}>${t("list clear")}<//></p>` : null}
  </form>`;
}

// --- rows

/** @param {{rows: any[], chosen: Map<string, any>, choose: (chosen: Map<string, any>) => void, wanted: Record<string, string>}} props */
function Table({ rows, chosen, choose, wanted }) {
  if (!rows.length) return html`<${Empty} title=${t("no document found")} />`;
  const all = rows.every((one) => chosen.has(one.id));
  /** @param {any[]} some @param {boolean} on */
  const tick = (some, on) => {
    const next = new Map(chosen);
    for (const one of some) on ? next.set(one.id, one) : next.delete(one.id);
    choose(next);
  };
  const several = !wanted.pipeline;
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${t("page documents")}><table>
    <thead><tr><th><label class="check"><input type="checkbox" aria-label=${t("list select all")} checked=${all} onChange=${(/** @type {any} */ event) => tick(rows, event.target.checked)} /></label></th>
      <th>${t("title")}</th><th>${t("stage")}</th><th>${t("in stage for")}</th><th class="figure">${t("amount")}</th><th>${t("responsible")}</th><th>${t("envelope")}</th></tr></thead>
    <tbody>${rows.map((one) => html`<tr key=${one.id} aria-selected=${chosen.has(one.id) ? "true" : undefined}>
      <td><label class="check"><input type="checkbox" aria-label=${t("list select", { title: one.title || one.number || one.id })} checked=${chosen.has(one.id)} onChange=${(/** @type {any} */ event) => tick([one], event.target.checked)} /></label></td>
      <td class="titled"><a href=${to(["documents", one.id])}><bdi>${one.title || one.number || one.id}</bdi></a>${one.title && one.number ? html` <span class="dim"><bdi>${one.number}</bdi></span>` : null}</td>
      <td>${one.stage_name}${several ? html` <span class="dim">${one.pipeline}</span>` : null}</td><td>${age(one.since)}</td><td class="figure">${money(one.amount, one.currency)}</td>
      <td>${one.responsible ?? "–"}</td><td>${one.status ? html`<${Pill}>${t(`envelope ${one.status}`)}<//>` : "–"}</td>
    </tr>`)}</tbody>
  </table></div>`;
}

// --- several at once

/** Move one after the other; who cannot be moved stays selected, with the reason. @param {any} props */
function MoveAll({ chosen, stages, close, again }) {
  const [done, count] = useState(/** @type {number | null} */ (null));
  const [refusals, tell] = useState(/** @type {{title: string, why: string}[]} */ ([]));
  return html`<${FormDialog} title=${t("list move", { n: chosen.size })} action=${t("move")} close=${close} submit=${async (/** @type {FormData} */ form) => {
    const left = new Map(chosen);
    const refused = [];
    count(0);
    for (const one of chosen.values()) {
      try {
        await post(`/documents/${encodeURIComponent(one.id)}/move`, { stage: form.get("stage"), comment: form.get("comment") || null });
        left.delete(one.id);
        count(chosen.size - left.size);
      } catch (error) {
        refused.push({ title: one.title || one.number || one.id, why: /** @type {any} */ (error).message });
        tell([...refused]);
      }
    }
    again(left);
    say(t("list moved", { n: chosen.size - left.size }));
    if (refused.length) throw new Problem(1, { title: t("list some left", { n: refused.length }) });
  }}>
    <${Field} label=${t("stage")}>${(/** @type {any} */ given) => html`<select class="input" name="stage" ...${given}>${stages.map((/** @type {any} */ one) => html`<option key=${one.id} value=${one.id}>${one.name ?? one.id}</option>`)}</select>`}<//>
    <${Field} label=${t("comment")} help=${t("optional")}>${(/** @type {any} */ given) => html`<textarea class="input area" name="comment" ...${given}></textarea>`}<//>
    <p role="status">${done === null ? t("list stay here") : t("list moving", { done, all: chosen.size })}</p>
    ${refusals.map((one, index) => html`<p key=${index}>${t("list not moved", one)}</p>`)}
  <//>`;
}
