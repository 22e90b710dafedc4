// @ts-check
/** What documents, pipelines and rules are called, where a list has their ids alone. Each is asked for once. */
import { signal, useEffect } from "../vendor/preact.js";
import { get } from "./api.js";
import { html, t, to } from "./ui.js";

const AT_ONCE = 4;
const KEPT = 60_000;
/** @typedef {{value: any, missing: boolean}} Known */

/** @type {Map<string, {at: number, known: import("../vendor/preact.js").Signal<Known | null>}>} */
const asked = new Map();
/** @type {(() => Promise<void>)[]} */
const queue = [];
let busy = 0;

/** @param {string} path */
function known(path) {
  let entry = asked.get(path);
  if (!entry) {
    entry = { at: 0, known: signal(/** @type {Known | null} */ (null)) };
    asked.set(path, entry);
  }
  return entry;
}

/** What a path answers, kept for a minute. @param {string | null} path @returns {Known | null} */
export function useKnown(path) {
  useEffect(() => {
    if (!path) return;
    const entry = known(path);
    if (Date.now() - entry.at < KEPT) return;
    entry.at = Date.now();
    queue.push(async () => {
      try {
        entry.known.value = { value: await get(path), missing: false };
      } catch (error) {
        entry.at = 0;
        if (/** @type {any} */ (error).status === 404) entry.known.value = { value: null, missing: true };
      }
    });
    work();
  }, [path]);
  return path ? known(path).known.value : null;
}
/** Have a path asked for anew when it is next needed. @param {string} path */
export const forget = (path) => {
  const entry = asked.get(path);
  if (entry) entry.at = 0;
};
async function work() {
  if (busy >= AT_ONCE) return;
  const next = queue.shift();
  if (!next) return;
  busy++;
  try {
    await next();
  } finally {
    busy--;
    work();
  }
}

/** @param {string | null} id */
export const useDocument = (id) => useKnown(id ? `/documents/${encodeURIComponent(id)}` : null);
/** The published content of a pipeline. @param {string | null} id */
export const usePipeline = (id) => useKnown(id ? `/pipelines/${encodeURIComponent(id)}` : null)?.value?.content ?? null;
/** All pipelines, for a choice. @returns {any[]} */
export const usePipelines = () => useKnown("/pipelines?limit=100")?.value?.items ?? [];

/** @param {any} document */
export const titleOf = (document) => document.title || document.number || document.id;

/** A link to a document by its title. @param {{id: string}} props */
export function DocumentLink({ id }) {
  const found = useDocument(id);
  if (found?.missing) return html`<span class="dim">${id} (${t("document removed")})</span>`;
  return html`<a href=${to(["documents", id])} dir="auto">${found?.value ? titleOf(found.value) : id}</a>`;
}

/** What people call the rule or trigger that a run is of, and what it does for it. @param {any} content @param {{rule: string, stage: string}} run */
export function ruleName(content, run) {
  const stages = content?.stages ?? [];
  const here = stages.find((/** @type {any} */ one) => one.id === run.stage);
  /** @param {"rules" | "triggers"} list @param {string} id */
  const named = (list, id) => [here, ...stages].flatMap((one) => one?.[list] ?? []).find((one) => one.id === id)?.name || id;
  if (run.rule.startsWith("trigger.")) return t("timer of", { name: named("triggers", run.rule.slice(8)) });
  const mail = /^_task-\d+-(.+)$/.exec(run.rule);
  if (mail) return t("mail about task of", { name: named("rules", mail[1]) });
  if (run.rule.startsWith("_keep-")) return t(run.rule.endsWith("audit_trail") ? "keep audit trail" : "keep signed pdf");
  if (run.rule === "_backlog" || run.rule === "settle.rest") return t("backlog");
  return named("rules", run.rule);
}
/** @param {any} content @param {string} id */
export const stageName = (content, id) => content?.stages.find((/** @type {any} */ one) => one.id === id)?.name || id;
/** Kinds of triggers that wait for a time, and have runs. */
const TIMED = ["no_reaction", "date_reached"];
/** The rules and timed triggers of a pipeline, for a choice: id and name. @param {any} content */
export const rulesOf = (content) =>
  (content?.stages ?? []).flatMap((/** @type {any} */ stage) => [
    ...(stage.rules ?? []).map((/** @type {any} */ one) => ({ id: one.id, name: `${one.name || one.id} (${stage.name || stage.id})` })),
    ...(stage.triggers ?? []).filter((/** @type {any} */ one) => TIMED.includes(one.kind)).map((/** @type {any} */ one) => ({ id: `trigger.${one.id}`, name: t("timer of", { name: one.name || one.id }) })),
  ]);
