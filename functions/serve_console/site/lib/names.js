// @ts-check
/** What documents, pipelines and rules are called, where a list has their ids alone. Each is asked for once. */
import { signal, useEffect } from "../vendor/preact.js";
import { everyOf, get } from "./api.js";
import { html, t, to } from "./ui.js";

const AT_ONCE = 4;
const KEPT = 60_000;
const TRIES = 4;
const PAUSE = 5000;
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

/** What a path answers, kept for a minute. @param {string | null} path @param {(path: string) => Promise<any>} [load] @returns {Known | null} */
export function useKnown(path, load = get) {
  useEffect(() => {
    if (!path) return;
    const entry = known(path);
    if (Date.now() - entry.at < KEPT) return;
    entry.at = Date.now();
    ask(() => load(path), entry, TRIES);
  }, [path]);
  return path ? known(path).known.value : null;
}
/** @param {() => Promise<any>} load @param {{at: number, known: import("../vendor/preact.js").Signal<Known | null>}} entry @param {number} tries */
function ask(load, entry, tries) {
  queue.push(async () => {
    try {
      entry.known.value = { value: await load(), missing: false };
    } catch (error) {
      if (/** @type {any} */ (error).status === 404) entry.known.value = { value: null, missing: true };
      else if (tries > 1) setTimeout(() => ask(load, entry, tries - 1), PAUSE);
      else entry.at = 0;
    }
  });
  work();
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
export const usePipelines = () => useKnown("/pipelines", everyOf)?.value ?? [];

/** @param {any} document */
export const titleOf = (document) => document.title || document.number || document.id;

/** A link to a document by its title. @param {{id: string}} props */
export function DocumentLink({ id }) {
  const document = useDocument(id);
  if (document?.missing) return html`<span class="dim">${id} (${t("document removed")})</span>`;
  return html`<a href=${to(["documents", id])} dir="auto">${document?.value ? titleOf(document.value) : id}</a>`;
}

/** What a run or a task of a list is about: its document by its title. @param {any} row */
export const titleOfRow = (row) => row.document_title || row.document_number || row.document;
/** A link to the document that a run or a task of a list is about, with its number. @param {{row: any}} props */
export function RowDocument({ row }) {
  if (row.document_entry === null) return html`<span class="dim">${row.document} (${t("document removed")})</span>`;
  return html`<a href=${to(["documents", row.document])} dir="auto">${titleOfRow(row)}</a>${row.document_title && row.document_number ? html` <span class="dim"><bdi>${row.document_number}</bdi></span>` : null}`;
}

/** What a run of a list is of, and what it does for that. @param {{rule: string, rule_name: string | null}} run */
export function runName({ rule, rule_name }) {
  const name = rule_name ?? rule;
  if (rule.startsWith("trigger.")) return t("timer of", { name });
  if (/^_task-\d+-/.test(rule)) return t("mail about task of", { name });
  if (rule.startsWith("_keep-")) return t(rule.endsWith("audit_trail") ? "keep audit trail" : "keep signed pdf");
  return rule === "_backlog" || rule === "settle.rest" ? t("backlog") : name;
}
/** The same by the content of the pipeline, where nothing else says it. @param {any} content @param {string} rule */
export function ruleName(content, rule) {
  const list = rule.startsWith("trigger.") ? "triggers" : "rules";
  const id = rule.replace(/^(trigger\.|_task-\d+-)/, "");
  const part = (content?.stages ?? []).flatMap((/** @type {any} */ stage) => stage[list] ?? []).find((/** @type {any} */ candidate) => candidate.id === id);
  return runName({ rule, rule_name: part?.name || id });
}
/** @param {any} content @param {string} id */
export const stageName = (content, id) => content?.stages.find((/** @type {any} */ stage) => stage.id === id)?.name || id;
/** Kinds of triggers that wait for a time, and have runs. */
const TIMED = ["no_reaction", "date_reached"];
/** The rules and timed triggers of a pipeline, for a choice: id and name. @param {any} content */
export const rulesOf = (content) =>
  (content?.stages ?? []).flatMap((/** @type {any} */ stage) => [
    ...(stage.rules ?? []).map((/** @type {any} */ rule) => ({ id: rule.id, name: `${rule.name || rule.id} (${stage.name || stage.id})` })),
    ...(stage.triggers ?? []).filter((/** @type {any} */ trigger) => TIMED.includes(trigger.kind)).map((/** @type {any} */ trigger) => ({ id: `trigger.${trigger.id}`, name: t("timer of", { name: trigger.name || trigger.id }) })),
  ]);
