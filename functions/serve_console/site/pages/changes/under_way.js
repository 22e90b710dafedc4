// @ts-check
/** Waiting runs that were planned with earlier versions: they stay there, or move to what is published. */
import { get, post } from "../../lib/api.js";
import { useState } from "../../vendor/preact.js";
import { partName, useWords } from "../../lib/labels.js";
import { Button, FormDialog, Panel, Shown, html, moment, say, t, to, useLive, wordList } from "../../lib/ui.js";
import { partOf, pathOf, stageName, titlesOf } from "./parts.js";

const MOST_SHOWN = 200;
const OUTCOMES = ["goes_on", "rescheduled", "cancelled"];

/** @param {{pipeline: string, head: any}} props */
export function UnderWay({ pipeline, head }) {
  const live = useLive(() => get(`${pathOf(pipeline)}/migrate-runs`), [pipeline, head.version], 0);
  const [asking, ask] = useState(false);
  const [titles, know] = useState(/** @type {Map<string, string> | null} */ (null));
  const number = String(head.version);
  const { items, rules } = live.value.value ?? { items: [], rules: [] };
  return html`<${Panel} title=${t("under way")} actions=${items.length ? html`<${Button} role="administrator" onClick=${() => ask(true)}>${t("move runs", { n: items.length, number })}<//>` : null}>
    <${Shown} live=${live}>${() => items.length ? html`<p>${t("under way elsewhere", { n: items.length, number })}</p><p>${fates(rules)}</p><${ByRule} rules=${rules} content=${head.content} />
      <details onToggle=${(/** @type {any} */ event) => event.target.open && !titles && titlesOf(pipeline).then((answer) => know(answer.titles), () => {})}><summary>${t("each run")}</summary><${Runs} items=${items} content=${head.content} titles=${titles} /></details>` : html`<p class="dim">${t("under way none", { number })}</p>`}<//>
    ${asking ? html`<${FormDialog} title=${t("move runs", { n: items.length, number })} action=${t("move runs", { n: items.length, number })} close=${() => ask(false)} submit=${async () => {
      const moved = await post(`${pathOf(pipeline)}/migrate-runs`);
      say(t("runs moved", { n: moved.items.length }));
      live.again();
    }}><p>${fates(rules)}</p><${ByRule} rules=${rules} content=${head.content} /><p>${t("move runs about")}</p><//>` : null}
  <//>`;
}

/** How many go on, at another time, or not at all. @param {any[]} rules */
const fates = (rules) => `${fateWords((outcome) => rules.reduce((sum, rule) => sum + rule[outcome], 0))}.`;
/** @param {(outcome: string) => number} count */
const fateWords = (count) => wordList(OUTCOMES.filter(count).map((outcome) => t(`fates ${outcome}`, { n: count(outcome) })));

/** How many runs of each rule go on, at another time, or are lost. @param {{rules: any[], content: any}} props */
function ByRule({ rules, content }) {
  const words = useWords([]);
  return html`<ul class="plain">${rules.map((rule) => html`<li key=${`${rule.stage} ${rule.rule}`}><b dir="auto">${nameOf(words, content, rule.rule)}</b>${" "}<span class="dim" dir="auto">${stageName(content, rule.stage)}</span>: ${fateWords((outcome) => rule[outcome])}</li>`)}</ul>`;
}
/** @param {import("../../lib/labels.js").Words} words @param {any} content @param {string} rule The id of a rule, or of a trigger behind `trigger.` */
function nameOf(words, content, rule) {
  const trigger = /^trigger\.(.+)$/.exec(rule)?.[1];
  return trigger ? partName(words, partOf(content, "trigger", trigger), trigger) : partName(words, partOf(content, "rule", rule), rule);
}

/** @param {{items: any[], content: any, titles: Map<string, string> | null}} props */
function Runs({ items, content, titles }) {
  const words = useWords([]);
  return html`<ul class="plain">${items.slice(0, MOST_SHOWN).map((item) => html`<li key=${item.run}><b dir="auto">${nameOf(words, content, item.rule)}</b> · <a href=${to(["documents", item.document])} dir="auto">${titles?.get(item.document) ?? item.document}</a>: ${item.outcome === "rescheduled" && item.due ? t("fate rescheduled at", { at: moment(item.due) }) : t(`fate ${item.outcome}`)}</li>`)}</ul>${items.length > MOST_SHOWN ? html`<p class="dim">${t("further", { n: items.length - MOST_SHOWN })}</p>` : null}`;
}
