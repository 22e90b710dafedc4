// @ts-check
/** The pipelines that are published, and the drafts; each leads to its editor. */
import { useState } from "../../vendor/preact.js";
import { everyOf } from "../../lib/api.js";
import { Button, Empty, PageHead, Pill, Shown, html, moment, t, to, useLive } from "../../lib/ui.js";
import { NewPipeline } from "./new_pipeline.js";

/** Pipelines and drafts by id, those with both once. */
export async function everything() {
  const [pipelines, drafts] = await Promise.all([everyOf("/pipelines", { counts: true }), everyOf("/drafts")]);
  const rows = new Map(pipelines.map((pipeline) => [pipeline.pipeline, { id: pipeline.pipeline, name: pipeline.name, published: pipeline, draft: null }]));
  for (const draft of drafts) rows.set(draft.pipeline, { id: draft.pipeline, name: draft.name, published: null, ...rows.get(draft.pipeline), draft: draft });
  return [...rows.values()].sort((a, b) => (a.name || a.id).localeCompare(b.name || b.id));
}

export function Pipelines() {
  const live = useLive(everything, [], 10);
  const [making, make] = useState(false);
  return html`<div class="page">
    <${PageHead} title=${t("page automation")}>
      <${Button} main role="administrator" onClick=${() => make(true)}>${t("ed.create")}<//>
    <//>
    <${Shown} live=${live}>${(/** @type {any[]} */ rows) =>
      rows.length
        ? html`<ul class="plain pipelines">${rows.map((row) => html`<${Row} key=${row.id} row=${row} />`)}</ul>`
        : html`<${Empty} title=${t("no pipeline")}><p>${t("no pipeline about")}</p><${Button} main role="administrator" onClick=${() => make(true)}>${t("ed.create")}<//><//>`}<//>
    ${making ? html`<${NewPipeline} close=${() => make(false)} rows=${live.value.value ?? []} />` : null}
  </div>`;
}

/** @param {{row: any}} props */
function Row({ row: { id, name, published, draft } }) {
  const stale = draft && published && draft.base_version !== published.version;
  return html`<li class="panel row">
    <a class="title" href=${to(["automation", id])}><b dir="auto">${name || id}</b></a>
    ${name ? html`<span class="dim">${id}</span>` : null}
    <span class="grow"></span>
    ${draft ? html`<${Pill} tone="wait">${t(published ? "ed.draft" : "ed.draft only")}<//><span class="dim">${t("ed.saved by", { who: draft.saved_by, at: moment(draft.saved_at) })}</span>` : null}
    ${stale ? html`<${Pill} tone="bad">${t("ed.draft behind", { n: published.version })}<//>` : null}
    ${published ? html`<a href=${to(["documents"], { pipeline: id })}>${t("ed.n documents", { n: published.documents })}</a>` : null}
    ${published ? html`<span class="dim">${t("ed.version live", { n: published.version })}</span>` : null}
    ${published?.paused ? html`<${Pill} tone="wait">${t("paused")}<//>` : null}
    ${published?.not_included.length ? html`<${Pill} tone="bad">${t("ed.not included", { n: published.not_included.length })}<//>` : null}
  </li>`;
}
