// @ts-check
/** Runs that failed or are in doubt. */
import { useState } from "../../vendor/preact.js";
import { Button, More, Pill, Shown, Typed, age, html, moment, route, t, to } from "../../lib/ui.js";
import { ChangeAll } from "../../lib/jobs.js";
import { ByPipeline, ByRule, usePages, useSettled } from "../../lib/lists.js";
import { RowDocument, runName, titleOfRow } from "../../lib/names.js";
import { ACTIONS, RunActions } from "../../lib/runs.js";

const FEW = 5;

/** @param {{state: "failed" | "in_doubt", filtered?: boolean, begun: () => void}} props */
export function Runs({ state, filtered, begun }) {
  const { query } = route.value;
  /** @param {string} name */
  const given = (name) => (filtered ? (query.get(name) ?? "") : "");
  const wanted = { pipeline: given("pipeline"), rule: given("rule"), document: given("document") };
  const list = usePages("/runs", { state, ...wanted }, { key: "run", limit: filtered ? 25 : FEW });
  const { head, has, settle } = useSettled();
  const [asking, ask] = useState(/** @type {string | null} */ (null));
  const rows = list.items.filter((run) => !has(`${run.run} ${run.generation}`));
  const close = () => ask(null);
  return html`<section class="panel" aria-label=${t(`trouble ${state}`)}>
    <header class="row"><h2 tabindex="-1" ref=${head}>${t(`trouble ${state}`)}</h2><span class="grow"></span>
      ${rows.length && filtered ? ACTIONS[state].map((action) => html`<${Button} key=${action} role="operator" onClick=${() => ask(action)}>${t(`all ${action}`)} …<//>`) : null}</header>
    <p class="about">${t(`trouble ${state} about`)}</p>
    ${filtered ? html`<form class="filters" role="search" aria-label=${t("filter")} onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
      <${ByPipeline} value=${wanted.pipeline} clear=${{ rule: "" }} /><${ByRule} pipeline=${wanted.pipeline} value=${wanted.rule} />
      <${Typed} name="document" label=${t("id of a document")} value=${wanted.document} />
    </form>` : null}
    <${Shown} live=${list.live} pipeline=${wanted.pipeline}>${() => html`
      ${rows.length ? null : html`<p class="dim">${t(Object.values(wanted).some(Boolean) ? "nothing matches" : `no ${state}`)}</p>`}
      ${rows.map((run) => html`<${Row} key=${run.run} run=${run} filtered=${filtered} settled=${() => settle(`${run.run} ${run.generation}`)} />`)}
      ${filtered ? html`<${More} next=${list.next} load=${list.load} />` : list.next ? html`<p class="more"><a href=${to(["inbox", state])}>${t("all of these")}</a></p>` : null}`}<//>
    ${asking ? html`<${ChangeAll} key=${asking} filter=${{ states: [state], pipeline: wanted.pipeline || null, rule: wanted.rule || null, document: wanted.document || null }} actions=${[asking]} close=${close} started=${begun} />` : null}
  </section>`;
}

/** @param {{run: any, filtered?: boolean, settled: () => void}} props */
function Row({ run, filtered, settled }) {
  const name = runName(run);
  const since = run.concluded_at ?? run.started_at ?? run.planned_at;
  const left = run.document_entry !== null && run.document_entry !== run.entry;
  return html`<div class="entry">
    <${Pill} tone="bad">${t(`run ${run.state}`)}<//>
    <div>
      <p><b>${name}</b> · <${RowDocument} row=${run} /></p>
      <p dir="auto">${run.reason ?? t("no reason")}</p>
      ${run.mails.length ? html`<ul>${run.mails.filter((/** @type {any} */ outcome) => outcome.reason || outcome.state === "failed").map((/** @type {any} */ outcome) => html`<li key=${outcome.to}>${outcome.to}: ${outcome.reason ?? outcome.state}</li>`)}</ul>` : null}
      <p class="dim">${t("since", { at: moment(since), span: age(since) })} · ${run.pipeline_name}, ${run.stage_name} · ${t("attempts", { n: run.attempts })}${left ? ` · ${t("stage was left")}` : ""}
        ${filtered ? null : html` · <a href=${to(["inbox", run.state], { pipeline: run.pipeline, rule: run.rule })}>${t("all of this rule")}</a>`}</p>
    </div>
    <${RunActions} run=${run} name=${name} title=${titleOfRow(run)} settled=${settled} />
  </div>`;
}
