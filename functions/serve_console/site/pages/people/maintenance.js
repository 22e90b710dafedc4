// @ts-check
/** What a deployment needs now and then: statistics compared with the documents, older data brought up to date. */
import { useState } from "../../vendor/preact.js";
import { everyOf, get, post, whole } from "../../lib/api.js";
import { JobProgress } from "../../lib/jobs.js";
import { Button, Failed, Panel, Shown, filter, html, number, route, say, t, to, useLive } from "../../lib/ui.js";
import { listed } from "../../lib/whole.js";
import { Option } from "./parts.js";

const MOST = 500;

export default function Maintenance() {
  return html`<p class="intro">${t("care intro")}</p><${Statistics} /><${Upgrade} />`;
}

/** Starts a job, whose id the address has then. @param {{path: string, name: string, body?: () => any, children: any}} props */
function Start({ path, name, body, children }) {
  const [problem, tell] = useState(/** @type {any} */ (null));
  const [busy, be] = useState(false);
  return html`${problem ? html`<${Failed} problem=${problem} />` : null}
    <p class="row"><${Button} role="administrator" disabled=${busy} onClick=${async () => {
      be(true);
      tell(null);
      try {
        const job = await post(path, body?.());
        say(t("job started"));
        filter({ [name]: job.id });
      } catch (error) {
        tell(error);
      }
      be(false);
    }}>${children}<//></p>`;
}

function Statistics() {
  const job = route.value.query.get("rebuild");
  const pipelines = useLive(() => everyOf("/pipelines"), [], 0);
  const [pipeline, choose] = useState("");
  const [replace, correct] = useState(false);
  return html`<${Panel} title=${t("care statistics")}>
    <p class="intro">${t("care statistics about")}</p>
    <${Shown} live=${pipelines}>${(/** @type {any[]} */ all) => html`
      <p><label>${t("pipeline")} <select class="input" value=${pipeline} onChange=${(/** @type {any} */ event) => choose(event.target.value)}>
        <option value="">${t("care all pipelines")}</option>
        ${all.map((row) => html`<option key=${row.pipeline} value=${row.pipeline}>${row.name || row.pipeline}</option>`)}
      </select></label></p>
      <${Option} type="checkbox" checked=${replace} onChange=${() => correct(!replace)} label=${t("care correct")} />
      <${Start} path="/statistics/rebuilds" name="rebuild" body=${() => ({ pipeline: pipeline || null, replace })}>${t("care compare")}<//>`}<//>
    ${job ? html`<${Compared} key=${job} id=${job} />` : null}
  <//>`;
}

/** How far the comparison is, and what differed. @param {{id: string}} props */
function Compared({ id }) {
  const [ended, end] = useState(false);
  return html`<h3>${t("care comparing")}</h3>
    <${JobProgress} inside id=${id} label=${t("care comparing")} ended=${() => end(true)} />
    ${ended ? html`<${Differences} id=${id} />` : null}`;
}

/** @param {{id: string}} props */
function Differences({ id }) {
  const live = useLive(() => whole(listed(`/statistics/rebuilds/${encodeURIComponent(id)}/differences`), { most: MOST }), [id], 0);
  return html`<${Shown} live=${live}>${(/** @type {any} */ page) => (page.items.length ? html`
    <h3>${t("care differences", { n: page.items.length })}</h3>
    <ul class="roster" aria-label=${t("care comparing")}>${page.items.map((/** @type {any} */ pipeline, /** @type {number} */ index) => html`<li key=${index}><div>
      <p>${pipeline.what === "document" ? html`<a href=${to(["documents", pipeline.name])}>${pipeline.name}</a>` : pipeline.name}: ${pipeline.text}</p>
      <p class="dim" dir="auto">${pipeline.pipeline}</p>
    </div></li>`)}</ul>
    ${page.next ? html`<p class="dim">${t("care more")}</p>` : null}` : html`<p>${t("care no difference")}</p>`)}<//>`;
}

function Upgrade() {
  const job = route.value.query.get("upgrade");
  const live = useLive(() => get("/upgrade"), [job], 30);
  return html`<${Panel} title=${t("care upgrade")}>
    <p class="intro">${t("care upgrade about")}</p>
    <${Shown} live=${live}>${(/** @type {any} */ upgrade) => html`
      <p role="status">${upgrade.due ? t("care upgrade due") : t("care upgrade done")} ${upgrade.documents ? t("care upgrade documents", { n: upgrade.documents, indexed: number(upgrade.indexed), tasks: number(upgrade.tasks) }) : ""}</p>
      ${upgrade.due ? html`<${Start} path="/upgrade" name="upgrade">${t("care upgrade now")}<//>` : null}`}<//>
    ${job ? html`<h3>${t("care upgrading")}</h3><${JobProgress} inside key=${job} id=${job} label=${t("care upgrading")} ended=${() => live.again()} />` : null}
  <//>`;
}
