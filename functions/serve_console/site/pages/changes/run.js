// @ts-check
/** Running a rule, or arming a trigger that waits for a time, for documents that were there before it. */
import { useState } from "../../vendor/preact.js";
import { get, post } from "../../lib/api.js";
import { JobProgress, summed } from "../../lib/jobs.js";
import { kindTitle, partName, useWords } from "../../lib/labels.js";
import { DocumentLink } from "../../lib/names.js";
import { Button, Empty, FormDialog, Panel, Shown, filter, html, refused, route, t, to, useLive } from "../../lib/ui.js";
import { NotPublished, countText, pathOf, rulesOf, stagesOf, titlesOf, triggersOf } from "./parts.js";

const TIMED = ["no_reaction", "date_reached"];
const MOST_COUNTED = 1000;
const MOST_SHOWN = 10;

/** What can be run: the enabled rules of each stage, and triggers that wait for a time. @param {any} content */
function choices(content) {
  return stagesOf(content).flatMap((stage) => [
    ...triggersOf(stage).filter((one) => TIMED.includes(one.kind) && one.enabled !== false).map((one) => ({ id: `trigger.${one.id}`, part: one, stage, watched: one.settings?.stage ?? null, trigger: true })),
    ...rulesOf(stage).filter((one) => one.enabled !== false).map((one) => ({ id: one.id, part: one, stage, watched: stage.id, trigger: false })),
  ]);
}

/** @param {{context: any}} props */
export default function Run({ context }) {
  if (!context.head) return html`<${NotPublished} context=${context} />`;
  return html`<${OfPublished} context=${context} />`;
}

/** @param {{context: any}} props */
function OfPublished({ context }) {
  const { pipeline, head } = context;
  const words = useWords([]);
  const all = choices(head.content);
  const wanted = route.value.query.get("rule");
  const chosen = all.find((one) => one.id === wanted) ?? null;
  if (!all.length) return html`<${Empty} title=${t("nothing to run")}><p><a href=${to(["automation", pipeline])}>${t("to the editor")}</a></p><//>`;
  return html`
    <${Panel} title=${t("tab run")}>
      <p class="prose">${t("run about")}</p>
      <label class="row">${t("rule or trigger")} <select class="input" value=${chosen?.id ?? ""} onChange=${(/** @type {any} */ event) => filter({ rule: event.target.value })}>
        <option value="">${t("choose one")}</option>
        ${stagesOf(head.content).map((stage) => {
          const here = all.filter((one) => one.stage === stage);
          return here.length ? html`<optgroup key=${stage.id} label=${stage.name || stage.id}>${here.map((one) => html`<option key=${one.id} value=${one.id}>${partName(words, one.part, one.part.id)} · ${one.trigger ? t("part trigger") : t("part rule")}, ${kindTitle(words, one.part.kind)}</option>`)}</optgroup>` : null;
        })}
      </select></label>
      ${wanted && !chosen ? html`<p class="warned">${t("no such rule", { rule: wanted, number: String(head.version) })}</p>` : null}
    <//>
    ${chosen ? html`<${Chosen} key=${chosen.id} ...${{ chosen, context }} name=${partName(words, chosen.part, chosen.part.id)} />` : null}`;
}

/** @param {{chosen: any, context: any, name: string}} props */
function Chosen({ chosen, context, name }) {
  const { pipeline, head } = context;
  const looks = refused("operator") === null;
  const live = useLive(() => (looks ? preview(pipeline, chosen.id) : titlesOf(pipeline, chosen.watched)), [pipeline, chosen.id, looks], 0);
  const [asking, ask] = useState(false);
  const [job, follow] = useState(/** @type {string | null} */ (null));
  const [busy, be] = useState(false);
  const stage = chosen.watched ? stagesOf(head.content).find((one) => one.id === chosen.watched) : null;
  const where = stage ? t("in the stage", { stage: stage.name || stage.id }) : t("in all stages");
  const found = live.value.value;
  const what = found && looks ? countText({ n: found.documents, more: found.next !== null }, "documents") : "";
  return html`<${Panel} title=${name} actions=${html`<${Button} main role="administrator" disabled=${!looks || !found?.documents || busy} onClick=${() => ask(true)}>${t("run for these")}<//>`}>
    ${looks && found === null && !live.problem.value ? html`<p role="status">${t("run counting")}</p>` : html`<${Shown} live=${live}>${() => (looks ? html`<${Found} ...${{ found, what, where, to: to(["documents"], { pipeline, stage: chosen.watched }) }} />` : html`<p><b>${countText(found, "documents")}</b> ${where}. ${t("run leaves out")}</p>`)}<//>`}
    ${head.paused ? html`<p class="warned">${t("run while paused")}</p>` : null}
    ${asking && found ? html`<${FormDialog} title=${t("run rule", { rule: name })} action=${t("run for", { what })} close=${() => ask(false)} submit=${async () => {
      const started = await post(`${pathOf(pipeline)}/backfills`, { rule: chosen.id });
      be(true);
      follow(started.id);
    }}><p>${t("run confirm", { rule: name, what, where })}</p><p>${chosen.trigger ? t("run trigger about") : t("run rule about")}</p><p class="about">${t("about jobs")}</p><//>` : null}
  <//>
  ${job ? html`<${JobProgress} id=${job} ended=${() => {
    be(false);
    live.again();
  }} />` : null}`;
}

/** For how many it would be planned, and who is left out. @param {{found: any, what: string, where: string, to: string}} props */
function Found({ found, what, where, to: all }) {
  return html`<p><b>${found.documents || found.next ? t("run would be", { what, where }) : t("nobody here")}</b> <a href=${all}>${t("run all there")}</a></p>
    ${found.have_it ? html`<p>${t("run have it", { n: found.have_it })}</p>` : null}
    ${found.refusals.length ? html`<p>${t("run full", { n: found.refusals.length })}</p><ul>${found.refusals.slice(0, MOST_SHOWN).map((/** @type {any} */ one) => html`<li key=${one.document}><${DocumentLink} id=${one.document} />: ${one.reason}</li>`)}</ul>` : null}`;
}

/** Who would get it, as far as it is counted. @param {string} pipeline @param {string} rule */
const preview = (pipeline, rule) => summed((cursor) => get(`${pathOf(pipeline)}/backfill`, { rule, cursor }), MOST_COUNTED);
