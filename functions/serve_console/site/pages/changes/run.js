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
    ...triggersOf(stage).filter((trigger) => TIMED.includes(trigger.kind) && trigger.enabled !== false).map((trigger) => ({ id: `trigger.${trigger.id}`, part: trigger, stage, watched: trigger.settings?.stage ?? null, trigger: true })),
    ...rulesOf(stage).filter((rule) => rule.enabled !== false).map((rule) => ({ id: rule.id, part: rule, stage, watched: stage.id, trigger: false })),
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
  const chosen = all.find((part) => part.id === wanted) ?? null;
  if (!all.length) return html`<${Empty} title=${t("nothing to run")}><p><a href=${to(["automation", pipeline])}>${t("to the editor")}</a></p><//>`;
  return html`
    <${Panel} title=${t("tab run")}>
      <p class="prose">${t("run about")}</p>
      <label class="row">${t("rule or trigger")} <select class="input" value=${chosen?.id ?? ""} onChange=${(/** @type {any} */ event) => filter({ rule: event.target.value })}>
        <option value="">${t("choose one")}</option>
        ${stagesOf(head.content).map((stage) => {
          const here = all.filter((part) => part.stage === stage);
          return here.length ? html`<optgroup key=${stage.id} label=${stage.name || stage.id}>${here.map((part) => html`<option key=${part.id} value=${part.id}>${partName(words, part.part, part.part.id)} · ${part.trigger ? t("part trigger") : t("part rule")}, ${kindTitle(words, part.part.kind)}</option>`)}</optgroup>` : null;
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
  const stage = chosen.watched ? stagesOf(head.content).find((candidate) => candidate.id === chosen.watched) : null;
  const where = stage ? t("in the stage", { stage: stage.name || stage.id }) : t("in all stages");
  const page = live.value.value;
  const what = page && looks ? countText({ n: page.documents, more: page.next !== null }, "documents") : "";
  return html`<${Panel} title=${name} actions=${html`<${Button} main role="administrator" disabled=${!looks || !page?.documents || busy} onClick=${() => ask(true)}>${t("run for these")}<//>`}>
    ${looks && page === null && !live.problem.value ? html`<p role="status">${t("run counting")}</p>` : html`<${Shown} live=${live}>${() => (looks ? html`<${Found} ...${{ page, what, where, to: to(["documents"], { pipeline, stage: chosen.watched }) }} />` : html`<p><b>${countText(page, "documents")}</b> ${where}. ${t("run leaves out")}</p>`)}<//>`}
    ${head.paused ? html`<p class="warned">${t("run while paused")}</p>` : null}
    ${asking && page ? html`<${FormDialog} title=${t("run rule", { rule: name })} action=${t("run for", { what })} close=${() => ask(false)} submit=${async () => {
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

/** For how many it would be planned, and who is left out. @param {{page: any, what: string, where: string, to: string}} props */
function Found({ page, what, where, to: all }) {
  return html`<p><b>${page.documents || page.next ? t("run would be", { what, where }) : t("nobody here")}</b> <a href=${all}>${t("run all there")}</a></p>
    ${page.have_it ? html`<p>${t("run have it", { n: page.have_it })}</p>` : null}
    ${page.refusals.length ? html`<p>${t("run full", { n: page.refusals.length })}</p><ul>${page.refusals.slice(0, MOST_SHOWN).map((/** @type {any} */ refusal) => html`<li key=${refusal.document}><${DocumentLink} id=${refusal.document} />: ${refusal.reason}</li>`)}</ul>` : null}`;
}

/** Who would get it, as far as it is counted. @param {string} pipeline @param {string} rule */
const preview = (pipeline, rule) => summed((cursor) => get(`${pathOf(pipeline)}/backfill`, { rule, cursor }), MOST_COUNTED);
