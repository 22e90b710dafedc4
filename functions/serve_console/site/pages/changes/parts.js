// @ts-check
/** What the views of a pipeline's changes have in common: its parts by name, differences, losses, counts. */
import { useEffect, useState } from "../../vendor/preact.js";
import { get } from "../../lib/api.js";
import { Empty, Failed, Pill, html, number, refused, t, to, told, translated, wordList } from "../../lib/ui.js";
import { conditionText, timeText } from "./words.js";

/** Of what was added, changed or removed. */
export const TONES = { added: "ok", changed: "wait", removed: "bad" };
/** Characters of a new setting's value that are shown. */
const LONGEST = 80;
/** Longer lists are counted up to here. */
const MOST_COUNTED = 1000;
/** The states of runs that have not begun. */
export const WAITING = ["ready", "waiting", "no_date"];

// --- a pipeline's content, right or wrong

/** @param {any} value */
const listed = (value) => (Array.isArray(value) ? value.filter((one) => one && typeof one === "object") : []);
/** @param {any} content */
export const stagesOf = (content) => listed(content?.stages);
/** @param {any} stage */
export const triggersOf = (stage) => listed(stage?.triggers);
/** @param {any} stage */
export const rulesOf = (stage) => listed(stage?.rules);
/** The pipeline's own fields. @param {any} content @returns {Record<string, any>} */
export const fieldsOf = (content) => (content?.fields && typeof content.fields === "object" && !Array.isArray(content.fields) ? content.fields : {});
/** What people call a stage. @param {any} content @param {string | null} id */
export const stageName = (content, id) => stagesOf(content).find((one) => one.id === id)?.name || id || "";
/** A trigger or rule. @param {any} content @param {string} part @param {string} id */
export function partOf(content, part, id) {
  const all = stagesOf(content).flatMap(part === "trigger" ? triggersOf : rulesOf);
  return all.find((one) => one.id === id) ?? null;
}
/** Whether only its file is published. @param {any} context */
export const fromGit = ({ head, draft }) => head?.managed_by === "git" || draft?.content?.managed_by === "git";
/** Why nothing is published here; null where it may be. @param {any} context */
export const gitReason = (context) => (fromGit(context) ? t("git about", { pipeline: context.pipeline }) : null);
/** @param {string} pipeline */
export const pathOf = (pipeline) => `/pipelines/${encodeURIComponent(pipeline)}`;
/** @param {string} pipeline */
export const draftPathOf = (pipeline) => `/drafts/${encodeURIComponent(pipeline)}`;

// --- the catalogue's words

/** @type {Map<string, Promise<any>>} */
const asked = new Map();
/** What does not change while the page is open. @param {string} path */
function once(path) {
  if (!asked.has(path)) {
    const answer = get(path);
    asked.set(path, answer);
    answer.catch(() => asked.delete(path));
  }
  return /** @type {Promise<any>} */ (asked.get(path));
}

/** The words of all kinds, and of the settings of those given, as far as they are there. @param {string[]} kinds */
export function useWords(kinds) {
  const [words, know] = useState({ kinds: /** @type {any[]} */ ([]), settings: /** @type {Record<string, any[]>} */ ({}) });
  const wanted = [...new Set(kinds.filter(Boolean))].sort();
  useEffect(() => {
    let here = true;
    const parts = ["trigger", "rule", "time", "duration"];
    Promise.all([
      once("/catalogue/kinds").then((page) => page.items),
      Promise.all(parts.map((one) => once(`/catalogue/parts/${one}`).then((part) => [one, part.settings]))),
      Promise.all(wanted.map((one) => once(`/catalogue/kinds/${encodeURIComponent(one)}`).then((kind) => [`kind ${one}`, kind.settings], () => [`kind ${one}`, []]))),
    ]).then(([all, general, own]) => here && know({ kinds: all, settings: Object.fromEntries([...general, ...own]) }), () => {});
    return () => {
      here = false;
    };
  }, [wanted.join()]);
  return words;
}
/** @typedef {ReturnType<typeof useWords>} Words */

/** The title of a kind. @param {Words} words @param {string} kind */
export const kindTitle = (words, kind) => translated(words.kinds.find((one) => one.kind === kind)?.title) || kind || "";
/** What people call a trigger or rule. @param {Words} words @param {any} part @param {string} id */
export const partName = (words, part, id) => part?.name || kindTitle(words, part?.kind) || id;

/** The label of `settings.subject` or `time.after.days`. @param {Words} words @param {string} part @param {string} kind @param {string} path */
function label(words, part, kind, path) {
  const [first, ...rest] = path.split(".");
  /** @param {string} where @param {string} name */
  const word = (where, name) => translated((words.settings[where] ?? []).find((/** @type {any} */ one) => one.name === name)?.label) || told(`setting ${name}`, name);
  if (part !== "rule" && part !== "trigger") return [first, ...rest].map((one, index) => (index ? one : told(`setting ${one}`, one))).join(" › ");
  if (first === "settings" && rest.length) return [word(`kind ${kind}`, rest[0]), ...rest.slice(1).map((one) => word("duration", one))].join(" › ");
  if (first === "time") return [word(part, first), ...rest.slice(0, 1).map((one) => word("time", one)), ...rest.slice(1).map((one) => word("duration", one))].join(" › ");
  return [word(part, first), ...rest].join(" › ");
}

/** A place in a pipeline as people call it: "Sent › Remind › Subject". @param {Words} words @param {any} content @param {string} pointer */
export function placeText(words, content, pointer) {
  const steps = pointer.split("/").slice(1).map((one) => one.replaceAll("~1", "/").replaceAll("~0", "~"));
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
      const path = steps.slice(index).map((one) => (/^\d+$/.test(one) ? String(Number(one) + 1) : one));
      texts.push(label(words, part, within?.kind, path.join(".")));
      break;
    }
  }
  return texts.join(" › ");
}

// --- differences


/** Of a new pipeline there is nothing to tell but its parts. @param {any} one */
const isNewPipeline = (one) => one.part === "pipeline" && one.change === "added";
/** How much changes: "2 rules added, 1 stage changed". @param {any[]} items */
export function summary(items) {
  const texts = ["added", "changed", "removed"].flatMap((change) => {
    const counts = new Map();
    for (const one of items.filter((other) => other.change === change && !isNewPipeline(other))) counts.set(one.part, (counts.get(one.part) ?? 0) + 1);
    return counts.size ? [t(`sum ${change}`, { parts: wordList([...counts].map(([part, n]) => t(`count ${part}`, { n }))) })] : [];
  });
  return texts.join(", ") || t("nothing changes");
}

/**
 * What changes, by stage and rule.
 * @param {{items: any[], before: any, after: any}} props the contents of both sides, for the names
 */
export function Differences({ items, before, after }) {
  const words = useWords(items.map((one) => (partOf(after, one.part, one.id) ?? partOf(before, one.part, one.id))?.kind));
  if (!items.length) return html`<p class="dim">${t("nothing changes")}</p>`;
  const order = [null, ...stagesOf(after).map((one) => one.id), ...stagesOf(before).map((one) => one.id)];
  const places = [...new Set([...order, ...items.map(placeOf)])];
  return html`${places.map((place) => {
    const here = items.filter((one) => placeOf(one) === place && !isNewPipeline(one));
    if (!here.length) return null;
    return html`<section key=${place ?? ""}><h3>${place === null ? t("whole pipeline") : html`${t("stage")} <span dir="auto">${stageName(after, place) === place ? stageName(before, place) : stageName(after, place)}</span>`}</h3>
      ${here.map((one) => html`<${Difference} key=${`${one.part} ${one.id}`} ...${{ one, before, after, words }} />`)}</section>`;
  })}`;
}
/** @param {any} one */
const placeOf = (one) => (one.part === "stage" ? one.id : one.stage);

/** @param {{one: any, before: any, after: any, words: Words}} props */
function Difference({ one, before, after, words }) {
  const part = partOf(after, one.part, one.id) ?? partOf(before, one.part, one.id);
  const named = ["rule", "trigger"].includes(one.part);
  const name = named ? partName(words, part, one.id) : one.part === "stage" ? t("stage itself") : one.part === "mail_template" ? one.id : null;
  const kind = named ? kindTitle(words, part?.kind) : "";
  return html`<div class="line">
    <${Pill} tone=${/** @type {any} */ (TONES)[one.change]}>${t(`change ${one.change}`)}<//>
    <div>
      <p>${name ? html`<b dir="auto">${name}</b> ` : null}<span class="dim">${[one.part === "stage" ? "" : t(`part ${one.part}`), kind === name ? "" : kind].filter(Boolean).join(" · ")}</span></p>
      ${named && one.change === "added" && part ? html`<${Settings} ...${{ part, words }} sort=${one.part} />` : null}
      ${TOLD_WHOLE.map((name) => one.details.some((/** @type {string} */ detail) => wholeOf(detail) === name) ? html`<${Changed} key=${name} name=${label(words, one.part, part?.kind, name)} old=${whole(name, partOf(before, one.part, one.id))} now=${whole(name, partOf(after, one.part, one.id))} />` : null)}
      ${one.details.filter((/** @type {string} */ detail) => !named || !TOLD_WHOLE.includes(wholeOf(detail))).map((/** @type {string} */ detail, /** @type {number} */ index) => html`<${Detail} key=${index} text=${detail} named=${(/** @type {string} */ path) => label(words, one.part, part?.kind, path)} />`)}
      ${one.rules.length ? html`<p>${t("in mails of", { rules: wordList(one.rules.map((/** @type {string} */ id) => partName(words, partOf(after, "rule", id) ?? partOf(before, "rule", id), id))) })}</p>` : null}
      ${one.warnings.map((/** @type {string} */ text) => html`<p class="warned" key=${text}><b>${t("mind")}</b> ${text}</p>`)}
    </div>
  </div>`;
}

/** What a trigger or rule that is new is told to do. @param {{part: any, words: Words, sort: string}} props */
function Settings({ part, words, sort }) {
  /** @param {any} value @param {string} path @returns {[string, string][]} */
  const leaves = (value, path) => value && typeof value === "object" && !Array.isArray(value) && path.split(".").length < 3
    ? Object.entries(value).flatMap(([name, one]) => leaves(one, `${path}.${name}`))
    : [[path, typeof value === "object" ? plain(JSON.stringify(value)) : String(value)]];
  const all = ["time", "settings", "condition"].filter((name) => part[name] !== undefined && part[name] !== null).flatMap((name) => (TOLD_WHOLE.includes(name) ? [[name, whole(name, part) ?? ""]] : leaves(part[name], name)));
  return html`<p class="dim">${all.map(([path, value], index) => html`${index ? " · " : ""}${label(words, sort, part.kind, path)}: <span dir="auto">${cut(value)}</span>`)}</p>`;
}
/** @param {string} text */
const cut = (text) => (text.length > LONGEST ? `${text.slice(0, LONGEST)} …` : text);

/** `settings.subject: old -> new`, as a label with both values. @param {{text: string, named: (path: string) => string}} props */
function Detail({ text, named }) {
  const colon = text.indexOf(": ");
  const path = text.slice(0, colon);
  const values = text.slice(colon + 2).split(" -> ");
  if (colon < 0) return html`<p>${text}</p>`;
  const name = named(path);
  if (values.length !== 2) return html`<p class="detail"><span class="dim">${name}:</span> <span dir="auto">${values.join(" -> ")}</span></p>`;
  const [old, now] = values.map((one) => (one === "null" || one === '""' ? null : plain(one)));
  return html`<${Changed} ...${{ name, old, now }} />`;
}

/** @param {{name: string, old: string | null, now: string | null}} props */
const Changed = ({ name, old, now }) => html`<p class="detail"><span class="dim">${name}:</span> ${old === null ? html`<span class="dim">${t("was nothing")}</span>` : html`<del dir="auto">${old}</del>`} <span aria-hidden="true">→</span><span class="unseen">${t("becomes")}</span> ${now === null ? html`<span class="dim">${t("is nothing")}</span>` : html`<ins dir="auto">${now}</ins>`}</p>`;

/** Settings of triggers and rules that are told whole, as a sentence, where anything in them changes. */
const TOLD_WHOLE = ["time", "condition"];
/** @param {string} detail */
const wholeOf = (detail) => detail.split(/[.:]/)[0];
/** @param {string} name @param {any} part */
function whole(name, part) {
  if (name === "time") return timeText(part?.time);
  return part?.condition ? conditionText(part.condition) : null;
}

/** JSON as people read it: without brackets, quotes and what is empty. @param {string} text */
function plain(text) {
  if (!/^[[{]/.test(text)) return text;
  return text.replace(/"\w+":(""|null|\[\]|\{\}),?/g, "").replace(/[[\]{}"]/g, "").replace(/:/g, " ").replace(/,/g, ", ");
}

/** What a plan says beside the differences: whom it touches, what it takes away, what stands against it. @param {{plan: any, context: any, content: any, warnings?: any[]}} props */
export function Consequences({ plan, context, content, warnings = [] }) {
  const refusals = plan.refusals.filter((/** @type {string} */ one) => !(fromGit(context) && one.includes("managed by git")));
  return html`
    ${refusals.length ? html`<div class="failed" role="alert"><p><b>${t("stands against")}</b></p><ul>${refusals.map((/** @type {string} */ one) => html`<li key=${one}>${one}</li>`)}</ul></div>` : null}
    ${plan.stages.length ? html`<p><b>${t("touched", { n: touched(plan) })}</b>: ${plan.stages.map((/** @type {any} */ one, /** @type {number} */ index) => html`${index ? ", " : ""}<a key=${one.stage} href=${to(["documents"], { pipeline: plan.pipeline, stage: one.stage })}>${t("documents in", { n: one.documents, stage: stageName(content, one.stage) })}</a>`)}</p>`
      : plan.version ? html`<p>${t("touches nobody")}</p>` : null}
    <${Losses} items=${plan.left_behind} />
    ${[...plan.warnings, ...warnings].map((/** @type {any} */ one) => html`<p class="warned" key=${`${one.pointer} ${one.text}`}><b>${t("mind")}</b> ${one.text}</p>`)}`;
}
/** How many documents a plan touches. @param {any} plan */
export const touched = (plan) => plan.stages.reduce((/** @type {number} */ sum, /** @type {any} */ one) => sum + one.documents, 0);
/** How many runs and values a plan takes something from. @param {any} plan */
export const lost = (plan) => plan.left_behind.reduce((/** @type {number} */ sum, /** @type {any} */ one) => sum + one.number, 0);

/** What the command line is told to do about it; here there are buttons. */
const OF_COMMAND = /; `countersign runs migrate [^`]+` cancels them/;
/** @param {{items: any[]}} props */
export const Losses = ({ items }) => html`${items.map((one) => html`<p class="warned" key=${one.text}><b>${t("loses")}</b> ${one.at_least ? t("at least") : ""}${number(one.number)} ${one.text.replace(OF_COMMAND, "")} (<a href=${to(["documents", one.example])}>${t("an example")}</a>)</p>`)}`;

/** What a person agrees to where a version takes something away. @param {{plan: any}} props */
export const Agreement = ({ plan }) => lost(plan) ? html`<${Losses} items=${plan.left_behind} />
  <p><label class="row agree"><input type="checkbox" required name="agreed" /> ${t("agree to losses", { n: lost(plan) })}</label></p>` : null;

/** What is to be mended in the draft. @param {{items: any[], draft: any}} props */
export function Errors({ items, draft }) {
  const words = useWords(stagesOf(draft.content).flatMap((stage) => [...triggersOf(stage), ...rulesOf(stage)].map((one) => one.kind)));
  if (!items.length) return null;
  return html`<div class="failed" role="alert"><p><b>${t("has errors", { n: items.length })}</b></p>
    <ul>${items.map((one) => html`<li key=${`${one.pointer} ${one.text}`}><a href=${to(["automation", draft.pipeline], { at: one.pointer })} dir="auto">${placeText(words, draft.content, one.pointer) || draft.pipeline}</a>: ${one.text}</li>`)}</ul></div>`;
}

/** Why a draft cannot be played: what is to be mended in it, or another problem. @param {{problem: any, draft: any, again?: () => void}} props */
export const Unplayable = ({ problem, draft, again }) => problem.type === "invalid" && problem.errors?.length && draft
  ? html`<${Errors} items=${problem.errors.map((/** @type {any} */ one) => ({ pointer: one.pointer ?? "", text: one.detail }))} draft=${draft} />`
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
    for (const one of page.items) titles.set(one.id, one.title || one.number || one.id);
    cursor = page.next;
  } while (cursor && titles.size < MOST_COUNTED);
  return { titles, n: titles.size, more: Boolean(cursor) };
}
/** @param {{n: number, more: boolean}} count @param {string} key */
export const countText = (count, key) => (count.more ? t("over", { what: t(key, { n: count.n }) }) : t(key, { n: count.n }));
