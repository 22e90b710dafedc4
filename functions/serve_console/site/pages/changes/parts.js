// @ts-check
/** What the views of a pipeline's changes have in common: its parts by name, what a plan says, counts. */
import { get } from "../../lib/api.js";
import { partName, settingLabel, useWords } from "../../lib/labels.js";
import { Empty, Failed, html, number, refused, t, to } from "../../lib/ui.js";

/** Of what was added, changed or removed. */
export const TONES = { added: "ok", changed: "wait", removed: "bad" };
/** Longer lists are counted up to here. */
const MOST_COUNTED = 1000;
/** The states of runs that have not begun. */
export const WAITING = ["ready", "waiting", "no_date"];

// --- a pipeline's content, right or wrong

/** @param {any} value */
const listed = (value) => (Array.isArray(value) ? value.filter((element) => element && typeof element === "object") : []);
/** @param {any} content */
export const stagesOf = (content) => listed(content?.stages);
/** @param {any} stage */
export const triggersOf = (stage) => listed(stage?.triggers);
/** @param {any} stage */
export const rulesOf = (stage) => listed(stage?.rules);
/** The pipeline's own fields. @param {any} content @returns {Record<string, any>} */
export const fieldsOf = (content) => (content?.fields && typeof content.fields === "object" && !Array.isArray(content.fields) ? content.fields : {});
/** What people call a stage. @param {any} content @param {string | null} id */
export const stageName = (content, id) => stagesOf(content).find((stage) => stage.id === id)?.name || id || "";
/** A trigger or rule. @param {any} content @param {string} part @param {string} id */
export function partOf(content, part, id) {
  const all = stagesOf(content).flatMap(part === "trigger" ? triggersOf : rulesOf);
  return all.find((item) => item.id === id) ?? null;
}
/** Whether only its file is published. @param {any} context */
export const fromGit = ({ head, draft }) => head?.managed_by === "git" || draft?.content?.managed_by === "git";
/** Why nothing is published here; null where it may be. @param {any} context */
export const gitReason = (context) => (fromGit(context) ? t("git about", { pipeline: context.pipeline }) : null);
/** @param {string} pipeline */
export const pathOf = (pipeline) => `/pipelines/${encodeURIComponent(pipeline)}`;
/** @param {string} pipeline */
export const draftPathOf = (pipeline) => `/drafts/${encodeURIComponent(pipeline)}`;

/** A place in a pipeline as people call it: "Sent › Remind › Subject". @param {import("../../lib/labels.js").Words} words @param {any} content @param {string} pointer */
export function placeText(words, content, pointer) {
  const steps = pointer.split("/").slice(1).map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
  const texts = [];
  let value = content;
  let part = "pipeline";
  for (let index = 0; index < steps.length; index++) {
    const within = value;
    value = value?.[steps[index]];
    if (/^\d+$/.test(steps[index]) && ["stages", "triggers", "rules"].includes(steps[index - 1])) {
      part = steps[index - 1].slice(0, -1);
      texts.push(part === "stage" ? value?.name || value?.id || String(Number(steps[index]) + 1) : partName(words, value, value?.id ?? String(Number(steps[index]) + 1)));
    } else if (!["stages", "triggers", "rules"].includes(steps[index]) || index === steps.length - 1) {
      const path = steps.slice(index).map((step) => (/^\d+$/.test(step) ? String(Number(step) + 1) : step));
      texts.push(settingLabel(words, part, within?.kind, path));
      break;
    }
  }
  return texts.join(" › ");
}

// --- what a plan says

/** What a plan says beside the differences: whom it touches, what it takes away, what stands against it. @param {{plan: any, context: any, content: any, warnings?: any[]}} props */
export function Consequences({ plan, context, content, warnings = [] }) {
  const refusals = plan.refusals.filter((/** @type {string} */ refusal) => !(fromGit(context) && refusal.includes("managed by git")));
  return html`
    ${refusals.length ? html`<div class="failed" role="alert"><p><b>${t("stands against")}</b></p><ul>${refusals.map((/** @type {string} */ refusal) => html`<li key=${refusal}>${refusal}</li>`)}</ul></div>` : null}
    ${plan.stages.length ? html`<p><b>${t("touched", { n: touched(plan) })}</b>: ${plan.stages.map((/** @type {any} */ stage, /** @type {number} */ index) => html`${index ? ", " : ""}<a key=${stage.stage} href=${to(["documents"], { pipeline: plan.pipeline, stage: stage.stage })}>${t("documents in", { n: stage.documents, stage: stageName(content, stage.stage) })}</a>`)}</p>`
      : plan.version ? html`<p>${t("touches nobody")}</p>` : null}
    <${Losses} items=${plan.left_behind} />
    ${[...plan.warnings, ...warnings].map((/** @type {any} */ warning) => html`<p class="warned" key=${`${warning.pointer} ${warning.text}`}><b>${t("mind")}</b> ${warning.text}</p>`)}`;
}
/** How many documents a plan touches. @param {any} plan */
export const touched = (plan) => plan.stages.reduce((/** @type {number} */ sum, /** @type {any} */ row) => sum + row.documents, 0);
/** How many runs and values a plan takes something from. @param {any} plan */
export const lost = (plan) => plan.left_behind.reduce((/** @type {number} */ sum, /** @type {any} */ row) => sum + row.number, 0);

/** What the command line is told to do about it; here there are buttons. */
const OF_COMMAND = /; `countersign runs migrate [^`]+` cancels (?:it|them)/;
/** @param {{items: any[]}} props */
export const Losses = ({ items }) => html`${items.map((warning) => html`<p class="warned" key=${warning.text}><b>${t("loses")}</b> ${warning.at_least ? t("at least") : ""}${number(warning.number)} ${warning.text.replace(OF_COMMAND, "")} (<a href=${to(["documents", warning.example])}>${t("an example")}</a>)</p>`)}`;

/** What a person agrees to where a version takes something away. @param {{plan: any}} props */
export const Agreement = ({ plan }) => lost(plan) ? html`<${Losses} items=${plan.left_behind} />
  <p><label class="row agree"><input type="checkbox" required name="agreed" /> ${t("agree to losses", { n: lost(plan) })}</label></p>` : null;

/** What is to be mended in the draft. @param {{items: any[], draft: any}} props */
export function Errors({ items, draft }) {
  const words = useWords(stagesOf(draft.content).flatMap((stage) => [...triggersOf(stage), ...rulesOf(stage)].map((rule) => rule.kind)));
  if (!items.length) return null;
  return html`<div class="failed" role="alert"><p><b>${t("has errors", { n: items.length })}</b></p>
    <ul>${items.map((problem) => html`<li key=${`${problem.pointer} ${problem.text}`}><a href=${to(["automation", draft.pipeline], { at: problem.pointer })} dir="auto">${placeText(words, draft.content, problem.pointer) || draft.pipeline}</a>: ${problem.text}</li>`)}</ul></div>`;
}

/** Why a draft cannot be played: what is to be mended in it, or another problem. @param {{problem: any, draft: any, again?: () => void}} props */
export const Unplayable = ({ problem, draft, again }) => problem.type === "invalid" && problem.errors?.length && draft
  ? html`<${Errors} items=${problem.errors.map((/** @type {any} */ error) => ({ pointer: error.pointer ?? "", text: error.detail }))} draft=${draft} />`
  : html`<${Failed} problem=${problem} again=${again} />`;

// --- states

/** Where there is no draft. @param {{context: any, about: string}} props */
export const NoDraft = ({ context, about }) => html`<${Empty} title=${t("no draft")}><p>${about}</p><p><a href=${to(["automation", context.pipeline])}>${t("begin a draft")}</a></p><//>`;
/** Where there is nothing published yet. @param {{context: any}} props */
export const NotPublished = ({ context }) => html`<${Empty} title=${t("never published")}><p>${t("never published about")}</p><p><a href=${to(["changes", context.pipeline, "plan"])}>${t("to the plan")}</a></p><//>`;
/** What needs a role; null where it is there. @param {{role: string}} props */
export const Withheld = ({ role }) => html`<${Empty} title=${t("withheld")}><p>${refused(role)}</p><//>`;

/** A counted list, page by page; `more` where there are more than are counted. @param {string} path @param {any} query @param {number} [most] */
export async function counted(path, query, most = MOST_COUNTED) {
  let n = 0;
  let cursor = null;
  do {
    const page = await get(path, { ...query, limit: 100, cursor });
    n += page.items.length;
    cursor = page.next;
  } while (cursor && n < most);
  return { n, more: Boolean(cursor) };
}
/** What documents are called, by their ids, as far as they are counted. @param {string} pipeline @param {string | null} [stage] */
export async function titlesOf(pipeline, stage = null) {
  const titles = new Map();
  let cursor = null;
  do {
    const page = await get("/documents", { pipeline, stage, limit: 100, cursor });
    for (const document of page.items) titles.set(document.id, document.title || document.number || document.id);
    cursor = page.next;
  } while (cursor && titles.size < MOST_COUNTED);
  return { titles, n: titles.size, more: Boolean(cursor) };
}
/** @param {{n: number, more: boolean}} count @param {string} key */
export const countText = (count, key) => (count.more ? t("over", { what: t(key, { n: count.n }) }) : t(key, { n: count.n }));
