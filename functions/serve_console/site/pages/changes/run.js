// @ts-check
/** Running a rule, or arming a trigger that waits for a time, for documents that were there before it. */
import { useState } from "../../vendor/preact.js";
import { post, sleep } from "../../lib/api.js";
import { Button, Empty, FormDialog, Panel, Shown, filter, html, route, t, to, useLive } from "../../lib/ui.js";
import { NotPublished, countText, kindTitle, partName, pathOf, rulesOf, stagesOf, titlesOf, triggersOf, useWords } from "./parts.js";

const TIMED = ["no_reaction", "date_reached"];
/** A call ends after half a minute at most; what it planned by then stays planned, and the next goes on. */
const MOST_CALLS = 60;
const CUT_OFF = [502, 503, 504];
const MOST_SHOWN = 100;

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
  const live = useLive(() => titlesOf(pipeline, chosen.watched), [pipeline, chosen.watched], 30);
  const [asking, ask] = useState(false);
  const [done, tell] = useState(/** @type {string[] | null} */ (null));
  const titles = live.value.value?.titles ?? new Map();
  const [calls, go] = useState(0);
  const stage = chosen.watched ? stagesOf(head.content).find((one) => one.id === chosen.watched) : null;
  const where = stage ? t("in the stage", { stage: stage.name || stage.id }) : t("in all stages");
  const count = live.value.value;
  return html`<${Panel} title=${name} actions=${html`<${Button} main role="administrator" disabled=${!count?.n || calls > 0} onClick=${() => ask(true)}>${t("run for these")}<//>`}>
    <${Shown} live=${live}>${(/** @type {any} */ found) => html`<p><b><a href=${to(["documents"], { pipeline, stage: chosen.watched })}>${countText(found, "documents")}</a></b> ${where}. ${found.n ? t("run leaves out") : t("nobody here")}</p>`}<//>
    ${head.paused ? html`<p class="warned">${t("run while paused")}</p>` : null}
    ${calls ? html`<p role="status">${t("running for", { n: calls })} <progress aria-label=${t("working")}></progress></p>` : null}
    ${done ? html`<div role="status"><p><b>${t("planned for", { n: done.length })}</b>${done.length ? "" : ` ${t("planned for nobody")}`}</p>
      <ul class="plain">${done.slice(0, MOST_SHOWN).map((one) => html`<li key=${one}><a href=${to(["documents", one])} dir="auto">${titles.get(one) ?? one}</a></li>`)}</ul>${done.length > MOST_SHOWN ? html`<p class="dim">${t("further", { n: done.length - MOST_SHOWN })}</p>` : null}</div>` : null}
    ${asking && count ? html`<${FormDialog} title=${t("run rule", { rule: name })} action=${t("run for", { what: countText(count, "documents") })} close=${() => ask(false)} submit=${async () => {
      tell(null);
      try {
        tell(await backfill(pipeline, chosen.id, go));
      } finally {
        go(0);
      }
      live.again();
    }}><p>${t("run confirm", { rule: name, what: countText(count, "documents"), where })}</p><p>${chosen.trigger ? t("run trigger about") : t("run rule about")}</p><//>` : null}
  <//>`;
}

/** Plan it for all, in as many calls as that takes; the documents of all calls that came to their end. @param {string} pipeline @param {string} rule @param {(calls: number) => void} tell */
async function backfill(pipeline, rule, tell) {
  for (let call = 1; ; call++) {
    tell(call);
    try {
      return (await post(`${pathOf(pipeline)}/backfill`, { rule })).documents;
    } catch (error) {
      if (!CUT_OFF.includes(/** @type {any} */ (error).status) || call === MOST_CALLS) throw error;
      await sleep(1000);
    }
  }
}
