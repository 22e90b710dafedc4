// @ts-check
/** Changing a pipeline safely: plan and publish, versions, simulation, back-test, documents already here, pause. */
import { useEffect, useState } from "../vendor/preact.js";
import { absent, call, everyOf } from "../lib/api.js";
import { Empty, Failed, Loading, PageHead, Pill, Shown, heldText, html, moment, route, t, to, useLive } from "../lib/ui.js";

/** Seconds between two looks at what is published and at the draft. */
const EVERY = 10;

/** @type {Record<string, () => Promise<any>>} */
const VIEWS = {
  plan: () => import("./changes/plan.js"),
  versions: () => import("./changes/versions.js"),
  simulate: () => import("./changes/simulate.js"),
  backtest: () => import("./changes/backtest.js"),
  run: () => import("./changes/run.js"),
  pause: () => import("./changes/pause.js"),
  remove: () => import("./changes/remove.js"),
};

export default function Changes() {
  const [, pipeline, view] = route.value.parts;
  if (!pipeline) return html`<${Choice} />`;
  return html`<${OfPipeline} key=${pipeline} pipeline=${pipeline} view=${view && view in VIEWS ? view : "plan"} />`;
}

/** Which pipeline is meant. */
function Choice() {
  const live = useLive(async () => {
    const [published, drafts] = await Promise.all([everyOf("/pipelines"), everyOf("/drafts")]);
    const known = published.map((pipeline) => ({ ...pipeline, draft: drafts.some((other) => other.pipeline === pipeline.pipeline) }));
    const fresh = drafts.filter((draft) => !published.some((other) => other.pipeline === draft.pipeline));
    return [...known, ...fresh.map((draft) => ({ ...draft, version: null, draft: true }))];
  }, []);
  return html`<div class="page"><${PageHead} title=${t("page changes")} />
    <${Shown} live=${live}>${(/** @type {any[]} */ rows) => rows.length ? html`<section class="panel">${rows.map((pipeline) => html`<div class="line" key=${pipeline.pipeline}>
      <${Pill} tone=${pipeline.paused ? "wait" : pipeline.version ? "ok" : "plain"}>${pipeline.paused ? t("paused") : pipeline.version ? t("version live", { number: String(pipeline.version) }) : t("never published")}<//>
      <div><a href=${to(["changes", pipeline.pipeline, pipeline.draft ? "plan" : "versions"])} dir="auto">${pipeline.name || pipeline.pipeline}</a>${pipeline.draft && pipeline.version ? html` <span class="dim">· ${t("has a draft")}</span>` : null}</div>
    </div>`)}</section>` : html`<${Empty} title=${t("no pipeline")}><p>${t("no pipeline about")}</p><//>`}<//>
  </div>`;
}

/** What is published of a pipeline, and its draft; null for what there is not. @param {string} pipeline */
async function look(pipeline) {
  const id = encodeURIComponent(pipeline);
  const [head, draft] = await Promise.all([call("GET", `/pipelines/${id}`).catch(absent), call("GET", `/drafts/${id}`, { query: { optional: true } })]);
  return { pipeline, head: head?.value ?? null, headTag: head?.etag ?? null, draft: draft.value, draftTag: draft.value ? draft.etag : null };
}

/** @param {{pipeline: string, view: string}} props */
function OfPipeline({ pipeline, view }) {
  const live = useLive(() => look(pipeline), [pipeline], EVERY);
  const context = live.value.value;
  const name = context?.head?.name || context?.draft?.name || pipeline;
  const tab = t(`tab ${view}`);
  return html`<div class="page wide">
    <${PageHead} title=${html`<span dir="auto">${name}</span> · ${tab}`} about=${context ? html`<${State} context=${context} />` : null}>
      <a href=${to(["automation", pipeline])}>${t("to the editor")}</a>
    <//>
    <div class="tabs" role="navigation" aria-label=${t("change safely")}>
      ${Object.keys(VIEWS).map((choice) => html`<a key=${choice} href=${to(["changes", pipeline, choice])} aria-current=${choice === view ? "page" : undefined}>${t(`tab ${choice}`)}</a>`)}
    </div>
    ${context?.head?.paused && view !== "pause" ? html`<p class="banner" role="status">${t("pipeline paused")} ${heldText(context.head.held_messages)} <a href=${to(["changes", pipeline, "pause"])}>${t("resume")}</a></p>` : null}
    <${Shown} live=${live}>${(/** @type {any} */ known) => known.head || known.draft || (view === "remove" && route.value.query.get("job"))
      ? html`<${View} key=${view} view=${view} context=${known} again=${() => live.again()} />`
      : html`<${Empty} title=${t("no such pipeline", { pipeline })}><p><a href=${to(["changes"])}>${t("all pipelines")}</a></p><//>`}<//>
  </div>`;
}

/** What is live, and whose draft there is. @param {{context: any}} props */
function State({ context }) {
  const { head, draft } = context;
  return html`${head ? html`<${Pill} tone="ok">${t("version live", { number: String(head.version) })}<//>` : html`<${Pill}>${t("never published")}<//>`}
    ${draft ? html`<${Pill} tone="wait">${t("draft saved", { at: moment(draft.saved_at), by: draft.saved_by })}<//>` : null}
    ${head?.paused ? html`<${Pill} tone="wait">${t("paused")}<//>` : null}
    ${head && !head.automation ? html`<${Pill} tone="wait">${t("no automation")}<//>` : null}
    ${(head?.managed_by ?? draft?.content?.managed_by) === "git" ? html`<${Pill}>${t("from git")}<//>` : null}`;
}

/** One of the views, loaded when it is opened. @param {{view: string, context: any, again: () => void}} props */
function View({ view, context, again }) {
  const [module, know] = useState(/** @type {any} */ (null));
  const [problem, tell] = useState(/** @type {any} */ (null));
  const load = () => void VIEWS[view]().then(know, tell);
  useEffect(load, [view]);
  if (problem && !module) return html`<${Failed} problem=${problem} again=${load} />`;
  return module ? html`<${module.default} context=${context} again=${again} />` : html`<${Loading} />`;
}
